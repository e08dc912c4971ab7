#include "mapping/text/go_layout.h"

#include <array>
#include <cstdlib>

#include "core/number_text.h"
#include "mapping/text/go_layout_element.h"

namespace weir::mapping::text {
namespace {

using Element = GoLayout::Element;

bool is_digit(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

struct Match {
  Element element = Element::kNone;
  std::size_t skip = 0;  // literal characters that belong before the element
  std::size_t size = 0;  // of the element
};

/// The numeric zone forms, longest first.
constexpr std::array<std::string_view, 5> kZoneForms = {"070000", "07:00:00", "0700", "07:00",
                                                        "07"};

Match match_zone(std::string_view text) {
  for (const std::string_view form : kZoneForms) {
    if (text.substr(1).starts_with(form)) return {Element::kZone, 0, 1 + form.size()};
  }
  return {};
}

Match match_zero(std::string_view text) {
  constexpr std::array<Element, 6> kElements = {Element::kZeroMonth,  Element::kZeroDay,
                                                Element::kZeroHour12, Element::kZeroMinute,
                                                Element::kZeroSecond, Element::kYear};
  if (text.size() >= 2 && text[1] >= '1' && text[1] <= '6') {
    return {kElements[static_cast<std::size_t>(text[1] - '1')], 0, 2};
  }
  if (text.starts_with("002")) return {Element::kZeroYearDay, 0, 3};
  return {};
}

Match match_fraction(std::string_view text) {
  if (text.size() < 2 || (text[1] != '0' && text[1] != '9')) return {};
  std::size_t end = 2;
  while (end < text.size() && text[end] == text[1]) ++end;
  if (is_digit(text, end)) return {};  // more digits: not a fraction of a second
  return {text[1] == '0' ? Element::kFractionZeros : Element::kFractionNines, 0, end};
}

Match match_name(std::string_view text, std::string_view long_name, Element long_element,
                 Element short_element) {
  if (text.starts_with(long_name)) return {long_element, 0, long_name.size()};
  if (!text.starts_with(long_name.substr(0, kShortName))) return {};
  const bool word_goes_on =
      text.size() > kShortName && text[kShortName] >= 'a' && text[kShortName] <= 'z';
  if (word_goes_on) return {};
  return {short_element, 0, kShortName};
}

Match match_m(std::string_view text) {
  if (text.starts_with("MST")) return {Element::kZoneName, 0, 3};
  return match_name(text, "Monday", Element::kLongWeekday, Element::kWeekday);
}

Match match_underscore(std::string_view text) {
  if (text.starts_with("_2006")) return {Element::kLongYear, 1, 4};
  if (text.starts_with("_2")) return {Element::kUnderDay, 0, 2};
  if (text.starts_with("__2")) return {Element::kUnderYearDay, 0, 3};
  return {};
}

/// The element at the front of the text, if there is one.
Match match_element(std::string_view text) {
  switch (text.front()) {
    case 'J': return match_name(text, "January", Element::kLongMonth, Element::kMonth);
    case 'M': return match_m(text);
    case '0': return match_zero(text);
    case '1':
      if (text.starts_with("15")) return {Element::kHour, 0, 2};
      return {Element::kNumMonth, 0, 1};
    case '2':
      if (text.starts_with("2006")) return {Element::kLongYear, 0, 4};
      return {Element::kDay, 0, 1};
    case '_': return match_underscore(text);
    case '3': return {Element::kHour12, 0, 1};
    case '4': return {Element::kMinute, 0, 1};
    case '5': return {Element::kSecond, 0, 1};
    case 'P':
      if (text.starts_with("PM")) return {Element::kUpperPm, 0, 2};
      return {};
    case 'p':
      if (text.starts_with("pm")) return {Element::kLowerPm, 0, 2};
      return {};
    case '-':
    case 'Z': return match_zone(text);
    case '.':
    case ',': return match_fraction(text);
    default: return {};
  }
}

/// At least `width` digits, the sign not counted.
void append_number(std::string& out, std::int64_t value, std::size_t width, char padding = '0') {
  std::array<char, core::kMaxNumberText> digits{};
  if (value < 0) out.push_back('-');
  const auto magnitude =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const char* const end = core::write_uint64(digits.data(), magnitude);
  const auto size = static_cast<std::size_t>(end - digits.data());
  if (size < width) out.append(width - size, padding);
  out.append(digits.data(), size);
}

void append_fraction(std::string& out, std::int32_t nanos, std::string_view element) {
  const bool trim = element[1] == '9';
  if (trim && nanos == 0) return;
  std::array<char, 10> text{};
  text[0] = element.front();
  for (std::size_t i = 9; i >= 1; --i) {
    text[i] = static_cast<char>('0' + nanos % 10);
    nanos /= 10;
  }
  std::size_t size = std::min(element.size(), text.size());
  while (trim && size > 1 && text[size - 1] == '0') --size;
  if (size > 1) out.append(text.data(), size);
}

void append_zone(std::string& out, int offset, std::string_view element) {
  const ZoneForm form(element);
  if (form.utc_as_z && offset == 0) {
    out.push_back('Z');
    return;
  }
  const int minutes = std::abs(offset / 60);
  out.push_back(offset / 60 < 0 ? '-' : '+');
  append_number(out, minutes / 60, 2);
  if (form.minutes) {
    if (form.colons) out.push_back(':');
    append_number(out, minutes % 60, 2);
  }
  if (form.seconds) {
    if (form.colons) out.push_back(':');
    append_number(out, std::abs(offset) % 60, 2);
  }
}

void append_zone_name(std::string& out, const core::ZoneOffset& offset) {
  if (offset.abbreviation.empty()) {
    append_zone(out, offset.seconds, "-0700");
  } else {
    out.append(offset.abbreviation);
  }
}

void append_element(std::string& out, const core::CivilTime& civil, Element element,
                    std::string_view text) {
  const auto month = kMonthNames[static_cast<std::size_t>(civil.month - 1)];
  const auto weekday = kDayNames[static_cast<std::size_t>(civil.weekday)];
  const int hour12 = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
  switch (element) {
    case Element::kNone: break;
    case Element::kLongYear: append_number(out, civil.year, 4); break;
    case Element::kYear: append_number(out, civil.year < 0 ? 0 : civil.year % 100, 2); break;
    case Element::kLongMonth: out.append(month); break;
    case Element::kMonth: out.append(month.substr(0, kShortName)); break;
    case Element::kNumMonth: append_number(out, civil.month, 1); break;
    case Element::kZeroMonth: append_number(out, civil.month, 2); break;
    case Element::kLongWeekday: out.append(weekday); break;
    case Element::kWeekday: out.append(weekday.substr(0, kShortName)); break;
    case Element::kDay: append_number(out, civil.day, 1); break;
    case Element::kUnderDay: append_number(out, civil.day, 2, ' '); break;
    case Element::kZeroDay: append_number(out, civil.day, 2); break;
    case Element::kUnderYearDay: append_number(out, civil.year_day, 3, ' '); break;
    case Element::kZeroYearDay: append_number(out, civil.year_day, 3); break;
    case Element::kHour: append_number(out, civil.hour, 2); break;
    case Element::kHour12: append_number(out, hour12, 1); break;
    case Element::kZeroHour12: append_number(out, hour12, 2); break;
    case Element::kMinute: append_number(out, civil.minute, 1); break;
    case Element::kZeroMinute: append_number(out, civil.minute, 2); break;
    case Element::kSecond: append_number(out, civil.second, 1); break;
    case Element::kZeroSecond: append_number(out, civil.second, 2); break;
    case Element::kUpperPm: out.append(civil.hour >= 12 ? "PM" : "AM"); break;
    case Element::kLowerPm: out.append(civil.hour >= 12 ? "pm" : "am"); break;
    case Element::kZoneName: append_zone_name(out, civil.offset); break;
    case Element::kZone: append_zone(out, civil.offset.seconds, text); break;
    case Element::kFractionZeros:
    case Element::kFractionNines: append_fraction(out, civil.nanos, text); break;
  }
}

}  // namespace

GoLayout::GoLayout(std::string_view layout) : layout_(layout) {
  parts_.reserve(8);
  std::size_t literal_begin = 0;
  for (std::size_t at = 0; at < layout_.size();) {
    const Match match = match_element(std::string_view(layout_).substr(at));
    if (match.element == Element::kNone) {
      ++at;
      continue;
    }
    const std::size_t begin = at + match.skip;
    at = begin + match.size;
    parts_.push_back({literal_begin, begin, at, match.element});
    literal_begin = at;
  }
}

void GoLayout::format(std::string& out, const core::Timestamp& time) const {
  const core::CivilTime civil = core::to_civil(time);
  for (const Part& part : parts_) {
    out.append(literal(part));
    append_element(out, civil, part.element, element_text(part));
  }
  out.append(tail());
}

void format_go_layout(std::string& out, const core::Timestamp& time, std::string_view layout) {
  if (layout == kRfc3339NanoLayout) {
    core::append_rfc3339(out, time);
    return;
  }
  GoLayout(layout).format(out, time);
}

}  // namespace weir::mapping::text
