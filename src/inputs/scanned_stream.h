#pragma once

#include <memory>
#include <string>

#include "config/registry.h"
#include "core/component.h"

namespace weir::inputs {

/// The scanner of a `scanner` field; `lines` when it is absent.
[[nodiscard]] core::Result<std::unique_ptr<core::Scanner>> make_scanner(
    const config::Child<core::Scanner>& child, const config::Resources& resources);

/// Reads a file descriptor through a scanner, a block at a time: what `stdin`, `file`, `socket` and
/// their like have in common. Waits for data with poll(), so that it can be interrupted, and hands
/// out what is there as soon as the descriptor has no more.
class ScannedStream {
 public:
  static constexpr std::size_t kBlock = 128 * 1024;
  static constexpr std::size_t kMaxMessages = 256;

  ScannedStream(std::unique_ptr<core::Scanner> scanner, std::string_view name);

  enum class State { kBatch, kIdle, kEnd };
  /// Fills a fresh batch. `pollable` false: a regular file, always ready.
  [[nodiscard]] core::Result<State> read(int fd, bool pollable, const core::Interrupt& interrupt,
                                         std::chrono::milliseconds wait, core::Batch& batch);
  /// The end of the file is not the end of the stream: read() says kIdle there, until finish().
  void follow() { following_ = true; }
  void finish() { following_ = false; }
  /// Bytes read from the descriptor.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] const core::Scanner& scanner() const { return *scanner_; }

 private:
  std::unique_ptr<core::Scanner> scanner_;
  std::uint64_t bytes_read_ = 0;
  bool need_data_ = true;
  bool at_end_ = false;
  bool following_ = false;
};

}  // namespace weir::inputs
