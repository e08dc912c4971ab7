#include "inputs/file_positions.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codecs/crc32c.h"
#include "core/message.h"

namespace weir::inputs {
namespace {

constexpr std::int64_t kMaxPositionsBytes = std::int64_t{64} << 20;

core::Error failed(const char* doing, const std::string& file, int error) {
  return {core::ErrorCode::kUnavailable,
          std::string(doing) + " `" + file + "`: " + std::strerror(error)};
}

template <class T>
bool read_number(core::Value object, std::string_view key, T& out) {
  const core::Member* member = core::find(object, key);
  if (member == nullptr || !member->value.is(core::Kind::kNumber)) return false;
  const std::string_view text = member->value.stored();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

core::Status write_all(int fd, std::string_view text, const std::string& file) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return core::fail(failed("writing", file, errno));
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0) return core::fail(failed("syncing", file, errno));
  return {};
}

}  // namespace

std::string FilePosition::packed() const {
  std::string text(sizeof(FilePosition), '\0');
  std::memcpy(text.data(), this, sizeof(FilePosition));
  return text;
}

FilePosition FilePosition::unpacked(std::string_view text) {
  FilePosition position;
  if (text.size() == sizeof(FilePosition))
    std::memcpy(&position, text.data(), sizeof(FilePosition));
  return position;
}

std::uint32_t head_checksum(int fd, std::uint32_t& size) {
  char head[FilePosition::kHeadBytes];
  const ssize_t n = ::pread(fd, head, std::min(size, FilePosition::kHeadBytes), 0);
  size = n < 0 ? 0 : static_cast<std::uint32_t>(n);
  return codecs::crc32c({head, size});
}

const FilePosition* FilePositions::find(const std::string& path) const {
  const auto found = positions_.find(path);
  return found == positions_.end() ? nullptr : &found->second;
}

void FilePositions::set(const std::string& path, const FilePosition& position) {
  positions_[path] = position;
  changed_ = true;
}

core::Status FilePositions::load() {
  if (file_.empty()) return {};
  const int fd = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return {};
    return core::fail(failed("reading", file_, errno));
  }
  struct stat info {};
  std::string text;
  int error = ::fstat(fd, &info) == 0 ? 0 : errno;
  if (error == 0 && info.st_size <= kMaxPositionsBytes) {
    text.resize(static_cast<std::size_t>(info.st_size));
    const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
    if (n < 0) error = errno;
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  }
  ::close(fd);
  if (error != 0) return core::fail(failed("reading", file_, error));
  core::Batch batch = core::Batch::fresh();
  auto root = batch.add(text).root();
  const auto damaged = [&] {
    return core::invalid_data("reading `" + file_ +
                              "`: not a list of file positions (remove it to start over)");
  };
  if (!root || !root->is(core::Kind::kObject)) return damaged();
  const core::Member* files = core::find(*root, "files");
  if (files == nullptr || !files->value.is(core::Kind::kArray)) return damaged();
  for (const core::Value one : core::items(files->value)) {
    if (!one.is(core::Kind::kObject)) return damaged();
    const core::Member* path = core::find(one, "path");
    FilePosition position;
    if (path == nullptr || !path->value.is(core::Kind::kString) ||
        !read_number(one, "inode", position.inode) ||
        !read_number(one, "offset", position.offset) ||
        !read_number(one, "head_size", position.head_size) ||
        !read_number(one, "head_crc", position.head_crc) || position.offset < 0) {
      return damaged();
    }
    positions_[std::string(path->value.text(batch.storage().arena()))] = position;
  }
  return {};
}

core::Status FilePositions::save() {
  if (file_.empty() || !changed_) return {};
  core::Batch batch = core::Batch::fresh();
  core::Arena& arena = batch.storage().arena();
  core::Value files = core::Value::array(arena);
  for (const auto& [path, position] : positions_) {
    core::Value one = core::Value::object(arena, 5);
    core::set_member(one, "path", core::Value::string(path), arena);
    core::set_member(one, "inode", core::Value::unsigned_integer(position.inode), arena);
    core::set_member(one, "offset", core::Value::integer(position.offset), arena);
    core::set_member(one, "head_size", core::Value::integer(position.head_size), arena);
    core::set_member(one, "head_crc", core::Value::integer(position.head_crc), arena);
    core::append_item(files, one, arena);
  }
  core::Value root = core::Value::object(arena, 2);
  core::set_member(root, "version", core::Value::integer(1), arena);
  core::set_member(root, "files", files, arena);
  core::Message& message = batch.add("");
  message.set_root(root);
  WEIR_TRY(const std::string_view text, message.payload());

  const std::filesystem::path folder = std::filesystem::path(file_).parent_path();
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  const std::string fresh = file_ + ".tmp";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return core::fail(failed("writing", fresh, errno));
  core::Status written = write_all(fd, text, fresh);
  if (::close(fd) != 0 && written) written = core::fail(failed("writing", fresh, errno));
  if (!written) return written;
  if (::rename(fresh.c_str(), file_.c_str()) != 0)
    return core::fail(failed("replacing", file_, errno));
  if (const int dir = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); dir >= 0) {
    (void)::fsync(
        dir);  // without it a power cut may bring the old positions back: repeats, no loss
    ::close(dir);
  }
  changed_ = false;
  return {};
}

}  // namespace weir::inputs
