// The text functions of the mapping language. The first byte chooses; what one function writes, its
// inverse must read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/number_text.h"
#include "core/quote.h"
#include "mapping/text/binary_text.h"
#include "mapping/text/file_path.h"
#include "mapping/text/go_format.h"
#include "mapping/text/html_text.h"
#include "mapping/text/logfmt.h"
#include "mapping/text/slug.h"
#include "mapping/text/unicode_text.h"
#include "mapping/text/url_text.h"

namespace {

namespace core = weir::core;
namespace text = weir::mapping::text;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_quotes(std::string_view input) {
  require(core::unquote(core::go_quoted(input)).value() == input);
  (void)core::unquote(input);
}

void check_html(std::string_view input) {
  std::string escaped;
  text::append_escaped_html(escaped, input);
  std::string back;
  text::append_unescaped_html(back, escaped);
  require(back == input);
  back.clear();
  text::append_unescaped_html(back, input);
}

void check_url(std::string_view input) {
  std::string escaped;
  std::string back;
  text::append_escaped_url_query(escaped, input);
  require(text::append_unescaped_url_query(back, escaped) && back == input);
  escaped.clear();
  back.clear();
  text::append_escaped_url_path(escaped, input);
  require(text::append_unescaped_url_path(back, escaped) && back == input);
  (void)text::parse_url(input);
  (void)text::parse_query(input);
}

void check_binary(std::string_view input) {
  for (const auto scheme : {text::BinaryScheme::kBase64, text::BinaryScheme::kBase64Url,
                            text::BinaryScheme::kBase64RawUrl, text::BinaryScheme::kHex,
                            text::BinaryScheme::kAscii85, text::BinaryScheme::kZ85}) {
    std::string encoded;
    std::string back;
    if (text::append_encoded(encoded, input, scheme)) {
      require(text::append_decoded(back, encoded, scheme) && back == input);
    }
    back.clear();
    (void)text::append_decoded(back, input, scheme);
  }
}

void check_unicode(std::string_view input) {
  std::string out;
  text::append_uppercase(out, input);
  text::append_lowercase(out, input);
  text::append_capitalized(out, input);
  text::append_slug(out, input, "de");
  (void)text::trimmed(input);
  (void)text::trimmed(input, input.substr(0, 3));
  std::string valid;
  text::append_valid_utf8(valid, input);
  require(text::is_valid_utf8(valid));
  std::string once;
  std::string twice;
  text::append_reversed(once, valid);
  text::append_reversed(twice, once);
  require(twice == valid);
}

void check_logfmt(std::string_view input) {
  text::LogfmtReader reader(input);
  text::LogfmtReader::Field field;
  for (auto more = reader.next(field); more && *more; more = reader.next(field)) {
    require(!field.key.empty());
  }
}

void check_format(std::string_view input) {
  using V = text::FormatValue;
  const std::vector<V> arguments = {
      V::of(std::int64_t{-42}),   V::of(1.5), V::string(input), V::bytes("ab"), V::null(),
      V::document_number("1.50"), V::of(true)};
  std::string out;
  (void)text::format_go(out, input, arguments, 1 << 20);
  require(out.size() <= 1 << 20);
}

void check_numbers(std::string_view input) {
  if (const auto value = core::parse_go_float64(input)) {
    std::string out;
    core::append_go_double(out, *value);
    const auto back = core::parse_go_float64(out);
    require(back && (*back == *value || *value != *value));
  }
  if (const auto value = core::json_double(input)) {
    require(core::is_json_number(input));
    std::string out;
    core::append_json_double(out, *value);
    require(core::json_double(out) == *value);
  }
  (void)core::parse_go_int(input);
  (void)core::parse_go_uint(input, 8);
  (void)core::json_int64(input);
  const std::string clean = text::clean_path(input);
  require(text::clean_path(clean) == clean);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0: check_quotes(input); break;
    case 1: check_html(input); break;
    case 2: check_url(input); break;
    case 3: check_binary(input); break;
    case 4: check_unicode(input); break;
    case 5: check_logfmt(input); break;
    case 6: check_format(input); break;
    default: check_numbers(input);
  }
  return 0;
}
