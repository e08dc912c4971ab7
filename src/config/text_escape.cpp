#include "config/text_escape.h"

#include <cstddef>

#include "config/yaml_names.h"

namespace weir::config {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kHex = "0123456789abcdef";

// Calls `ascii(c)` for every ASCII character and `other(sequence)` for every other character.
template <class Ascii, class Other>
void each_character(std::string_view text, Ascii&& ascii, Other&& other) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = yaml::utf8_length(text, at);
    if (length == 1) {
      ascii(text[at]);
    } else {
      other(length == 0 ? kReplacement : text.substr(at, length));
    }
    at += length == 0 ? 1 : length;
  }
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

void append_hex(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += kHex[byte >> 4U];
  out += kHex[byte & 0xFU];
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  each_character(
      text,
      [&out](char c) {
        switch (c) {
          case '"': out += "\\\""; break;
          case '\\': out += "\\\\"; break;
          case '\n': out += "\\n"; break;
          case '\r': out += "\\r"; break;
          case '\t': out += "\\t"; break;
          default:
            if (is_control(c)) {
              out += "\\u00";
              append_hex(out, c);
            } else {
              out += c;
            }
        }
      },
      [&out](std::string_view sequence) { out += sequence; });
  return out += '"';
}

std::string xml_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(
      text,
      [&out](char c) {
        switch (c) {
          case '&': out += "&amp;"; break;
          case '<': out += "&lt;"; break;
          case '>': out += "&gt;"; break;
          case '"': out += "&quot;"; break;
          case '\t': out += "&#9;"; break;
          case '\n': out += "&#10;"; break;
          case '\r': out += "&#13;"; break;
          default:
            if (is_control(c) && c != 0x7F) {
              out += kReplacement;
            } else {
              out += c;
            }
        }
      },
      [&out](std::string_view sequence) {
        const bool noncharacter = sequence == "\xEF\xBF\xBE" || sequence == "\xEF\xBF\xBF";
        out += noncharacter ? kReplacement : sequence;
      });
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(
      text,
      [&out](char c) {
        if (c == '\n') {
          out += "\\n";
        } else if (is_control(c) && c != '\t') {
          out += "\\x";
          append_hex(out, c);
        } else {
          out += c;
        }
      },
      [&out](std::string_view sequence) {
        // C1 controls can start terminal sequences too; U+202A..202E turn text around.
        const bool c1 = sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
        const bool turns = sequence.size() == 3 && sequence.starts_with("\xE2\x80") &&
                           static_cast<unsigned char>(sequence[2]) >= 0xAA &&
                           static_cast<unsigned char>(sequence[2]) <= 0xAE;
        out += c1 || turns ? kReplacement : sequence;
      });
  return out;
}

}  // namespace weir::config
