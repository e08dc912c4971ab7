#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "config/registry.h"
#include "core/component.h"

namespace weir::inputs {

/// The scanner of a `scanner` field; `lines` when it is absent.
[[nodiscard]] core::Result<std::unique_ptr<core::Scanner>> make_scanner(
    const config::Child<core::Scanner>& child, const config::Resources& resources);

/// Where bytes come from when it is not simply a file descriptor.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Waits for bytes; false: none yet, or interrupted.
  [[nodiscard]] virtual bool wait(const core::Interrupt& interrupt,
                                  std::chrono::milliseconds limit) = 0;
  /// What is there, without waiting: nullopt when that is nothing, 0 at the end.
  /// Error kUnavailable: the rest cannot be had.
  [[nodiscard]] virtual core::Result<std::optional<std::size_t>> read(char* to,
                                                                      std::size_t size) = 0;
  /// Most bytes to ask for at once.
  [[nodiscard]] virtual std::size_t block_size() const = 0;
};

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
  [[nodiscard]] core::Result<State> read(ByteSource& source, const core::Interrupt& interrupt,
                                         std::chrono::milliseconds wait, core::Batch& batch);
  /// Messages in a batch at most, from now on.
  void set_max_messages(std::size_t max) { max_messages_ = max; }
  /// No more bytes will come, whatever the source says: read() hands out what is left.
  void end();
  /// The end of the file is not the end of the stream: read() says kIdle there, until finish().
  void follow() { following_ = true; }
  void finish() { following_ = false; }
  /// Bytes read from the descriptor.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] const core::Scanner& scanner() const { return *scanner_; }

 private:
  std::unique_ptr<core::Scanner> scanner_;
  std::uint64_t bytes_read_ = 0;
  std::size_t max_messages_ = kMaxMessages;
  bool need_data_ = true;
  bool at_end_ = false;
  bool following_ = false;
};

}  // namespace weir::inputs
