// What go_layout_parse.cpp needs to know about zone abbreviations and about texts in errors.

#include <algorithm>
#include <charconv>

#include "mapping/text/go_layout_element.h"

namespace weir::mapping::text {
namespace {

constexpr std::size_t kMaxShown = 256;  // of a text quoted in an error

/// The size of a sign and a number up to 23 (`+3`, `-11`) at the front of the text, or 0.
std::size_t signed_offset_size(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789", 1), text.size()) - 1;
  int hours = 0;
  const auto read = std::from_chars(text.data() + 1, text.data() + 1 + digits, hours);
  return digits == 0 || read.ec != std::errc{} || hours > 23 ? 0 : 1 + digits;
}

}  // namespace

std::size_t zone_name_size(std::string_view text) {
  if (text.size() < 3) return 0;
  if (text.starts_with("ChST") || text.starts_with("MeST")) return 4;  // the only mixed-case ones
  if (text.starts_with("GMT")) return 3 + signed_offset_size(text.substr(3));
  if (text[0] == '+' || text[0] == '-') return signed_offset_size(text);
  std::size_t letters = 0;
  while (letters < 6 && letters < text.size() && text[letters] >= 'A' && text[letters] <= 'Z') {
    ++letters;
  }
  if (letters == 5 && text[4] == 'T') return 5;
  if (letters == 4 && (text[3] == 'T' || text.starts_with("WITA"))) return 4;
  return letters == 3 ? 3 : 0;
}

std::string shown_in_error(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out("\"");
  for (const char c : text.substr(0, kMaxShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < 0x20) {
      out.append("\\x");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 0xF]);
      continue;
    }
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  if (text.size() > kMaxShown) out.append("...");
  out.push_back('"');
  return out;
}

}  // namespace weir::mapping::text
