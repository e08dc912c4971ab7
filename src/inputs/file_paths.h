#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::inputs {

/// Most files that one `paths` field may stand for.
inline constexpr std::size_t kMaxFiles = 100'000;

/// Holds `*`, `?`, `[` or `{`.
[[nodiscard]] bool is_glob(std::string_view pattern);

/// The files that a pattern matches, sorted by bytes: `*`, `?`, `[a-z]` within a name, `{a,b}`, and
/// `**` for any folders. Folders themselves are left out, folders that cannot be read are passed
/// over. Error kLimit: more than kMaxFiles.
[[nodiscard]] core::Result<std::vector<std::string>> expand_glob(std::string_view pattern);

/// All files of a `paths` field in order, each once. A path without wildcards is taken as it is.
/// Error kNotFound: a path that does not exist, or a pattern that matches nothing.
[[nodiscard]] core::Result<std::vector<std::string>> expand_paths(
    const std::vector<std::string>& paths);

}  // namespace weir::inputs
