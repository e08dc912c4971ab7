#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <sys/types.h>

#include "inputs/scanned_stream.h"

namespace weir::inputs {

/// One file being read through a scanner; its messages carry `path`, `mod_time_unix` and
/// `mod_time`.
class OpenFile {
 public:
  /// Opens the file and goes to byte `start`.
  /// Error kNotFound: no such file. Error kInvalidConfig: it may not be read, or is a folder.
  [[nodiscard]] static core::Result<std::unique_ptr<OpenFile>> open(
      const std::string& path, std::unique_ptr<core::Scanner> scanner, std::int64_t start = 0);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  /// As ScannedStream::read. When the rest cannot be read (a corrupt archive), a last message
  /// flagged with the error comes, and broken() is true.
  [[nodiscard]] core::Result<ScannedStream::State> read(const core::Interrupt& interrupt,
                                                        std::chrono::milliseconds wait,
                                                        core::Batch& batch);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] dev_t device() const { return device_; }
  [[nodiscard]] ino_t inode() const { return inode_; }
  /// Byte behind the last message handed out: where reading may start again. The start of the file
  /// when the format cannot be read from its middle.
  [[nodiscard]] std::int64_t offset() const;
  /// Bytes read so far, with those in front of the start.
  [[nodiscard]] std::int64_t bytes_read() const {
    return start_ + static_cast<std::int64_t>(stream_.bytes_read());
  }
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] ScannedStream& stream() { return stream_; }

 private:
  OpenFile(std::string path, int fd, std::unique_ptr<core::Scanner> scanner, std::int64_t start);
  void stamp(core::Batch& batch) const;

  std::string path_;
  int fd_;
  std::int64_t start_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::int64_t modified_ = 0;  // seconds since 1970
  std::string modified_text_;
  bool regular_ = true;
  bool broken_ = false;
  ScannedStream stream_;
};

}  // namespace weir::inputs
