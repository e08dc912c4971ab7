#include "mapping/text/go_printer.h"

#include <algorithm>
#include <vector>

#include "core/number_text.h"
#include "core/quote.h"
#include "mapping/text/go_layout.h"

namespace weir::mapping::text {
namespace {

using Kind = FormatValue::Kind;

constexpr std::size_t kMaxDepth = 1000;
constexpr std::string_view kNil = "<nil>";
constexpr std::string_view kTimeLayout = "2006-01-02 15:04:05.999999999 -0700 MST";

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(core::decode_utf8(text).size);
    ++count;
  }
  return count;
}

}  // namespace

core::Status GoPrinter::status() const {
  if (too_deep_) {
    return core::fail(core::ErrorCode::kLimit, "formatting: values nested deeper than 1000");
  }
  if (full_) return core::fail(core::ErrorCode::kLimit, "formatting: the result is too large");
  return {};
}

std::string_view GoPrinter::type_name(const FormatValue& value) {
  switch (value.kind) {
    case Kind::kNull: return kNil;
    case Kind::kBool: return "bool";
    case Kind::kInt: return "int64";
    case Kind::kUint: return "uint64";
    case Kind::kDouble: return "float64";
    case Kind::kFloat: return "float32";
    case Kind::kNumber: return "json.Number";
    case Kind::kString: return "string";
    case Kind::kBytes: return "[]uint8";
    case Kind::kTime: return "time.Time";
    case Kind::kArray: return "[]interface {}";
    case Kind::kObject: return "map[string]interface {}";
  }
  return kNil;
}

void GoPrinter::write(std::string_view text) {
  if (full_ || text.size() > limit_ - std::min(limit_, out_.size())) {
    full_ = true;
    return;
  }
  out_.append(text);
}

void GoPrinter::padding(std::size_t count) {
  if (full_ || count > limit_ - std::min(limit_, out_.size())) {
    full_ = true;
    return;
  }
  out_.append(count, flags.zero && !flags.minus ? '0' : ' ');
}

void GoPrinter::pad(std::string_view text) {
  const std::size_t size = flags.has_width ? count_characters(text) : 0;
  const std::size_t missing = flags.has_width && flags.width > size ? flags.width - size : 0;
  if (!flags.minus) padding(missing);
  write(text);
  if (flags.minus) padding(missing);
}

void GoPrinter::print(const FormatValue& value, char32_t verb, bool nested) {
  if (full_) return;
  if (verb == U'T' && !nested && value.kind != Kind::kNull) {
    pad(truncated(type_name(value)));
    return;
  }
  if (verb == U'w' && value.kind != Kind::kBytes)
    return bad_verb(value, verb);  // wraps errors only
  switch (value.kind) {
    case Kind::kNull:
      if (nested) {
        write(flags.go_syntax ? "interface {}(nil)" : kNil);
      } else if (verb == U'v' || verb == U'T') {
        pad(kNil);
      } else {
        bad_verb(value, verb);
      }
      break;
    case Kind::kBool: boolean(value, verb); break;
    case Kind::kInt: integer(static_cast<std::uint64_t>(value.integer), true, value, verb); break;
    case Kind::kUint: integer(value.natural, false, value, verb); break;
    case Kind::kDouble:
    case Kind::kFloat: floating(value.number, value, verb); break;
    case Kind::kNumber:
    case Kind::kString: string(value.text, value, verb); break;
    case Kind::kBytes: bytes(value, verb); break;
    case Kind::kTime: time(value, verb); break;
    case Kind::kArray:
    case Kind::kObject:
      if (depth_ == kMaxDepth) {
        too_deep_ = full_ = true;
        break;
      }
      ++depth_;
      if (value.kind == Kind::kArray) {
        array(value, verb);
      } else {
        object(value, verb);
      }
      --depth_;
      break;
  }
}

void GoPrinter::bad_verb(const FormatValue& value, char32_t verb) {
  write("%!");
  std::string text;
  core::append_utf8(text, verb);
  write(text);
  write('(');
  if (value.kind == Kind::kNull) {
    write(kNil);
  } else {
    write(type_name(value));
    write('=');
    print(value, U'v', false);
  }
  write(')');
}

void GoPrinter::boolean(const FormatValue& value, char32_t verb) {
  if (verb != U't' && verb != U'v') return bad_verb(value, verb);
  pad(value.flag ? "true" : "false");
}

void GoPrinter::integer(std::uint64_t value, bool is_signed, const FormatValue& original,
                        char32_t verb) {
  switch (verb) {
    case U'v':
      if (flags.go_syntax && !is_signed) {
        const bool sharp = std::exchange(flags.sharp, true);
        digits(value, 16, false, false, false);
        flags.sharp = sharp;
        break;
      }
      [[fallthrough]];
    case U'd': digits(value, 10, is_signed, false, false); break;
    case U'b': digits(value, 2, is_signed, false, false); break;
    case U'o': digits(value, 8, is_signed, false, false); break;
    case U'O': digits(value, 8, is_signed, false, true); break;
    case U'x': digits(value, 16, is_signed, false, false); break;
    case U'X': digits(value, 16, is_signed, true, false); break;
    case U'c':
    case U'q': {
      const char32_t c = value > 0x10FFFF ? 0xFFFD : static_cast<char32_t>(value);
      std::string text;
      if (verb == U'c') {
        core::append_utf8(text, c);
      } else {
        core::append_quoted_char(text, c, flags.plus);
      }
      pad(text);
      break;
    }
    case U'U': code_point(value); break;
    default: bad_verb(original, verb);
  }
}

void GoPrinter::digits(std::uint64_t value, unsigned base, bool is_signed, bool upper,
                       bool octal_prefix) {
  const bool negative = is_signed && static_cast<std::int64_t>(value) < 0;
  if (negative) value = 0 - value;
  const bool signed_text = negative || flags.plus || flags.space;
  // Two ways to ask for leading zeros: %.3d and %03d. With both, the 0 flag is ignored.
  std::size_t least = 0;
  const bool zero = std::exchange(flags.zero, false);
  if (flags.has_precision) {
    least = flags.precision;
    if (least == 0 && value == 0) {
      padding(flags.width);
      flags.zero = zero;
      return;
    }
  } else if (zero && !flags.minus && flags.has_width) {
    least = flags.width - (signed_text && flags.width > 0 ? 1 : 0);
  }
  const char* const names = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string text;  // backwards
  do {
    text.push_back(names[value % base]);
    value /= base;
  } while (value != 0);
  if (text.size() < least) text.append(least - text.size(), '0');
  if (flags.sharp) {
    if (base == 2) text.append("b0");
    if (base == 8 && text.back() != '0') text.push_back('0');
    if (base == 16) text.append(upper ? "X0" : "x0");
  }
  if (octal_prefix) text.append("o0");
  if (signed_text) text.push_back(negative ? '-' : flags.plus ? '+' : ' ');
  std::reverse(text.begin(), text.end());
  pad(text);
  flags.zero = zero;
}

void GoPrinter::code_point(std::uint64_t value) {
  const std::size_t least = flags.has_precision && flags.precision > 4 ? flags.precision : 4;
  std::string text;  // backwards
  std::uint64_t rest = value;
  do {
    text.push_back("0123456789ABCDEF"[rest % 16]);
    rest /= 16;
  } while (rest != 0);
  if (text.size() < least) text.append(least - text.size(), '0');
  text.append("+U");
  std::reverse(text.begin(), text.end());
  if (flags.sharp && value <= 0x10FFFF && core::is_printable(static_cast<char32_t>(value))) {
    text.append(" '");
    core::append_utf8(text, static_cast<char32_t>(value));
    text.push_back('\'');
  }
  const bool zero = std::exchange(flags.zero, false);
  pad(text);
  flags.zero = zero;
}

void GoPrinter::floating(double value, const FormatValue& original, char32_t verb) {
  const bool single = original.kind == Kind::kFloat;
  switch (verb) {
    case U'v': float_text(value, 'g', -1, single); break;
    case U'b':
    case U'g':
    case U'G':
    case U'x':
    case U'X': float_text(value, static_cast<char>(verb), -1, single); break;
    case U'f':
    case U'e':
    case U'E': float_text(value, static_cast<char>(verb), 6, single); break;
    case U'F': float_text(value, 'f', 6, single); break;
    default: bad_verb(original, verb);
  }
}

void GoPrinter::float_text(double value, char verb, int precision, bool single) {
  if (flags.has_precision) precision = static_cast<int>(flags.precision);
  std::string text;
  append_float(text, value, verb, precision, single);
  if (text.front() != '-' && text.front() != '+') text.insert(text.begin(), '+');
  if (flags.space && text.front() == '+' && !flags.plus) text.front() = ' ';

  const bool zero = flags.zero;
  if (text[1] == 'I' || text[1] == 'N') {  // these do not look like numbers: no zeros before them
    if (text[1] == 'N' && !flags.space && !flags.plus) text.erase(0, 1);
    flags.zero = false;
    pad(text);
    flags.zero = zero;
    return;
  }
  if (flags.sharp && verb != 'b') force_decimal_point(text, verb, precision);
  if (!flags.plus && text.front() == '+') return pad(std::string_view(text).substr(1));
  if (zero && !flags.minus && flags.has_width && flags.width > text.size()) {
    write(text.front());  // the sign goes before the zeros
    padding(flags.width - text.size());
    write(std::string_view(text).substr(1));
    return;
  }
  pad(text);
}

/// The # flag: always a decimal point, and for %g and %x as many digits as the precision says.
void GoPrinter::force_decimal_point(std::string& number, char verb, int precision) const {
  const bool hexadecimal = verb == 'x' || verb == 'X';
  int missing = 0;
  if (verb == 'g' || verb == 'G' || verb == 'x') missing = precision == -1 ? 6 : precision;
  std::size_t tail = number.find_first_of(hexadecimal ? "pP" : "eE", 1);
  tail = std::min(tail, number.size());
  const std::string_view digits = std::string_view(number).substr(1, tail - 1);
  const bool has_point = digits.find('.') != std::string_view::npos;
  bool significant = false;
  for (const char c : digits) {
    if (c == '.') continue;
    if (c != '0') significant = true;
    if (significant) --missing;
  }
  std::string inserted;
  if (!has_point) {
    if (digits == "0") --missing;
    inserted.push_back('.');
  }
  if (missing > 0) inserted.append(static_cast<std::size_t>(missing), '0');
  number.insert(tail, inserted);
}

void GoPrinter::time(const FormatValue& value, char32_t verb) {
  constexpr std::u32string_view kTextVerbs = U"vsqxX";
  if (kTextVerbs.find(verb) == std::u32string_view::npos) return bad_verb(value, verb);
  std::string text;
  format_go_layout(text, value.time, kTimeLayout);
  string(text, value, verb);
}

void GoPrinter::array(const FormatValue& value, char32_t verb) {
  if (flags.go_syntax) write(type_name(value));
  write(flags.go_syntax ? '{' : '[');
  const std::size_t size = value.containers->size(value.node);
  for (std::size_t i = 0; i < size && !full_; ++i) {
    if (i > 0) write(flags.go_syntax ? ", " : " ");
    print(value.containers->item(value.node, i), verb, true);
  }
  write(flags.go_syntax ? '}' : ']');
}

void GoPrinter::object(const FormatValue& value, char32_t verb) {
  const std::size_t size = value.containers->size(value.node);
  std::vector<FormatContainers::Entry> entries;
  entries.reserve(size);
  for (std::size_t i = 0; i < size; ++i) entries.push_back(value.containers->entry(value.node, i));
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.key < b.key; });
  write(flags.go_syntax ? type_name(value) : "map");
  write(flags.go_syntax ? '{' : '[');
  for (std::size_t i = 0; i < entries.size() && !full_; ++i) {
    if (i > 0) write(flags.go_syntax ? ", " : " ");
    print(FormatValue::string(entries[i].key), verb, true);
    write(':');
    print(entries[i].value, verb, true);
  }
  write(flags.go_syntax ? '}' : ']');
}

}  // namespace weir::mapping::text
