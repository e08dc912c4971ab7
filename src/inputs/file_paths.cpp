#include "inputs/file_paths.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unordered_set>

#include <fnmatch.h>
#include <sys/stat.h>

namespace weir::inputs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxAlternatives = 1000;
constexpr int kMaxFolderDepth = 64;

core::Error too_many(std::string_view pattern) {
  return {core::ErrorCode::kLimit, "listing `" + std::string(pattern) + "`: more than " +
                                       std::to_string(kMaxFiles) + " files"};
}

// `a{b,c}d` becomes `abd` and `acd`; unclosed braces stay as they are.
void expand_braces(const std::string& text, std::vector<std::string>& out) {
  const std::size_t open = text.find('{');
  const std::size_t close = open == std::string::npos ? open : text.find('}', open);
  if (close == std::string::npos || out.size() >= kMaxAlternatives) {
    out.push_back(text);
    return;
  }
  std::size_t begin = open + 1;
  while (begin <= close) {
    const std::size_t end = std::min(text.find(',', begin), close);
    expand_braces(text.substr(0, open) + text.substr(begin, end - begin) + text.substr(close + 1),
                  out);
    begin = end + 1;
  }
}

class Walk {
 public:
  Walk(std::string_view pattern, std::vector<std::string>& found) : found_(found) {
    for (std::size_t at = 0; at <= pattern.size();) {
      const std::size_t end = std::min(pattern.find('/', at), pattern.size());
      if (end > at) steps_.emplace_back(pattern.substr(at, end - at));
      at = end + 1;
    }
  }

  void run(const std::string& start) { visit(start, 0, 0); }

 private:
  void visit(const std::string& folder, std::size_t step, int depth) {
    if (found_.size() > kMaxFiles || depth > kMaxFolderDepth || step >= steps_.size()) return;
    const std::string& name = steps_[step];
    const bool last = step + 1 == steps_.size();
    if (name == "**") {
      if (!last) visit(folder, step + 1, depth);
      for_each_entry(folder, [&](const std::string& entry, bool is_folder, bool is_link) {
        if (is_folder) {
          if (!is_link) visit(folder + entry + "/", step, depth + 1);
        } else if (last) {
          found_.push_back(folder + entry);
        }
      });
      return;
    }
    if (!is_glob(name)) {
      struct stat info {};
      if (::stat((folder + name).c_str(), &info) != 0) return;
      if (S_ISDIR(info.st_mode)) {
        visit(folder + name + "/", step + 1, depth + 1);
      } else if (last) {
        found_.push_back(folder + name);
      }
      return;
    }
    for_each_entry(folder, [&](const std::string& entry, bool is_folder, bool) {
      if (::fnmatch(name.c_str(), entry.c_str(), 0) != 0) return;
      if (is_folder) {
        visit(folder + entry + "/", step + 1, depth + 1);
      } else if (last) {
        found_.push_back(folder + entry);
      }
    });
  }

  template <class Visit>
  static void for_each_entry(const std::string& folder, const Visit& visit) {
    std::error_code error;
    fs::directory_iterator entries(folder.empty() ? "." : folder, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      std::error_code ignored;
      visit(entries->path().filename().string(), entries->is_directory(ignored),
            entries->is_symlink(ignored));
    }
  }

  std::vector<std::string> steps_;
  std::vector<std::string>& found_;
};

}  // namespace

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of("*?[{") != std::string_view::npos;
}

core::Result<std::vector<std::string>> expand_glob(std::string_view pattern) {
  std::vector<std::string> alternatives;
  expand_braces(std::string(pattern), alternatives);
  std::vector<std::string> found;
  for (const std::string& one : alternatives) {
    Walk(one, found).run(one.starts_with('/') ? "/" : "");
    if (found.size() > kMaxFiles) return core::fail(too_many(pattern));
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

core::Result<std::vector<std::string>> expand_paths(const std::vector<std::string>& paths) {
  std::vector<std::string> all;
  std::unordered_set<std::string> seen;
  for (const std::string& path : paths) {
    std::vector<std::string> found;
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) {  // also a file whose name looks like a pattern
      found.push_back(path);
    } else if (!is_glob(path)) {
      const auto code = errno == ENOENT || errno == ENOTDIR ? core::ErrorCode::kNotFound
                                                            : core::ErrorCode::kInvalidConfig;
      return core::fail(code, "reading `" + path + "`: " + std::strerror(errno));
    } else {
      WEIR_TRY(found, expand_glob(path));
      if (found.empty())
        return core::fail(core::ErrorCode::kNotFound, "reading `" + path + "`: no file matches");
    }
    for (std::string& one : found) {
      if (seen.insert(one).second) all.push_back(std::move(one));
    }
    if (all.size() > kMaxFiles) return core::fail(too_many(path));
  }
  return all;
}

}  // namespace weir::inputs
