#include "testing/json_diff.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/json_text.h"

namespace weir::testing {

using core::Kind;
using core::Value;

bool json_contains(Value got, Value wanted, core::Arena& scratch) {
  if (wanted.is(Kind::kObject)) {
    if (!got.is(Kind::kObject)) return false;
    for (const core::Member& member : core::members(wanted)) {
      const core::Member* const found = core::find(got, member.key.text(scratch));
      if (found == nullptr || !json_contains(found->value, member.value, scratch)) return false;
    }
    return true;
  }
  if (wanted.is(Kind::kArray)) {
    if (!got.is(Kind::kArray) || core::size(got) != core::size(wanted)) return false;
    const auto mine = core::items(got);
    const auto theirs = core::items(wanted);
    for (std::uint32_t i = 0; i < mine.count; ++i) {
      if (!json_contains(mine.first[i], theirs.first[i], scratch)) return false;
    }
    return true;
  }
  return core::json_equal(got, wanted, scratch);
}

namespace {

std::vector<std::string> lines_of(Value value) {
  core::Buffer out;
  const core::Status written = core::write_json(value, out, {.sort_keys = true, .indent = "  "});
  std::string_view text = written ? out.view() : std::string_view("(not writable)");
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

std::string json_diff(Value wanted, Value got, bool colour) {
  constexpr std::size_t kMostLines = 2000;  // the table below is quadratic
  std::vector<std::string> old_lines = lines_of(wanted);
  std::vector<std::string> new_lines = lines_of(got);
  std::string out;
  const auto put = [&](char sign, const std::string& line) {
    const char* const paint = sign == '-' ? "\x1b[31m" : "\x1b[32m";
    const bool painted = colour && sign != ' ';
    if (painted) out += paint;
    out += sign;
    out += ' ';
    out += line;
    if (painted) out += "\x1b[0m";
    out += '\n';
  };
  if (old_lines.size() > kMostLines || new_lines.size() > kMostLines) {
    old_lines.resize(std::min(old_lines.size(), kMostLines));
    new_lines.resize(std::min(new_lines.size(), kMostLines));
    for (const auto& line : old_lines) put('-', line);
    for (const auto& line : new_lines) put('+', line);
    return out;
  }
  // Longest common subsequence of lines.
  const std::size_t n = old_lines.size();
  const std::size_t m = new_lines.size();
  std::vector<std::uint32_t> common((n + 1) * (m + 1), 0);
  const auto at = [&](std::size_t i, std::size_t k) -> std::uint32_t& {
    return common[i * (m + 1) + k];
  };
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = m; k-- > 0;) {
      at(i, k) = old_lines[i] == new_lines[k] ? at(i + 1, k + 1) + 1
                                              : std::max(at(i + 1, k), at(i, k + 1));
    }
  }
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < n || k < m) {
    if (i < n && k < m && old_lines[i] == new_lines[k]) {
      put(' ', old_lines[i]);
      ++i;
      ++k;
    } else if (i < n && (k == m || at(i + 1, k) >= at(i, k + 1))) {
      put('-', old_lines[i++]);
    } else {
      put('+', new_lines[k++]);
    }
  }
  return out;
}

}  // namespace weir::testing
