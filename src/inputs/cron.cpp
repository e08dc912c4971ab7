#include "inputs/cron.h"

#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "core/duration.h"

namespace weir::inputs {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

struct FieldKind {
  const char* name;
  int low;
  int high;
  std::array<std::string_view, 12> names;  // of low, low + 1, ...
};
constexpr FieldKind kSecond{"second", 0, 59, {}};
constexpr FieldKind kMinute{"minute", 0, 59, {}};
constexpr FieldKind kHour{"hour", 0, 23, {}};
constexpr FieldKind kDay{"day of month", 1, 31, {}};
constexpr FieldKind kMonth{
    "month",
    1,
    12,
    {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}};
constexpr FieldKind kWeekday{
    "day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}};

tl::unexpected<core::Error> bad(const FieldKind& kind, std::string_view text) {
  return core::invalid_config("`" + std::string(text) + "` is no " + kind.name + " (" +
                              std::to_string(kind.low) + " to " + std::to_string(kind.high) + ")");
}

core::Result<int> parse_number(const FieldKind& kind, std::string_view text) {
  std::string lower;
  for (const char c : text) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  for (std::size_t i = 0; i < kind.names.size(); ++i) {
    if (!kind.names[i].empty() && lower == kind.names[i]) return kind.low + static_cast<int>(i);
  }
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < kind.low ||
      number > kind.high) {
    return bad(kind, text);
  }
  return number;
}

// Sets the bits of `1-5/2,7`; `any`: a plain star was among them.
template <std::size_t kSize>
core::Status parse_field(const FieldKind& kind, std::string_view text, std::bitset<kSize>& bits,
                         bool& any) {
  any = false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    std::string_view part = text.substr(at, end - at);
    at = end + 1;
    int step = 1;
    bool stepped = false;
    if (const std::size_t slash = part.find('/'); slash != std::string_view::npos) {
      const std::string_view given = part.substr(slash + 1);
      const auto [stop, error] = std::from_chars(given.data(), given.data() + given.size(), step);
      if (error != std::errc() || stop != given.data() + given.size() || step < 1 ||
          step > kind.high) {
        return core::invalid_config("`" + std::string(given) + "` is no step of a " + kind.name);
      }
      part = part.substr(0, slash);
      stepped = true;
    }
    int low = kind.low;
    int high = kind.high;
    if (part == "*" || part == "?") {
      if (step == 1) any = true;
    } else if (const std::size_t dash = part.find('-'); dash != std::string_view::npos) {
      WEIR_TRY(low, parse_number(kind, part.substr(0, dash)));
      WEIR_TRY(high, parse_number(kind, part.substr(dash + 1)));
      if (high < low) return bad(kind, part);
    } else {
      WEIR_TRY(low, parse_number(kind, part));
      if (!stepped) high = low;
    }
    for (int i = low; i <= high; i += step)
      bits.set(static_cast<std::size_t>(&kind == &kWeekday && i == 7 ? 0 : i));
  }
  return {};
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

std::string_view long_form(std::string_view name) {
  if (name == "@yearly" || name == "@annually") return "0 0 1 1 *";
  if (name == "@monthly") return "0 0 1 * *";
  if (name == "@weekly") return "0 0 * * 0";
  if (name == "@daily" || name == "@midnight") return "0 0 * * *";
  if (name == "@hourly") return "0 * * * *";
  return "";
}

}  // namespace

core::Result<Cron> Cron::parse(std::string_view text) {
  std::vector<std::string_view> fields = words(text);
  Cron cron;
  cron.zone_ = &core::local_zone();
  if (!fields.empty() && (fields[0].starts_with("TZ=") || fields[0].starts_with("CRON_TZ="))) {
    WEIR_TRY(cron.zone_, core::load_zone(fields[0].substr(fields[0].find('=') + 1)));
    fields.erase(fields.begin());
  }
  if (fields.size() == 2 && fields[0] == "@every") {
    WEIR_TRY(cron.period_, core::parse_duration(fields[1]));
    if (cron.period_ < std::chrono::seconds(1))
      return core::invalid_config("`@every` wants a second or more");
    return cron;
  }
  if (fields.size() == 1 && fields[0].starts_with('@')) {
    const std::string_view meant = long_form(fields[0]);
    if (meant.empty())
      return core::invalid_config("`" + std::string(fields[0]) +
                                  "` is no schedule; there are `@every 5s`, `@hourly`, `@daily`, "
                                  "`@weekly`, `@monthly`, `@yearly`");
    fields = words(meant);
  }
  if (fields.size() != 5 && fields.size() != 6) {
    return core::invalid_config("a cron schedule has 5 fields, or 6 with seconds; got " +
                                std::to_string(fields.size()));
  }
  bool any = false;
  if (fields.size() == 6) {
    WEIR_CHECK_OK(parse_field(kSecond, fields[0], cron.seconds_, any));
    fields.erase(fields.begin());
  } else {
    cron.seconds_.set(0);
  }
  WEIR_CHECK_OK(parse_field(kMinute, fields[0], cron.minutes_, any));
  WEIR_CHECK_OK(parse_field(kHour, fields[1], cron.hours_, any));
  WEIR_CHECK_OK(parse_field(kDay, fields[2], cron.days_, cron.any_day_));
  WEIR_CHECK_OK(parse_field(kMonth, fields[3], cron.months_, any));
  WEIR_CHECK_OK(parse_field(kWeekday, fields[4], cron.weekdays_, cron.any_weekday_));
  return cron;
}

bool Cron::day_matches(const core::CivilTime& time) const {
  const bool day = days_[static_cast<std::size_t>(time.day)];
  const bool weekday = weekdays_[static_cast<std::size_t>(time.weekday)];
  return any_day_ || any_weekday_ ? day && weekday : day || weekday;
}

std::optional<std::int64_t> Cron::next(std::int64_t unix_nanos) const {
  if (period_.count() > 0) return unix_nanos + period_.count();
  // Steps over what cannot match: a day, an hour, a minute, a second at a time.
  std::int64_t at = core::from_unix_nanos(unix_nanos).seconds + 1;
  const std::int64_t limit = at + std::int64_t{5} * 366 * 86400;
  while (at < limit) {
    const core::CivilTime time = core::to_civil(core::from_unix(at, 0, zone_));
    std::int64_t skip = 0;
    if (!months_[static_cast<std::size_t>(time.month)] || !day_matches(time)) {
      // To the next midnight, with a look at the hour before it: days of 23 or 25 hours.
      skip = 86400 - (time.hour * 3600 + time.minute * 60 + time.second);
      if (skip > 7200) skip -= 3600;
    } else if (!hours_[static_cast<std::size_t>(time.hour)]) {
      skip = 900 - (time.minute * 60 + time.second) % 900;  // offsets change by quarters of an hour
    } else if (!minutes_[static_cast<std::size_t>(time.minute)]) {
      skip = 60 - time.second;
    } else if (!seconds_[static_cast<std::size_t>(time.second)]) {
      skip = 1;
    }
    if (skip == 0) return at * kNanosPerSecond;
    at += skip;
  }
  return std::nullopt;
}

}  // namespace weir::inputs
