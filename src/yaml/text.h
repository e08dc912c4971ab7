#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::yaml {

/// The first byte that may not stand in a YAML file: broken UTF-8, a control character other than
/// tab and line breaks, a carriage return without a line feed.
struct BadByte {
  std::size_t offset = 0;
  std::string message;
};
[[nodiscard]] std::optional<BadByte> find_bad_byte(std::string_view text);

/// True for well-formed UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

/// The length of the well-formed UTF-8 sequence at `at`; 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t at);

/// Line and column, 1-based, of an offset.
struct LineColumn {
  unsigned line = 1;
  unsigned column = 1;
};
[[nodiscard]] LineColumn line_column(std::string_view text, std::size_t offset);

}  // namespace weir::yaml
