#include "config/reference_scanner.h"

#include <algorithm>

namespace weir::config::yaml {
namespace {

constexpr std::size_t kMaxNesting = 8;        // `${A:${B:...}}`
constexpr unsigned kMaxUnclosedPerLine = 16;  // each costs a look at the rest of the line
constexpr std::size_t kNone = std::string_view::npos;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}
bool is_transform(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}
std::size_t skip_while(std::string_view text, std::size_t at, bool (*wanted)(char)) {
  while (at < text.size() && wanted(text[at])) {
    ++at;
  }
  return at;
}

// Where the interpolation that begins at `begin` ends (behind its brace); kNone when not on this
// line. Strings hide braces. Inside double-quoted YAML a string's quotes are written `\"`: a string
// ends with the kind of quote it began with.
std::size_t interpolation_end(std::string_view line, std::size_t begin) {
  std::size_t depth = 0;
  for (std::size_t at = begin + 1; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '{') {
      ++depth;
    } else if (c == '}') {
      if (--depth == 0) {
        return at + 1;
      }
    } else if (c == '"' && line.substr(at, 3) == "\"\"\"") {
      at = line.find("\"\"\"", at + 3);
      if (at == kNone) {
        return kNone;
      }
      at += 2;
    } else if (c == '"') {
      for (++at; at < line.size() && line[at] != '"'; ++at) {
        at += line[at] == '\\' ? 1U : 0U;
      }
    } else if (c == '\\' && line.substr(at, 2) == "\\\"") {
      at += 2;
      while (at < line.size() && line.substr(at, 2) != "\\\"") {
        // `\\` is one backslash of the language, which escapes what follows it there.
        at += line.substr(at, 3) == "\\\\\\" ? 4U : line.substr(at, 2) == "\\\\" ? 3U : 1U;
      }
      ++at;
    }
  }
  return kNone;
}

// Finds the outermost references of one line, in one pass.
class LineScanner {
 public:
  explicit LineScanner(std::vector<ReferenceToken>& tokens) : tokens_(tokens) {}

  // True when something was left open at the end of the line.
  bool scan(std::string_view line, std::size_t base) {
    open_.clear();
    unsigned unclosed = 0;
    std::size_t at = line.find("${");
    while (at < line.size()) {
      if (line[at] == '}' && !open_.empty()) {
        at = close(line, at, base);
        continue;
      }
      if (line.compare(at, 2, "${") != 0 || open_.size() >= kMaxNesting) {
        at = open_.empty() ? line.find("${", at + 1) : at + 1;
        continue;
      }
      const std::string_view rest = line.substr(at + 2);
      if (rest.starts_with('!') || rest.starts_with("{!")) {
        const std::size_t end =
            unclosed < kMaxUnclosedPerLine ? interpolation_end(line, at) : kNone;
        if (end == kNone) {
          ++unclosed;
          at += 2;
        } else {
          tokens_.push_back({Reference::Kind::kInterpolation, base + at, base + end});
          at = end;
        }
        continue;
      }
      const bool escaped = rest.starts_with('{');
      const ReferenceHead head = parse_reference_head(line, at + (escaped ? 3 : 2));
      if (head.end == kNone) {
        at += 2;
        continue;
      }
      open_.push_back({escaped, at, tokens_.size()});
      at = head.end;
    }
    return unclosed > 0 || !open_.empty();
  }

 private:
  struct Open {
    bool escaped;
    std::size_t begin;
    std::size_t tokens_before;
  };

  std::size_t close(std::string_view line, std::size_t at, std::size_t base) {
    const Open open = open_.back();
    open_.pop_back();
    if (open.escaped && line.substr(at, 2) != "}}") {
      return at + 1;  // `${{NAME}` is text
    }
    const std::size_t end = at + (open.escaped ? 2 : 1);
    tokens_.resize(open.tokens_before, ReferenceToken{});
    tokens_.push_back({open.escaped ? Reference::Kind::kEscaped : Reference::Kind::kVariable,
                       base + open.begin, base + end});
    return end;
  }

  std::vector<ReferenceToken>& tokens_;
  std::vector<Open> open_;
};

}  // namespace

ReferenceHead parse_reference_head(std::string_view text, std::size_t at) {
  ReferenceHead head;
  std::size_t end = skip_while(text, at, is_name);
  head.name = text.substr(at, end - at);
  if (end < text.size() && text[end] == '|') {
    const std::size_t begin = end + 1;
    end = skip_while(text, begin, is_transform);
    head.transform = text.substr(begin, end - begin);
    if (head.transform.empty()) {
      return head;
    }
  }
  if (head.name.empty() || end >= text.size() || (text[end] != ':' && text[end] != '}')) {
    return head;
  }
  head.has_default = text[end] == ':';
  head.end = end + (head.has_default ? 1 : 0);
  return head;
}

bool scan_references(std::string_view line, std::size_t base, std::vector<ReferenceToken>& tokens) {
  return LineScanner(tokens).scan(line, base);
}

bool scan_reference_lines(std::string_view text, std::vector<ReferenceToken>& tokens) {
  LineScanner scanner(tokens);
  bool open = false;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    open = scanner.scan(text.substr(begin, end - begin), begin) || open;
    begin = end + 1;
  }
  return open;
}

}  // namespace weir::config::yaml
