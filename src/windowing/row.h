#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.h"
#include "core/result.h"
#include "windowing/encoding.h"
#include "windowing/time.h"

namespace weir::windowing {

/// Where a row comes from: with its time, its place in every order that results show, so that
/// neither batches nor shards matter.
struct Origin {
  std::string_view source;     ///< canonical key and window upstream; empty for what an input read
  std::string_view partition;  ///< of the input
  std::int64_t position = 0;   ///< in the partition, or of the pane upstream
};

/// Appends bytes that sort as (ts, source, partition, position).
void write_rank(Micros ts, const Origin& origin, Writer& out);

/// One row on its way into an operator. The message is borrowed; nothing is kept of it.
struct Row {
  core::Message* message = nullptr;
  Micros ts = 0;
  Origin origin;
};

/// What an operator gives out: messages in a batch of their own, in order.
class Output {
 public:
  Output() : main_(core::Batch::fresh()), late_(core::Batch::fresh()) {}

  struct Info {
    std::string source;  ///< for Origin of the next operator
    std::int64_t position = 0;
    bool failed = false;  ///< could not be processed: passes the other operators untouched
  };

  /// Results, with event time, in order; info()[i] belongs to message i.
  [[nodiscard]] core::Batch& rows() { return main_; }
  [[nodiscard]] const std::vector<Info>& info() const { return info_; }
  /// Rows that were too late, as they came, with `late_by` and `watermark` in their metadata.
  [[nodiscard]] core::Batch& late() { return late_; }

  [[nodiscard]] core::Arena& arena() { return main_.storage().arena(); }

  /// A result that borrows arena().
  core::Message& emit(core::Value document, Micros ts, std::string source, std::int64_t position);
  /// A row that passes: a copy.
  void pass(core::Message& message, Micros ts, const Origin& origin);
  /// A row that cannot be processed: a copy, flagged.
  void fail(core::Message& message, const Origin& origin, const core::Error& error,
            std::string_view component, std::string_view label);
  void late(core::Message& message, Micros ts, Micros watermark);
  /// The latest result cannot be used (its message was flagged), or was deleted by the user.
  void mark_failed() { info_.back().failed = true; }
  void take_back();

  /// Forgets everything.
  void clear();

 private:
  core::Batch main_;
  core::Batch late_;
  std::vector<Info> info_;
};

/// `late_by` as a value: microseconds, saturated.
[[nodiscard]] core::Value timestamp_value(Micros ts, core::Arena& arena);

}  // namespace weir::windowing
