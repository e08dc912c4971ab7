#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "mapping/context.h"

namespace weir::mapping {

namespace {

constexpr std::size_t kMaxFile = std::size_t{256} << 20;

core::Result<std::string> read_whole_file(const std::string& path) {
  const auto failed = [&path](int error) {
    const auto code = error == ENOENT ? core::ErrorCode::kNotFound : core::ErrorCode::kUnavailable;
    std::string why = std::strerror(error);
    if (!why.empty() && why[0] == 'N' && error == ENOENT) why[0] = 'n';
    return core::fail(code, "open " + path + ": " + why);
  };
  std::FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return failed(errno);
  std::string content;
  char chunk[64 * 1024];
  std::size_t got = 0;
  while ((got = std::fread(chunk, 1, sizeof chunk, file)) > 0 && content.size() <= kMaxFile) {
    content.append(chunk, got);
  }
  const int error = std::ferror(file) != 0 ? errno : 0;
  std::fclose(file);
  if (error != 0) return failed(error);
  if (content.size() > kMaxFile) {
    return core::fail(core::ErrorCode::kLimit, "reading " + path + ": larger than 256 MiB");
  }
  return content;
}

}  // namespace

Environment Environment::system() {
  Environment made;
  made.env = [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  made.read_file = read_whole_file;
  made.read_import = read_whole_file;
  made.hostname = []() -> core::Result<std::string> {
    char name[256] = {};
    if (gethostname(name, sizeof name - 1) != 0) {
      return core::unavailable("asking for the host name: " + std::string(std::strerror(errno)));
    }
    return std::string(name);
  };
  return made;
}

Environment Environment::sandboxed() {
  return Environment{};
}

}  // namespace weir::mapping
