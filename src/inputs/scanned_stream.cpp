#include "inputs/scanned_stream.h"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "scanners/splitter_scanner.h"

namespace weir::inputs {

using core::Interrupt;
using core::Scanner;

core::Result<std::unique_ptr<Scanner>> make_scanner(const config::Child<Scanner>& child,
                                                    const config::Resources& resources) {
  if (child) return child.make(resources);
  auto splitter = codecs::make_lines_splitter();
  if (!splitter) return core::fail(std::move(splitter).error());
  return std::make_unique<scanners::SplitterScanner>(*std::move(splitter));
}

ScannedStream::ScannedStream(std::unique_ptr<Scanner> scanner, std::string_view name)
    : scanner_(std::move(scanner)) {
  scanner_->begin(name);
}

core::Result<ScannedStream::State> ScannedStream::read(int fd, bool pollable,
                                                       const Interrupt& interrupt,
                                                       std::chrono::milliseconds wait,
                                                       core::Batch& batch) {
  while (true) {
    if (!need_data_) {
      WEIR_TRY(const Scanner::More more, scanner_->next(batch, kMaxMessages));
      if (more == Scanner::More::kNeedData) need_data_ = true;
      if (!batch.empty()) return State::kBatch;
      if (more == Scanner::More::kEnd) return State::kEnd;
      if (more == Scanner::More::kMore) continue;
    }
    if (pollable) {
      switch (interrupt.wait_readable(fd, wait)) {
        case Interrupt::Wait::kInterrupted:
        case Interrupt::Wait::kTimeout: return State::kIdle;
        case Interrupt::Wait::kReady: break;
      }
    } else if (interrupt.raised()) {
      return State::kIdle;
    }
    char* const to = scanner_->prepare(kBlock);
    const ssize_t n = ::read(fd, to, kBlock);
    if (n < 0) {
      scanner_->commit(0);
      if (errno == EINTR || errno == EAGAIN) return State::kIdle;
      return core::unavailable(std::string("reading: ") + std::strerror(errno));
    }
    scanner_->commit(static_cast<std::size_t>(n));
    bytes_read_ += static_cast<std::uint64_t>(n);
    if (n == 0) {
      if (following_) return State::kIdle;
      if (at_end_) return State::kEnd;
      at_end_ = true;
      scanner_->end();
    }
    need_data_ = false;
  }
}

}  // namespace weir::inputs
