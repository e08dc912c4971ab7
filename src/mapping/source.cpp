#include "mapping/source.h"

#include <algorithm>
#include <array>

namespace weir::mapping {

namespace {

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

// Edits (insert, delete, replace, swap of neighbours) from a to b; both at most kLongest.
constexpr std::size_t kLongest = 40;

unsigned edit_distance(std::string_view a, std::string_view b) {
  std::array<std::array<unsigned, kLongest + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<unsigned>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& before = rows[(i + 1) % 3];
    row[0] = static_cast<unsigned>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const unsigned same = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + same});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::string_view line_at(std::string_view text, unsigned line) {
  for (unsigned n = 1; n < line; ++n) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

Place place_of(std::string_view text, std::size_t offset) {
  Place place;
  offset = std::min(offset, text.size());
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if (starts_character(text[i])) {
      ++place.column;
    }
  }
  return place;
}

Issue issue_at(std::string_view text, std::size_t offset, std::size_t length, std::string message,
               std::string hint) {
  const Place place = place_of(text, offset);
  Issue issue;
  issue.line = place.line;
  issue.column = place.column;
  unsigned characters = 0;
  for (std::size_t i = offset; i < text.size() && i < offset + length && text[i] != '\n'; ++i) {
    if (starts_character(text[i])) ++characters;
  }
  issue.length = std::max(1U, characters);
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  return issue;
}

std::string to_string(const Issue& issue, std::string_view text) {
  std::string out = "line " + std::to_string(issue.line) + " char " + std::to_string(issue.column) +
                    ": " + issue.message;
  if (!issue.hint.empty()) out += " (" + issue.hint + ")";
  const std::string_view line = text.empty() ? std::string_view() : line_at(text, issue.line);
  if (line.empty() || line.size() > 400) return out;
  const std::string number = std::to_string(issue.line);
  out += "\n  " + number + " | ";
  out += line;
  out += "\n  " + std::string(number.size(), ' ') + " | ";
  unsigned column = 1;
  for (const char c : line) {
    if (column >= issue.column) break;
    if (!starts_character(c)) continue;
    out += c == '\t' ? '\t' : ' ';
    ++column;
  }
  for (; column < issue.column; ++column) out += ' ';
  out.append(issue.length, '^');
  return out;
}

std::string to_string(const std::vector<Issue>& issues, std::string_view text) {
  std::string out;
  for (const Issue& issue : issues) {
    if (!out.empty()) out += '\n';
    out += to_string(issue, text);
  }
  return out;
}

Nearest::Nearest(std::string_view name)
    : name_(name), distance_(name.size() <= 3 ? 2U : static_cast<unsigned>(name.size() / 3 + 1)) {}

void Nearest::offer(std::string_view candidate) {
  if (name_.size() > kLongest || candidate.size() > kLongest || candidate.empty()) return;
  const unsigned d = edit_distance(name_, candidate);
  if (d < distance_ || (d == distance_ && !best_.empty() && candidate < best_)) {
    distance_ = d;
    best_ = candidate;
  }
}

std::string Nearest::hint() const {
  return best_.empty() ? std::string() : "did you mean `" + std::string(best_) + "`?";
}

}  // namespace weir::mapping
