#include "core/time.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/duration.h"
#include "core/time_zone.h"
#include "mapping/functions/all.h"
#include "mapping/registry.h"
#include "mapping/text/calendar.h"
#include "mapping/text/go_layout.h"
#include "mapping/text/strftime.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Result;
using core::Timestamp;
using core::Value;

constexpr TargetKinds kOnTime = kOnText | kOnNumber | kOnTimestamp;
constexpr std::string_view kTimeWords = "number or string";

Value boxed(Call& call, const Timestamp& time) {
  return Value::timestamp(call.arena().create<Timestamp>(time));
}

Value answered(Call& call, const Result<Timestamp>& time) {
  return time ? boxed(call, *time) : call.fail(time.error());
}

Value answered(Call& call, const Result<std::int64_t>& number) {
  return number ? Value::integer(*number) : call.fail(number.error());
}

Result<Timestamp> target_time(Call& call) {
  auto time = as_timestamp(call.target(), call.arena());
  // For the words that existing mappings look for.
  if (!time && is_text(call.target())) return text::parse_timestamp(call.target_text());
  return time;
}

// Text of the string that formatters append to.
Value copied(Call& call, const std::string& text) {
  char* const to = call.room(text.size());
  if (to == nullptr) return call.too_big();
  text.copy(to, text.size());
  return Value::string({to, text.size()});
}

std::string& scratch() {
  thread_local std::string text;
  text.clear();
  return text;
}

Result<const core::Zone*> zone_argument(const PrepareCall& call, std::size_t i) {
  if (!call.has(i)) return nullptr;
  auto zone = core::load_zone(call.text(i));
  if (!zone) {
    return core::fail(
        std::move(zone).error().with_context("failed to parse timezone location name"));
  }
  return *zone;
}

// ---- parsing

Result<Prepared> prepare_layout(const PrepareCall& call) {
  return std::make_shared<const text::GoLayout>(call.text(0));
}

Value as_rfc3339(Call& call, const Result<Timestamp>& time) {
  if (!time) return call.fail(time.error());
  char* const to = call.room(core::kMaxRfc3339);
  if (to == nullptr) return call.too_big();
  return Value::string({to, static_cast<std::size_t>(core::write_rfc3339(to, *time) - to)});
}

Result<Timestamp> parsed(Call& call) {
  return call.prepared<text::GoLayout>().parse(call.target_text());
}
Result<Timestamp> parsed_strptime(Call& call) {
  return text::parse_strptime(call.target_text(), call.text(0));
}

Value ts_parse(Call& call) {
  return answered(call, parsed(call));
}
Value ts_strptime(Call& call) {
  return answered(call, parsed_strptime(call));
}
Value parse_timestamp(Call& call) {
  return as_rfc3339(call, parsed(call));
}
Value parse_timestamp_strptime(Call& call) {
  return as_rfc3339(call, parsed_strptime(call));
}

Value parse_duration(Call& call) {
  const auto duration = core::parse_duration(call.target_text());
  if (!duration) return call.fail(duration.error());
  return Value::integer(duration->count());
}

Value parse_duration_iso8601(Call& call) {
  const auto period = core::parse_iso_period(call.target_text());
  if (!period) return call.fail(period.error());
  return answered(call, core::approximate_nanos(*period));
}

// ---- formatting

struct Format {
  text::GoLayout layout;
  const core::Zone* zone;  ///< null: the time's own
};

Result<Prepared> prepare_format(const PrepareCall& call) {
  WEIR_TRY(const core::Zone* const zone, zone_argument(call, 1));
  return std::make_shared<const Format>(Format{text::GoLayout(call.text(0)), zone});
}

Value ts_format(Call& call) {
  auto time = target_time(call);
  if (!time) return call.fail(time.error());
  const auto& format = call.prepared<Format>();
  if (format.zone != nullptr) time->zone = format.zone;
  std::string& out = scratch();
  format.layout.format(out, *time);
  return copied(call, out);
}

struct ZoneArgument {
  const core::Zone* zone;
};

Result<Prepared> prepare_strftime(const PrepareCall& call) {
  WEIR_TRY(const core::Zone* const zone, zone_argument(call, 1));
  return std::make_shared<const ZoneArgument>(ZoneArgument{zone});
}

Value ts_strftime(Call& call) {
  auto time = target_time(call);
  if (!time) return call.fail(time.error());
  if (const core::Zone* const zone = call.prepared<ZoneArgument>().zone) time->zone = zone;
  std::string& out = scratch();
  if (const core::Status done = text::append_strftime(out, *time, call.text(0)); !done) {
    return call.fail(done.error());
  }
  return copied(call, out);
}

Value ts_unix(Call& call) {
  const auto time = target_time(call);
  return time ? Value::integer(time->seconds) : call.fail(time.error());
}

template <Result<std::int64_t> (*Unit)(const Timestamp&)>
Value ts_unix_in(Call& call) {
  const auto time = target_time(call);
  return time ? answered(call, Unit(*time)) : call.fail(time.error());
}

// ---- computing

Result<Prepared> prepare_zone(const PrepareCall& call) {
  WEIR_TRY(const core::Zone* const zone, zone_argument(call, 0));
  return std::make_shared<const ZoneArgument>(ZoneArgument{zone});
}

Value ts_tz(Call& call) {
  const auto time = target_time(call);
  if (!time) return call.fail(time.error());
  return boxed(call, time->in(*call.prepared<ZoneArgument>().zone));
}

Value ts_round(Call& call) {
  const auto time = target_time(call);
  return time ? boxed(call, core::round_to(*time, call.integer(0))) : call.fail(time.error());
}

Value ts_sub(Call& call) {
  const auto time = target_time(call);
  if (!time) return call.fail(time.error());
  return Value::integer(core::nanos_between(*time, call.timestamp(0)));
}

Result<Prepared> prepare_period(const PrepareCall& call) {
  WEIR_TRY(const core::IsoPeriod period, core::parse_iso_period(call.text(0)));
  return std::make_shared<const core::IsoPeriod>(period);
}

template <Result<Timestamp> (*Move)(const Timestamp&, const core::IsoPeriod&)>
Value moved(Call& call) {
  const auto time = target_time(call);
  if (!time) return call.fail(time.error());
  return answered(call, Move(*time, call.prepared<core::IsoPeriod>()));
}

constexpr std::string_view kLayoutDoc =
    "The layout: how `Mon Jan 2 15:04:05 -0700 MST 2006` is written in it.";
constexpr std::string_view kStrftimeDoc =
    "The format, with directives such as `%Y-%m-%d %H:%M:%S`.";
constexpr std::string_view kZoneDoc =
    "`UTC`, `Local`, or a name of the IANA database such as `America/New_York`.";

Callable& time_method(Registry& registry, std::string_view name, TargetKinds on,
                      std::string_view words) {
  return registry.method(name).in(Category::kTime).on(on, words).folds();
}

void add_parsing(Registry& registry) {
  time_method(registry, "ts_parse", kOnText, "string")
      .status(Support::kBeta)
      .says(
          "Parses text to a timestamp along a layout that shows a reference time. Without a zone "
          "it is "
          "UTC.")
      .arg("format", ArgKind::kString, kLayoutDoc)
      .prepared_by(prepare_layout)
      .example("root.doc.timestamp = this.doc.timestamp.ts_parse(\"2006-Jan-02\")",
               R"({"doc":{"timestamp":"2020-Aug-14"}})",
               R"({"doc":{"timestamp":"2020-08-14T00:00:00Z"}})")
      .example(
          "root = this.ts_parse(\"2006-01-02\")", R"("2020/08/14")",
          "error: parsing time \"2020/08/14\" as \"2006-01-02\": cannot parse \"/08/14\" as \"-\"")
      .evaluates(ts_parse);

  time_method(registry, "ts_strptime", kOnText, "string")
      .status(Support::kBeta)
      .says("Parses text to a timestamp along a strptime format. Without a zone it is UTC.")
      .arg("format", ArgKind::kString, kStrftimeDoc)
      .example("root.doc.timestamp = this.doc.timestamp.ts_strptime(\"%Y-%b-%d %H:%M:%S.%f\")",
               R"({"doc":{"timestamp":"2020-Aug-14 11:50:26.371000"}})",
               R"({"doc":{"timestamp":"2020-08-14T11:50:26.371Z"}})")
      .example("root = this.ts_strptime(\"%Y\")", R"("2020 a")",
               "error: failed to parse \"2020 a\"")
      .evaluates(ts_strptime);

  registry.method("parse_timestamp")
      .in(Category::kDeprecated)
      .status(Support::kDeprecated)
      .says("Parses text along a layout and gives the time as RFC 3339 text. Use `ts_parse`.")
      .on(kOnText, "string")
      .arg("format", ArgKind::kString, kLayoutDoc)
      .prepared_by(prepare_layout)
      .folds()
      .example("root = this.parse_timestamp(\"2006-Jan-02\").type()", R"("2020-Aug-14")",
               "raw: string")
      .evaluates(parse_timestamp);

  registry.method("parse_timestamp_strptime")
      .in(Category::kDeprecated)
      .status(Support::kDeprecated)
      .says(
          "Parses text along a strptime format and gives the time as RFC 3339 text. Use "
          "`ts_strptime`.")
      .on(kOnText, "string")
      .arg("format", ArgKind::kString, kStrftimeDoc)
      .folds()
      .example("root = this.parse_timestamp_strptime(\"%Y-%b-%d\")", R"("2020-Aug-14")",
               "raw: 2020-08-14T00:00:00Z")
      .evaluates(parse_timestamp_strptime);

  time_method(registry, "parse_duration", kOnText, "string")
      .says(
          "Parses a duration such as `1h30m` or `1.5s` to nanoseconds. Units: `ns`, `us` (`µs`), "
          "`ms`, "
          "`s`, `m`, `h`.")
      .example("root.delay_for_ns = this.delay_for.parse_duration()", R"({"delay_for":"50us"})",
               R"({"delay_for_ns":50000})")
      .example("root.delay_for_ns = this.delay_for.parse_duration()", R"({"delay_for":5})",
               "error: expected string value, got number")
      .evaluates(parse_duration);

  time_method(registry, "parse_duration_iso8601", kOnText, "string")
      .status(Support::kBeta)
      .says(
          "Parses an ISO 8601 period such as `P3Y6M4DT12H30M5.3S` to nanoseconds. A year counts as "
          "365.2425 days, a month as a twelfth of it.")
      .example("root.delay_for_ns = this.delay_for.parse_duration_iso8601()",
               R"({"delay_for":"P3Y6M4DT12H30M5S"})", R"({"delay_for_ns":110839937000000000})")
      .example("root.delay_for_ns = this.delay_for.parse_duration_iso8601()",
               R"({"delay_for":"gibberish"})",
               "error: gibberish: expected 'P' period mark at the start")
      .evaluates(parse_duration_iso8601);
}

void add_formatting(Registry& registry) {
  time_method(registry, "ts_format", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says(
          "The time as text along a layout that shows a reference time. Unix seconds and RFC 3339 "
          "text "
          "are taken too; unix seconds show in the local zone unless another one is given.")
      .defaulted("format", ArgKind::kString, kLayoutDoc, text::kRfc3339NanoLayout.data())
      .optional("tz", ArgKind::kString, kZoneDoc)
      .prepared_by(prepare_format)
      .example("root.something_at = this.created_at.ts_format(\"2006-Jan-02 15:04:05\")",
               R"({"created_at":"2020-08-14T11:50:26.371Z"})",
               R"({"something_at":"2020-Aug-14 11:50:26"})")
      .example("root.at = this.created_at.ts_format(format: \"2006-Jan-02 15:04:05\", tz: \"UTC\")",
               R"({"created_at":1597405526})", R"({"at":"2020-Aug-14 11:45:26"})")
      .example("root.at = this.created_at.ts_format(tz: this.zone)",
               R"({"created_at":0,"zone":"Nope"})",
               "error: failed to parse timezone location name: unknown time zone Nope")
      .evaluates(ts_format);
  registry.method_alias("format_timestamp", "ts_format", Support::kDeprecated);

  time_method(registry, "ts_strftime", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says(
          "The time as text along a strftime format, with `%f` for microseconds. Unix seconds and "
          "RFC "
          "3339 text are taken too.")
      .arg("format", ArgKind::kString, kStrftimeDoc)
      .optional("tz", ArgKind::kString, kZoneDoc)
      .prepared_by(prepare_strftime)
      .example("root.something_at = this.created_at.ts_strftime(\"%Y-%b-%d %H:%M:%S.%f\", \"UTC\")",
               R"({"created_at":"2020-08-14T11:50:26.371Z"})",
               R"({"something_at":"2020-Aug-14 11:50:26.371000"})")
      .evaluates(ts_strftime);
  registry.method_alias("format_timestamp_strftime", "ts_strftime", Support::kDeprecated);

  time_method(registry, "ts_unix", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says("Whole seconds since 1970, rounded down.")
      .example("root.created_at_unix = this.created_at.ts_unix()",
               R"({"created_at":"2009-11-10T23:00:00Z"})", R"({"created_at_unix":1257894000})")
      .example("root = this.ts_unix()", R"("2020-01-01")", "error: parsing time \"2020-01-01\" as")
      .evaluates(ts_unix);
  registry.method_alias("format_timestamp_unix", "ts_unix", Support::kDeprecated);

  time_method(registry, "ts_unix_milli", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says("Milliseconds since 1970, rounded down.")
      .example("root.js_timestamp = this.event_time.ts_unix_milli()",
               R"({"event_time":"2020-08-14T11:45:26.123Z"})", R"({"js_timestamp":1597405526123})")
      .evaluates(ts_unix_in<core::unix_millis>);
  registry.method_alias("format_timestamp_unix_milli", "ts_unix_milli", Support::kDeprecated);

  time_method(registry, "ts_unix_micro", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says("Microseconds since 1970, rounded down.")
      .example("root.precise_time = this.timestamp.ts_unix_micro()",
               R"({"timestamp":"2020-08-14T11:45:26.123456Z"})",
               R"({"precise_time":1597405526123456})")
      .evaluates(ts_unix_in<core::unix_micros>);
  registry.method_alias("format_timestamp_unix_micro", "ts_unix_micro", Support::kDeprecated);

  time_method(registry, "ts_unix_nano", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says(
          "Nanoseconds since 1970; an error before 1677 and after 2262, where they do not fit 64 "
          "bits.")
      .example("root.precise_time = this.timestamp.ts_unix_nano()",
               R"({"timestamp":"2020-08-14T11:45:26.123456789Z"})",
               R"({"precise_time":1597405526123456789})")
      .evaluates(ts_unix_in<core::unix_nanos>);
  registry.method_alias("format_timestamp_unix_nano", "ts_unix_nano", Support::kDeprecated);
}

void add_computing(Registry& registry) {
  time_method(registry, "ts_tz", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says("The same instant, shown in another zone.")
      .arg("tz", ArgKind::kString, kZoneDoc)
      .prepared_by(prepare_zone)
      .example("root.created_at_ny = this.created_at.ts_tz(\"America/New_York\")",
               R"({"created_at":"2021-02-03T16:05:06Z"})",
               R"({"created_at_ny":"2021-02-03T11:05:06-05:00"})")
      .evaluates(ts_tz);

  time_method(registry, "ts_round", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says("The nearest multiple of a duration, halves up.")
      .arg("duration", ArgKind::kInt, "Nanoseconds; `parse_duration` makes them of text.")
      .example("root.created_at_hour = this.created_at.ts_round(\"1h\".parse_duration())",
               R"({"created_at":"2020-08-14T05:54:23Z"})",
               R"({"created_at_hour":"2020-08-14T06:00:00Z"})")
      .evaluates(ts_round);

  time_method(registry, "ts_sub", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says("The time minus another one, in nanoseconds; at most 292 years either way.")
      .arg("t2", ArgKind::kTimestamp, "The time to subtract.")
      .example("root.between = this.started_at.ts_sub(\"2020-08-14T05:54:23Z\").abs()",
               R"({"started_at":"2020-08-13T05:54:23Z"})", R"({"between":86400000000000})")
      .evaluates(ts_sub);

  time_method(registry, "ts_add_iso8601", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says(
          "The time plus an ISO 8601 period, on the calendar: days that a month does not have run "
          "over "
          "into the next one.")
      .arg("duration", ArgKind::kString, "The period, e.g. `P1Y2M3DT4H5M6S`.")
      .prepared_by(prepare_period)
      .example("root.next = this.created_at.ts_add_iso8601(\"P1M\")",
               R"({"created_at":"2020-01-31T00:00:00Z"})", R"({"next":"2020-03-02T00:00:00Z"})")
      .evaluates(moved<text::add_period>);

  time_method(registry, "ts_sub_iso8601", kOnTime, kTimeWords)
      .status(Support::kBeta)
      .says("The time minus an ISO 8601 period, on the calendar.")
      .arg("duration", ArgKind::kString, "The period, e.g. `P1Y2M3DT4H5M6S`.")
      .prepared_by(prepare_period)
      .example("root.last_year = this.created_at.ts_sub_iso8601(\"P1Y\")",
               R"({"created_at":"2020-08-14T05:54:23Z"})",
               R"({"last_year":"2019-08-14T05:54:23Z"})")
      .evaluates(moved<text::subtract_period>);
}

}  // namespace

void add_time(Registry& registry) {
  add_parsing(registry);
  add_formatting(registry);
  add_computing(registry);
}

}  // namespace weir::mapping
