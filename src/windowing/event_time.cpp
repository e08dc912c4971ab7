#include <cmath>

#include "config/mapping_fields.h"
#include "core/number_text.h"
#include "core/time.h"
#include "windowing/decimal.h"
#include "windowing/specs.h"

namespace weir::windowing {

using config::Node;
using config::ReadContext;
using config::Spec;

namespace {

struct WatermarkFields {
  std::optional<Span> max_lag;
  std::optional<Span> processing_time;
  config::Any field;
  config::Any punctuated;
  std::optional<bool> ascending;
  std::optional<bool> source;
  std::optional<bool> none;
  std::optional<Span> idle_after;
  std::optional<Span> max_future;
  std::optional<Span> max_drift;
  static const Spec<WatermarkFields>& spec() {
    static const auto made =
        Spec<WatermarkFields>()
            .field("max_lag", &WatermarkFields::max_lag,
                   {.doc = "The greatest time seen, less this."})
            .field("ascending", &WatermarkFields::ascending, {.doc = "As `max_lag: 0s`."})
            .field("field", &WatermarkFields::field,
                   {.doc = "Expression: each row says the watermark."})
            .field("punctuated", &WatermarkFields::punctuated,
                   {.doc = "Mapping: some rows say the watermark, null says nothing."})
            .field("processing_time", &WatermarkFields::processing_time,
                   {.doc = "The time of processing, less this."})
            .field("source", &WatermarkFields::source, {.doc = "The input says it."})
            .field("none", &WatermarkFields::none,
                   {.doc = "Never: windows close at the end of the input only."})
            .field("idle_after", &WatermarkFields::idle_after,
                   {.doc = "A partition that has been read to its end and was silent for this "
                           "long holds nobody up."})
            .field("max_future", &WatermarkFields::max_future,
                   {.doc = "Times further ahead of the clock are taken back to it. Not for finite "
                           "inputs."})
            .field("max_drift", &WatermarkFields::max_drift,
                   {.doc = "Partitions further ahead of the slowest wait."});
    return made;
  }
};

struct EventTimeFields {
  config::Any timestamp;
  std::string unit = "s";
  std::string on_invalid = "error";
  WatermarkFields watermark;
  std::optional<Span> max_future;
  std::optional<Span> max_drift;
  static const Spec<EventTimeFields>& spec() {
    static const auto made =
        Spec<EventTimeFields>()
            .field("timestamp", &EventTimeFields::timestamp,
                   {.doc = "Expression: when it happened. RFC 3339 text, a timestamp or a number.",
                    .required = true})
            .field("unit", &EventTimeFields::unit,
                   {.doc = "Unit of numbers.",
                    .options = {{"s"}, {"ms"}, {"us"}, {"ns"}, {"rfc3339"}}})
            .field("on_invalid", &EventTimeFields::on_invalid,
                   {.doc = "What becomes of a row without a usable time.",
                    .options = {{"error"}, {"drop"}, {"ingest_time"}}})
            .field("watermark", &EventTimeFields::watermark,
                   {.doc = "How far behind the newest row others may still come."})
            .field("max_future", &EventTimeFields::max_future,
                   {.doc = "As in `watermark`.", .advanced = true})
            .field("max_drift", &EventTimeFields::max_drift,
                   {.doc = "As in `watermark`.", .advanced = true});
    return made;
  }
};

std::optional<Micros> micros(const std::optional<Span>& span) {
  if (!span) return std::nullopt;
  return span->micros;
}

bool read_watermark(const WatermarkFields& fields, const Node& node, const ReadContext& context,
                    EventTimeConfig& out) {
  using Kind = WatermarkSpec::Kind;
  const bool field = node.find("field") != nullptr;
  const bool punctuated = node.find("punctuated") != nullptr;
  const int given = (fields.max_lag ? 1 : 0) + (fields.ascending ? 1 : 0) + (field ? 1 : 0) +
                    (punctuated ? 1 : 0) + (fields.processing_time ? 1 : 0) +
                    (fields.source ? 1 : 0) + (fields.none ? 1 : 0);
  if (given > 1) {
    context.error("S003", node.where, "more than one watermark strategy",
                  "one of max_lag, ascending, field, punctuated, processing_time, source, none");
    return false;
  }
  if (fields.max_lag) out.watermark = {Kind::kMaxLag, fields.max_lag->micros};
  if (fields.processing_time) {
    out.watermark = {Kind::kProcessingTime, fields.processing_time->micros};
  }
  if (out.watermark.lag < 0) {
    context.error("S004", node.where, "a lag is not negative");
    return false;
  }
  if (fields.source) out.watermark.kind = Kind::kSource;
  if (fields.none) out.watermark.kind = Kind::kNone;
  if (field || punctuated) {
    out.watermark.kind = Kind::kExpression;
    return detail::read_expression(field ? fields.field.node : fields.punctuated.node, context,
                                   out.watermark_expression);
  }
  return true;
}

core::Error no_time(std::string_view why) {
  return {core::ErrorCode::kInvalidData, "reading the event time: " + std::string(why)};
}

}  // namespace

std::shared_ptr<const EventTimeConfig> read_event_time(const Node& node,
                                                       const ReadContext& context) {
  EventTimeFields fields;
  if (!EventTimeFields::spec().read(node, context, fields)) return nullptr;
  auto out = std::make_shared<EventTimeConfig>();
  bool good =
      detail::read_expression(fields.timestamp.node, context.below("timestamp"), out->timestamp);
  using Unit = EventTimeConfig::Unit;
  out->unit = fields.unit == "ms"   ? Unit::kMillis
              : fields.unit == "us" ? Unit::kMicros
              : fields.unit == "ns" ? Unit::kNanos
                                    : Unit::kSeconds;
  using OnInvalid = EventTimeConfig::OnInvalid;
  out->on_invalid = fields.on_invalid == "drop"          ? OnInvalid::kDrop
                    : fields.on_invalid == "ingest_time" ? OnInvalid::kIngestTime
                                                         : OnInvalid::kError;
  if (const Node* const watermark = node.find("watermark")) {
    good = read_watermark(fields.watermark, *watermark, context.below("watermark"), *out) && good;
  }
  out->idle_after = micros(fields.watermark.idle_after);
  out->max_future = micros(fields.max_future ? fields.max_future : fields.watermark.max_future);
  out->max_drift = micros(fields.max_drift ? fields.max_drift : fields.watermark.max_drift);
  if (!good) return nullptr;
  return out;
}

core::Result<Micros> micros_of(core::Value value, EventTimeConfig::Unit unit,
                               core::Arena& scratch) {
  core::Result<Micros> out = kBeginning;
  if (value.is(core::Kind::kTimestamp)) {
    out = core::unix_micros(value.as_timestamp());
  } else if (value.is(core::Kind::kString)) {
    WEIR_TRY(const core::Timestamp time, core::parse_rfc3339(value.text(scratch)));
    out = core::unix_micros(time);
  } else if (value.is_number()) {
    const auto number = decimal_of(value);
    if (!number) return core::invalid_data("it is not a finite number");
    using Unit = EventTimeConfig::Unit;
    // In units of 10^shift microseconds.
    int shift = (unit == Unit::kSeconds  ? 6
                 : unit == Unit::kMillis ? 3
                 : unit == Unit::kMicros ? 0
                                         : -3) -
                number->scale;
    core::Int128 micros = number->coefficient;
    for (; shift > 0 && micros != 0; --shift) {
      if (__builtin_mul_overflow(micros, core::Int128{10}, &micros)) {
        return core::invalid_data("it is beyond all calendars");
      }
    }
    for (; shift < 0 && micros != 0 && micros != -1; ++shift) {
      const bool negative = micros < 0;
      const core::Int128 rest = micros % 10;
      micros /= 10;
      if (negative && rest != 0) --micros;
    }
    if (!core::fits_int64(micros)) return core::invalid_data("it is beyond all calendars");
    out = static_cast<Micros>(micros);
  } else {
    return core::invalid_data("it is neither a time nor a number");
  }
  if (out && (*out == kBeginning || *out == kEndOfTime)) {
    return core::invalid_data("it is beyond all calendars");
  }
  return out;
}

core::Result<Micros> EventTimeReader::time_of(const mapping::Mapping& expression,
                                              core::Message& message) {
  WEIR_TRY(const core::Value value, expressions_.value(expression, message));
  return micros_of(value, config_->unit, message.arena());
}

core::Result<std::optional<EventTimeReader::Read>> EventTimeReader::read(core::Message& message,
                                                                         Micros now) {
  core::Result<Micros> ts = time_of(*config_->timestamp, message);
  if (!ts) {
    switch (config_->on_invalid) {
      case EventTimeConfig::OnInvalid::kError: return core::fail(no_time(ts.error().message));
      case EventTimeConfig::OnInvalid::kDrop: return std::optional<Read>();
      case EventTimeConfig::OnInvalid::kIngestTime: ts = now; break;
    }
  }
  Read read;
  read.ts = *ts;
  if (config_->max_future) read.ts = std::min(read.ts, add(now, *config_->max_future));
  std::optional<Micros> said;
  if (config_->watermark_expression != nullptr) {
    auto value = expressions_.value(*config_->watermark_expression, message);
    if (!value) return core::fail(no_time(value.error().message));
    if (!value->is_null() && !value->is_marker()) {
      WEIR_TRY(said, micros_of(*value, config_->unit, message.arena()));
    }
  }
  read.watermark = candidate(config_->watermark, read.ts, now, said);
  return std::optional<Read>(read);
}

}  // namespace weir::windowing
