#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "windowing/key.h"
#include "windowing/row.h"

namespace weir::windowing {

/// One piece of an operator's state, as a store keeps it: everything of one key, or what a key
/// group has in common. Sorted by (group, kind, at, key); the same state always gives the same
/// bytes.
struct StateEntry {
  enum class Kind : std::uint8_t { kGroup = 0, kKey = 1 };
  std::uint16_t group = 0;
  Kind kind = Kind::kKey;
  Micros at = 0;      ///< for kinds that are ordered by time; 0 otherwise
  std::string key;    ///< canonical key bytes
  std::string value;  ///< begins with a format version
};

/// Key groups [first, last).
struct GroupRange {
  std::uint16_t first = 0;
  std::uint16_t last = kDefaultKeyGroups;
  [[nodiscard]] bool holds(std::uint16_t group) const { return group >= first && group < last; }
};

struct OperatorStats {
  std::uint64_t rows = 0;
  std::uint64_t late = 0;          ///< to the late output
  std::uint64_t late_partial = 0;  ///< missed some of their windows, not all
  std::uint64_t failed = 0;
  std::uint64_t filtered = 0;  ///< dropped by the operator's own purpose (duplicates, gaps)
};

/// A stateful operator: a pure state machine. Rows, watermarks and times of processing come in,
/// rows come out; it knows no thread, clock, file or global. However the calls are split, and
/// whatever lies between them (snapshot, load elsewhere), the rows that come out are the same.
///
/// Not thread-safe: one shard owns it.
class Operator {
 public:
  virtual ~Operator() = default;

  /// A row, judged against the watermark as it stands.
  virtual void on_row(const Row& row, Output& out) = 0;
  /// No further row on time has an event time below this. Never goes back; kEndOfTime is the end of
  /// the input.
  virtual void on_watermark(Micros watermark, Output& out) = 0;
  /// The time of processing; never goes back. Rows that follow are processed at this time.
  virtual void on_time(Micros now, Output& out) = 0;
  /// When on_time() has something to do next; kEndOfTime: nothing is waiting.
  [[nodiscard]] virtual Micros next_due() const = 0;
  /// The watermark for what is downstream, to be forwarded behind the rows given out.
  [[nodiscard]] virtual Micros watermark_out() const = 0;
  [[nodiscard]] virtual const OperatorStats& stats() const = 0;

  /// The key group a row belongs to: which shard is to have it. Error: the row's, and any shard's.
  [[nodiscard]] virtual core::Result<std::uint16_t> group_of(const Row& row) = 0;

  /// Everything that belongs to the groups.
  [[nodiscard]] virtual std::vector<StateEntry> snapshot(GroupRange range) const = 0;
  /// Adds an entry of a snapshot. Error kInvalidData: not of this operator, or damaged; the
  /// operator is then to be thrown away.
  [[nodiscard]] virtual core::Status load(const StateEntry& entry) = 0;
  /// Forgets the groups.
  virtual void drop(GroupRange range) = 0;
  /// The state of a key, as a document, for queries; nothing when there is none.
  [[nodiscard]] virtual std::optional<core::Value> get(std::string_view key, core::Arena& arena) {
    (void)key;
    (void)arena;
    return std::nullopt;
  }
};

}  // namespace weir::windowing
