#include "core/duration.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/int128.h"
#include "core/quote.h"

namespace weir::core {
namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kNanosPerMinute = 60 * kNanosPerSecond;
constexpr std::int64_t kNanosPerHour = 60 * kNanosPerMinute;
constexpr std::int64_t kNanosPerDay = 24 * kNanosPerHour;
constexpr std::int64_t kNanosPerYear = 31'556'952 * kNanosPerSecond;  // 365.2425 days
constexpr std::int64_t kNanosPerMonth = kNanosPerYear / 12;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Text shown in an error, so that a huge input does not make a huge message.
std::string excerpt(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  return go_quoted(text.substr(0, kLongest)) + (text.size() > kLongest ? "..." : "");
}

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"\u00b5s", 1'000},  // micro sign
                                         {"\u03bcs", 1'000},  // Greek mu
                                         {"ms", 1'000'000},
                                         {"s", kNanosPerSecond},
                                         {"m", kNanosPerMinute},
                                         {"h", kNanosPerHour}}};

tl::unexpected<Error> bad_duration(std::string_view text, std::string_view why) {
  std::string message = "parsing duration ";
  message.append(excerpt(text)).append(": ").append(why);
  return invalid_data(std::move(message));
}

/// A decimal number as digits before and after the point, without leading zeros.
struct Decimal {
  std::string_view whole;
  std::string_view fraction;
  bool has_digits() const { return !whole.empty() || !fraction.empty(); }
};

/// Digits, then optionally a point and digits; `points` lists the accepted decimal points.
Decimal take_decimal(std::string_view& text, std::string_view points) {
  const auto take_digits = [&text] {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto size = static_cast<std::size_t>(end - text.begin());
    const std::string_view digits = text.substr(0, size);
    text.remove_prefix(size);
    return digits;
  };
  Decimal number;
  number.whole = take_digits();
  if (!text.empty() && points.find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
    number.fraction = take_digits();
  }
  return number;
}

/// The whole digits, or a value that no later check lets pass.
Int128 whole_value(const Decimal& number) {
  constexpr Int128 kTooBig = Int128{1} << 64;
  Int128 value = 0;
  for (const char c : number.whole) {
    value = value * 10 + (c - '0');
    if (value > kTooBig) return kTooBig;
  }
  return value;
}

/// The fraction times `unit`, rounded down.
std::int64_t fraction_of(const Decimal& number, std::int64_t unit) {
  constexpr std::size_t kDigits =
      18;  // finer digits are below a nanosecond for every unit up to a year
  Int128 value = 0;
  Int128 scale = 1;
  for (const char c : number.fraction.substr(0, kDigits)) {
    value = value * 10 + (c - '0');
    scale *= 10;
  }
  return static_cast<std::int64_t>(value * unit / scale);
}

void append_fraction(std::string& out, std::uint64_t fraction, int digits) {
  if (fraction == 0) return;
  std::array<char, 20> text{};
  for (int i = digits - 1; i >= 0; --i) {
    text[static_cast<std::size_t>(i)] = static_cast<char>('0' + fraction % 10);
    fraction /= 10;
  }
  std::size_t size = static_cast<std::size_t>(digits);
  while (text[size - 1] == '0') --size;
  out.push_back('.');
  out.append(text.data(), size);
}

void append_uint(std::string& out, std::uint64_t value) {
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

/// Below a second: one number in the largest unit that leaves a whole part.
void append_subsecond(std::string& out, std::uint64_t nanos) {
  if (nanos < 1'000) {
    append_uint(out, nanos);
    out.append("ns");
  } else if (nanos < 1'000'000) {
    append_uint(out, nanos / 1'000);
    append_fraction(out, nanos % 1'000, 3);
    out.append("\u00b5s");
  } else {
    append_uint(out, nanos / 1'000'000);
    append_fraction(out, nanos % 1'000'000, 6);
    out.append("ms");
  }
}

void append_seconds(std::string& out, std::uint64_t nanos) {
  append_uint(out, nanos / 1'000'000'000);
  append_fraction(out, nanos % 1'000'000'000, 9);
  out.push_back('s');
}

}  // namespace

Result<nanoseconds> parse_duration(std::string_view text) {
  constexpr std::string_view kExample = ", write for example `10s`, `500ms` or `1h30m`";
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  if (rest == "0") return nanoseconds{0};
  if (rest.empty()) return bad_duration(text, std::string("it is empty").append(kExample));

  Int128 total = 0;
  while (!rest.empty()) {
    const std::string_view at = rest;
    const Decimal number = take_decimal(rest, ".");
    if (!number.has_digits()) {
      return bad_duration(text, "expected a number at " + excerpt(at) + std::string(kExample));
    }
    const auto unit_end =
        std::find_if(rest.begin(), rest.end(), [](char c) { return c == '.' || is_digit(c); });
    const std::string_view name = rest.substr(0, static_cast<std::size_t>(unit_end - rest.begin()));
    if (name.empty()) return bad_duration(text, std::string("missing unit").append(kExample));
    const auto* const unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == name; });
    if (unit == kUnits.end()) {
      std::string why = "unknown unit " + excerpt(name);
      why.append(name == "d" ? ", a day is written `24h`" : ", use ns, us, ms, s, m or h");
      return bad_duration(text, why);
    }
    total += whole_value(number) * unit->nanos + fraction_of(number, unit->nanos);
    if (total > Int128{kInt64Max} + (negative ? 1 : 0)) {
      return bad_duration(text, "it is longer than the limit of about 292 years");
    }
    rest.remove_prefix(name.size());
  }
  return nanoseconds{static_cast<std::int64_t>(negative ? -total : total)};
}

void append_go_duration(std::string& out, nanoseconds duration) {
  const std::uint64_t nanos = magnitude(duration.count());
  if (nanos == 0) {
    out.append("0s");
    return;
  }
  if (duration.count() < 0) out.push_back('-');
  if (nanos < 1'000'000'000) {
    append_subsecond(out, nanos);
    return;
  }
  const std::uint64_t minutes = nanos / kNanosPerMinute;
  if (minutes >= 60) {
    append_uint(out, minutes / 60);
    out.push_back('h');
  }
  if (minutes > 0) {
    append_uint(out, minutes % 60);
    out.push_back('m');
  }
  append_seconds(out, nanos % kNanosPerMinute);
}

std::string to_go_duration(nanoseconds duration) {
  std::string out;
  append_go_duration(out, duration);
  return out;
}

std::string to_short_duration(nanoseconds duration) {
  const std::uint64_t nanos = magnitude(duration.count());
  if (nanos < 1'000'000'000) return to_go_duration(duration);
  std::string out;
  if (duration.count() < 0) out.push_back('-');
  const std::uint64_t minutes = nanos / kNanosPerMinute;
  if (minutes >= 60) {
    append_uint(out, minutes / 60);
    out.push_back('h');
  }
  if (minutes % 60 != 0) {
    append_uint(out, minutes % 60);
    out.push_back('m');
  }
  if (nanos % kNanosPerMinute != 0) append_seconds(out, nanos % kNanosPerMinute);
  return out;
}

namespace {

tl::unexpected<Error> bad_period(std::string_view text, std::string_view why) {
  std::string message(text.substr(0, 100));
  message.append(text.size() > 100 ? "...: " : ": ").append(why);
  return invalid_data(std::move(message));
}

std::string designator(char c, std::string_view rest) {
  std::string out("'");
  out.push_back(c);
  return out.append("' ").append(rest);
}

/// The fields of a period in the order of their designators; a letter may stand for two fields.
enum Field : unsigned { kYears, kMonths, kWeeks, kDays, kHours, kMinutes, kSeconds, kNoField };

Field field_of(char letter, bool clock) {
  switch (letter) {
    case 'Y': return kYears;
    case 'W': return kWeeks;
    case 'D': return kDays;
    case 'H': return kHours;
    case 'S': return kSeconds;
    case 'M': return clock ? kMinutes : kMonths;
    default: return kNoField;
  }
}

constexpr std::array<std::int64_t, 7> kFieldNanos = {
    kNanosPerYear, kNanosPerMonth,  7 * kNanosPerDay, kNanosPerDay,
    kNanosPerHour, kNanosPerMinute, kNanosPerSecond};

}  // namespace

Result<IsoPeriod> parse_iso_period(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  if (rest.empty()) return invalid_data("cannot parse a blank string as a period");
  if (rest.front() != 'P') return bad_period(text, "expected 'P' period mark at the start");
  rest.remove_prefix(1);

  IsoPeriod period;
  std::array<std::int64_t*, 4> calendar = {&period.years, &period.months, &period.weeks,
                                           &period.days};
  std::array<bool, 7> seen{};
  Int128 clock_nanos = 0;
  bool clock = false;
  bool any = false;
  char fraction_letter = 0;
  while (!rest.empty()) {
    if (rest.front() == 'T') {
      if (clock) return bad_period(text, "'T' designator cannot occur more than once");
      clock = true;
      rest.remove_prefix(1);
      continue;
    }
    const char first = rest.front();
    const bool field_negative = first == '-';
    if (field_negative) rest.remove_prefix(1);
    const Decimal number = take_decimal(rest, ".,");
    if (!number.has_digits()) {
      return bad_period(text, std::string("expected a number but found '") + first + "'");
    }
    if (rest.empty()) return bad_period(text, "missing designator at the end");
    const char letter = rest.front();
    const Field field = field_of(letter, clock);
    if (field == kNoField) {
      return bad_period(
          text, std::string("expected a designator Y, M, W, D, H, or S not '") + letter + "'");
    }
    rest.remove_prefix(1);
    const Int128 whole = whole_value(number);
    std::int64_t fraction = fraction_of(number, kFieldNanos[field]);
    if (fraction_letter != 0 && (whole != 0 || fraction != 0)) {
      std::string why("'");
      why.push_back(fraction_letter);
      why.append("' & ").append(designator(letter, "only the last field can have a fraction"));
      return bad_period(text, why);
    }
    if ((field >= kHours) != clock) {
      return bad_period(text, designator(letter, "designator cannot occur here"));
    }
    if (seen[field]) {
      return bad_period(text, designator(letter, "designator cannot occur more than once"));
    }
    seen[field] = true;
    any = true;
    if (!number.fraction.empty()) fraction_letter = letter;

    if (!fits_int64(whole)) return bad_period(text, "number invalid or out of range");
    const std::int64_t sign = negative != field_negative ? -1 : 1;
    if (field >= kHours) {
      clock_nanos += sign * (whole * kFieldNanos[field] + fraction);
      if (!fits_int64(clock_nanos)) return bad_period(text, "number invalid or out of range");
    } else {
      *calendar[field] = sign * static_cast<std::int64_t>(whole);
      if (fraction != 0) period.calendar_fraction_nanos = sign * fraction;
    }
  }
  if (!any) return bad_period(text, "expected 'Y', 'M', 'W', 'D', 'H', 'M', or 'S' designator");
  period.clock_nanos = static_cast<std::int64_t>(clock_nanos);
  return period;
}

Result<std::int64_t> approximate_nanos(const IsoPeriod& period) {
  const Int128 total =
      Int128{period.years} * kNanosPerYear + Int128{period.months} * kNanosPerMonth +
      Int128{period.weeks} * 7 * kNanosPerDay + Int128{period.days} * kNanosPerDay +
      period.calendar_fraction_nanos + period.clock_nanos;
  if (!fits_int64(total)) {
    return invalid_data("measuring a period: it is longer than the limit of about 292 years");
  }
  return static_cast<std::int64_t>(total);
}

}  // namespace weir::core
