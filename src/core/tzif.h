#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::core {

/// When a yearly change happens, as in the rule `M3.2.0/2` (second Sunday of March, 2 o'clock).
struct ChangeRule {
  enum class Kind : std::uint8_t { kMonthWeekDay, kJulian, kZeroBased };
  Kind kind = Kind::kMonthWeekDay;
  int month = 1;  ///< 1..12
  int week = 1;   ///< 1..5, 5 is the last
  int day = 0;    ///< weekday 0..6, or day of the year: J1..J365 without Feb 29, 0..365
  std::int32_t seconds = 7200;  ///< local time of day; -167 h to 167 h
};

/// The text at the end of a zone file that continues it for ever: `EST5EDT,M3.2.0,M11.1.0`.
struct TailRule {
  std::int32_t standard_offset = 0;
  std::string standard_name;
  bool has_daylight = false;
  std::int32_t daylight_offset = 0;
  std::string daylight_name;
  ChangeRule to_daylight;
  ChangeRule to_standard;
};

/// The rules of one zone.
struct ZoneRules {
  struct Type {
    std::int32_t offset = 0;
    bool daylight = false;
    std::string name;
  };
  std::vector<Type> types;                ///< at least one; the first holds before all transitions
  std::vector<std::int64_t> transitions;  ///< ascending, unix seconds
  std::vector<std::uint8_t> transition_type;  ///< per transition the type that begins there
  std::optional<TailRule> tail;               ///< after the last transition
};

/// Reads a compiled zone file (TZif, RFC 9636, versions 1 to 4). Leap seconds are ignored.
/// Error kInvalidData: not such a file, cut short, or inconsistent.
[[nodiscard]] Result<ZoneRules> parse_tzif(std::string_view data);

/// Parses the rule of a TZ variable in POSIX form with the extensions of RFC 9636 (quoted names,
/// times beyond a day).
[[nodiscard]] Result<TailRule> parse_tail_rule(std::string_view text);

/// Unix seconds at which `rule` falls in `year`, for clocks that stand at `offset` before the
/// change.
[[nodiscard]] std::int64_t change_time(const ChangeRule& rule, std::int64_t year,
                                       std::int32_t offset);

/// True when daylight saving time holds at the instant.
[[nodiscard]] bool is_daylight(const TailRule& rule, std::int64_t unix_seconds);

}  // namespace weir::core
