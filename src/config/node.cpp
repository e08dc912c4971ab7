#include "config/node.h"

#include <algorithm>
#include <cstddef>

namespace weir::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_octal(char c) {
  return c >= '0' && c <= '7';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_int(std::string_view text) {
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'o')) {
    const auto digits = text.substr(2);
    return std::all_of(digits.begin(), digits.end(), text[1] == 'x' ? is_hex : is_octal);
  }
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    text.remove_prefix(1);
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) {
    ++at;
  }
  return at;
}

bool is_float(std::string_view text) {
  if (one_of(text, {".nan", ".NaN", ".NAN"})) {
    return true;
  }
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    text.remove_prefix(1);
  }
  if (one_of(text, {".inf", ".Inf", ".INF"})) {
    return true;
  }
  std::size_t at = skip_digits(text, 0);
  std::size_t digits = at;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = skip_digits(text, at + 1);
    digits += end - at - 1;
    at = end;
  }
  if (digits == 0) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
      ++at;
    }
    const std::size_t end = skip_digits(text, at);
    if (end == at) {
      return false;
    }
    at = end;
  }
  return at == text.size();
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) {
      return &member.value;
    }
  }
  return nullptr;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(static_cast<const Node*>(this)->find(key));
}

std::string_view name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kScalar: return "scalar";
    case Node::Kind::kSequence: return "sequence";
    case Node::Kind::kMapping: return "mapping";
  }
  return "null";
}

Location position_in_text(const Node& node, unsigned line, unsigned column) {
  Location place = node.text_start.line == 0 ? node.where : node.text_start;
  if (place.line == 0 || line == 0) {
    return place;
  }
  const bool block = node.text_start.line > node.where.line;
  if (line > 1 && !block) {
    return place;  // a quoted or plain text of several lines was folded: only its start is known
  }
  place.line += line - 1;
  if (column != 0) {
    place.column += column - 1;
  }
  return place;
}

ScalarType plain_type(std::string_view text) {
  if (text.empty() || one_of(text, {"~", "null", "Null", "NULL"})) {
    return ScalarType::kNull;
  }
  if (one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) {
    return ScalarType::kBool;
  }
  if (is_int(text)) {
    return ScalarType::kInt;
  }
  return is_float(text) ? ScalarType::kFloat : ScalarType::kString;
}

ScalarType scalar_type(const Node& node) {
  if (node.is_null()) {
    return ScalarType::kNull;
  }
  return node.quoted ? ScalarType::kString : plain_type(node.scalar);
}

}  // namespace weir::config
