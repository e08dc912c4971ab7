#include "outputs/file_rotation.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <stdio.h>

namespace weir::outputs {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSecond = 1'000'000'000;

std::string stamp(std::int64_t nanos) {
  const std::time_t seconds = nanos / kSecond;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 48> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%06dZ",
                static_cast<int>(nanos % kSecond / 1000));
  return text.data();
}

// `20261120T214100.123456Z`, possibly with `-n` behind it.
bool is_stamp(std::string_view text) {
  constexpr std::string_view kForm = "00000000T000000.000000Z";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return false;
  }
  const std::string_view rest = text.substr(kForm.size());
  if (rest.empty()) return true;
  return rest.size() > 1 && rest.front() == '-' &&
         rest.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

const config::Spec<FileRotation>& FileRotation::spec() {
  static const config::Spec<FileRotation> made =
      config::Spec<FileRotation>()
          .field("size", &FileRotation::size,
                 {.doc = "Start a new file before this one would grow beyond this. Messages that "
                         "are written together are never parted. 0: no limit.",
                  .examples = {"100MiB"}})
          .field("interval", &FileRotation::interval,
                 {.doc = "Start a new file with the first message of each period, counted from "
                         "midnight UTC. 0: never.",
                  .examples = {"1h", "24h"},
                  .min = 0})
          .field("keep", &FileRotation::keep,
                 {.doc = "How many files before the current one are kept. 0: all."});
  return made;
}

bool FileRotation::due(std::uint64_t bytes, std::uint64_t more, std::int64_t written_nanos,
                       std::int64_t now_nanos) const {
  if (bytes == 0) return false;
  if (size.bytes > 0 && bytes + more > size.bytes) return true;
  return interval.count() > 0 && written_nanos / interval.count() < now_nanos / interval.count();
}

core::Result<std::string> rename_rotated(const std::string& path, std::int64_t now_nanos) {
  const std::string base = path + "." + stamp(now_nanos);
  for (int n = 0; n < 1000; ++n) {
    const std::string name = n == 0 ? base : base + "-" + std::to_string(n);
    if (::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0)
      return name;
    if (errno != EEXIST)
      return core::unavailable("renaming `" + path + "`: " + std::strerror(errno));
  }
  return core::unavailable("renaming `" + path + "`: all names are taken");
}

void prune_rotated(const std::string& path, std::uint64_t keep) {
  if (keep == 0) return;
  const fs::path file(path);
  const fs::path folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
  const std::string prefix = file.filename().string() + ".";
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(prefix) && is_stamp(std::string_view(name).substr(prefix.size())))
      found.push_back(at->path().string());
  }
  if (found.size() <= keep) return;
  std::sort(found.begin(), found.end());
  found.resize(found.size() - keep);
  for (const std::string& old : found) fs::remove(old, error);
}

}  // namespace weir::outputs
