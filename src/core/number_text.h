#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::core {

/// Room that every write_* function below is satisfied with.
inline constexpr std::size_t kMaxNumberText = 32;

// Writers put the text at `out` (kMaxNumberText bytes of room) and return its end. No terminator.

char* write_int64(char* out, std::int64_t value);
char* write_uint64(char* out, std::uint64_t value);

/// Shortest digits that read back as the same number, as inside JSON: plain decimal while
/// 1e-6 <= abs < 1e21, else an exponent without leading zeros: `3`, `0.000001`, `1e+21`, `1e-7`,
/// `-0`. The value is finite; NaN and infinities, which JSON cannot hold, are written as `null`.
char* write_json_double(char* out, double value);
char* write_json_float(char* out, float value);

/// Shortest digits in Go's %v form: an exponent of at least two digits when the decimal exponent is
/// below -4 or at least 6 (`1e-05`, `1e+06`, `999999`); `NaN`, `+Inf`, `-Inf`.
char* write_go_double(char* out, double value);
char* write_go_float(char* out, float value);

void append_int64(std::string& out, std::int64_t value);
void append_uint64(std::string& out, std::uint64_t value);
void append_json_double(std::string& out, double value);
void append_json_float(std::string& out, float value);
void append_go_double(std::string& out, double value);
void append_go_float(std::string& out, float value);

/// The shortest digits of a finite number: 0.d1d2d3... times 10^point, at most 17 digits.
struct ShortestDigits {
  char digits[17] = {};
  int count = 0;  ///< at least 1; the first digit is 0 only for zero, the last never is otherwise
  int point = 0;  ///< where the decimal point stands, counted from the first digit
  bool negative = false;
};
[[nodiscard]] ShortestDigits shortest_digits(double value);
[[nodiscard]] ShortestDigits shortest_digits(float value);

/// True for the number grammar of JSON (RFC 8259 section 6), whole text.
[[nodiscard]] bool is_json_number(std::string_view text);

// Number text of a document (it matches the JSON grammar) to exact values.

/// The integer when the text has no fraction and no exponent and fits; `1.0` and `1e3` do not.
[[nodiscard]] std::optional<std::int64_t> json_int64(std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> json_uint64(std::string_view text);
/// The nearest double; too small becomes zero. Empty when it overflows or is no number.
[[nodiscard]] std::optional<double> json_double(std::string_view text);

// Text as people write it, read by Go's rules. Error kInvalidData, with Go's words:
// `strconv.ParseFloat: parsing "nope": invalid syntax` or `...: value out of range`.

/// Decimal with optional exponent, `inf`, `infinity`, `nan` in any case, hexadecimal with a `p`
/// exponent; after a 0x prefix or between digits underscores. No blanks.
[[nodiscard]] Result<double> parse_go_float64(std::string_view text);
[[nodiscard]] Result<float> parse_go_float32(std::string_view text);

/// Base 0: `0x`, `0b`, `0o`, a leading 0 for octal, underscores between digits. `bits` is 8 to 64.
[[nodiscard]] Result<std::int64_t> parse_go_int(std::string_view text, int bits = 64);
/// The same without a sign.
[[nodiscard]] Result<std::uint64_t> parse_go_uint(std::string_view text, int bits = 64);

}  // namespace weir::core
