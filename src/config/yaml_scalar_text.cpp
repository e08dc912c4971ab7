#include "config/yaml_scalar_text.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "config/node.h"
#include "config/references.h"
#include "config/yaml_names.h"

namespace weir::config::yaml {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kLongestPlain = 1000;  // longer text cannot be a key without `? `

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Characters that editors and other readers take for line breaks or nothing at all.
bool holds_odd_characters(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const std::string_view sequence = text.substr(at, std::max<std::size_t>(length, 1));
    const bool c1 =
        length == 2 && sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
    if (length == 0 || c1 || sequence == "\xE2\x80\xA8" || sequence == "\xE2\x80\xA9" ||
        sequence == "\xEF\xBB\xBF") {
      return true;
    }
    at += sequence.size();
  }
  return false;
}

// Words that older readers take for something else than text.
bool is_old_bool(std::string_view text) {
  constexpr std::string_view words[] = {"y", "n", "yes", "no", "on", "off"};
  const auto same = [text](std::string_view word) {
    return word.size() == text.size() &&
           std::equal(word.begin(), word.end(), text.begin(),
                      [](char a, char b) { return a == b || a == b - 'A' + 'a'; });
  };
  return std::any_of(std::begin(words), std::end(words), same);
}

// `shape` is the text with its references covered.
bool can_be_plain(std::string_view shape) {
  if (shape.empty() || shape.size() > kLongestPlain || shape.front() == ' ' ||
      shape.back() == ' ' || shape.back() == ':' || shape == "<<" || shape.starts_with("...") ||
      std::any_of(shape.begin(), shape.end(), is_control)) {
    return false;
  }
  const char first = shape.front();
  const bool number =
      first == '-' && shape.size() > 1 && (is_alphanumeric(shape[1]) || shape[1] == '.');
  if (!number && std::string_view("-?:,[]{}#&*!|>'\"%@`").find(first) != kNone) {
    return false;
  }
  return shape.find(": ") == kNone && shape.find(" #") == kNone && !holds_odd_characters(shape);
}

bool can_be_block(std::string_view text) {
  if (text.find('\n') == kNone || text.front() == '\n' || text.front() == ' ' ||
      text.front() == '\t') {
    return false;
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    const bool blank = line.find_first_not_of(" \t") == kNone;
    const auto is_odd = [](char c) { return is_control(c) && c != '\t'; };
    if ((blank && !line.empty()) || std::any_of(line.begin(), line.end(), is_odd)) {
      return false;
    }
    begin = end + 1;
  }
  return !holds_odd_characters(text);
}

std::string double_quoted(std::string_view text, bool keep_references) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto append_hex = [hex](std::string& out, std::string_view prefix, char c) {
    const auto byte = static_cast<unsigned char>(c);
    out.append(prefix).append(1, hex[byte >> 4U]).append(1, hex[byte & 0xFU]);
  };
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t length = utf8_length(text, at);
    const std::string_view sequence = text.substr(at, std::max<std::size_t>(length, 1));
    at += sequence.size();
    switch (c) {
      case '"': out += "\\\""; continue;
      case '\\': out += "\\\\"; continue;
      case '\n': out += "\\n"; continue;
      case '\t': out += "\\t"; continue;
      case '\r': out += "\\r"; continue;
      default: break;
    }
    if (c == '$' && text.substr(at, 1) == "{" && !keep_references) {
      out += "\\x24";  // never the beginning of a reference
    } else if (length == 0 || (length == 1 && is_control(c))) {
      append_hex(out, "\\x", c);
    } else if (length == 2 && c == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0) {
      append_hex(out, "\\u00", sequence[1]);
    } else if (sequence == "\xE2\x80\xA8" || sequence == "\xE2\x80\xA9") {
      out.append("\\u202").append(1, sequence[2] == '\xA8' ? '8' : '9');
    } else if (sequence == "\xEF\xBB\xBF") {
      out += "\\ufeff";
    } else {
      out += sequence;
    }
  }
  return out += '"';
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out.append(c == '\'' ? 2 : 1, c);
  }
  return out += '\'';
}

}  // namespace

ScalarText scalar_text(std::string_view text, const ScalarWish& wish) {
  ScalarText result;
  EscapedText escaped;
  std::string_view written = text;  // as it may stand outside double quotes
  bool expressible = true;
  bool fits_one_line = true;
  if (text.find("${") != kNone) {
    escaped = escape_references(text);
    fits_one_line = !escaped.open_ended &&
                    !(wish.one_line && escape_references(std::string(text) + ':').open_ended);
    if (!wish.has_references) {
      expressible = escaped.faithful;
      written = escaped.text;
    }
  }
  std::string covered;
  std::string_view shape = written;
  if (expressible && written.find("${") != kNone) {
    const bool clean = !find_bad_byte(written);
    auto masked = clean ? mask_references(written) : core::invalid_data("control characters");
    expressible = masked.has_value();
    if (masked && !masked->text.empty()) {
      covered = std::move(masked->text);
      std::replace(covered.begin(), covered.end(), masked->marker, 'x');
      shape = covered;
    }
  }
  if (expressible) {
    const bool reads_as_text =
        !wish.has_references && plain_type(text) == ScalarType::kString && !is_old_bool(text);
    const bool plain_is_right = !wish.must_be_text || reads_as_text;
    if (plain_is_right && fits_one_line && can_be_plain(shape)) {
      result.text = written;
      return result;
    }
    if (!wish.one_line && can_be_block(written)) {
      const bool ends = written.ends_with('\n');
      result.text = !ends ? "|-" : written.ends_with("\n\n") ? "|+" : "|";
      result.block = written;
      return result;
    }
    const bool one_line = fits_one_line &&
                          std::none_of(written.begin(), written.end(), is_control) &&
                          !holds_odd_characters(written);
    const bool simple = written.find_first_of("\"\\") == kNone && written.find("${") == kNone;
    if (one_line && !simple) {
      result.text = single_quoted(written);
      return result;
    }
  }
  result.exact = !wish.has_references || fits_one_line;
  result.text = double_quoted(text, wish.has_references);
  return result;
}

}  // namespace weir::config::yaml
