#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/result.h"
#include "core/time.h"
#include "core/value.h"

namespace weir::mapping {

// How values behave in the language, for operators, functions and methods alike.

/// `string`, `bytes`, `number`, `bool`, `timestamp`, `array`, `object`, `null`, `delete`,
/// `nothing`.
[[nodiscard]] std::string_view type_name(core::Value value);

/// `expected string value, got number (5)`; `expected` as "array or string". The value is shown for
/// strings (quoted), numbers and bools. `origin` (field `this.a`) goes in as ` from ...`.
[[nodiscard]] std::string type_error(std::string_view expected, core::Value value,
                                     std::string_view origin = {});

/// A number as it is computed with: document numbers become int64 when their text is an integer in
/// range, else a double; everything else stays. Empty: not a number, or a text beyond a double.
[[nodiscard]] std::optional<core::Value> computed(core::Value value);

/// The value of an int64, or of a document number that is a plain integer of up to 18 digits: the
/// numbers that most data is made of, without further ado.
[[nodiscard]] inline bool plain_integer(core::Value value, std::int64_t& out) {
  if (value.is(core::Kind::kInt)) {
    out = value.as_int();
    return value.width() == core::NumberWidth::kFull;
  }
  if (!value.is(core::Kind::kNumber)) return false;
  const std::string_view text = value.stored();
  if (text.size() > 18) return false;
  const bool negative = text[0] == '-';
  std::int64_t number = 0;
  for (std::size_t i = negative ? 1 : 0; i < text.size(); ++i) {
    const auto digit = static_cast<unsigned>(text[i] - '0');
    if (digit > 9) return false;
    number = number * 10 + digit;
  }
  out = negative ? -number : number;
  return true;
}

/// As an integer parameter sees it: any number, fractions cut off.
[[nodiscard]] std::optional<std::int64_t> as_integer(core::Value value);
[[nodiscard]] std::optional<double> as_number(core::Value value);
/// As a bool parameter sees it: bools and numbers.
[[nodiscard]] std::optional<bool> as_flag(core::Value value);
/// As a timestamp parameter sees it: timestamps, unix seconds, RFC 3339 text.
[[nodiscard]] core::Result<core::Timestamp> as_timestamp(core::Value value, core::Arena& arena);
[[nodiscard]] bool is_text(core::Value value);  ///< string or bytes

/// Appends the text form of `string()`: text as it is, documents as compact JSON with sorted keys
/// and HTML escapes, floats in %g style, markers as `null`. Error: NaN within a document.
[[nodiscard]] core::Status append_text(core::Value value, core::Buffer& out);
/// The same in the arena (text values are not copied).
[[nodiscard]] core::Result<std::string_view> text_of(core::Value value, core::Arena& arena);

/// `==`. Never fails. Deep, nested numbers as doubles; a bool on the left accepts a number.
[[nodiscard]] bool equals(core::Value left, core::Value right, core::Arena& arena);

/// Order of two numbers, or of two texts / timestamps: negative, 0, positive. Empty: they do not
/// compare.
[[nodiscard]] std::optional<int> compare(core::Value left, core::Value right, core::Arena& arena);

/// A path string (`a.b~1c.0`) as segments, escapes resolved.
[[nodiscard]] std::vector<std::string> split_path(std::string_view path);
/// The value at a path; null when it does not resolve. `*` collects from all elements of an array.
[[nodiscard]] core::Value get_path(core::Value from, const std::vector<std::string>& path,
                                   core::Arena& arena);
/// Whether the path resolves (null counts as there).
[[nodiscard]] bool path_exists(core::Value from, const std::vector<std::string>& path,
                               core::Arena& arena);

}  // namespace weir::mapping
