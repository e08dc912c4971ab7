#include "windowing/window_operator.h"

#include <algorithm>
#include <tuple>

#include "core/duration.h"
#include "core/number_text.h"

namespace weir::windowing {

using core::Value;

WindowOperator::WindowOperator(WindowConfig config)
    : KeyedOperator(config.key_groups),
      config_(std::move(config)),
      reader_(config_.key, config_.aggregates),
      writer_(config_.label, "window", config_.result, config_.specs.size() > 1,
              config_.mode == PaneMode::kRetract),
      sliced_(config_.kind == Kind::kAssigned && config_.trigger.plain() &&
              !config_.trigger.only() && reader_.layout().merges()) {}

Micros WindowOperator::watermark_out() const {
  const Micros w = input_watermark();
  // A session is over one microsecond behind its reported end, and its result is on time there.
  return config_.kind == Kind::kSession && w != kEndOfTime ? sub(w, 1) : w;
}

void WindowOperator::on_row(const Row& row, Output& out) {
  ++stats_.rows;
  core::Status readable = reader_.read(row);
  core::Result<Micros> gap = config_.gap;
  if (readable && config_.gap_expression != nullptr) {
    gap = gap_of(row);
    if (!gap) readable = core::fail(gap.error());
  }
  if (!readable) {
    ++stats_.failed;
    out.fail(*row.message, row.origin, readable.error(), "window", config_.label);
    return;
  }
  if (config_.kind == Kind::kSession) {
    add_to_session(row, *gap, out);
    return;
  }
  if (sliced_) {
    const std::uint64_t hash = hash_bytes(reader_.key());
    // A row that is not behind the watermark is in time for all its windows.
    if (row.ts >= watermark(hash)) {
      add_in_time(row.ts, hash);
      return;
    }
  }
  targets_.clear();
  if (global()) {
    targets_.push_back({0, {kBeginning, kEndOfTime}});
  } else {
    for (std::uint32_t spec = 0; spec < config_.specs.size(); ++spec) {
      windows_.clear();
      config_.specs[spec].assigner->windows(row.ts, windows_);
      for (const Window& w : windows_) targets_.push_back({spec, w});
    }
    if (targets_.empty()) {
      ++stats_.filtered;
      return;
    }
    const Micros w = watermark(reader_.key());
    const std::size_t all = targets_.size();
    std::erase_if(targets_,
                  [&](const Target& t) { return add(t.window.end, config_.lateness) <= w; });
    if (targets_.empty()) {
      ++stats_.late;
      out.late(*row.message, row.ts, w);
      return;
    }
    if (targets_.size() != all) ++stats_.late_partial;
  }
  WindowKey& k = key_state(reader_.key());
  if (sliced_) {
    add_to_slices(row, k, out);
  } else {
    add_to_panes(row, k, out);
  }
  schedule(k);
}

/// The slice of a time, made if need be; null in a gap between windows.
WindowKey::Slice* WindowOperator::slice_of(WindowKey& k, Micros ts, bool& made) const {
  auto at = k.slices.end();
  while (at != k.slices.begin() && std::prev(at)->span.start > ts) --at;
  made = false;
  if (at != k.slices.begin() && std::prev(at)->span.end > ts) return &*std::prev(at);
  if (slice_end(ts) == kBeginning) return nullptr;
  Window span{kBeginning, kEndOfTime};
  for (const WindowConfig::Spec& spec : config_.specs) {
    const Window s = spec.assigner->slice(ts);
    span = {std::max(span.start, s.start), std::min(span.end, s.end)};
  }
  made = true;
  return &*k.slices.insert(at, {span, Cell(reader_.layout())});
}

bool WindowOperator::add_row(std::string_view key, Micros ts, const std::vector<Value>& arguments) {
  const std::uint64_t hash = hash_bytes(key);
  if (!sliced_ || reader_.layout().needs_rank() || ts < watermark(hash)) return false;
  ++stats_.rows;
  if (scratch_.footprint() > (1U << 20)) scratch_.release();
  reader_.set(key, arguments, ts, scratch_);
  add_in_time(ts, hash);
  return true;
}

void WindowOperator::add_in_time(Micros ts, std::uint64_t hash) {
  WindowKey& k = key_state(reader_.key(), hash);
  bool made = false;
  WindowKey::Slice* const slice = slice_of(k, ts, made);
  if (slice == nullptr) {
    ++stats_.filtered;
    if (k.slices.empty()) schedule(k);
    return;
  }
  add_to_slice(k, *slice);
  if (made) schedule(k);
}

void WindowOperator::add_to_slices(const Row& row, WindowKey& k, Output& out) {
  bool made = false;
  WindowKey::Slice* const slice = slice_of(k, row.ts, made);
  if (slice != nullptr) add_to_slice(k, *slice);
  const Micros w = watermark(k);
  std::erase_if(targets_, [w](const Target& t) { return t.window.end > w; });
  std::sort(targets_.begin(), targets_.end(), [](const Target& a, const Target& b) {
    return std::tie(a.window.end, a.window.start, a.spec) <
           std::tie(b.window.end, b.window.start, b.spec);
  });
  for (const Target& t : targets_) {  // fired already, but not forgotten
    PaneState& pane = pane_of(k, t.spec, t.window);
    pane.ended = true;
    if (config_.mode == PaneMode::kDiscard) {
      if (!pane.own) pane.own = Cell(reader_.layout());
      reader_.add_to(pane.own);
    }
    ++pane.fresh;
    emit_late(k, pane, out);
  }
}

void WindowOperator::add_to_panes(const Row& row, WindowKey& k, Output& out) {
  if (global() && expired(k)) k.panes.clear();
  k.touched = std::max(k.touched, config_.ttl.processing_time ? now() : row.ts);
  std::sort(targets_.begin(), targets_.end(), [](const Target& a, const Target& b) {
    return std::tie(a.window.end, a.window.start, a.spec) <
           std::tie(b.window.end, b.window.start, b.spec);
  });
  for (const Target& t : targets_) count_row(row, k, pane_of(k, t.spec, t.window), out);
}

void WindowOperator::count_row(const Row& row, WindowKey& k, PaneState& pane, Output& out) {
  if (!pane.own) pane.own = Cell(reader_.layout());
  reader_.add_to(pane.own);
  ++pane.fresh;
  pane.last_ts = global() ? row.ts : std::max(pane.last_ts, row.ts);
  const bool past_end = !global() && over_at(pane) <= watermark(k);
  const bool fired = trigger_row(row, k, pane);
  if (past_end) {
    pane.ended = true;
    if (fired || !config_.trigger.only()) emit_late(k, pane, out);
  } else if (fired) {
    fire(k, pane, PaneTiming::kEarly, out);
  }
}

PaneState& WindowOperator::pane_of(WindowKey& k, std::uint32_t spec, const Window& window) {
  const auto order = [](const PaneState& p) {
    return std::make_tuple(p.window.end, p.window.start, p.spec);
  };
  const auto wanted = std::make_tuple(window.end, window.start, spec);
  auto at = std::lower_bound(k.panes.begin(), k.panes.end(), wanted,
                             [&](const PaneState& p, const auto& w) { return order(p) < w; });
  if (at == k.panes.end() || order(*at) != wanted) {
    PaneState made;
    made.spec = spec;
    made.window = window;
    made.trigger = config_.trigger.initial();
    at = k.panes.insert(at, std::move(made));
  }
  return *at;
}

bool WindowOperator::trigger_row(const Row& row, WindowKey& k, PaneState& pane) {
  Trigger::Event event;
  event.ts = row.ts;
  event.watermark = watermark(k);
  event.now = now();
  event.past_end = !global() && over_at(pane) <= event.watermark;
  const std::function<bool(const mapping::Mapping&)> holds = [&](const mapping::Mapping& when) {
    core::Arena arena;
    const auto document = writer_.document(k.key, reader_.layout(), pane.own.state(), arena);
    if (!document) return false;
    reader_.expressions().context().bind_arena(arena);
    const auto answer = when.check(reader_.expressions().context(), *document);
    return answer && *answer;
  };
  event.holds = &holds;
  return config_.trigger.step(pane.trigger, event);
}

void WindowOperator::emit_late(WindowKey& k, PaneState& pane, Output& out) {
  if (config_.late_every == 0) {
    fire(k, pane, PaneTiming::kLate, out);
  } else if (pane.late_due == kEndOfTime) {
    pane.late_due = add(floor_to(now(), config_.late_every), config_.late_every);
  }
}

/// Folds the slices of a window, always in the same association (see Assigner::pivot): those before
/// the pivot from the right, those behind it from the left. Of windows with many slices the parts
/// are kept, so that each slice is folded about twice however many windows it is in.
Cell WindowOperator::combine(WindowKey& k, std::uint32_t spec, const Window& window) const {
  constexpr std::ptrdiff_t kMany = 4;
  const auto starts_before = [](const WindowKey::Slice& s, Micros t) { return s.span.start < t; };
  const auto begin =
      std::lower_bound(k.slices.begin(), k.slices.end(), window.start, starts_before);
  const auto end = std::lower_bound(begin, k.slices.end(), window.end, starts_before);
  const Micros pivot_at = config_.specs[spec].assigner->pivot(window);
  const auto pivot = std::lower_bound(begin, end, pivot_at, starts_before);

  WindowKey::Fold once;
  const bool keep = end - begin > kMany;
  if (keep && k.folds.empty()) k.folds.resize(config_.specs.size());
  WindowKey::Fold& fold = keep ? k.folds[spec] : once;
  const bool covered =
      begin == pivot || (!fold.left.empty() && fold.left.front().first <= begin->span.start);
  if (fold.pivot != pivot_at || fold.right_end > window.end || !covered) {
    fold = WindowKey::Fold();
    fold.pivot = pivot_at;
    for (auto at = pivot; at != begin;) {
      --at;
      Cell folded = at->cell.copy();
      if (!fold.left.empty()) folded.merge(fold.left.back().second);
      fold.left.emplace_back(at->span.start, std::move(folded));
    }
    std::reverse(fold.left.begin(), fold.left.end());
    fold.right_end = pivot_at;
  }
  for (auto at = std::lower_bound(pivot, end, fold.right_end, starts_before); at != end; ++at) {
    if (fold.right) {
      fold.right.merge(at->cell);
    } else {
      fold.right = at->cell.copy();
    }
  }
  fold.right_end = std::max(fold.right_end, window.end);

  Cell whole;
  if (begin != pivot) {
    const auto left =
        std::lower_bound(fold.left.begin(), fold.left.end(), begin->span.start,
                         [](const auto& entry, Micros start) { return entry.first < start; });
    whole = left->second.copy();
    if (fold.right) whole.merge(fold.right);
  } else if (fold.right) {
    whole = fold.right.copy();
  }
  return whole;
}

void WindowOperator::add_to_slice(WindowKey& k, WindowKey::Slice& slice) {
  reader_.add_to(slice.cell);
  for (WindowKey::Fold& fold : k.folds) {
    if (slice.span.start < fold.right_end) fold.pivot = kBeginning;
  }
}

void WindowOperator::fire(WindowKey& k, PaneState& pane, PaneTiming timing, Output& out) {
  if (sliced_ && (config_.mode != PaneMode::kDiscard || timing != PaneTiming::kLate)) {
    const Cell whole = combine(k, pane.spec, pane.window);
    if (whole) emit(k, pane, whole.state(), timing, out);
    return;
  }
  // Nothing new: an empty pane says nothing.
  if (config_.mode == PaneMode::kDiscard && pane.fresh == 0) return;
  if (pane.own) emit(k, pane, pane.own.state(), timing, out);
}

void WindowOperator::emit(WindowKey& k, PaneState& pane, const std::byte* state, PaneTiming timing,
                          Output& out) {
  PaneWriter::Pane about;
  about.key = k.key;
  about.spec = pane.spec;
  if (pane.spec < config_.specs.size()) about.name = config_.specs[pane.spec].name;
  about.bounded = !global();
  about.window = pane.window;
  about.ts = global() ? pane.last_ts : sub(pane.window.end, 1);
  about.index = pane.index;
  about.timing = timing;
  about.watermark = std::max(input_watermark(), watermark(k));
  if (config_.kind == Kind::kSession) about.last = pane.last_ts;

  auto document = writer_.document(k.key, reader_.layout(), state, out.arena());
  if (config_.mode == PaneMode::kRetract) {
    for (const std::string& previous : pane.previous) {
      Reader in(out.arena().copy(previous));
      PaneWriter::Pane taken_back = about;
      taken_back.window.start = in.integer();
      taken_back.window.end = in.integer();
      taken_back.ts = sub(taken_back.window.end, 1);
      if (global()) taken_back.ts = about.ts;
      writer_.write(taken_back, read_value(in, out.arena()), true, reader_.expressions(), out);
    }
    pane.previous.clear();
    if (document) {
      Writer written;
      written.integer(pane.window.start);
      written.integer(pane.window.end);
      if (write_value(*document, out.arena(), written)) pane.previous.push_back(written.take());
    }
  }
  if (document) {
    writer_.write(about, *document, false, reader_.expressions(), out);
  } else {
    writer_.write_failed(about, document.error(), out);
  }
  ++pane.index;
  pane.fresh = 0;
  pane.late_due = kEndOfTime;
  config_.trigger.reset(pane.trigger, config_.mode == PaneMode::kDiscard);
  if (config_.mode == PaneMode::kDiscard) pane.own = Cell(reader_.layout());
}

void WindowOperator::due(std::vector<WindowKey*>& keys, Output& out) {
  const Micros at = clock();
  std::vector<Firing> firings;
  for (WindowKey* const k : keys) {
    if (sliced_) {
      for (std::uint32_t spec = 0; spec < config_.specs.size(); ++spec) {
        for (const WindowKey::Slice& slice : k->slices) {
          const auto next = config_.specs[spec].assigner->next(slice.span.start, sub(at, 1));
          if (!next) continue;
          if (next->end == at) firings.push_back({k, spec, *next, true});
          break;
        }
      }
      continue;
    }
    for (const PaneState& pane : k->panes) {
      const bool end = !global() && !pane.ended && over_at(pane) <= at;
      const auto event = config_.trigger.next_event(pane.trigger);
      if (end || (event && *event <= at)) firings.push_back({k, pane.spec, pane.window, end});
    }
  }
  std::sort(firings.begin(), firings.end(), [](const Firing& a, const Firing& b) {
    return std::tie(a.window.start, a.key->key, a.spec, a.window.end) <
           std::tie(b.window.start, b.key->key, b.spec, b.window.end);
  });
  for (const Firing& firing : firings) fire_end(firing, out);
  for (WindowKey* const k : keys) purge(*k, at);
}

void WindowOperator::fire_end(const Firing& firing, Output& out) {
  WindowKey& k = *firing.key;
  if (sliced_) {
    if (config_.lateness > 0) {
      PaneState& pane = pane_of(k, firing.spec, firing.window);
      pane.ended = true;
      fire(k, pane, PaneTiming::kOnTime, out);
    } else {
      PaneState once;
      once.spec = firing.spec;
      once.window = firing.window;
      once.trigger = config_.trigger.initial();
      fire(k, once, PaneTiming::kOnTime, out);
    }
    return;
  }
  PaneState& pane =
      config_.kind == Kind::kSession
          ? *std::find_if(k.panes.begin(), k.panes.end(),
                          [&](const PaneState& p) { return p.window == firing.window; })
          : pane_of(k, firing.spec, firing.window);
  Trigger::Event event;
  event.kind = firing.end ? Trigger::Event::Kind::kEnd : Trigger::Event::Kind::kWatermark;
  event.watermark = clock();
  event.now = now();
  event.past_end = firing.end || pane.ended;
  const bool fired = config_.trigger.step(pane.trigger, event);
  if (firing.end) {
    pane.ended = true;
    if (fired || !config_.trigger.only()) fire(k, pane, PaneTiming::kOnTime, out);
    return;
  }
  // The end of the input fires what waits for the watermark, but no window without end.
  if (fired && !(global() && input_watermark() == kEndOfTime)) {
    fire(k, pane, pane.ended ? PaneTiming::kLate : PaneTiming::kEarly, out);
  }
}

void WindowOperator::due_by_time(std::vector<WindowKey*>& keys, Output& out) {
  std::vector<Firing> firings;
  for (WindowKey* const k : keys) {
    for (const PaneState& pane : k->panes) {
      const auto at = config_.trigger.next_time(pane.trigger);
      if ((at && *at <= now()) || pane.late_due <= now()) {
        firings.push_back({k, pane.spec, pane.window, pane.late_due <= now()});
      }
    }
  }
  std::sort(firings.begin(), firings.end(), [](const Firing& a, const Firing& b) {
    return std::tie(a.window.start, a.key->key, a.spec, a.window.end) <
           std::tie(b.window.start, b.key->key, b.spec, b.window.end);
  });
  for (const Firing& firing : firings) {
    WindowKey& k = *firing.key;
    const auto found = std::find_if(k.panes.begin(), k.panes.end(), [&](const PaneState& p) {
      return p.window == firing.window && p.spec == firing.spec;
    });
    PaneState& pane = *found;
    Trigger::Event event;
    event.kind = Trigger::Event::Kind::kTime;
    event.watermark = watermark(k);
    event.now = now();
    event.past_end = pane.ended;
    const bool fired = config_.trigger.step(pane.trigger, event);
    if (firing.end) {
      fire(k, pane, PaneTiming::kLate, out);
      pane.late_due = kEndOfTime;
    } else if (fired) {
      fire(k, pane, pane.ended ? PaneTiming::kLate : PaneTiming::kEarly, out);
    }
  }
  for (WindowKey* const k : keys) {
    if (global() && expired(*k)) k->panes.clear();
  }
}

bool WindowOperator::expired(const WindowKey& k) const {
  if (config_.ttl.span == 0 || k.touched == kBeginning) return false;
  const Micros time = config_.ttl.processing_time ? now() : watermark(k);
  return time != kBeginning && add(k.touched, config_.ttl.span) <= time;
}

Micros WindowOperator::slice_end(Micros ts) const {
  Micros end = kBeginning;
  for (const WindowConfig::Spec& spec : config_.specs) {
    end = std::max(end, spec.assigner->last_end(ts));
  }
  return end;
}

void WindowOperator::purge(WindowKey& k, Micros at) {
  std::size_t gone = 0;
  while (gone < k.slices.size() &&
         add(slice_end(k.slices[gone].span.start), config_.lateness) <= at) {
    ++gone;
  }
  k.slices.erase(k.slices.begin(), k.slices.begin() + static_cast<std::ptrdiff_t>(gone));
  if (global()) {
    if (expired(k)) k.panes.clear();
    return;
  }
  std::erase_if(k.panes, [&](const PaneState& pane) {
    return pane.ended && add(over_at(pane), config_.lateness) <= at;
  });
}

std::optional<Micros> WindowOperator::next_event(const WindowKey& k) const {
  std::optional<Micros> first;
  const auto offer = [&first](Micros at) { first = first ? std::min(*first, at) : at; };
  const Micros w = watermark(k);
  if (!k.slices.empty()) {
    for (const WindowConfig::Spec& spec : config_.specs) {
      for (const WindowKey::Slice& slice : k.slices) {
        if (const auto next = spec.assigner->next(slice.span.start, w)) {
          offer(next->end);
          break;
        }
      }
    }
    offer(add(slice_end(k.slices.front().span.start), config_.lateness));
  }
  if (global()) {
    if (!k.panes.empty() && config_.ttl.span != 0 && !config_.ttl.processing_time) {
      offer(add(k.touched, config_.ttl.span));
    }
  }
  for (const PaneState& pane : k.panes) {
    if (!global()) {
      offer(pane.ended ? add(over_at(pane), config_.lateness) : over_at(pane));
    }
    if (const auto event = config_.trigger.next_event(pane.trigger)) offer(*event);
  }
  return first;
}

std::optional<Micros> WindowOperator::next_time(const WindowKey& k) const {
  std::optional<Micros> first;
  const auto offer = [&first](Micros at) { first = first ? std::min(*first, at) : at; };
  for (const PaneState& pane : k.panes) {
    if (const auto at = config_.trigger.next_time(pane.trigger)) offer(*at);
    if (pane.late_due != kEndOfTime) offer(pane.late_due);
  }
  if (global() && !k.panes.empty() && config_.ttl.span != 0 && config_.ttl.processing_time) {
    offer(add(k.touched, config_.ttl.span));
  }
  return first;
}

void WindowOperator::encode(const WindowKey& k, Writer& out) const {
  out.integer(k.touched);
  out.number(k.slices.size());
  for (const WindowKey::Slice& slice : k.slices) {
    out.integer(slice.span.start);
    out.integer(slice.span.end);
    reader_.layout().encode(slice.cell.state(), out);
  }
  out.number(k.panes.size());
  for (const PaneState& pane : k.panes) pane.encode(reader_.layout(), config_.trigger, out);
}

void WindowOperator::decode(WindowKey& k, Reader& in) const {
  k.touched = in.integer();
  const std::size_t slices = in.count();
  for (std::size_t i = 0; i < slices && in.good(); ++i) {
    WindowKey::Slice slice{{in.integer(), 0}, Cell(reader_.layout())};
    slice.span.end = in.integer();
    reader_.layout().decode(slice.cell.state(), in);
    k.slices.push_back(std::move(slice));
  }
  const std::size_t panes = in.count();
  for (std::size_t i = 0; i < panes && in.good(); ++i) {
    PaneState pane;
    pane.decode(reader_.layout(), config_.trigger, in);
    const bool known = config_.kind == Kind::kAssigned ? pane.spec < config_.specs.size()
                                                       : pane.spec == 0 && pane.own;
    if (!known) in.spoil();
    k.panes.push_back(std::move(pane));
  }
}

std::optional<Value> WindowOperator::get(std::string_view key, core::Arena& arena) {
  const WindowKey* const k = find_key(key);
  if (k == nullptr || !global() || k->panes.empty() || expired(*k)) return std::nullopt;
  auto document = writer_.document(key, reader_.layout(), k->panes.front().own.state(), arena);
  if (!document) return std::nullopt;
  return *document;
}

}  // namespace weir::windowing
