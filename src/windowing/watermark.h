#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "windowing/encoding.h"
#include "windowing/time.h"

namespace weir::windowing {

/// How a partition's watermark follows from its rows.
struct WatermarkSpec {
  enum class Kind : std::uint8_t {
    kMaxLag,          ///< greatest event time - lag (lag 0: ascending)
    kExpression,      ///< each row says it (`field`, `punctuated`: null says nothing)
    kProcessingTime,  ///< the time of processing - lag
    kSource,          ///< the input says it
    kNone,            ///< never, but at the end of the input
  };
  Kind kind = Kind::kMaxLag;
  Micros lag = 0;
};

/// What a row proposes as its partition's watermark; nothing when it does not.
/// `said`: the value of the expression, or what the input says.
[[nodiscard]] std::optional<Micros> candidate(const WatermarkSpec& spec, Micros ts, Micros now,
                                              std::optional<Micros> said);

/// The watermark of one operator or stage over its input partitions, by name.
///
/// The minimum over active partitions; it is undefined (kBeginning) until each of them has one, and
/// never moves back. Idle partitions do not hold it up; when none is active it stays, when all have
/// finished it is kEndOfTime. A partition that comes back does not pull it back: its old rows may
/// be late.
class WatermarkMerge {
 public:
  using Id = std::size_t;

  /// The number of a partition, new ones active and without a watermark (they hold it up until they
  /// have one or are idle).
  [[nodiscard]] Id partition(std::string_view name);
  /// A candidate of a partition, which is active from now on. True when the merged value moved.
  bool observe(Id id, std::optional<Micros> candidate);
  bool set_idle(Id id);
  bool finish(Id id);
  /// Not assigned to us any more.
  bool remove(std::string_view name);

  [[nodiscard]] Micros merged() const { return merged_; }
  [[nodiscard]] Micros of(Id id) const { return parts_[id].watermark; }
  [[nodiscard]] bool idle(Id id) const { return parts_[id].state == State::kIdle; }
  /// Whether the partition is more than `max_drift` ahead of the slowest active one: stop reading.
  [[nodiscard]] bool ahead(Id id, Micros max_drift) const;

  /// By name, so that partitions can move; merged value included.
  void encode(Writer& out) const;
  /// Adds what another instance knew; watermarks only rise.
  [[nodiscard]] core::Status load(std::string_view bytes);

 private:
  enum class State : std::uint8_t { kActive, kIdle, kFinished, kGone };
  struct Part {
    std::string name;
    State state = State::kActive;
    Micros watermark = kBeginning;
  };
  bool merge();

  std::vector<Part> parts_;
  std::map<std::string, Id, std::less<>> ids_;
  Micros merged_ = kBeginning;
};

}  // namespace weir::windowing
