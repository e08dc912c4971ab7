#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "mapping/text/go_format.h"

namespace weir::mapping::text {

/// Flags, width and precision of one verb.
struct FormatFlags {
  bool plus = false;
  bool minus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  bool go_syntax = false;  ///< %#v
  bool has_width = false;
  bool has_precision = false;
  std::size_t width = 0;
  std::size_t precision = 0;
};

/// `value` as Go's strconv.FormatFloat has it: verb one of `eEfgGbxX`, precision -1 for the
/// shortest digits. Infinities and NaN are `+Inf`, `-Inf`, `NaN`; other positive numbers have no
/// sign.
void append_float(std::string& out, double value, char verb, int precision, bool single);

/// Prints single values by verb. Stops quietly when the limit is reached; `status` tells.
class GoPrinter {
 public:
  /// Appends to `out` up to `limit` bytes of it in all.
  GoPrinter(std::string& out, std::size_t limit) : out_(out), limit_(limit) {}

  FormatFlags flags;

  void print(const FormatValue& value, char32_t verb, bool nested = false);
  void write(std::string_view text);
  void write(char c) { write(std::string_view(&c, 1)); }
  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] core::Status status() const;

  /// `string`, `int64`, `map[string]interface {}`, ...
  [[nodiscard]] static std::string_view type_name(const FormatValue& value);

 private:
  void bad_verb(const FormatValue& value, char32_t verb);
  void boolean(const FormatValue& value, char32_t verb);
  void integer(std::uint64_t value, bool is_signed, const FormatValue& original, char32_t verb);
  void digits(std::uint64_t value, unsigned base, bool is_signed, bool upper, bool octal_prefix);
  void code_point(std::uint64_t value);
  void floating(double value, const FormatValue& original, char32_t verb);
  void float_text(double value, char verb, int precision, bool single);
  void force_decimal_point(std::string& number, char verb, int precision) const;
  void string(std::string_view text, const FormatValue& original, char32_t verb);
  void quoted(std::string_view text);
  void hexadecimal(std::string_view bytes, bool upper);
  void bytes(const FormatValue& value, char32_t verb);
  void time(const FormatValue& value, char32_t verb);
  void array(const FormatValue& value, char32_t verb);
  void object(const FormatValue& value, char32_t verb);

  /// As many characters of the text as the precision allows.
  [[nodiscard]] std::string_view truncated(std::string_view text) const;
  /// The text in the width, which counts characters.
  void pad(std::string_view text);
  void padding(std::size_t count);

  std::string& out_;
  std::size_t limit_;
  std::size_t depth_ = 0;
  bool full_ = false;
  bool too_deep_ = false;
};

}  // namespace weir::mapping::text
