#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/result.h"
#include "core/value.h"

namespace weir::core {

/// Decodes the inside of a valid JSON string literal into `to` (at least inside.size() bytes);
/// returns the bytes written. A lone surrogate becomes U+FFFD, as in the reference.
std::size_t decode_json_string(std::string_view inside, char* to);
/// Same, replacing the content of a string.
void decode_json_string(std::string_view inside, std::string& to);

/// How values become JSON text.
struct JsonStyle {
  bool sort_keys = false;    ///< bytewise; needed wherever a value becomes text inside the language
  bool escape_html = false;  ///< `<`, `>`, `&` as \u003c, \u003e, \u0026
  std::string_view indent = {};  ///< per level; empty = compact
};

/// Appends the value as JSON.
///
/// Untouched containers are copied from their source text (compacted when it holds a line break);
/// document numbers verbatim; bytes as base64; timestamps as RFC 3339. Invalid UTF-8 in strings
/// becomes U+FFFD. Errors: kInvalidData for NaN, infinities and markers, kLimit past kMaxDepth.
[[nodiscard]] Status write_json(Value value, Buffer& out, const JsonStyle& style = {});

/// Appends `text` with quotes and escapes; repairs invalid UTF-8.
void write_json_string(std::string_view text, Buffer& out, bool escape_html = false);

/// Appends valid JSON text without white space outside of strings.
void compact_json(std::string_view json, Buffer& out);

/// Appends a finite double as in a JSON document: shortest digits, plain between 1e-6 and 1e21.
void write_json_double(double d, Buffer& out, bool narrow = false);

}  // namespace weir::core
