#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace weir::mapping::text {

// Paths as texts, with `/`; nothing is looked up in a file system.

/// The shortest path that means the same: no `.`, no doubled or trailing slashes, `..` resolved
/// where something precedes it; `.` for the empty path.
[[nodiscard]] std::string clean_path(std::string_view path);

/// The parts, without the empty ones, joined by slashes and cleaned; empty when all are.
[[nodiscard]] std::string join_path(std::span<const std::string_view> parts);

/// Folder up to and with the last slash, and the rest: `/foo/bar.txt` gives `/foo/` and `bar.txt`.
[[nodiscard]] std::pair<std::string_view, std::string_view> split_path(std::string_view path);

}  // namespace weir::mapping::text
