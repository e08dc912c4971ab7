// The parsing half of strftime.h.

#include <array>
#include <limits>
#include <optional>

#include "core/quote.h"
#include "mapping/text/go_layout.h"
#include "mapping/text/go_layout_element.h"
#include "mapping/text/strftime.h"
#include "mapping/text/strftime_parts.h"

namespace weir::mapping::text {
namespace {

using core::Result;
using core::Timestamp;

constexpr std::size_t kMaxShown = 256;  // of a text quoted in an error

enum class Week { kNone, kIso, kFromSunday, kFromMonday };

class Parser {
 public:
  Parser(std::string_view text, std::string_view format)
      : text_(text), format_(format), rest_(text) {}

  Result<Timestamp> run() {
    for (std::size_t at = 0; at < format_.size(); ++at) {
      if (format_[at] != '%') {
        if (!expect(format_[at])) return error();
        continue;
      }
      if (++at == format_.size()) {
        why_ = "stray \"%\"";
        return error();
      }
      if (format_[at] == ':') {
        if (!colon_directive(at)) return error();
      } else if (!directive(format_[at])) {
        return error();
      }
    }
    if (!rest_.empty()) {
      why_ = "unparsed string ";
      core::append_quoted(why_, rest_.substr(0, kMaxShown));
      return error();
    }
    return build();
  }

 private:
  Result<Timestamp> error() const {
    std::string message("failed to parse ");
    core::append_quoted(message, text_.substr(0, kMaxShown));
    message.append(" with ");
    core::append_quoted(message, format_.substr(0, kMaxShown));
    return core::invalid_data(message.append(": ").append(why_));
  }

  bool cannot_parse(std::string_view directive) {
    why_ = "cannot parse \"%";
    why_.append(directive).push_back('"');
    return false;
  }

  bool expect(char c) {
    if (!rest_.empty() && rest_.front() == c) {
      rest_.remove_prefix(1);
      return true;
    }
    why_ = "expected ";
    core::append_quoted_char(why_, static_cast<unsigned char>(c));
    return false;
  }

  /// Up to `size` digits whose value lies in [least, most].
  std::optional<std::int64_t> digits(std::size_t size, std::int64_t least, std::int64_t most) {
    std::int64_t value = 0;
    std::size_t used = 0;
    for (; used < size && used < rest_.size() && rest_[used] >= '0' && rest_[used] <= '9'; ++used) {
      value = value * 10 + (rest_[used] - '0');
    }
    if (used == 0 || value < least || value > most) return std::nullopt;
    rest_.remove_prefix(used);
    return value;
  }

  bool number(std::size_t size, int least, int most, int& value, char letter) {
    const auto read = digits(size, least, most);
    if (!read) return cannot_parse({&letter, 1});
    value = static_cast<int>(*read);
    return true;
  }

  /// A name in any case; `value` is its place in the list, from 1.
  template <class Names>
  bool any_of(const Names& names, std::size_t longest, int& value, char letter) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view candidate = names[i].substr(0, longest);
      std::size_t same = 0;
      while (same < candidate.size() && same < rest_.size() &&
             (rest_[same] | 0x20) == (candidate[same] | 0x20)) {
        ++same;
      }
      if (same < candidate.size()) continue;
      rest_.remove_prefix(same);
      value = static_cast<int>(i) + 1;
      return true;
    }
    return cannot_parse({&letter, 1});
  }

  void skip_one_blank() {
    if (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }

  bool blanks(char letter) {
    const std::size_t size = std::min(rest_.find_first_not_of(" \t\n\v\f\r"), rest_.size());
    if (size == 0) {
      why_ = "expected a space for \"%";
      why_.append({letter, '"'});
      return false;
    }
    rest_.remove_prefix(size);
    return true;
  }

  bool half_day(char letter) {
    constexpr std::array<std::string_view, 2> kHalves = {"AM", "PM"};
    int half = 0;
    if (!any_of(kHalves, 2, half, letter)) return false;
    pm_ = half == 2;
    return true;
  }

  bool week(int least, Week kind, int default_weekday, char letter) {
    if (!number(2, least, 53, week_, letter)) return false;
    week_kind_ = kind;
    if (weekday_ == 0) weekday_ = default_weekday;
    return true;
  }

  bool unix_seconds() {
    const auto seconds = digits(10, 0, std::numeric_limits<std::int64_t>::max());
    if (!seconds) return cannot_parse("s");
    const core::CivilTime civil = core::to_civil(core::from_unix(*seconds));
    year_ = static_cast<int>(civil.year);
    month_ = civil.month;
    day_ = civil.day;
    hour_ = civil.hour;
    minute_ = civil.minute;
    second_ = civil.second;
    return true;
  }

  bool microseconds() {
    const std::size_t before = rest_.size();
    int value = 0;
    if (!number(6, 0, 999'999, value, 'f')) return false;
    for (std::size_t used = before - rest_.size(); used < 6; ++used) value *= 10;
    nanos_ = value * 1000;
    return true;
  }

  bool zone_name() {
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] >= 'A' && rest_[size] <= 'Z') ++size;
    const std::string_view name = rest_.substr(0, size);
    const auto parsed = parse_go_layout(name, "MST");
    if (!parsed) {
      why_ = "cannot parse ";
      core::append_quoted(why_, name.substr(0, kMaxShown));
      why_.append(" with \"%Z\"");
      return false;
    }
    zone_name_ = name;
    if (zone_offset_) {
      zone_ = &core::fixed_zone(*zone_offset_, zone_name_);
    } else {
      zone_ = parsed->zone;
    }
    rest_.remove_prefix(size);
    return true;
  }

  static std::string_view zone_directive(int colons) {
    return std::string_view("::z").substr(2 - static_cast<std::size_t>(colons));
  }
  bool expected_colon(int colons) {
    why_ = "expected ':' for \"%";
    why_.append(zone_directive(colons)).push_back('"');
    return false;
  }

  /// Exactly two digits up to `most`.
  std::optional<int> two_digits(int most) {
    const std::string_view before = rest_;
    const auto value = digits(2, 0, most);
    if (value && before.size() - rest_.size() == 2) return static_cast<int>(*value);
    rest_ = before;
    return std::nullopt;
  }

  /// A numeric zone. Without colons in the directive the text may have them or not; minutes (and,
  /// with colons in the text, seconds) may be missing.
  bool zone(int colons) {
    if (!rest_.empty() && rest_.front() == 'Z') {
      rest_.remove_prefix(1);
      zone_ = nullptr;
      return true;
    }
    if (rest_.empty() || (rest_.front() != '+' && rest_.front() != '-')) {
      return cannot_parse(zone_directive(colons));
    }
    const int sign = rest_.front() == '-' ? -1 : 1;
    rest_.remove_prefix(1);
    const auto hours = two_digits(23);
    if (!hours) return cannot_parse(zone_directive(colons));
    bool seconds_may_follow = colons == 2;
    bool with_colon = false;
    if (!rest_.empty() && rest_.front() == ':') {
      rest_.remove_prefix(1);
      with_colon = true;
      if (colons == 0) seconds_may_follow = true;
    } else if (colons > 0) {
      return expected_colon(colons);
    }
    const auto minutes = two_digits(59);
    if (!minutes && (with_colon || colons > 0)) return cannot_parse(zone_directive(colons));
    int seconds = 0;
    if (minutes && seconds_may_follow) {
      const std::string_view before = rest_;
      if (!rest_.empty() && rest_.front() == ':') {
        rest_.remove_prefix(1);
        const auto read = two_digits(59);
        if (!read && colons == 2) return cannot_parse(zone_directive(colons));
        if (!read) rest_ = before;
        seconds = read.value_or(0);
      } else if (colons == 2) {
        return expected_colon(colons);
      }
    }
    zone_offset_ = sign * (*hours * 3600 + minutes.value_or(0) * 60 + seconds);
    zone_ = &core::fixed_zone(*zone_offset_, zone_name_);
    return true;
  }

  bool colon_directive(std::size_t& at) {
    int colons = 0;
    while (at < format_.size() && format_[at] == ':' && colons < 2) {
      ++colons;
      ++at;
    }
    if (at < format_.size() && format_[at] == 'z') return zone(colons);
    why_ = "expected 'z' after \"%";
    why_.append(colons == 2 ? "::" : ":").push_back('"');
    return false;
  }

  bool directive(char letter) {
    const std::string_view parts = composition(letter);
    if (parts.empty()) return simple(letter);
    for (const char c : parts) {
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!(is_letter ? simple(c) : expect(c))) return false;
    }
    return true;
  }

  bool simple(char letter) {
    constexpr std::size_t kWhole = std::string_view::npos;
    switch (letter) {
      case 'Y': return number(4, 0, 9999, year_, letter);
      case 'y':
        if (!number(2, 0, 99, year_, letter)) return false;
        year_ += year_ < 69 ? 2000 : 1900;
        return true;
      case 'C': return number(2, 0, 99, century_, letter);
      case 'g':
        if (!number(2, 0, 99, year_, letter)) return false;
        year_ += 2000;
        iso_year_ = true;
        return true;
      case 'G':
        if (!number(4, 0, 9999, year_, letter)) return false;
        iso_year_ = true;
        return true;
      case 'm': return number(2, 1, 12, month_, letter);
      case 'B': return any_of(kMonthNames, kWhole, month_, letter);
      case 'b':
      case 'h': return any_of(kMonthNames, kShortName, month_, letter);
      case 'A': return any_of(kDayNames, kWhole, weekday_, letter);
      case 'a': return any_of(kDayNames, kShortName, weekday_, letter);
      case 'w':
        if (!number(1, 0, 6, weekday_, letter)) return false;
        ++weekday_;
        return true;
      case 'u':
        if (!number(1, 1, 7, weekday_, letter)) return false;
        weekday_ = weekday_ % 7 + 1;
        return true;
      case 'V': return week(1, Week::kIso, 2, letter);
      case 'U': return week(0, Week::kFromSunday, 1, letter);
      case 'W': return week(0, Week::kFromMonday, 2, letter);
      case 'e': skip_one_blank(); return number(2, 1, 31, day_, letter);
      case 'd': return number(2, 1, 31, day_, letter);
      case 'j': return number(3, 1, 366, year_day_, letter);
      case 'k': skip_one_blank(); return number(2, 0, 23, hour_, letter);
      case 'H': return number(2, 0, 23, hour_, letter);
      case 'l':
      case 'I':
        if (letter == 'l') skip_one_blank();
        if (!number(2, 1, 12, hour_, letter)) return false;
        hour_ %= 12;
        return true;
      case 'p':
      case 'P': return half_day(letter);
      case 'M': return number(2, 0, 59, minute_, letter);
      case 'S': return number(2, 0, 60, second_, letter);
      case 's': return unix_seconds();
      case 'f': return microseconds();
      case 'Z': return zone_name();
      case 'z': return zone(0);
      case 't':
      case 'n': return blanks(letter);
      case '%': return expect('%');
      default: break;
    }
    why_ = "unexpected format \"%";
    why_.push_back(letter);
    why_.push_back('"');
    return false;
  }

  Result<Timestamp> wrong_year(const char* why) {
    why_ = why;
    return error();
  }

  Result<Timestamp> build() {
    if (pm_) hour_ += 12;
    if (century_ >= 0) year_ = century_ * 100 + year_ % 100;
    const auto at = [&](int month, int day) {
      return core::from_civil(year_, month, day, hour_, minute_, second_, nanos_, zone_);
    };
    if (day_ > 0) return at(month_, day_);
    if (year_day_ > 0) {
      if (iso_year_) return wrong_year("use \"%Y\" to parse non-ISO year for \"%j\"");
      return at(1, year_day_);
    }
    switch (week_kind_) {
      case Week::kNone: return at(month_, 1);
      case Week::kIso:
        if (!iso_year_) return wrong_year("use \"%G\" to parse ISO year for \"%V\"");
        break;
      case Week::kFromSunday:
      case Week::kFromMonday:
        if (iso_year_) {
          return wrong_year("use \"%Y\" to parse non-ISO year for \"%U\" or \"%W\"");
        }
        break;
    }
    // Week 1 is the first with a Thursday, Sunday or Monday in the year; `before` is a day of week
    // 0.
    const int start = week_kind_ == Week::kIso ? 4 : week_kind_ == Week::kFromMonday ? 1 : 0;
    const int weeks = week_ + (start > 0 && weekday_ == 1 ? 1 : 0);
    const std::int64_t before = core::days_from_civil(year_, 1, -start);
    const int before_weekday = static_cast<int>(((before + 4) % 7 + 7) % 7);
    return at(1, -start + weeks * 7 - before_weekday + weekday_ - 1);
  }

  std::string_view text_;
  std::string_view format_;
  std::string_view rest_;
  std::string why_;

  int year_ = 1900;
  int century_ = -1;
  int month_ = 1;
  int day_ = 0;       // 0: not given
  int year_day_ = 0;  // 0: not given
  int week_ = 0;
  int weekday_ = 0;  // 1 Sunday .. 7; 0: not given
  Week week_kind_ = Week::kNone;
  bool iso_year_ = false;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  int nanos_ = 0;
  bool pm_ = false;
  const core::Zone* zone_ = nullptr;
  std::optional<int> zone_offset_;
  std::string_view zone_name_;
};

}  // namespace

Result<Timestamp> parse_strptime(std::string_view text, std::string_view format) {
  return Parser(text, format).run();
}

}  // namespace weir::mapping::text
