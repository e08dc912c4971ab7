#include "config/yaml_comments.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace weir::config::yaml {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::string_view kDirective = "weir-lint-ignore";
constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kMaxSuppressions = 10'000;

struct Range {
  std::size_t begin;
  std::size_t end;
};

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// A block ends at the first line that holds something left of its indentation.
std::size_t block_end(std::string_view text, const Place& start) {
  const std::size_t indent = start.column - 1;
  std::size_t at = start.offset;
  while (at < text.size()) {
    const std::size_t end = line_end(text, at);
    const std::size_t first = text.find_first_not_of(" \r", at);
    if (first < end && first - at < indent) {
      break;
    }
    at = end + 1;
  }
  return std::min(at, text.size());
}

// Where `#` is text: quoted scalars and blocks, ascending.
std::vector<Range> hidden_ranges(std::string_view text, const Events& events) {
  std::vector<Range> ranges;
  for (const Event& event : events.list) {
    if (event.kind != Event::Kind::kScalar || event.style == ScalarStyle::kPlain) {
      continue;
    }
    const Place start = text_place(text, event);
    const bool block = event.style == ScalarStyle::kLiteral || event.style == ScalarStyle::kFolded;
    if (block) {
      ranges.push_back({start.offset, block_end(text, start)});
    } else {
      ranges.push_back({start.offset, quoted_end(text, start.offset - 1)});
    }
  }
  return ranges;
}

// Where the rules of the line's last `# weir-lint-ignore` begin.
std::size_t directive_end(std::string_view line) {
  std::size_t result = kNone;
  for (std::size_t at = line.find(kDirective); at != kNone; at = line.find(kDirective, at + 1)) {
    const std::size_t hash = at == 0 ? kNone : line.find_last_not_of(kBlanks, at - 1);
    const std::size_t end = at + kDirective.size();
    const bool whole = end == line.size() || std::string_view(" \t\r").find(line[end]) != kNone;
    if (whole && hash != kNone && line[hash] == '#' &&
        (hash == 0 || kBlanks.find(line[hash - 1]) != kNone)) {
      result = end;
    }
  }
  return result;
}

std::vector<std::string> split_rules(std::string_view list) {
  std::vector<std::string> rules;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find_first_of(", \t\r", at), list.size());
    if (end > at) {
      rules.emplace_back(list.substr(at, end - at));
    }
    at = end + 1;
  }
  return rules;
}

}  // namespace

bool disables_lint(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (!line.starts_with('#')) {
    return false;
  }
  line.remove_prefix(1);
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::size_t last = line.find_last_not_of(" \t\r");
  line = line.substr(0, last == kNone ? 0 : last + 1);
  return line == "WEIR LINT DISABLE" || line == "BENTHOS LINT DISABLE";
}

std::vector<Suppression> find_suppressions(std::string_view text, const std::string& file,
                                           const Events& events) {
  std::vector<Suppression> found;
  if (text.find(kDirective) == kNone) {
    return found;
  }
  const std::vector<Range> hidden = hidden_ranges(text, events);
  auto range = hidden.begin();
  unsigned line = 0;
  for (std::size_t begin = 0; begin < text.size() && found.size() < kMaxSuppressions;) {
    ++line;
    const std::size_t end = line_end(text, begin);
    const std::string_view content = text.substr(begin, end - begin);
    const std::size_t list = directive_end(content);
    if (list != kNone) {
      const std::size_t hash = content.find_last_of('#', list);
      for (; range != hidden.end() && range->end <= begin + hash; ++range) {
      }
      if (range == hidden.end() || begin + hash < range->begin) {
        const bool alone = content.find_first_not_of(kBlanks) == hash;
        found.push_back({line + (alone ? 1 : 0),
                         split_rules(content.substr(list)),
                         {file, line, static_cast<unsigned>(hash + 1)}});
      }
    }
    begin = end + 1;
  }
  return found;
}

}  // namespace weir::config::yaml
