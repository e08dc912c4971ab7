#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "mapping/mapping.h"
#include "windowing/encoding.h"
#include "windowing/time.h"

namespace weir::windowing {

/// When a window gives out a pane, as a tree.
struct TriggerNode {
  enum class Kind : std::uint8_t {
    kWatermark,     ///< the watermark passes the end; behind it, every row
    kCount,         ///< `n` rows since the last pane
    kEvery,         ///< processing time: the next multiple of `span` after a row
    kEventEvery,    ///< the watermark passes the next multiple of `span` after a row
    kAfterSilence,  ///< processing time: no row for `span`
    kWhen,          ///< the condition over the current result becomes true
    kAny,           ///< one of the children
    kAll,           ///< each of the children has fired since the last pane
    kThen,          ///< the children one after the other; the last one stays
    kUntil,         ///< the first child, until the second has fired once
  };
  Kind kind = Kind::kWatermark;
  std::uint64_t n = 0;
  Micros span = 0;
  std::shared_ptr<const mapping::Mapping> when;
  std::vector<TriggerNode> children;
};

/// A trigger, ready to run: immutable. The state of one window is an array of words.
class Trigger {
 public:
  using State = std::vector<std::int64_t>;

  /// `only`: without it the pane on time (and late ones) come besides.
  explicit Trigger(TriggerNode root, bool only);
  Trigger() : Trigger(TriggerNode{}, false) {}

  struct Event {
    enum class Kind : std::uint8_t { kRow, kEnd, kWatermark, kTime } kind = Kind::kRow;
    Micros ts = 0;         ///< of the row
    Micros watermark = 0;  ///< as it stands
    Micros now = 0;
    bool past_end = false;  ///< the watermark has passed the window's end
    const std::function<bool(const mapping::Mapping&)>* holds = nullptr;
  };

  /// Takes an event in; true when the root fires. After the pane, call reset().
  [[nodiscard]] bool step(State& state, const Event& event) const;
  /// A pane went out; `cleared`: and what it held was discarded.
  void reset(State& state, bool cleared) const;
  /// The state of two windows that become one.
  void merge(State& state, const State& other) const;
  [[nodiscard]] State initial() const { return State(words_, 0); }
  /// When step() wants kWatermark, kTime.
  [[nodiscard]] std::optional<Micros> next_event(const State& state) const;
  [[nodiscard]] std::optional<Micros> next_time(const State& state) const;

  /// Nothing but the watermark: windows need no state before their end.
  [[nodiscard]] bool plain() const { return plain_; }
  [[nodiscard]] bool only() const { return only_; }
  /// Can fire in a window that never ends.
  [[nodiscard]] bool fires_without_end() const;

  void encode(const State& state, Writer& out) const;
  [[nodiscard]] State decode(Reader& in) const;

 private:
  struct Node {
    TriggerNode::Kind kind;
    std::uint64_t n;
    Micros span;
    std::shared_ptr<const mapping::Mapping> when;
    std::vector<std::size_t> children;
    std::size_t word;  // one each
  };
  std::size_t add(TriggerNode node);
  bool step(std::size_t node, State& state, const Event& event) const;
  void reset(std::size_t node, State& state, bool cleared) const;
  std::optional<Micros> next(std::size_t node, const State& state, bool event_time) const;

  std::vector<Node> nodes_;
  std::size_t root_ = 0;
  std::size_t words_ = 0;
  bool only_ = false;
  bool plain_ = false;
};

}  // namespace weir::windowing
