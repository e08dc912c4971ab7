#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "config/references.h"

/// The grammar of `${...}`, for references.cpp and reference_expander.cpp.
namespace weir::config::yaml {

/// A reference in a line of text: [begin, end).
struct ReferenceToken {
  Reference::Kind kind;
  std::size_t begin;
  std::size_t end;
};

/// Appends the outermost references of one line, in order; `base` is added to their offsets. Linear
/// in the length of the line. True when a reference is begun on the line and not closed.
bool scan_references(std::string_view line, std::size_t base, std::vector<ReferenceToken>& tokens);

/// The same for every line of a text.
bool scan_reference_lines(std::string_view text, std::vector<ReferenceToken>& tokens);

/// What stands behind `${`: `NAME`, `NAME|transform`, `NAME:default`, `NAME|transform:default`.
struct ReferenceHead {
  std::string_view name;
  std::string_view transform;
  bool has_default = false;
  /// Where the default begins, or the closing brace stands; npos when this is no variable.
  std::size_t end = std::string_view::npos;
};
[[nodiscard]] ReferenceHead parse_reference_head(std::string_view text, std::size_t at);

/// A placeholder is the marker byte, the reference's number in three of these digits, and filling.
inline constexpr std::string_view kPlaceholderDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

}  // namespace weir::config::yaml
