#pragma once

#include <string>
#include <string_view>

#include "core/message.h"

namespace weir::buffers {

/// A batch as bytes that survive the process: payloads as they are, metadata with its types, error
/// flag, event time, position. Not the lineage and the tag.
///
/// Format 1: a version byte, the number of messages, a head per message, then all payloads, each
/// behind a line break, so that one structural index serves all of them. Numbers are LEB128.
class BatchWriter {
 public:
  /// Adds a message. One whose document cannot be written is flagged with the reason and keeps no
  /// payload: it goes where failed messages go.
  void add(core::Message& message);
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t size_bytes() const { return heads_.size() + payloads_.size() + 16; }
  /// The record of what was added since the last call.
  [[nodiscard]] std::string take();

 private:
  std::string heads_;
  std::string payloads_;
  std::size_t count_ = 0;
};

/// The messages of a record, as slices of one block. Error kInternal: not a record of ours.
[[nodiscard]] core::Result<core::Batch> read_batch(std::string_view record);

}  // namespace weir::buffers
