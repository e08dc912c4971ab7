#pragma once

#include "inputs/scanned_stream.h"
#include "net/socket.h"

namespace weir::inputs {

/// A connection as a source of bytes.
class NetSource final : public ByteSource {
 public:
  explicit NetSource(net::Stream& stream) : stream_(stream) {}

  bool wait(const core::Interrupt& interrupt, std::chrono::milliseconds limit) override {
    if (stream_.has_pending()) return !interrupt.raised();
    return interrupt.wait_readable(stream_.fd(), limit) == core::Interrupt::Wait::kReady;
  }
  core::Result<std::optional<std::size_t>> read(char* to, std::size_t size) override {
    return stream_.try_read(to, size);
  }
  // Smaller than for files: there may be many connections, and each holds a block.
  std::size_t block_size() const override { return 16 * 1024; }

 private:
  net::Stream& stream_;
};

/// A connection that broke: flags what the scanner makes of the unfinished rest.
inline void fail_rest(core::Batch& batch, const core::Error& error) {
  for (core::Message& message : batch) {
    if (!message.errored()) message.fail(core::ErrorCode::kInvalidData, error.message, "input");
  }
}

}  // namespace weir::inputs
