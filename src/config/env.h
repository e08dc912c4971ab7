#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "core/result.h"

namespace weir::config {

/// The value of a variable; nothing when it is not set. The config layer never reads the process
/// environment itself: commands pass one of these. Must not throw.
using EnvLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// One line of a `.env` file.
struct EnvEntry {
  std::string name;
  std::string value;
  Location where;
};

/// Reads the text of a `.env` file (`-e`): `NAME=value` or `NAME: value`, an optional `export ` in
/// front, `#` comments on lines of their own or after a blank. `'...'` is literal, `"..."` knows
/// `\n \r \t \\ \" \$`; both may span lines. Nothing is expanded inside values. Names are letters,
/// digits, `_` and `.`, not starting with a digit. Entries keep their order; a name given twice
/// appears twice (the last one counts). At most 4 MiB and 100,000 entries. Error kInvalidConfig:
/// the message starts with `file:line:column: `.
[[nodiscard]] core::Result<std::vector<EnvEntry>> parse_dotenv(std::string_view text,
                                                               const std::string& file);

/// Decodes standard base64 (padding optional, line breaks ignored).
/// Error kInvalidData: another character, or bits left over.
[[nodiscard]] core::Result<std::string> base64_decode(std::string_view text);

}  // namespace weir::config
