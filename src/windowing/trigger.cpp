#include "windowing/trigger.h"

#include <algorithm>

namespace weir::windowing {

namespace {

using Kind = TriggerNode::Kind;

std::optional<Micros> earlier(std::optional<Micros> a, std::optional<Micros> b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

/// 0 stands for no time.
std::int64_t add_time(Micros at, Micros span) {
  const Micros due = add(at, span);
  return due == 0 ? 1 : due;
}

/// Whether a timer has come; then it is off.
bool expire(std::int64_t& word, Micros time) {
  if (word == 0 || time < word) return false;
  word = 0;
  return true;
}

}  // namespace

Trigger::Trigger(TriggerNode root, bool only) : only_(only) {
  plain_ = root.kind == Kind::kWatermark;
  root_ = add(std::move(root));
}

std::size_t Trigger::add(TriggerNode node) {
  Node made{node.kind, node.n, node.span, std::move(node.when), {}, words_++};
  for (TriggerNode& child : node.children) made.children.push_back(add(std::move(child)));
  nodes_.push_back(std::move(made));
  return nodes_.size() - 1;
}

bool Trigger::step(State& state, const Event& event) const {
  return step(root_, state, event);
}

// A word holds: of kCount the rows; of timers the time (0: none is set); of kWhen the last answer;
// of kAll the children that have fired; of kThen the child that is on; of kUntil whether it is
// over.
bool Trigger::step(std::size_t at, State& state, const Event& event) const {
  const Node& node = nodes_[at];
  std::int64_t& word = state[node.word];
  const bool row = event.kind == Event::Kind::kRow;
  switch (node.kind) {
    case Kind::kWatermark: return event.kind == Event::Kind::kEnd || (row && event.past_end);
    case Kind::kCount:
      if (row) ++word;
      return row && static_cast<std::uint64_t>(word) >= node.n;
    case Kind::kEvery:
      if (row && word == 0) word = add_time(floor_to(event.now, node.span), node.span);
      return event.kind == Event::Kind::kTime && expire(word, event.now);
    case Kind::kAfterSilence:
      if (row) word = add_time(event.now, node.span);
      return event.kind == Event::Kind::kTime && expire(word, event.now);
    case Kind::kEventEvery:
      if (row && word == 0) {
        const Micros from = std::max(event.watermark, event.ts);
        word = add_time(floor_to(from, node.span), node.span);
      }
      return event.kind == Event::Kind::kWatermark && expire(word, event.watermark);
    case Kind::kWhen: {
      if (!row) return false;
      const bool before = word != 0;
      const bool now = event.holds != nullptr && (*event.holds)(*node.when);
      word = now ? 1 : 0;
      return now && !before;
    }
    case Kind::kAny: {
      bool fired = false;
      for (const std::size_t child : node.children) fired = step(child, state, event) || fired;
      return fired;
    }
    case Kind::kAll:
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (step(node.children[i], state, event)) word |= std::int64_t{1} << i;
      }
      return word == (std::int64_t{1} << node.children.size()) - 1;
    case Kind::kThen: {
      if (!step(node.children[static_cast<std::size_t>(word)], state, event)) return false;
      word = std::min(word + 1, static_cast<std::int64_t>(node.children.size()) - 1);
      return true;
    }
    case Kind::kUntil: {
      if (word != 0) return false;
      const bool fired = step(node.children[0], state, event);
      if (!step(node.children[1], state, event)) return fired;
      word = 1;
      return true;
    }
  }
  return false;
}

void Trigger::reset(State& state, bool cleared) const {
  reset(root_, state, cleared);
}

void Trigger::reset(std::size_t at, State& state, bool cleared) const {
  const Node& node = nodes_[at];
  switch (node.kind) {
    case Kind::kThen:
    case Kind::kUntil: break;
    case Kind::kWhen:
      if (cleared) state[node.word] = 0;
      break;
    default: state[node.word] = 0;
  }
  for (const std::size_t child : node.children) reset(child, state, cleared);
}

void Trigger::merge(State& state, const State& other) const {
  for (const Node& node : nodes_) {
    std::int64_t& word = state[node.word];
    const std::int64_t theirs = other[node.word];
    switch (node.kind) {
      case Kind::kCount: word += theirs; break;
      case Kind::kEvery:
      case Kind::kEventEvery:
        word = word == 0 ? theirs : theirs == 0 ? word : std::min(word, theirs);
        break;
      case Kind::kAll: word |= theirs; break;
      default: word = std::max(word, theirs);
    }
  }
}

std::optional<Micros> Trigger::next_event(const State& state) const {
  return next(root_, state, true);
}
std::optional<Micros> Trigger::next_time(const State& state) const {
  return next(root_, state, false);
}

std::optional<Micros> Trigger::next(std::size_t at, const State& state, bool event_time) const {
  const Node& node = nodes_[at];
  const std::int64_t word = state[node.word];
  switch (node.kind) {
    case Kind::kEvery:
    case Kind::kAfterSilence:
      return event_time || word == 0 ? std::nullopt : std::optional<Micros>(word);
    case Kind::kEventEvery:
      return !event_time || word == 0 ? std::nullopt : std::optional<Micros>(word);
    case Kind::kThen: return next(node.children[static_cast<std::size_t>(word)], state, event_time);
    case Kind::kUntil:
      if (word != 0) return std::nullopt;
      break;
    default: break;
  }
  std::optional<Micros> first;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (node.kind == Kind::kAll && ((word >> i) & 1) != 0) continue;
    first = earlier(first, next(node.children[i], state, event_time));
  }
  return first;
}

bool Trigger::fires_without_end() const {
  const std::function<bool(std::size_t)> can = [&](std::size_t at) {
    const Node& node = nodes_[at];
    switch (node.kind) {
      case Kind::kWatermark: return false;
      case Kind::kAny: return std::any_of(node.children.begin(), node.children.end(), can);
      case Kind::kAll: return std::all_of(node.children.begin(), node.children.end(), can);
      case Kind::kThen: return can(node.children.front());
      case Kind::kUntil: return can(node.children[0]) || can(node.children[1]);
      default: return true;
    }
  };
  return can(root_);
}

void Trigger::encode(const State& state, Writer& out) const {
  out.number(state.size());
  for (const std::int64_t word : state) out.integer(word);
}

Trigger::State Trigger::decode(Reader& in) const {
  State state = initial();
  const std::size_t n = in.count();
  if (n != 0 && n != words_) {
    // The trigger was changed: it starts afresh.
    for (std::size_t i = 0; i < n && in.good(); ++i) (void)in.integer();
    return state;
  }
  for (std::size_t i = 0; i < n && in.good(); ++i) state[i] = in.integer();
  for (const Node& node : nodes_) {
    std::int64_t& word = state[node.word];
    if (node.kind == Kind::kThen &&
        (word < 0 || word >= static_cast<std::int64_t>(node.children.size()))) {
      word = 0;
    }
  }
  return state;
}

}  // namespace weir::windowing
