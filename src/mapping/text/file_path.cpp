#include "mapping/text/file_path.h"

#include <algorithm>
#include <vector>

namespace weir::mapping::text {

std::string clean_path(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> kept;
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view name = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (name.empty() || name == ".") continue;
    if (name != "..") {
      kept.push_back(name);
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!rooted) {
      kept.push_back(name);
    }
  }
  std::string clean(rooted ? "/" : "");
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) clean.push_back('/');
    clean.append(kept[i]);
  }
  return clean.empty() ? "." : clean;
}

std::string join_path(std::span<const std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    if (!joined.empty()) joined.push_back('/');
    joined.append(part);
  }
  return joined.empty() ? joined : clean_path(joined);
}

std::pair<std::string_view, std::string_view> split_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t at = slash == std::string_view::npos ? 0 : slash + 1;
  return {path.substr(0, at), path.substr(at)};
}

}  // namespace weir::mapping::text
