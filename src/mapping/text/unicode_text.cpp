#include "mapping/text/unicode_text.h"

#include <algorithm>

#include <utf8proc.h>

#include "core/quote.h"

namespace weir::mapping::text {
namespace {

using core::decode_utf8;
using core::Utf8Step;

char32_t upper(char32_t c) {
  if (c == 0xDF) return c;  // U+1E9E is its capital, but nothing maps to that one
  return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
}

char32_t lower(char32_t c) {
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

char ascii_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

template <class Ascii, class Unicode>
void append_mapped(std::string& out, std::string_view text, Ascii ascii, Unicode unicode) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_ascii);
    const auto size = static_cast<std::size_t>(end - text.begin());
    const std::size_t before = out.size();
    out.append(text.substr(0, size));
    std::transform(text.begin(), end, out.begin() + static_cast<std::ptrdiff_t>(before), ascii);
    text.remove_prefix(size);
    while (!text.empty() && !is_ascii(text.front())) {
      const Utf8Step step = decode_utf8(text);
      core::append_utf8(out, unicode(step.code_point));
      text.remove_prefix(step.size);
    }
  }
}

template <class Drop>
std::string_view trim_ends(std::string_view text, Drop drop) {
  while (!text.empty()) {
    const Utf8Step step = decode_utf8(text);
    if (!drop(step.code_point)) break;
    text.remove_prefix(step.size);
  }
  while (!text.empty()) {
    const Utf8Step step = core::decode_last_utf8(text);
    if (!drop(step.code_point)) break;
    text.remove_suffix(step.size);
  }
  return text;
}

}  // namespace

void append_uppercase(std::string& out, std::string_view text) {
  append_mapped(out, text, ascii_upper, upper);
}

void append_lowercase(std::string& out, std::string_view text) {
  append_mapped(out, text, ascii_lower, lower);
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = decode_utf8(text);
    if (!step.valid) return false;
    text.remove_prefix(step.size);
  }
  return true;
}

void append_valid_utf8(std::string& out, std::string_view text) {
  append_mapped(
      out, text, [](char c) { return c; }, [](char32_t c) { return c; });
}

void append_reversed(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size());
  while (!text.empty()) {
    const Utf8Step step = core::decode_last_utf8(text);
    core::append_utf8(out, step.code_point);
    text.remove_suffix(step.size);
  }
}

std::string_view take_character(std::string_view& text) {
  const std::string_view character = text.substr(0, decode_utf8(text).size);
  text.remove_prefix(character.size());
  return character;
}

bool is_space(char32_t c) {
  if (c < 0x80) return c == U' ' || (c >= U'\t' && c <= U'\r');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::string_view trimmed(std::string_view text) {
  return trim_ends(text, is_space);
}

std::string_view trimmed(std::string_view text, std::string_view cutset) {
  std::u32string characters;
  for (std::string_view rest = cutset; !rest.empty();) {
    const Utf8Step step = decode_utf8(rest);
    characters.push_back(step.code_point);
    rest.remove_prefix(step.size);
  }
  return trim_ends(text, [&](char32_t c) { return characters.find(c) != std::u32string::npos; });
}

}  // namespace weir::mapping::text
