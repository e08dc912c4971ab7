#include "windowing/watermark.h"

#include <algorithm>

namespace weir::windowing {

std::optional<Micros> candidate(const WatermarkSpec& spec, Micros ts, Micros now,
                                std::optional<Micros> said) {
  switch (spec.kind) {
    case WatermarkSpec::Kind::kMaxLag: return sub(ts, spec.lag);
    case WatermarkSpec::Kind::kExpression:
    case WatermarkSpec::Kind::kSource: return said;
    case WatermarkSpec::Kind::kProcessingTime: return sub(now, spec.lag);
    case WatermarkSpec::Kind::kNone: break;
  }
  return std::nullopt;
}

WatermarkMerge::Id WatermarkMerge::partition(std::string_view name) {
  const auto found = ids_.find(name);
  if (found != ids_.end()) {
    Part& part = parts_[found->second];
    if (part.state == State::kGone) part.state = State::kActive;
    return found->second;
  }
  parts_.push_back({std::string(name), State::kActive, kBeginning});
  ids_.emplace(name, parts_.size() - 1);
  return parts_.size() - 1;
}

bool WatermarkMerge::observe(Id id, std::optional<Micros> candidate) {
  Part& part = parts_[id];
  const bool was_slowest = part.state != State::kActive || part.watermark <= merged_;
  part.state = State::kActive;
  if (candidate && *candidate > part.watermark) {
    part.watermark = *candidate;
  } else if (was_slowest && parts_.size() == 1) {
    return false;
  }
  // One that is ahead of the others cannot move the minimum, unless nothing is merged yet.
  return merge();
}

bool WatermarkMerge::set_idle(Id id) {
  if (parts_[id].state != State::kActive) return false;
  parts_[id].state = State::kIdle;
  return merge();
}

bool WatermarkMerge::finish(Id id) {
  parts_[id].state = State::kFinished;
  parts_[id].watermark = kEndOfTime;
  return merge();
}

bool WatermarkMerge::remove(std::string_view name) {
  const auto found = ids_.find(name);
  if (found == ids_.end()) return false;
  parts_[found->second].state = State::kGone;
  return merge();
}

bool WatermarkMerge::ahead(Id id, Micros max_drift) const {
  Micros slowest = kEndOfTime;
  for (const Part& part : parts_) {
    if (part.state == State::kActive) slowest = std::min(slowest, part.watermark);
  }
  return slowest != kBeginning && parts_[id].watermark > add(slowest, max_drift);
}

bool WatermarkMerge::merge() {
  Micros slowest = kEndOfTime;
  bool active = false;
  bool finished = false;
  bool idle = false;
  for (const Part& part : parts_) {
    switch (part.state) {
      case State::kActive:
        active = true;
        slowest = std::min(slowest, part.watermark);
        break;
      case State::kIdle: idle = true; break;
      case State::kFinished: finished = true; break;
      case State::kGone: break;
    }
  }
  if (!active && (idle || !finished)) return false;  // nobody to follow: hold
  if (slowest <= merged_) return false;
  merged_ = slowest;
  return true;
}

void WatermarkMerge::encode(Writer& out) const {
  out.byte(1);  // format
  out.integer(merged_);
  std::size_t count = 0;
  for (const Part& part : parts_) count += part.state != State::kGone ? 1 : 0;
  out.number(count);
  for (const auto& [name, id] : ids_) {  // sorted
    const Part& part = parts_[id];
    if (part.state == State::kGone) continue;
    out.text(name);
    out.byte(static_cast<std::uint8_t>(part.state));
    out.integer(part.watermark);
  }
}

core::Status WatermarkMerge::load(std::string_view bytes) {
  Reader in(bytes);
  const std::uint8_t format = in.byte();
  const Micros merged = in.integer();
  const std::size_t count = in.count();
  std::vector<Part> loaded;
  for (std::size_t i = 0; i < count && in.good(); ++i) {
    Part part;
    part.name = std::string(in.text());
    const std::uint8_t state = in.byte();
    if (state > static_cast<std::uint8_t>(State::kFinished)) in.spoil();
    part.state = static_cast<State>(state);
    part.watermark = in.integer();
    loaded.push_back(std::move(part));
  }
  if (format != 1 || !in.good() || !in.at_end()) {
    return core::invalid_data("loading watermarks: the bytes are not of this format");
  }
  for (const Part& part : loaded) {
    Part& mine = parts_[partition(part.name)];
    mine.state = part.state;
    mine.watermark = std::max(mine.watermark, part.watermark);
  }
  merged_ = std::max(merged_, merged);
  return {};
}

}  // namespace weir::windowing
