#include "windowing/assigner.h"

#include <algorithm>

namespace weir::windowing {

namespace {

class Hopping final : public Assigner {
 public:
  explicit Hopping(const HoppingSpec& spec) : spec_(spec) {}

  void windows(Micros ts, std::vector<Window>& out) const override {
    for (auto w = first(ts); w && w->start <= ts;) {
      out.push_back(*w);
      const Micros start = add(w->start, spec_.slide);
      if (start == w->start) break;  // saturated
      w = Window{start, add(start, spec_.size)};
    }
  }

  Window slice(Micros ts) const override {
    // Edges are the starts and the ends of windows: two families with the distance of a slide.
    const Micros starts = floor_to(ts, spec_.slide, spec_.offset);
    const Micros ends = floor_to(ts, spec_.slide, end_offset());
    const Micros start = std::max(starts, ends);
    return {start, std::min(add(starts, spec_.slide), add(ends, spec_.slide))};
  }

  std::optional<Window> next(Micros ts, Micros after) const override {
    auto w = first(ts);
    if (!w) return std::nullopt;
    if (w->end <= after) {
      // The first start whose end is behind `after`.
      const Micros start =
          add(floor_to(sub(after, spec_.size), spec_.slide, spec_.offset), spec_.slide);
      w = Window{start, add(start, spec_.size)};
    }
    if (w->start > ts || w->end <= after) return std::nullopt;
    return w;
  }

  Micros last_end(Micros ts) const override {
    const Micros start = floor_to(ts, spec_.slide, spec_.offset);
    const Micros end = add(start, spec_.size);
    return end > ts || end == kEndOfTime ? end : kBeginning;
  }

  Micros pivot(const Window& window) const override {
    return ceil_to(window.start, spec_.size, spec_.offset);
  }
  std::int64_t slices_per_window() const override {
    const std::int64_t whole = spec_.size / spec_.slide + 1;
    return spec_.size % spec_.slide == 0 ? std::max<std::int64_t>(whole - 1, 1) : 2 * whole;
  }

 private:
  Micros end_offset() const {
    return static_cast<Micros>((core::Int128{spec_.offset} + spec_.size) % spec_.slide);
  }
  /// The earliest window that holds `ts`.
  std::optional<Window> first(Micros ts) const {
    // start > ts - size, on the grid.
    const Micros start = add(floor_to(sub(ts, spec_.size), spec_.slide, spec_.offset), spec_.slide);
    if (start > ts) return std::nullopt;
    return Window{start, add(start, spec_.size)};
  }

  HoppingSpec spec_;
};

class Cumulative final : public Assigner {
 public:
  explicit Cumulative(const CumulativeSpec& spec) : spec_(spec) {}

  void windows(Micros ts, std::vector<Window>& out) const override {
    const Micros start = floor_to(ts, spec_.max, spec_.offset);
    const Micros limit = add(start, spec_.max);
    for (Micros end = slice(ts).end; end <= limit; end = add(end, spec_.step)) {
      out.push_back({start, end});
      if (end == kEndOfTime) break;
    }
  }
  Window slice(Micros ts) const override {
    const Micros start = floor_to(ts, spec_.step, floor_to(ts, spec_.max, spec_.offset));
    return {start, add(start, spec_.step)};
  }
  std::optional<Window> next(Micros ts, Micros after) const override {
    const Micros start = floor_to(ts, spec_.max, spec_.offset);
    Micros end = slice(ts).end;
    if (end <= after) end = add(floor_to(after, spec_.step, start), spec_.step);
    if (end > add(start, spec_.max) || end <= after) return std::nullopt;
    return Window{start, end};
  }
  Micros last_end(Micros ts) const override {
    return add(floor_to(ts, spec_.max, spec_.offset), spec_.max);
  }
  Micros pivot(const Window& window) const override { return window.start; }
  std::int64_t slices_per_window() const override { return spec_.max / spec_.step; }

 private:
  CumulativeSpec spec_;
};

class Calendar final : public Assigner {
 public:
  explicit Calendar(const CalendarSpec& spec) : spec_(spec) {}

  void windows(Micros ts, std::vector<Window>& out) const override {
    out.push_back(calendar_window(spec_, ts));
  }
  Window slice(Micros ts) const override { return calendar_window(spec_, ts); }
  std::optional<Window> next(Micros ts, Micros after) const override {
    const Window w = calendar_window(spec_, ts);
    if (w.end <= after) return std::nullopt;
    return w;
  }
  Micros last_end(Micros ts) const override { return calendar_window(spec_, ts).end; }
  Micros pivot(const Window& window) const override { return window.start; }
  std::int64_t slices_per_window() const override { return 1; }

 private:
  CalendarSpec spec_;
};

}  // namespace

std::unique_ptr<const Assigner> make_tumbling(Micros size, Micros offset) {
  return std::make_unique<Hopping>(HoppingSpec{size, size, offset});
}
std::unique_ptr<const Assigner> make_hopping(const HoppingSpec& spec) {
  return std::make_unique<Hopping>(spec);
}
std::unique_ptr<const Assigner> make_cumulative(const CumulativeSpec& spec) {
  return std::make_unique<Cumulative>(spec);
}
std::unique_ptr<const Assigner> make_calendar(const CalendarSpec& spec) {
  return std::make_unique<Calendar>(spec);
}

}  // namespace weir::windowing
