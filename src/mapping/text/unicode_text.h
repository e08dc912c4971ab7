#pragma once

#include <string>
#include <string_view>

namespace weir::mapping::text {

// Text by characters. In all of these a byte that is not UTF-8 counts as one character, U+FFFD.

/// Appends every character in upper or lower case: one character each, as Go's strings.ToUpper does
/// (`ß` stays), bytes that are not UTF-8 as U+FFFD.
void append_uppercase(std::string& out, std::string_view text);
void append_lowercase(std::string& out, std::string_view text);

/// Appends the text with the first letter of each word in title case and all others in lower case.
/// Words go on over letters, digits, marks, `_`, and single `'`, `.` or `:` between letters; `ß` at
/// a word's beginning becomes `Ss`, a final capital sigma `ς`. Bytes that are not UTF-8 stay.
void append_capitalized(std::string& out, std::string_view text);

[[nodiscard]] bool is_valid_utf8(std::string_view text);

/// Appends the text with every byte that is not UTF-8 replaced by U+FFFD.
void append_valid_utf8(std::string& out, std::string_view text);

/// Appends the characters in reverse order; bytes that are not UTF-8 as U+FFFD.
void append_reversed(std::string& out, std::string_view text);

/// Takes the first character off, as bytes: `split("")` goes on until the text is empty.
[[nodiscard]] std::string_view take_character(std::string_view& text);

/// Unicode white space.
[[nodiscard]] bool is_space(char32_t code_point);

/// The text without white space, or without characters of `cutset`, at both ends. Parts of `text`.
[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view cutset);

}  // namespace weir::mapping::text
