#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::mapping::text {

/// Reads a logfmt line, `level=info msg="hello world" debug`, one field at a time.
///
/// Fields stand between white space; a stray `=` or quote where a key should begin is skipped. In
/// quotes
/// `\n \t \r \" \\` and `\uXXXX` are escapes; before any other character a backslash stands for
/// itself.
class LogfmtReader {
 public:
  struct Field {
    std::string_view key;
    bool has_value = false;  ///< false: a bare key, which means true
    std::string_view value;  ///< valid until the next call
  };

  explicit LogfmtReader(std::string_view line) : rest_(line) {}

  /// True with the next field, false at the end.
  /// Error kInvalidData: `logfmt: unterminated quoted value for key "msg"`.
  [[nodiscard]] core::Result<bool> next(Field& field);

 private:
  [[nodiscard]] core::Status quoted_value(Field& field);

  std::string_view rest_;
  std::string unescaped_;
};

}  // namespace weir::mapping::text
