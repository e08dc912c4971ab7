#include "config/diagnostics.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace weir::config {
namespace {

constexpr std::size_t kLongestWord = 64;  // names are shorter; bounds the work on foreign text

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Optimal string alignment: insert, delete, replace, swap of neighbours cost one each. Case is
// ignored.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kLongestWord + 1>;
  Row before{};
  Row above{};
  Row row{};
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = above;
    above = row;
  }
  return above[b.size()];
}

bool same_finding(const Diagnostic& a, const Diagnostic& b) {
  return a.severity == b.severity && a.rule == b.rule && a.where.file == b.where.file &&
         a.where.line == b.where.line && a.where.column == b.where.column &&
         a.message == b.message && a.hint == b.hint;
}

}  // namespace

std::string Location::to_string() const {
  std::string text = file;
  if (line == 0) {
    return text;
  }
  if (!text.empty()) {
    text += ':';
  }
  text += std::to_string(line);
  if (column != 0) {
    text.append(":").append(std::to_string(column));
  }
  return text;
}

void Diagnostics::error(std::string_view rule, Location where, std::string message,
                        std::string hint) {
  found_.push_back(Diagnostic{Severity::kError, std::string(rule), std::move(where),
                              std::move(message), std::move(hint)});
  ++errors_;
}

void Diagnostics::warning(std::string_view rule, Location where, std::string message,
                          std::string hint) {
  found_.push_back(Diagnostic{Severity::kWarning, std::string(rule), std::move(where),
                              std::move(message), std::move(hint)});
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::unordered_map<std::string_view, std::size_t> mention;
  for (const Diagnostic& found : found_) {
    mention.try_emplace(found.where.file, mention.size());
  }
  std::vector<const Diagnostic*> order;
  order.reserve(found_.size());
  for (const Diagnostic& found : found_) {
    order.push_back(&found);
  }
  std::stable_sort(order.begin(), order.end(), [&](const Diagnostic* a, const Diagnostic* b) {
    const std::size_t file_a = mention.at(a->where.file);
    const std::size_t file_b = mention.at(b->where.file);
    return std::tie(file_a, a->where.line, a->where.column) <
           std::tie(file_b, b->where.line, b->where.column);
  });
  std::vector<Diagnostic> result;
  result.reserve(order.size());
  for (const Diagnostic* found : order) {
    // Equal findings share a place, so they are among the last few; not always next to each other.
    bool repeated = false;
    for (auto it = result.rbegin(); it != result.rend() && !repeated; ++it) {
      if (it->where.line != found->where.line || it->where.column != found->where.column) {
        break;
      }
      repeated = same_finding(*it, *found);
    }
    if (!repeated) {
      result.push_back(*found);
    }
  }
  return result;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.empty() || word.size() > kLongestWord) {
    return {};
  }
  std::string_view best;
  std::size_t best_distance = kLongestWord;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestWord) {
      continue;
    }
    const std::size_t allowed = std::max(word.size(), candidate.size()) / 3;
    const std::size_t lengths_differ = word.size() > candidate.size()
                                           ? word.size() - candidate.size()
                                           : candidate.size() - word.size();
    if (lengths_differ > allowed) {
      continue;
    }
    const std::size_t distance = edit_distance(word, candidate);
    if (distance <= allowed && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace weir::config
