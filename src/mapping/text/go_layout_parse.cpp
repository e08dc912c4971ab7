// The parsing half of go_layout.h.

#include <algorithm>
#include <charconv>
#include <optional>

#include "mapping/text/go_layout.h"
#include "mapping/text/go_layout_element.h"

namespace weir::mapping::text {
namespace {

using core::Result;
using core::Timestamp;
using Element = GoLayout::Element;

bool is_digit(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

bool begins_fraction(std::string_view text) {
  return text.size() >= 2 && (text[0] == '.' || text[0] == ',') && is_digit(text, 1);
}

std::size_t count_digits(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (is_digit(text, end)) ++end;
  return end - at;
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool starts_with_any_case(std::string_view text, std::string_view name) {
  return text.size() >= name.size() &&
         std::equal(name.begin(), name.end(), text.begin(),
                    [](char a, char b) { return upper(a) == upper(b); });
}

/// Reads one value along one layout.
class Parser {
 public:
  Parser(const GoLayout& layout, std::string_view value)
      : layout_(layout), all_(value), rest_(value) {}

  Result<Timestamp> run() {
    const auto& parts = layout_.parts();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string_view literal = layout_.literal(parts[i]);
      if (!skip(literal)) return cannot_parse(rest_, literal);
      const std::string_view before = rest_;
      const std::string_view element = layout_.element_text(parts[i]);
      next_is_fraction_ =
          i + 1 < parts.size() && (parts[i + 1].element == Element::kFractionZeros ||
                                   parts[i + 1].element == Element::kFractionNines);
      const bool taken = take(parts[i].element, element);
      if (range_ != nullptr) return problem(std::string(range_) + " out of range");
      if (!taken) return cannot_parse(before, element);
    }
    if (!skip(layout_.tail())) return cannot_parse(rest_, layout_.tail());
    if (!rest_.empty()) return problem("extra text: " + shown_in_error(rest_));
    return build();
  }

 private:
  Result<Timestamp> cannot_parse(std::string_view value, std::string_view element) const {
    return core::invalid_data("parsing time " + shown_in_error(all_) + " as " +
                              shown_in_error(layout_.text()) + ": cannot parse " +
                              shown_in_error(value) + " as " + shown_in_error(element));
  }
  Result<Timestamp> problem(std::string_view what) const {
    return core::invalid_data("parsing time " + shown_in_error(all_) + ": " + std::string(what));
  }

  /// Literal text of the layout; a run of blanks there matches any run of blanks, also none at the
  /// end.
  bool skip(std::string_view literal) {
    while (!literal.empty()) {
      if (literal.front() == ' ') {
        if (!rest_.empty() && rest_.front() != ' ') return false;
        drop_blanks(literal);
        drop_blanks(rest_);
        continue;
      }
      if (rest_.empty() || rest_.front() != literal.front()) return false;
      literal.remove_prefix(1);
      rest_.remove_prefix(1);
    }
    return true;
  }
  static void drop_blanks(std::string_view& text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }

  /// One or two digits; only two when `fixed`.
  bool number(bool fixed, int& value) {
    if (!is_digit(rest_, 0) || (fixed && !is_digit(rest_, 1))) return false;
    value = rest_[0] - '0';
    rest_.remove_prefix(1);
    if (!is_digit(rest_, 0)) return true;
    value = value * 10 + (rest_[0] - '0');
    rest_.remove_prefix(1);
    return true;
  }

  bool number_in(bool fixed, int least, int most, int& value, const char* what) {
    if (!number(fixed, value)) return false;
    if (value < least || value > most) range_ = what;
    return true;
  }

  template <class Names>
  bool name(const Names& names, std::size_t longest, int& index) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view candidate = names[i].substr(0, longest);
      if (!starts_with_any_case(rest_, candidate)) continue;
      rest_.remove_prefix(candidate.size());
      index = static_cast<int>(i);
      return true;
    }
    return false;
  }

  /// `size` characters: separator and digits. Digits below the nanosecond are cut off.
  void fraction(std::size_t size) {
    nanos_ = 0;
    std::int32_t unit = 100'000'000;
    for (std::size_t i = 1; i < size; ++i) {
      nanos_ += (rest_[i] - '0') * unit;
      unit /= 10;
    }
    rest_.remove_prefix(size);
  }

  /// Exactly as many digits as the layout has zeros; beyond nine they may be missing.
  bool take_exact_fraction(std::size_t zeros) {
    constexpr std::size_t kDigits = 9;
    const std::size_t digits = begins_fraction(rest_) ? count_digits(rest_, 1) : 0;
    if (digits < std::min(zeros, kDigits)) return false;
    fraction(1 + std::min(digits, zeros));
    return true;
  }

  bool take_year() {
    if (!is_digit(rest_, 0) || !is_digit(rest_, 1)) return false;
    int year = 0;
    (void)number(true, year);
    year_ = year + (year >= 69 ? 1900 : 2000);
    return true;
  }

  bool take_long_year() {
    if (count_digits(rest_.substr(0, 4), 0) != 4) return false;
    year_ =
        (rest_[0] - '0') * 1000 + (rest_[1] - '0') * 100 + (rest_[2] - '0') * 10 + (rest_[3] - '0');
    rest_.remove_prefix(4);
    return true;
  }

  bool take_month(std::size_t longest) {
    if (!name(kMonthNames, longest, month_)) return false;
    ++month_;
    return true;
  }

  bool take_year_day(bool padded) {
    for (int i = 0; i < 2 && padded && !rest_.empty() && rest_.front() == ' '; ++i) {
      rest_.remove_prefix(1);
    }
    const std::size_t digits = std::min<std::size_t>(count_digits(rest_, 0), 3);
    if (digits == 0 || (!padded && digits != 3)) return false;
    int day = 0;
    for (std::size_t i = 0; i < digits; ++i) day = day * 10 + (rest_[i] - '0');
    rest_.remove_prefix(digits);
    year_day_ = day;
    return true;
  }

  bool take_second(bool fixed) {
    if (!number_in(fixed, 0, 59, second_, "second")) return false;
    // A fraction is welcome also where the layout does not ask for one.
    if (!next_is_fraction_ && begins_fraction(rest_)) fraction(1 + count_digits(rest_, 1));
    return true;
  }

  bool take_pm(std::string_view am, std::string_view pm) {
    if (rest_.starts_with(pm)) {
      pm_ = true;
    } else if (rest_.starts_with(am)) {
      am_ = true;
    } else {
      return false;
    }
    rest_.remove_prefix(2);
    return true;
  }

  bool take_zone_name() {
    if (rest_.starts_with("UTC")) {
      utc_ = true;
      rest_.remove_prefix(3);
      return true;
    }
    const std::size_t size = zone_name_size(rest_);
    if (size == 0) return false;
    zone_name_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  bool take_zone(std::string_view element) {
    const ZoneForm form(element);
    if (form.utc_as_z && !rest_.empty() && rest_.front() == 'Z') {
      utc_ = true;
      rest_.remove_prefix(1);
      return true;
    }
    if (rest_.size() < element.size()) return false;
    for (std::size_t i = 1; i < element.size(); ++i) {
      if (element[i] == ':' ? rest_[i] != ':' : !is_digit(rest_, i)) return false;
    }
    const auto two_digits = [&](std::size_t at) {
      return (rest_[at] - '0') * 10 + (rest_[at + 1] - '0');
    };
    const std::size_t step = form.colons ? 3 : 2;
    const int hours = two_digits(1);
    const int minutes = form.minutes ? two_digits(1 + step) : 0;
    const int seconds = form.seconds ? two_digits(1 + 2 * step) : 0;
    // Not `>=`: people do write offsets of 24 hours, 60 minutes or 60 seconds.
    if (hours > 24) range_ = "time zone offset hour";
    if (minutes > 60) range_ = "time zone offset minute";
    if (seconds > 60) range_ = "time zone offset second";
    const char sign = rest_.front();
    if (sign != '+' && sign != '-') return false;
    offset_ = (hours * 3600 + minutes * 60 + seconds) * (sign == '-' ? -1 : 1);
    rest_.remove_prefix(element.size());
    return true;
  }

  bool take(Element element, std::string_view text) {
    int ignored = 0;
    switch (element) {
      case Element::kNone: return true;
      case Element::kLongYear: return take_long_year();
      case Element::kYear: return take_year();
      case Element::kLongMonth: return take_month(std::string_view::npos);
      case Element::kMonth: return take_month(kShortName);
      case Element::kNumMonth: return number_in(false, 1, 12, month_, "month");
      case Element::kZeroMonth: return number_in(true, 1, 12, month_, "month");
      case Element::kLongWeekday: return name(kDayNames, std::string_view::npos, ignored);
      case Element::kWeekday: return name(kDayNames, kShortName, ignored);
      case Element::kUnderDay:
        if (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
        return number(false, day_);
      case Element::kDay: return number(false, day_);
      case Element::kZeroDay: return number(true, day_);
      case Element::kUnderYearDay: return take_year_day(true);
      case Element::kZeroYearDay: return take_year_day(false);
      case Element::kHour: return number_in(false, 0, 23, hour_, "hour");
      case Element::kHour12: return number_in(false, 0, 12, hour_, "hour");
      case Element::kZeroHour12: return number_in(true, 0, 12, hour_, "hour");
      case Element::kMinute: return number_in(false, 0, 59, minute_, "minute");
      case Element::kZeroMinute: return number_in(true, 0, 59, minute_, "minute");
      case Element::kSecond: return take_second(false);
      case Element::kZeroSecond: return take_second(true);
      case Element::kUpperPm: return take_pm("AM", "PM");
      case Element::kLowerPm: return take_pm("am", "pm");
      case Element::kZoneName: return take_zone_name();
      case Element::kZone: return take_zone(text);
      case Element::kFractionZeros: return take_exact_fraction(text.size() - 1);
      case Element::kFractionNines:
        if (begins_fraction(rest_)) fraction(1 + count_digits(rest_, 1));
        return true;
    }
    return false;
  }

  /// Turns a day of the year into month and day; false with `what` set when it contradicts them.
  bool resolve_year_day(const char*& what) {
    const bool leap = core::is_leap_year(year_);
    if (*year_day_ < 1 || *year_day_ > (leap ? 366 : 365)) {
      what = "day-of-year out of range";
      return false;
    }
    int month = 1;
    int day = *year_day_;
    while (day > core::days_in_month(year_, month)) day -= core::days_in_month(year_, month++);
    if (month_ != 0 && month_ != month) {
      what = "day-of-year does not match month";
      return false;
    }
    if (day_ >= 0 && day_ != day) {
      what = "day-of-year does not match day";
      return false;
    }
    month_ = month;
    day_ = day;
    return true;
  }

  Result<Timestamp> build() {
    if (pm_ && hour_ < 12) hour_ += 12;
    if (!pm_ && am_ && hour_ == 12) hour_ = 0;
    if (const char* what = nullptr; year_day_ && !resolve_year_day(what)) return problem(what);
    if (month_ == 0) month_ = 1;
    if (day_ < 0) day_ = 1;
    if (day_ < 1 || day_ > core::days_in_month(year_, month_)) return problem("day out of range");

    Timestamp time = core::from_civil(year_, month_, day_, hour_, minute_, second_, nanos_);
    if (utc_) return time;
    const core::Zone& local = core::local_zone();
    if (offset_) {
      time.seconds -= *offset_;
      const core::ZoneOffset there = local.at(time.seconds);
      if (there.seconds == *offset_ && (zone_name_.empty() || zone_name_ == there.abbreviation)) {
        time.zone = &local == &core::utc_zone() ? nullptr : &local;
      } else {
        time.zone = &core::fixed_zone(*offset_, zone_name_);
      }
    } else if (!zone_name_.empty()) {
      if (const auto known = local.offset_of(zone_name_, time.seconds)) {
        time.seconds -= *known;
        time.zone = &local;
      } else {
        // The clock is taken as UTC, also for GMT+3, whose offset only shows in the output.
        int hours = 0;
        if (zone_name_.size() > 3 && zone_name_.starts_with("GMT")) {
          const std::string_view digits = zone_name_.substr(4);
          std::from_chars(digits.data(), digits.data() + digits.size(), hours);
          if (zone_name_[3] == '-') hours = -hours;
        }
        time.zone = &core::fixed_zone(hours * 3600, zone_name_);
      }
    }
    return time;
  }

  const GoLayout& layout_;
  std::string_view all_;
  std::string_view rest_;
  const char* range_ = nullptr;
  bool next_is_fraction_ = false;

  int year_ = 0;
  int month_ = 0;  // 0: not given
  int day_ = -1;   // -1: not given
  std::optional<int> year_day_;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  std::int32_t nanos_ = 0;
  bool am_ = false;
  bool pm_ = false;
  bool utc_ = false;
  std::optional<int> offset_;
  std::string_view zone_name_;
};

}  // namespace

Result<Timestamp> GoLayout::parse(std::string_view value) const {
  return Parser(*this, value).run();
}

Result<Timestamp> parse_go_layout(std::string_view value, std::string_view layout) {
  if (layout == kRfc3339NanoLayout) return parse_timestamp(value);
  return GoLayout(layout).parse(value);
}

Result<Timestamp> parse_timestamp(std::string_view value) {
  if (auto time = core::parse_rfc3339(value)) return time;
  static const GoLayout layout(kRfc3339NanoLayout);
  return layout.parse(value);
}

}  // namespace weir::mapping::text
