#include "mapping/text/logfmt.h"

#include <charconv>

#include "core/quote.h"

namespace weir::mapping::text {
namespace {

bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= ' ';
}
bool is_key_character(char c) {
  return !is_blank(c) && c != '=' && c != '"';
}

/// Four hexadecimal digits.
bool take_hex(std::string_view& text, char32_t& value) {
  if (text.size() < 4) return false;
  std::uint32_t read = 0;
  const auto result = std::from_chars(text.data(), text.data() + 4, read, 16);
  if (result.ec != std::errc{} || result.ptr != text.data() + 4) return false;
  value = read;
  text.remove_prefix(4);
  return true;
}

/// `XXXX` behind `\u`, with the second half of a surrogate pair if there is one.
bool take_unicode(std::string_view& text, char32_t& value) {
  std::string_view rest = text;
  if (!take_hex(rest, value)) return false;
  std::string_view second = rest;
  char32_t low = 0;
  if (value >= 0xD800 && value <= 0xDBFF && second.starts_with("\\u")) {
    second.remove_prefix(2);
    if (take_hex(second, low) && low >= 0xDC00 && low <= 0xDFFF) {
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
      rest = second;
    }
  }
  text = rest;
  return true;
}

/// Takes what follows a backslash.
void take_escape(std::string_view& text, std::string& out) {
  const char kind = text.front();
  text.remove_prefix(1);
  switch (kind) {
    case 'n': out.push_back('\n'); return;
    case 't': out.push_back('\t'); return;
    case 'r': out.push_back('\r'); return;
    case '"':
    case '\\': out.push_back(kind); return;
    case 'u':
      if (char32_t c = 0; take_unicode(text, c)) {
        core::append_utf8(out, c);
        return;
      }
      break;
    default: break;
  }
  out.push_back('\\');
  out.push_back(kind);
}

}  // namespace

core::Result<bool> LogfmtReader::next(Field& field) {
  while (!rest_.empty() && !is_key_character(rest_.front())) rest_.remove_prefix(1);
  if (rest_.empty()) return false;
  std::size_t size = 0;
  while (size < rest_.size() && is_key_character(rest_[size])) ++size;
  field = {rest_.substr(0, size), false, {}};
  rest_.remove_prefix(size);
  if (rest_.empty() || rest_.front() != '=') return true;

  rest_.remove_prefix(1);
  field.has_value = true;
  if (!rest_.empty() && rest_.front() == '"') {
    rest_.remove_prefix(1);
    WEIR_CHECK_OK(quoted_value(field));
    return true;
  }
  size = 0;
  while (size < rest_.size() && !is_blank(rest_[size])) ++size;
  field.value = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

core::Status LogfmtReader::quoted_value(Field& field) {
  const std::string_view begin = rest_;
  unescaped_.clear();
  bool escaped = false;
  while (true) {
    const std::size_t plain = rest_.find_first_of("\"\\");
    if (plain == std::string_view::npos || (rest_[plain] == '\\' && plain + 1 == rest_.size())) {
      std::string message("logfmt: unterminated quoted value for key ");
      core::append_quoted(message, field.key.substr(0, 100));
      rest_ = {};
      return core::invalid_data(std::move(message));
    }
    const bool done = rest_[plain] == '"';
    if (done && !escaped) {  // the common case: no copy
      field.value = begin.substr(0, plain);
      rest_.remove_prefix(plain + 1);
      return {};
    }
    escaped = true;
    unescaped_.append(rest_.substr(0, plain));
    rest_.remove_prefix(plain + 1);
    if (done) break;
    take_escape(rest_, unescaped_);
  }
  field.value = unescaped_;
  return {};
}

}  // namespace weir::mapping::text
