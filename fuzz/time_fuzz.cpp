// Layouts, strftime formats, durations, sizes, periods and zone files. The first byte chooses; a
// line break parts the rest into format and text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "core/byte_size.h"
#include "core/duration.h"
#include "core/time.h"
#include "core/tzif.h"
#include "mapping/text/calendar.h"
#include "mapping/text/go_layout.h"
#include "mapping/text/strftime.h"

namespace {

namespace core = weir::core;
namespace text = weir::mapping::text;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_rfc3339(std::string_view input) {
  const auto time = core::parse_rfc3339(input);
  const auto slow = text::GoLayout(text::kRfc3339NanoLayout).parse(input);
  if (!time) return;
  require(slow && *slow == *time);  // the quick way and the general one agree
  const auto again = core::parse_rfc3339(core::to_rfc3339(*time));
  // Only offsets of 24:01 and more are written in a way that is not read.
  require(!again || *again == *time);
}

void check_layout(std::string_view format, std::string_view input) {
  const text::GoLayout layout(format);
  const auto time = layout.parse(input);
  if (!time) return;
  std::string out;
  layout.format(out, *time);
  (void)layout.parse(out);
}

void check_strftime(std::string_view format, std::string_view input) {
  const auto time = text::parse_strptime(input, format);
  std::string out;
  (void)text::append_strftime(out, time ? *time : core::Timestamp{}, format);
}

void check_durations(std::string_view input) {
  if (const auto duration = core::parse_duration(input)) {
    require(core::parse_duration(core::to_go_duration(*duration)).value() == *duration);
    require(core::parse_duration(core::to_short_duration(*duration)).value() == *duration);
  }
  if (const auto size = core::parse_byte_size(input)) {
    require(core::parse_byte_size(core::to_string(*size)).value() == *size);
  }
  if (const auto period = core::parse_iso_period(input)) {
    (void)core::approximate_nanos(*period);
    (void)text::add_period(core::from_unix(1'600'000'000), *period);
    (void)text::subtract_period(core::from_unix(1'600'000'000), *period);
  }
}

void check_zone_file(std::string_view data) {
  auto rules = core::parse_tzif(data);
  if (!rules) return;
  const core::Zone zone("fuzz", std::make_unique<const core::ZoneRules>(*std::move(rules)));
  for (const std::int64_t at :
       {INT64_MIN, INT64_C(-5'000'000'000), INT64_C(0), INT64_C(4'000'000'000), INT64_MAX}) {
    require(std::abs(zone.at(at).seconds) <= 90'000);
    (void)zone.from_local(at);
    (void)zone.offset_of("EST", at);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t line = rest.find('\n');
  const std::string_view format = rest.substr(0, line);
  const std::string_view input = line == std::string_view::npos ? format : rest.substr(line + 1);
  switch (data[0] % 5) {
    case 0: check_rfc3339(rest); break;
    case 1: check_layout(format, input); break;
    case 2: check_strftime(format, input); break;
    case 3: check_durations(rest); break;
    default: check_zone_file(rest);
  }
  return 0;
}
