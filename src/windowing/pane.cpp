#include "windowing/pane.h"

#include "windowing/key.h"

namespace weir::windowing {

using core::Value;

std::string_view name(PaneTiming timing) {
  switch (timing) {
    case PaneTiming::kEarly: return "early";
    case PaneTiming::kOnTime: return "on_time";
    case PaneTiming::kLate: return "late";
  }
  return "";
}

void PaneState::encode(const Layout& layout, const Trigger& trigger_of, Writer& out) const {
  out.number(spec);
  out.integer(window.start);
  out.integer(window.end);
  out.integer(index);
  out.flag(ended);
  out.number(fresh);
  out.integer(last_ts);
  out.integer(late_due);
  trigger_of.encode(trigger, out);
  out.flag(static_cast<bool>(own));
  if (own) layout.encode(own.state(), out);
  out.number(previous.size());
  for (const std::string& p : previous) out.text(p);
}

void PaneState::decode(const Layout& layout, const Trigger& trigger_of, Reader& in) {
  spec = static_cast<std::uint32_t>(in.number());
  window.start = in.integer();
  window.end = in.integer();
  index = in.integer();
  ended = in.flag();
  fresh = in.number();
  last_ts = in.integer();
  late_due = in.integer();
  trigger = trigger_of.decode(in);
  if (in.flag()) {
    own = Cell(layout);
    layout.decode(own.state(), in);
  }
  const std::size_t n = in.count();
  for (std::size_t i = 0; i < n && in.good(); ++i) previous.emplace_back(in.text());
}

PaneWriter::PaneWriter(std::string label, std::string_view component, Expression result, bool named,
                       bool retracts)
    : label_(std::move(label)),
      component_(component),
      result_(std::move(result)),
      named_(named),
      retracts_(retracts) {}

core::Result<Value> PaneWriter::document(std::string_view key, const Layout& layout,
                                         const std::byte* state, core::Arena& arena) {
  Value document = Value::object(arena, static_cast<std::uint32_t>(layout.entries().size()) + 1);
  core::append_member(document, Value::string("key"), read_key(arena.copy(key), arena), arena);
  WEIR_CHECK_OK(layout.results(state, document, arena));
  return document;
}

void PaneWriter::describe(const Pane& pane, bool retraction, core::Message& message) {
  core::Arena& arena = message.arena();
  if (pane.bounded) {
    message.set_metadata("window_start", timestamp_value(pane.window.start, arena));
    message.set_metadata("window_end", timestamp_value(pane.window.end, arena));
  }
  if (pane.last) message.set_metadata("window_last", timestamp_value(*pane.last, arena));
  if (named_) message.set_metadata("window", Value::string(arena.copy(pane.name)));
  message.set_metadata("pane_index", Value::integer(pane.index));
  message.set_metadata("pane_timing", Value::string(name(pane.timing)));
  if (retracts_) {
    message.set_metadata("op", Value::string(retraction ? "retract" : "insert"));
  }
  if (pane.watermark != kBeginning && pane.watermark != kEndOfTime) {
    message.set_metadata("watermark", timestamp_value(pane.watermark, arena));
  }
}

namespace {

/// Sorts results of one operator: by key, then window.
std::string source_of(const PaneWriter::Pane& pane) {
  Writer source;
  source.text(pane.key);
  source.ordered(pane.window.start);
  source.ordered(pane.window.end);
  source.number(pane.spec);
  return source.take();
}

}  // namespace

void PaneWriter::write(const Pane& pane, Value document, bool retraction, Expressions& expressions,
                       Output& out) {
  core::Message& message =
      out.emit(document, pane.ts, source_of(pane), pane.index * 2 + (retraction ? 0 : 1));
  describe(pane, retraction, message);
  if (result_ == nullptr) return;
  expressions.context().bind(message);
  auto verdict = result_->map(expressions.context(), message);
  if (!verdict) {
    message.fail(verdict.error().code, verdict.error().message, component_,
                 message.arena().copy(label_));
    out.mark_failed();
  } else if (*verdict == mapping::Verdict::kDeleted) {
    out.take_back();
  }
}

void PaneWriter::write_failed(const Pane& pane, const core::Error& error, Output& out) {
  core::Message& message = out.emit(Value::null(), pane.ts, source_of(pane), pane.index * 2 + 1);
  describe(pane, false, message);
  message.fail(error.code, error.message, component_, message.arena().copy(label_));
  out.mark_failed();
}

}  // namespace weir::windowing
