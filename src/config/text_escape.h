#pragma once

#include <string>
#include <string_view>

/// Foreign text inside the formats we write. Bytes that are no UTF-8 become U+FFFD everywhere.
namespace weir::config {

/// A JSON string with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

/// Text for XML 1.0 elements and attributes in double quotes; characters XML cannot hold become
/// U+FFFD.
[[nodiscard]] std::string xml_text(std::string_view text);

/// Text for a terminal, on one line: control characters are spelled (`\n`, `\x1b`), tabs kept.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace weir::config
