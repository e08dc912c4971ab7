#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/context.h"
#include "config/field_types.h"
#include "config/spec.h"
#include "windowing/operator.h"
#include "windowing/row_reader.h"
#include "windowing/watermark.h"
#include "windowing/window_operator.h"

/// The YAML of time and of the stateful processors: reading, checking (rules S001 to S014 as far as
/// one processor shows them), and making operators from it.
namespace weir::windowing {

/// A span of time in a configuration: a duration; whole days may be written `30d`.
struct Span {
  Micros micros = 0;
};

/// A stateful processor as configured: immutable, may make any number of operators (shards).
struct OperatorPlan {
  std::string label;
  std::string type;
  std::function<std::unique_ptr<Operator>()> make;
  std::string late_output;  ///< label of an output resource; empty: late rows are counted and gone
};

/// Names of processors that are read here.
[[nodiscard]] bool is_operator(std::string_view type);

/// Reads `{label: .., window: {..}}` and its like; reports every mistake; null when there was one.
[[nodiscard]] std::shared_ptr<const OperatorPlan> read_operator(const config::Node& node,
                                                                const config::ReadContext& context);

/// `event_time` of an input.
struct EventTimeConfig {
  enum class Unit : std::uint8_t { kSeconds, kMillis, kMicros, kNanos };
  enum class OnInvalid : std::uint8_t { kError, kDrop, kIngestTime };
  Expression timestamp;
  Unit unit = Unit::kSeconds;  ///< of numbers; texts are RFC 3339
  OnInvalid on_invalid = OnInvalid::kError;
  WatermarkSpec watermark;
  Expression watermark_expression;
  std::optional<Micros> idle_after;
  std::optional<Micros> max_future;
  std::optional<Micros> max_drift;
};
[[nodiscard]] std::shared_ptr<const EventTimeConfig> read_event_time(
    const config::Node& node, const config::ReadContext& context);

/// Takes event times out of messages, on one thread.
class EventTimeReader {
 public:
  explicit EventTimeReader(std::shared_ptr<const EventTimeConfig> config)
      : config_(std::move(config)) {}

  struct Read {
    Micros ts = 0;
    std::optional<Micros> watermark;  ///< what the row proposes for its partition
  };
  /// Nothing: the row is to be dropped (`on_invalid: drop`). Error kInvalidData: the row's. `now`
  /// is used by `ingest_time`, `max_future` (which holds times back to `now + max_future`) and
  /// `processing_time`.
  [[nodiscard]] core::Result<std::optional<Read>> read(core::Message& message, Micros now);

 private:
  [[nodiscard]] core::Result<Micros> time_of(const mapping::Mapping& expression,
                                             core::Message& message);
  std::shared_ptr<const EventTimeConfig> config_;
  Expressions expressions_;
};

/// Microseconds of a value: timestamps, RFC 3339 text, numbers in the unit. Rounded down.
[[nodiscard]] core::Result<Micros> micros_of(core::Value value, EventTimeConfig::Unit unit,
                                             core::Arena& scratch);

namespace detail {

/// Reads an expression or mapping; false when it was wrong (reported).
bool read_expression(const config::Node& node, const config::ReadContext& context, Expression& out);
/// `24h`, `30d`; reports what is wrong.
bool read_span(const config::Node& node, const config::ReadContext& context, Micros& out);
/// `none`, a span (event time), `{event_time: span}`, `{processing: span}`.
bool read_lifetime(const config::Node& node, const config::ReadContext& context, Lifetime& out);
bool read_aggregates(const config::Node& node, const config::ReadContext& context,
                     std::vector<AggregateField>& out);
bool read_trigger(const config::Node& node, const config::ReadContext& context, Trigger& out);

}  // namespace detail

}  // namespace weir::windowing

namespace weir::config {

template <>
struct FieldType<windowing::Span> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kDuration; }
  static bool read(const Node& node, const ReadContext& context, windowing::Span& out) {
    return windowing::detail::read_span(node, context, out.micros);
  }
  static std::string default_json(const windowing::Span& value) {
    return detail::json_text(detail::duration_text(std::chrono::microseconds(value.micros)));
  }
};

}  // namespace weir::config
