#include <cstdint>

#include "core/int128.h"
#include "core/time.h"
#include "mapping/functions/all.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

Value now(Call& call) {
  core::Timestamp time = core::from_unix_nanos(call.clock().wall_nanos());
  time.zone = &core::local_zone();
  char* const text = call.room(core::kMaxRfc3339);
  if (text == nullptr) return call.too_big();
  return Value::string({text, static_cast<std::size_t>(core::write_rfc3339(text, time) - text)});
}

template <std::int64_t kNanos>
Value unix_time(Call& call) {
  return Value::integer(core::floor_div(call.clock().wall_nanos(), kNanos).quotient);
}

Callable& add_unix(Registry& registry, std::string_view name, std::string_view doc) {
  return registry.function(name).in(Category::kEnvironment).says(doc).nondeterministic();
}

}  // namespace

void add_clock(Registry& registry) {
  registry.function("now")
      .in(Category::kEnvironment)
      .says(
          "The current time as text: RFC 3339 with nanoseconds, in the local zone. `ts_format` "
          "shows it "
          "in other forms.")
      .nondeterministic()
      .example("root.is_late = now() > \"2020\"", "{}", R"({"is_late":true})")
      .evaluates(now);

  add_unix(registry, "timestamp_unix", "The current time in whole seconds since 1970.")
      .example("root.is_past = timestamp_unix() > 0", "{}", R"({"is_past":true})")
      .evaluates(unix_time<1'000'000'000>);
  add_unix(registry, "timestamp_unix_milli", "The current time in milliseconds since 1970.")
      .example("root.is_past = timestamp_unix_milli() > 0", "{}", R"({"is_past":true})")
      .evaluates(unix_time<1'000'000>);
  add_unix(registry, "timestamp_unix_micro", "The current time in microseconds since 1970.")
      .example("root.is_past = timestamp_unix_micro() > 0", "{}", R"({"is_past":true})")
      .evaluates(unix_time<1'000>);
  add_unix(registry, "timestamp_unix_nano", "The current time in nanoseconds since 1970.")
      .example("root.is_past = timestamp_unix_nano() > 0", "{}", R"({"is_past":true})")
      .evaluates(unix_time<1>);
}

}  // namespace weir::mapping
