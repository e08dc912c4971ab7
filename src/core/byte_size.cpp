#include "core/byte_size.h"

#include <array>

#include "core/int128.h"
#include "core/quote.h"

namespace weir::core {
namespace {

struct Unit {
  std::string_view name;  // as printed
  std::uint64_t bytes;
};
constexpr std::uint64_t kKilo = 1000;
/// Largest first; where two units of one size class fit, the binary one comes first.
constexpr std::array<Unit, 13> kUnits = {{{"EiB", kGiB* kGiB},
                                          {"EB", kKilo* kKilo* kKilo* kKilo* kKilo* kKilo},
                                          {"PiB", kGiB* kMiB},
                                          {"PB", kKilo* kKilo* kKilo* kKilo* kKilo},
                                          {"TiB", kGiB* kKiB},
                                          {"TB", kKilo* kKilo* kKilo* kKilo},
                                          {"GiB", kGiB},
                                          {"GB", kKilo* kKilo* kKilo},
                                          {"MiB", kMiB},
                                          {"MB", kKilo* kKilo},
                                          {"KiB", kKiB},
                                          {"kB", kKilo},
                                          {"B", 1}}};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_letters(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// The size of a unit written in full, without its B, or not at all; 0 when there is no such unit.
std::uint64_t unit_bytes(std::string_view name) {
  if (name.empty()) return 1;
  for (const Unit& unit : kUnits) {
    const std::string_view without_b = unit.name.substr(0, unit.name.size() - 1);
    if (same_letters(name, unit.name) || (!without_b.empty() && same_letters(name, without_b))) {
      return unit.bytes;
    }
  }
  return 0;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

tl::unexpected<Error> bad_size(std::string_view text, std::string_view why) {
  std::string message = "parsing size ";
  append_quoted(message, text.substr(0, 100));
  message.append(": ").append(why).append(", write for example `64KiB`, `50MB` or `1048576`");
  return invalid_data(std::move(message));
}

}  // namespace

Result<ByteSize> parse_byte_size(std::string_view text) {
  constexpr Int128 kTooBig = Int128{1} << 64;
  const std::string_view all = trimmed(text);
  if (all.empty()) return bad_size(text, "it is empty");
  if (all.front() == '-') return bad_size(text, "a size cannot be negative");

  Int128 digits = 0;
  Int128 scale = 1;
  bool in_fraction = false;
  bool any_digit = false;
  std::size_t i = 0;
  for (; i < all.size(); ++i) {
    const char c = all[i];
    if (c >= '0' && c <= '9') {
      any_digit = true;
      if (in_fraction && scale >= 1'000'000'000'000'000) continue;  // far below a byte
      digits = digits * 10 + (c - '0');
      if (in_fraction) scale *= 10;
      if (digits / scale >= kTooBig) return bad_size(text, "it is too large");
    } else if (c == '.' && !in_fraction) {
      in_fraction = true;
    } else if (c != ',' || !any_digit || in_fraction) {
      break;
    }
  }
  if (!any_digit) return bad_size(text, "expected a number");
  const std::string_view name = trimmed(all.substr(i));
  const std::uint64_t unit = unit_bytes(name);
  if (unit == 0) return bad_size(text, "unknown unit " + go_quoted(name.substr(0, 40)));
  // digits / scale is below 2^64 and unit at most 2^60, so both products stay below 2^127.
  const Int128 whole = digits / scale * unit;
  const Int128 bytes = whole + digits % scale * unit / scale;
  if (bytes >= kTooBig) return bad_size(text, "it is too large");
  return ByteSize{static_cast<std::uint64_t>(bytes)};
}

std::string to_string(ByteSize size) {
  if (size.bytes == 0) return "0B";
  std::string best;
  for (const Unit& unit : kUnits) {
    if (size.bytes % unit.bytes != 0) continue;
    std::string text = std::to_string(size.bytes / unit.bytes).append(unit.name);
    if (best.empty() || text.size() < best.size()) best = std::move(text);
  }
  return best;
}

}  // namespace weir::core
