// The part of the window operator that is about sessions: windows that grow and join.

#include <algorithm>

#include "core/duration.h"
#include "core/number_text.h"
#include "windowing/window_operator.h"

namespace weir::windowing {

core::Result<Micros> WindowOperator::gap_of(const Row& row) {
  auto value = reader_.expressions().value(*config_.gap_expression, *row.message);
  if (!value) return core::fail(std::move(value).error().with_context("evaluating `gap`"));
  std::optional<Micros> gap;
  if (value->is(core::Kind::kString)) {
    const auto duration = core::parse_duration(value->text(row.message->arena()));
    if (duration) gap = duration->count() / 1000;
  } else if (value->is(core::Kind::kInt)) {
    gap = value->as_int();
  } else if (value->is(core::Kind::kNumber)) {
    gap = core::json_int64(value->stored());
  }
  if (!gap || *gap < 0) {
    return core::invalid_data(
        "evaluating `gap`: expected a duration such as `10s`, or microseconds");
  }
  return *gap;
}

void WindowOperator::add_to_session(const Row& row, Micros gap, Output& out) {
  const Micros w = watermark(reader_.key());
  WindowKey* k = find_key(reader_.key());
  Window span{row.ts, add(row.ts, gap)};
  std::vector<std::size_t> touched;
  if (k != nullptr) {
    for (std::size_t i = 0; i < k->panes.size(); ++i) {
      const Window& other = k->panes[i].window;
      // Spans that touch are one session; joined ones reach further only to where they reached.
      if (other.start > add(row.ts, gap) || other.end < row.ts) continue;
      touched.push_back(i);
      span = {std::min(span.start, other.start), std::max(span.end, other.end)};
    }
  }
  if (add(add(span.end, 1), config_.lateness) <= w) {
    ++stats_.late;
    out.late(*row.message, row.ts, w);
    return;
  }
  if (k == nullptr) k = &key_state(reader_.key());
  std::size_t at = 0;
  if (touched.empty()) {
    while (at < k->panes.size() && k->panes[at].window.start < span.start) ++at;
    PaneState made;
    made.trigger = config_.trigger.initial();
    made.own = Cell(reader_.layout());
    k->panes.insert(k->panes.begin() + static_cast<std::ptrdiff_t>(at), std::move(made));
  } else {
    at = touched.front();
    PaneState& first = k->panes[at];
    for (std::size_t i = 1; i < touched.size(); ++i) {
      PaneState& other = k->panes[touched[i]];
      first.own.merge(other.own);
      first.index = std::max(first.index, other.index);
      first.fresh += other.fresh;
      first.last_ts = std::max(first.last_ts, other.last_ts);
      first.late_due = std::min(first.late_due, other.late_due);
      config_.trigger.merge(first.trigger, other.trigger);
      for (std::string& p : other.previous) first.previous.push_back(std::move(p));
    }
    for (std::size_t i = touched.size(); i-- > 1;) {
      k->panes.erase(k->panes.begin() + static_cast<std::ptrdiff_t>(touched[i]));
    }
  }
  PaneState& pane = k->panes[at];
  pane.window = span;
  pane.ended = over_at(pane) <= w;
  count_row(row, *k, pane, out);
  schedule(*k);
}

}  // namespace weir::windowing
