#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::core {

/// Appends `text` as a Go string literal in double quotes, as strconv.Quote and `%q` write it.
///
/// Printable characters stay as they are; control characters become \a \b \f \n \r \t \v or \x07,
/// unprintable ones \u00ad or \U000e0001, bytes that are not UTF-8 \xff. With `ascii_only` every
/// character above U+007E is escaped too (`%+q`).
void append_quoted(std::string& out, std::string_view text, bool ascii_only = false);

/// As append_quoted, but one character in single quotes (`%q` of an integer).
/// Code points that are not characters are written as U+FFFD.
void append_quoted_char(std::string& out, char32_t code_point, bool ascii_only = false);

[[nodiscard]] std::string go_quoted(std::string_view text);

/// The text of a Go string literal: "...", '...' (at most one character) or `...` (raw).
/// Error kInvalidData, `invalid syntax`: anything else, unknown escapes and bad UTF-8 escapes too.
[[nodiscard]] Result<std::string> unquote(std::string_view literal);

/// True when Go's unicode.IsPrint holds: letters, marks, numbers, punctuation, symbols, the ASCII
/// space.
[[nodiscard]] bool is_printable(char32_t code_point);

/// One character taken from the front of a UTF-8 text.
struct Utf8Step {
  char32_t code_point = 0xFFFD;
  unsigned char size = 0;  ///< bytes used; 0 only for an empty text
  bool valid = false;      ///< false: one bad byte was used, code_point is U+FFFD
};

/// Decodes the first character. Overlong forms, surrogates and values above U+10FFFF are not valid.
[[nodiscard]] Utf8Step decode_utf8(std::string_view text);

/// Decodes the last character, with the same rules (one bad byte when the end is not a character).
[[nodiscard]] Utf8Step decode_last_utf8(std::string_view text);

/// Appends a code point as UTF-8; one that is no character (surrogate, too big) as U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace weir::core
