#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caches/all.h"

namespace weir::caches {
namespace {

using core::ErrorCode;
using core::Status;
using Ttl = std::optional<std::chrono::nanoseconds>;

constexpr std::size_t kMaxName = 200;
constexpr off_t kMaxValue = off_t{1} << 30;

struct FileConfig {
  std::string directory;
};

config::Spec<FileConfig> file_spec() {
  return config::Spec<FileConfig>("file")
      .summary("Keeps each item in a file of its own.")
      .description(
          "Items never end, and nothing limits them: for trying things out, or for keys that are "
          "few. The file is named after the key; characters that a name cannot hold are written "
          "`%XX`, so no key leaves the folder. A reader never sees half an item.")
      .field("directory", &FileConfig::directory,
             {.doc = "The folder; made when missing.", .required = true});
}

class FileCache final : public core::Cache {
 public:
  explicit FileCache(std::string directory) : directory_(std::move(directory)) {}

  Status open() override {
    std::error_code error;
    std::filesystem::create_directories(directory_, error);
    if (error) {
      return core::unavailable("creating the folder `" + directory_ + "`: " + error.message());
    }
    return {};
  }
  core::Result<std::string> get(std::string_view key) override {
    WEIR_TRY(const std::string path, path_of(key));
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
      if (errno == ENOENT) return core::fail(ErrorCode::kNotFound, "key does not exist");
      return core::unavailable(reason("reading", path));
    }
    std::string value;
    char buffer[16384];
    ssize_t n = 0;
    while ((n = ::read(fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR)) {
      if (n > 0) value.append(buffer, static_cast<std::size_t>(n));
      if (value.size() > static_cast<std::size_t>(kMaxValue)) break;
    }
    const std::string failure = n < 0 ? reason("reading", path) : "";
    ::close(fd);
    if (!failure.empty()) return core::unavailable(failure);
    return value;
  }
  Status set(std::string_view key, std::string_view value, Ttl) override {
    WEIR_TRY(const std::string path, path_of(key));
    WEIR_TRY(const std::string temporary, write_temporary(value));
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
      const std::string failure = reason("writing", path);
      ::unlink(temporary.c_str());
      return core::unavailable(failure);
    }
    return {};
  }
  core::Result<bool> add(std::string_view key, std::string_view value, Ttl) override {
    WEIR_TRY(const std::string path, path_of(key));
    struct stat there {};
    if (::lstat(path.c_str(), &there) == 0) return false;
    WEIR_TRY(const std::string temporary, write_temporary(value));
    // A link is made only where there is no file: of two at once, one wins.
    const int linked = ::link(temporary.c_str(), path.c_str());
    const int failure = errno;
    ::unlink(temporary.c_str());
    if (linked == 0) return true;
    if (failure == EEXIST) return false;
    errno = failure;
    return core::unavailable(reason("writing", path));
  }
  Status remove(std::string_view key) override {
    WEIR_TRY(const std::string path, path_of(key));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return core::unavailable(reason("removing", path));
    }
    return {};
  }

 private:
  static std::string reason(const char* doing, const std::string& path) {
    return std::string(doing) + " `" + path + "`: " + std::strerror(errno);
  }

  core::Result<std::string> path_of(std::string_view key) const {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string name;
    for (const char c : key) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain =
          byte > 0x20 && byte != 0x7F && c != '/' && c != '%' && !(name.empty() && c == '.');
      if (plain || (c == ' ' && !name.empty())) {
        name.push_back(c);
      } else {
        name += {'%', kHex[byte >> 4], kHex[byte & 15]};
      }
    }
    if (name.empty()) name = "%";
    if (name.size() > kMaxName) {
      return core::fail(ErrorCode::kLimit, "the key is too long to name a file (" +
                                               std::to_string(name.size()) + " bytes, " +
                                               std::to_string(kMaxName) + " at most)");
    }
    return directory_ + "/" + name;
  }

  core::Result<std::string> write_temporary(std::string_view value) {
    const std::string path = directory_ + "/.weir-" + std::to_string(::getpid()) + "-" +
                             std::to_string(++last_temporary_);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return core::unavailable(reason("writing", path));
    while (!value.empty()) {
      const ssize_t n = ::write(fd, value.data(), value.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        const std::string failure = reason("writing", path);
        ::close(fd);
        ::unlink(path.c_str());
        return core::unavailable(failure);
      }
      value.remove_prefix(static_cast<std::size_t>(n));
    }
    ::close(fd);
    return path;
  }

  const std::string directory_;
  std::atomic<std::uint64_t> last_temporary_{0};
};

core::Result<std::unique_ptr<core::Cache>> make_file(const FileConfig& config,
                                                     const config::Resources&) {
  return std::make_unique<FileCache>(config.directory);
}

}  // namespace

void add_file(config::Registry& registry) {
  registry.add_cache(file_spec(), make_file);
}

}  // namespace weir::caches
