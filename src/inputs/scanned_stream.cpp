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

namespace {

class FdSource final : public ByteSource {
 public:
  FdSource(int fd, bool pollable) : fd_(fd), pollable_(pollable) {}

  bool wait(const Interrupt& interrupt, std::chrono::milliseconds limit) override {
    if (!pollable_) return !interrupt.raised();
    return interrupt.wait_readable(fd_, limit) == Interrupt::Wait::kReady;
  }
  core::Result<std::optional<std::size_t>> read(char* to, std::size_t size) override {
    const ssize_t n = ::read(fd_, to, size);
    if (n >= 0) return std::optional<std::size_t>(static_cast<std::size_t>(n));
    if (errno == EINTR || errno == EAGAIN) return std::optional<std::size_t>();
    return core::unavailable(std::string("reading: ") + std::strerror(errno));
  }
  std::size_t block_size() const override { return ScannedStream::kBlock; }

 private:
  const int fd_;
  const bool pollable_;
};

}  // namespace

core::Result<ScannedStream::State> ScannedStream::read(int fd, bool pollable,
                                                       const Interrupt& interrupt,
                                                       std::chrono::milliseconds wait,
                                                       core::Batch& batch) {
  FdSource source(fd, pollable);
  return read(source, interrupt, wait, batch);
}

core::Result<ScannedStream::State> ScannedStream::read(ByteSource& source,
                                                       const Interrupt& interrupt,
                                                       std::chrono::milliseconds wait,
                                                       core::Batch& batch) {
  while (true) {
    if (!need_data_) {
      WEIR_TRY(const Scanner::More more, scanner_->next(batch, max_messages_));
      if (more == Scanner::More::kNeedData) need_data_ = true;
      if (!batch.empty()) return State::kBatch;
      if (more == Scanner::More::kEnd) return State::kEnd;
      if (more == Scanner::More::kMore) continue;
    }
    if (at_end_) return State::kEnd;
    if (!source.wait(interrupt, wait)) return State::kIdle;
    const std::size_t block = source.block_size();
    auto n = source.read(scanner_->prepare(block), block);
    if (!n || !*n) {
      scanner_->commit(0);
      if (!n) return core::fail(std::move(n).error());
      return State::kIdle;
    }
    scanner_->commit(**n);
    bytes_read_ += **n;
    if (**n == 0) {
      if (following_) return State::kIdle;
      end();
    }
    need_data_ = false;
  }
}

void ScannedStream::end() {
  if (at_end_) return;
  at_end_ = true;
  need_data_ = false;
  scanner_->end();
}

}  // namespace weir::inputs
