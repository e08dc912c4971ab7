#include "mapping/text/strftime.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "core/number_text.h"
#include "mapping/text/go_layout_element.h"
#include "mapping/text/strftime_parts.h"

namespace weir::mapping::text {
namespace {

constexpr std::size_t kMaxWidth = 1024;
constexpr std::size_t kMaxPadding = 64 * 1024;

/// What stands between the percent sign and the letter.
struct Flags {
  enum class Padding { kDefault, kNone, kBlank, kZero };
  Padding padding = Padding::kDefault;
  std::size_t width = 0;
  bool upper = false;
  bool swap = false;
};
using Padding = Flags::Padding;

class Formatter {
 public:
  Formatter(std::string& out, const core::Timestamp& time)
      : out_(out), time_(time), civil_(core::to_civil(time)) {}

  core::Status run(std::string_view format) {
    while (!format.empty()) {
      const std::size_t percent = format.find('%');
      out_.append(format.substr(0, percent));
      if (percent == std::string_view::npos) break;
      format.remove_prefix(percent);
      format.remove_prefix(directive(format));
      if (padding_written_ > kMaxPadding) {
        return core::fail(core::ErrorCode::kLimit,
                          "formatting a time: the widths add up to more than 64 KiB");
      }
    }
    return {};
  }

 private:
  /// Writes the directive at the front of the text and returns its size.
  std::size_t directive(std::string_view text) {
    Flags flags;
    std::size_t at = 1;
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (c == '-') {
        flags.padding = Padding::kNone;
      } else if (c == '_') {
        flags.padding = Padding::kBlank;
      } else if (c == '0') {
        flags.padding = Padding::kZero;
      } else if (c == '^') {
        flags.upper = true;
      } else if (c == '#') {
        flags.swap = true;
      } else if (c >= '1' && c <= '9') {
        at += take_width(text.substr(at), flags) - 1;
      } else {
        break;
      }
    }
    if (at == text.size()) {
      plain(text, flags);  // nothing but flags: no directive
      return at;
    }
    if (text[at] == ':') return colon_directive(text, at, flags);
    if (const std::string_view parts = composition(text[at]); !parts.empty()) {
      compose(parts, flags.upper);
    } else if (!simple(text[at], flags)) {
      if (flags.width > 0) --flags.width;
      plain(text.substr(0, at), flags);
      out_.push_back(text[at]);
    }
    return at + 1;
  }

  static std::size_t take_width(std::string_view text, Flags& flags) {
    std::size_t size = 0;
    flags.width = 0;
    for (; size < text.size() && text[size] >= '0' && text[size] <= '9'; ++size) {
      flags.width =
          std::min(flags.width * 10 + static_cast<std::size_t>(text[size] - '0'), kMaxWidth);
    }
    if (flags.padding == Padding::kNone) flags.padding = Padding::kBlank;
    return size;
  }

  /// %:z, %::z, %:::z, or text that is none of them.
  std::size_t colon_directive(std::string_view text, std::size_t at, const Flags& flags) {
    const std::size_t first = at;
    while (at < text.size() && text[at] == ':') ++at;
    const std::size_t colons = at - first;
    const bool zone = at < text.size() && text[at] == 'z';
    if (zone) ++at;
    if (zone && colons <= 3) {
      zone_offset(flags, static_cast<int>(colons));
    } else {
      plain(text.substr(0, at), flags);
    }
    return at;
  }

  void compose(std::string_view parts, bool upper) {
    for (const char c : parts) {
      Flags flags;
      flags.upper = upper;
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter || !simple(c, flags)) out_.push_back(c);
    }
  }

  void pad(std::size_t count, char c) {
    padding_written_ += count;
    out_.append(count, c);
  }

  /// A number of at least `width` characters, unless the flags say otherwise.
  void number(std::int64_t value, std::size_t width, const Flags& flags, char padding = '0') {
    std::array<char, core::kMaxNumberText> digits{};
    const auto magnitude =
        value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    const char* const end = core::write_uint64(digits.data(), magnitude);
    const auto size = static_cast<std::size_t>(end - digits.data());
    const std::size_t total = size + (value < 0 ? 1 : 0);
    std::size_t missing = std::max(width, flags.width);
    missing = flags.padding == Padding::kNone || missing < total ? 0 : missing - total;
    if (flags.padding == Padding::kBlank) padding = ' ';
    if (flags.padding == Padding::kZero) padding = '0';
    if (padding == ' ') pad(missing, ' ');
    if (value < 0) out_.push_back('-');
    if (padding == '0') pad(missing, '0');
    out_.append(digits.data(), size);
  }

  /// A word, right-aligned in the width.
  void name(std::string_view text, const Flags& flags, bool swap) {
    if (flags.width > text.size() && flags.padding != Padding::kNone) {
      pad(flags.width - text.size(), flags.padding == Padding::kZero ? '0' : ' ');
    }
    const bool capitals = text.size() > 1 && text[1] < 'a';
    if (swap && capitals) {
      for (const char c : text) out_.push_back(static_cast<char>(c | 0x20));
    } else if (swap || flags.upper) {
      for (const char c : text)
        out_.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c);
    } else {
      out_.append(text);
    }
  }

  void plain(std::string_view text, Flags flags) {
    flags.upper = false;
    name(text, flags, false);
  }

  void zone_offset(const Flags& flags, int colons) {
    const int offset = civil_.offset.seconds;
    const int absolute = std::abs(offset);
    const auto two = [](int value) {
      return std::string{static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
    };
    std::string digits = two(absolute / 3600);
    const bool one_digit_hour = digits.front() == '0';
    if (one_digit_hour && (flags.padding == Padding::kNone || flags.padding == Padding::kBlank)) {
      digits.erase(0, 1);
    }
    const char* const separator = colons == 0 ? "" : ":";
    if (colons <= 2 || absolute % 3600 != 0) {
      digits.append(separator).append(two(absolute / 60 % 60));
      if (colons == 2 || (colons == 3 && absolute % 60 != 0)) {
        digits.append(separator).append(two(absolute % 60));
      }
    }
    std::size_t size = digits.size() + 1;
    const char sign = offset < 0 ? '-' : '+';
    // A blank stands in for the missing digit of the hour, before the sign.
    const bool blank = flags.padding == Padding::kBlank;
    if (blank && one_digit_hour) {
      pad(1, ' ');
      ++size;
    }
    const std::size_t missing =
        flags.padding == Padding::kNone || flags.width < size ? 0 : flags.width - size;
    if (blank) pad(missing, ' ');
    out_.push_back(sign);
    if (!blank) pad(missing, '0');
    out_.append(digits);
  }

  /// One directive that is a single letter; false when there is no such letter.
  bool simple(char letter, const Flags& flags) {
    const int hour12 = civil_.hour % 12 == 0 ? 12 : civil_.hour % 12;
    switch (letter) {
      case 'Y': number(civil_.year, flags.width == 0 ? 4 : 0, flags); break;
      case 'y': number(std::abs(civil_.year % 100), 2, flags); break;
      case 'C': number(civil_.year / 100, 2, flags); break;
      case 'G': number(core::iso_week(civil_).year, flags.width == 0 ? 4 : 0, flags); break;
      case 'g': number(std::abs(core::iso_week(civil_).year % 100), 2, flags); break;
      case 'm': number(civil_.month, 2, flags); break;
      case 'B': name(month_name(), flags, flags.swap); break;
      case 'b':
      case 'h': name(month_name().substr(0, kShortName), flags, flags.swap); break;
      case 'A': name(day_name(), flags, flags.swap); break;
      case 'a': name(day_name().substr(0, kShortName), flags, flags.swap); break;
      case 'w': number(civil_.weekday, 0, flags); break;
      case 'u': number(civil_.weekday == 0 ? 7 : civil_.weekday, 0, flags); break;
      case 'V': number(core::iso_week(civil_).week, 2, flags); break;
      case 'U': number((civil_.year_day + 6 - civil_.weekday) / 7, 2, flags); break;
      case 'W': number((civil_.year_day + 6 - (civil_.weekday + 6) % 7) / 7, 2, flags); break;
      case 'e': number(civil_.day, 2, flags, ' '); break;
      case 'd': number(civil_.day, 2, flags); break;
      case 'j': number(civil_.year_day, 3, flags); break;
      case 'k': number(civil_.hour, 2, flags, ' '); break;
      case 'H': number(civil_.hour, 2, flags); break;
      case 'l': number(hour12, 2, flags, ' '); break;
      case 'I': number(hour12, 2, flags); break;
      case 'P': name(civil_.hour < 12 ? "AM" : "PM", flags, !(flags.upper || flags.swap)); break;
      case 'p': name(civil_.hour < 12 ? "AM" : "PM", flags, flags.swap); break;
      case 'M': number(civil_.minute, 2, flags); break;
      case 'S': number(civil_.second, 2, flags); break;
      case 's': number(time_.seconds, 0, flags, ' '); break;
      case 'f': number(civil_.nanos / 1000, flags.width == 0 ? 6 : 0, flags); break;
      case 'Z':
        if (civil_.offset.abbreviation.empty()) {
          zone_offset(flags, 0);
        } else {
          name(civil_.offset.abbreviation, flags, flags.swap);
        }
        break;
      case 'z': zone_offset(flags, 0); break;
      case 't': plain("\t", flags); break;
      case 'n': plain("\n", flags); break;
      case '%': plain("%", flags); break;
      default: return false;
    }
    return true;
  }

  [[nodiscard]] std::string_view month_name() const {
    return kMonthNames[static_cast<std::size_t>(civil_.month - 1)];
  }
  [[nodiscard]] std::string_view day_name() const {
    return kDayNames[static_cast<std::size_t>(civil_.weekday)];
  }

  std::string& out_;
  const core::Timestamp& time_;
  core::CivilTime civil_;
  std::size_t padding_written_ = 0;
};

}  // namespace

core::Status append_strftime(std::string& out, const core::Timestamp& time,
                             std::string_view format) {
  return Formatter(out, time).run(format);
}

}  // namespace weir::mapping::text
