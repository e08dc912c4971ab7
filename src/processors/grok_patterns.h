#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::processors {

/// Patterns by name, in RE2 syntax with references to others: `%{NAME}`.
using GrokPatterns = std::map<std::string, std::string, std::less<>>;

/// The well-known names.
[[nodiscard]] const GrokPatterns& default_grok_patterns();

/// Adds the definitions of a pattern file: a line each, `NAME regular expression`; `#` begins a
/// comment. Error kInvalidConfig with the line.
[[nodiscard]] core::Status read_grok_patterns(std::string_view text, GrokPatterns& into);

enum class GrokType : unsigned char { kString, kInt, kFloat };

/// A grok expression as one regular expression: the group called `key` captures the field.
struct GrokExpansion {
  struct Field {
    std::string group;  ///< name of the group in the expression
    std::string name;   ///< path of the field in the result
    GrokType type = GrokType::kString;
  };
  std::string regexp;
  std::vector<Field> fields;
};

/// Replaces `%{NAME}`, `%{NAME:field}`, `%{NAME:field:type}` (int, float, string). References
/// without a field capture under their own name unless `named_only`.
/// Error kInvalidConfig: a name that is not known, references too deep, a result over 256 KiB.
[[nodiscard]] core::Result<GrokExpansion> expand_grok(std::string_view expression,
                                                      const GrokPatterns& patterns,
                                                      bool named_only);

}  // namespace weir::processors
