// Strings and bytes for go_printer.h.

#include "core/quote.h"
#include "mapping/text/go_printer.h"

namespace weir::mapping::text {
namespace {

/// True when a raw string literal can hold the text unchanged: one line, valid, no back quotes.
bool fits_back_quotes(std::string_view text) {
  while (!text.empty()) {
    const core::Utf8Step step = core::decode_utf8(text);
    const bool control = step.code_point < 0x20 && step.code_point != U'\t';
    if (!step.valid || control || step.code_point == U'`' || step.code_point == 0x7F ||
        step.code_point == 0xFEFF) {
      return false;
    }
    text.remove_prefix(step.size);
  }
  return true;
}

}  // namespace

std::string_view GoPrinter::truncated(std::string_view text) const {
  if (!flags.has_precision) return text;
  std::string_view rest = text;
  for (std::size_t count = flags.precision; count > 0 && !rest.empty(); --count) {
    rest.remove_prefix(core::decode_utf8(rest).size);
  }
  return text.substr(0, text.size() - rest.size());
}

void GoPrinter::quoted(std::string_view text) {
  text = truncated(text);
  std::string literal;
  if (flags.sharp && fits_back_quotes(text)) {
    literal.append("`").append(text).append("`");
  } else {
    core::append_quoted(literal, text, flags.plus);
  }
  pad(literal);
}

void GoPrinter::string(std::string_view text, const FormatValue& original, char32_t verb) {
  switch (verb) {
    case U'v':
      if (flags.go_syntax) return quoted(text);
      [[fallthrough]];
    case U's': pad(truncated(text)); break;
    case U'q': quoted(text); break;
    case U'x':
    case U'X': hexadecimal(text, verb == U'X'); break;
    default: bad_verb(original, verb);
  }
}

void GoPrinter::hexadecimal(std::string_view bytes, bool upper) {
  if (flags.has_precision) bytes = bytes.substr(0, flags.precision);
  if (bytes.empty()) {
    if (flags.has_width) padding(flags.width);
    return;
  }
  const char* const names = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  const std::string_view prefix = upper ? "0X" : "0x";
  std::string text;
  for (std::size_t i = 0; i < bytes.size() && text.size() <= limit_; ++i) {
    if (flags.space && i > 0) text.push_back(' ');
    if (flags.sharp && (i == 0 || flags.space)) text.append(prefix);
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text.push_back(names[byte >> 4]);
    text.push_back(names[byte & 0xF]);
  }
  pad(text);
}

void GoPrinter::bytes(const FormatValue& value, char32_t verb) {
  switch (verb) {
    case U's':
    case U'q':
    case U'x':
    case U'X': return string(value.text, value, verb);
    default: break;
  }
  const bool go_syntax = verb == U'v' && flags.go_syntax;
  write(go_syntax ? "[]byte{" : "[");
  for (std::size_t i = 0; i < value.text.size() && !full_; ++i) {
    if (i > 0) write(go_syntax ? ", " : " ");
    const auto byte = static_cast<unsigned char>(value.text[i]);
    constexpr std::u32string_view kIntegerVerbs = U"vdboOxXcqU";
    if (kIntegerVerbs.find(verb) != std::u32string_view::npos) {
      integer(byte, false, value, verb);
    } else {
      write("%!");
      std::string name;
      core::append_utf8(name, verb);
      write(name);
      write("(uint8=");
      integer(byte, false, value, U'v');
      write(')');
    }
  }
  write(go_syntax ? '}' : ']');
}

}  // namespace weir::mapping::text
