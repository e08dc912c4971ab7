#include "inputs/open_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/time.h"

namespace weir::inputs {
namespace {

core::Error cannot_read(const std::string& path, int error) {
  const auto code = error == ENOENT || error == ENOTDIR ? core::ErrorCode::kNotFound
                                                        : core::ErrorCode::kInvalidConfig;
  return {code, "reading `" + path + "`: " + std::strerror(error)};
}

}  // namespace

OpenFile::OpenFile(std::string path, int fd, std::unique_ptr<core::Scanner> scanner,
                   std::int64_t start)
    : path_(std::move(path)), fd_(fd), start_(start), stream_(std::move(scanner), path_) {}

OpenFile::~OpenFile() {
  ::close(fd_);
}

core::Result<std::unique_ptr<OpenFile>> OpenFile::open(const std::string& path,
                                                       std::unique_ptr<core::Scanner> scanner,
                                                       std::int64_t start) {
  // Without O_NONBLOCK a pipe that nobody writes to would hold us here, deaf to the interrupt.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return core::fail(cannot_read(path, errno));
  std::unique_ptr<OpenFile> file(new OpenFile(path, fd, std::move(scanner), start));
  struct stat info {};
  if (::fstat(fd, &info) != 0) return core::fail(cannot_read(path, errno));
  if (S_ISDIR(info.st_mode)) return core::fail(cannot_read(path, EISDIR));
  if (start > 0 && ::lseek(fd, start, SEEK_SET) < 0) return core::fail(cannot_read(path, errno));
  file->device_ = info.st_dev;
  file->inode_ = info.st_ino;
  file->modified_ = info.st_mtim.tv_sec;
  file->modified_text_ = core::to_rfc3339(core::from_unix(info.st_mtim.tv_sec));
  file->regular_ = S_ISREG(info.st_mode);
  return file;
}

core::Result<ScannedStream::State> OpenFile::read(const core::Interrupt& interrupt,
                                                  std::chrono::milliseconds wait,
                                                  core::Batch& batch) {
  if (broken_) return ScannedStream::State::kEnd;
  auto state = stream_.read(fd_, !regular_, interrupt, wait, batch);
  if (!state) {
    const core::Error& error = state.error();
    // Reading again would repeat what is out already, so a failing disk ends the run.
    if (error.code == core::ErrorCode::kUnavailable) {
      return core::fail(core::ErrorCode::kInvalidConfig, "`" + path_ + "`: " + error.message);
    }
    if (error.code != core::ErrorCode::kInvalidData && error.code != core::ErrorCode::kLimit)
      return state;
    broken_ = true;
    core::Message& bad = batch.add("");
    bad.position = static_cast<std::int64_t>(stream_.bytes_read());
    bad.fail(error.code, "reading `" + path_ + "`: " + error.message, "scanner");
    state = ScannedStream::State::kBatch;
  }
  if (*state == ScannedStream::State::kBatch) stamp(batch);
  return state;
}

std::int64_t OpenFile::offset() const {
  const auto within = stream_.scanner().resume_offset();
  return within ? start_ + *within : start_;
}

void OpenFile::stamp(core::Batch& batch) const {
  core::Arena& arena = batch.storage().arena();
  const core::Value path = core::Value::string(arena.copy(path_));
  const core::Value unix_time = core::Value::integer(modified_);
  const core::Value time = core::Value::string(arena.copy(modified_text_));
  core::Value shared = core::Value::object(arena, 3);
  core::append_member(shared, core::Value::string("path"), path, arena);
  core::append_member(shared, core::Value::string("mod_time_unix"), unix_time, arena);
  core::append_member(shared, core::Value::string("mod_time"), time, arena);
  for (core::Message& message : batch) {
    if (message.position != core::Message::kNoPosition) message.position += start_;
    if (message.metadata().is_null()) {
      message.replace_metadata(shared);  // one object for all: copied when somebody changes it
      continue;
    }
    message.set_metadata("path", path);
    message.set_metadata("mod_time_unix", unix_time);
    message.set_metadata("mod_time", time);
  }
}

}  // namespace weir::inputs
