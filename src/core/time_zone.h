#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::core {

struct ZoneRules;

/// What a zone says about one instant.
struct ZoneOffset {
  std::int32_t seconds = 0;  ///< local time minus UTC
  bool daylight = false;     ///< summer time
  std::string_view
      abbreviation;  ///< `CEST`; may be empty for a fixed offset; lives as long as the zone
};

/// A time zone: UTC, a fixed offset, or one of the IANA database. Never destroyed once handed out,
/// so a plain pointer is a lasting reference, and two pointers are equal when the zones are the
/// same. Thread-safe.
class Zone {
 public:
  explicit Zone(std::string name, std::unique_ptr<const ZoneRules> rules);
  ~Zone();
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  /// `UTC`, `Europe/Berlin`, the abbreviation of a fixed offset (may be empty).
  [[nodiscard]] std::string_view name() const { return name_; }

  [[nodiscard]] ZoneOffset at(std::int64_t unix_seconds) const;

  /// The instant at which clocks of the zone show `local_seconds` (seconds since 1970 as if the
  /// zone were UTC). A time that occurs twice or not at all resolves to one of the two offsets in
  /// question.
  [[nodiscard]] std::int64_t from_local(std::int64_t local_seconds) const;

  /// The offset that `abbreviation` stands for around a local time, if the zone knows it.
  [[nodiscard]] std::optional<std::int32_t> offset_of(std::string_view abbreviation,
                                                      std::int64_t local_seconds) const;

 private:
  std::string name_;
  std::unique_ptr<const ZoneRules> rules_;
};

[[nodiscard]] const Zone& utc_zone();

/// A zone with one offset (at most 25 h either way) and an optional abbreviation of up to 8 bytes.
///
/// The set is bounded, because offsets and abbreviations come out of data: when it is full, a new
/// abbreviation is left out, and a new offset is taken to the whole minute.
[[nodiscard]] const Zone& fixed_zone(std::int32_t offset_seconds,
                                     std::string_view abbreviation = {});

/// A zone by name: empty or `UTC`, `Local` (see local_zone), or one of the IANA database, which is
/// read once from the system's zoneinfo folder.
/// Error kNotFound: `unknown time zone X`.
[[nodiscard]] Result<const Zone*> load_zone(std::string_view name);

/// As the TZ environment variable has it: null or empty is UTC, a leading colon is dropped.
[[nodiscard]] Result<const Zone*> zone_from_tz(const char* value);

/// The zone that times without one are shown in. UTC until set; set it once, at start.
[[nodiscard]] const Zone& local_zone();
void set_local_zone(const Zone& zone);

}  // namespace weir::core
