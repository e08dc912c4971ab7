#include "yaml/events.h"

namespace weir::yaml {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

void advance(std::string_view text, Place& place) {
  if (text[place.offset++] == '\n') {
    ++place.line;
    place.column = 1;
  } else {
    ++place.column;
  }
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_space(char c) {
  return is_blank(c) || c == '\r' || c == '\n';
}

std::size_t leading_spaces(std::string_view line) {
  const std::size_t first = line.find_first_not_of(' ');
  return first == kNone ? line.size() : first;
}

// The first line that holds more than spaces, and its leading spaces.
std::size_t first_indent(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    const std::size_t spaces = leading_spaces(line);
    if (spaces < line.size() && line[spaces] != '\r') {
      return spaces;
    }
    if (end == kNone) {
      break;
    }
    lines.remove_prefix(end + 1);
  }
  return kNone;
}

}  // namespace

Place skip_properties(std::string_view text, Place node) {
  while (node.offset < text.size()) {
    const char c = text[node.offset];
    if (is_space(c)) {
      advance(text, node);
    } else if (c == '#') {
      while (node.offset < text.size() && text[node.offset] != '\n') {
        advance(text, node);
      }
    } else if (c == '!' || c == '&') {
      const bool verbatim = text.substr(node.offset, 2) == "!<";
      while (node.offset < text.size() && !is_space(text[node.offset])) {
        const char inside = text[node.offset];
        if (!verbatim && std::string_view(",[]{}").find(inside) != kNone) {
          break;
        }
        advance(text, node);
      }
    } else {
      break;
    }
  }
  return node;
}

std::size_t quoted_end(std::string_view text, std::size_t open) {
  const char quote = text[open];
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '\'' && text.substr(at + 1, 1) == "'") {
        ++at;
      } else {
        return at + 1;
      }
    }
  }
  return kNone;
}

Place text_place(std::string_view text, const Event& scalar) {
  Place place{scalar.offset, scalar.line, scalar.column};
  if (place.offset < text.size() && (text[place.offset] == '!' || text[place.offset] == '&')) {
    place = skip_properties(text, place);
  }
  switch (scalar.style) {
    case ScalarStyle::kPlain: return place;
    case ScalarStyle::kSingleQuoted:
    case ScalarStyle::kDoubleQuoted:
      ++place.offset;
      ++place.column;
      return place;
    case ScalarStyle::kLiteral:
    case ScalarStyle::kFolded: break;
  }
  const std::size_t header_end = text.find('\n', place.offset);
  if (header_end == kNone) {
    return place;
  }
  place.offset = header_end + 1;
  ++place.line;
  place.column = 1;
  // What is indented deeper than the text's own indentation belongs to the text.
  const std::size_t indent = first_indent(text.substr(place.offset));
  const std::size_t kept = first_indent(scalar.text);
  if (indent != kNone && kept != kNone && kept <= indent) {
    place.column += static_cast<unsigned>(indent - kept);
  }
  return place;
}

}  // namespace weir::yaml
