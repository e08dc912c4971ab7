#include "files.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/diagnostics_format.h"

namespace weir::cmd {

namespace {

constexpr std::size_t kMaxFile = std::size_t{64} << 20;

// Where the family looks when no file is named.
constexpr const char* kDefaultPaths[] = {
    "/weir.yaml",       "/etc/weir/config.yaml",      "/etc/weir.yaml",
    "/connect.yaml",    "/etc/redpanda-connect.yaml", "/benthos.yaml",
    "/etc/benthos.yaml"};

std::vector<std::string> glob_paths(const std::string& pattern) {
  std::vector<std::string> found;
  glob_t result{};
  if (::glob(pattern.c_str(), 0, nullptr, &result) == 0) {
    for (std::size_t i = 0; i < result.gl_pathc; ++i) found.emplace_back(result.gl_pathv[i]);
  }
  globfree(&result);
  return found;
}

bool has_wildcard(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

bool is_yaml(const std::filesystem::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

}  // namespace

core::Result<std::string> read_file(const std::string& path) {
  const bool is_stdin = path == "-";
  const int fd = is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return core::fail(errno == ENOENT ? core::ErrorCode::kNotFound : core::ErrorCode::kUnavailable,
                      "reading `" + path + "`: " + std::strerror(errno));
  }
  std::string text;
  char buffer[65536];
  core::Status status;
  while (true) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      status = core::fail(core::ErrorCode::kUnavailable,
                          "reading `" + path + "`: " + std::strerror(errno));
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > kMaxFile) {
      status =
          core::fail(core::ErrorCode::kInvalidConfig, "reading `" + path + "`: larger than 64 MiB");
      break;
    }
  }
  if (!is_stdin) ::close(fd);
  if (!status) return core::fail(std::move(status).error());
  return text;
}

std::vector<std::string> expand_paths(const std::vector<std::string>& patterns) {
  namespace fs = std::filesystem;
  std::vector<std::string> all;
  for (const std::string& pattern : patterns) {
    const bool recursive = pattern == "..." || pattern.ends_with("/...");
    std::error_code ignored;
    if (recursive || fs::is_directory(pattern, ignored)) {
      std::string folder = recursive ? pattern.substr(0, pattern.size() - 3) : pattern;
      if (folder.empty()) folder = ".";
      std::vector<std::string> found;
      for (auto it = fs::recursive_directory_iterator(
               folder, fs::directory_options::skip_permission_denied, ignored);
           it != fs::recursive_directory_iterator(); it.increment(ignored)) {
        if (ignored) break;
        if (it->is_regular_file(ignored) && is_yaml(it->path()))
          found.push_back(it->path().lexically_normal().string());
      }
      std::sort(found.begin(), found.end());
      all.insert(all.end(), found.begin(), found.end());
    } else if (has_wildcard(pattern)) {
      for (std::string& one : glob_paths(pattern)) all.push_back(std::move(one));
    } else {
      all.push_back(pattern);
    }
  }
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

core::Result<config::EnvLookup> make_env(const std::vector<std::string>& files) {
  auto values = std::make_shared<std::map<std::string, std::string, std::less<>>>();
  for (const std::string& path : expand_paths(files)) {
    WEIR_TRY(const std::string text, read_file(path));
    WEIR_TRY(auto entries, config::parse_dotenv(text, path));
    for (auto& entry : entries) (*values)[entry.name] = std::move(entry.value);
  }
  return config::EnvLookup([values](std::string_view name) -> std::optional<std::string> {
    if (const auto found = values->find(name); found != values->end()) return found->second;
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  });
}

core::Result<config::LoadRequest> make_request(const CommonOptions& options) {
  config::LoadRequest request;
  request.file = options.file;
  if (request.file.empty() && options.sets.empty()) {
    for (const char* path : kDefaultPaths) {
      if (::access(path, F_OK) == 0) {
        request.file = path;
        break;
      }
    }
    if (request.file.empty()) {
      return core::fail(
          core::ErrorCode::kNotFound,
          "no configuration file: name one (`weir run pipeline.yaml`), or `-` for standard input");
    }
  }
  if (!request.file.empty()) {
    WEIR_TRY(request.text, read_file(request.file));
    if (request.file == "-") request.file = "<stdin>";
  } else {
    request.file = "<none>";  // everything comes from -s
  }
  for (const std::string& path : expand_paths(options.resources)) {
    WEIR_TRY(std::string text, read_file(path));
    request.resources.emplace_back(path, std::move(text));
  }
  WEIR_TRY(request.env, make_env(options.env_files));
  request.overrides = options.sets;
  request.sandbox = options.sandbox;
  return request;
}

int exit_code(const core::Error& error) {
  return error.code == core::ErrorCode::kInvalidConfig ? 1 : 5;
}

void print_findings(const config::Diagnostics& diagnostics, const config::LoadRequest& request) {
  config::FindingsReport report;
  report.findings = diagnostics.sorted();
  report.files = {request.file};
  report.colour = isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  report.source_line = [&request](const std::string& file,
                                  unsigned line) -> std::optional<std::string> {
    const std::string* text = file == request.file ? &request.text : nullptr;
    for (const auto& [name, content] : request.resources) {
      if (name == file) text = &content;
    }
    if (text == nullptr) return std::nullopt;
    std::size_t start = 0;
    for (unsigned i = 1; i < line; ++i) {
      start = text->find('\n', start);
      if (start == std::string::npos) return std::nullopt;
      ++start;
    }
    return text->substr(start, text->find('\n', start) - start);
  };
  const std::string text = config::format_findings(report, config::FindingsFormat::kText);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace weir::cmd
