#include <algorithm>
#include <utility>

#include <re2/re2.h>

#include "codecs/splitter.h"
#include "codecs/splitter_internal.h"

namespace weir::codecs {

using core::Result;
using Kind = SplitStep::Kind;

namespace {

constexpr std::size_t kLongestPattern = 4096;
constexpr std::int64_t kMaxProgramBytes = std::int64_t{8} << 20;
// As far into the next segment a match may reach before it is seen.
constexpr std::size_t kMatchReach = 4096;

RE2::Options re2_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxProgramBytes);
  return options;
}

class RegexSplitter final : public Splitter {
 public:
  RegexSplitter(const std::string& pattern, std::size_t max_bytes)
      : regex_(pattern, re2_options()), max_bytes_(max_bytes) {}

  [[nodiscard]] const RE2& regex() const { return regex_; }

  SplitStep next(std::string_view window, bool end_of_stream) override {
    std::size_t base = 0;
    if (skipping_) {
      const Match match = find(window, std::min(skip_from_, window.size()), end_of_stream);
      if (!match.found) return skip_on(window, end_of_stream);
      skipping_ = false;
      base = match.begin;
    }
    const std::string_view rest = window.substr(base);
    if (rest.empty()) return {end_of_stream ? Kind::kEnd : Kind::kNeedMore, 0, 0, base};
    const Segment segment = find_segment(rest, end_of_stream);
    const std::size_t cut = segment.end;
    const bool complete = cut != std::string_view::npos;
    const std::size_t reach = end_of_stream ? 0 : kMatchReach;
    if (complete ? cut > max_bytes_ : rest.size() > max_bytes_ + reach) {
      std::size_t consumed = cut;
      if (!complete) {
        skipping_ = true;
        skip_from_ = segment.search_from;
        consumed = drop(rest, end_of_stream);
      }
      return bad_record(base, base + max_bytes_, base + consumed,
                        internal::record_too_long("by a pattern", max_bytes_));
    }
    if (complete) return {Kind::kRecord, base, base + cut, base + cut};
    if (end_of_stream) return {Kind::kRecord, base, window.size(), window.size()};
    return {Kind::kNeedMore, 0, 0, base};
  }

  [[nodiscard]] std::size_t max_window() const override { return max_bytes_ + kMatchReach + 1; }

  void reset() override { skipping_ = false; }

 private:
  struct Match {
    bool found = false;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  struct Segment {
    std::size_t end = std::string_view::npos;  // where the next match begins
    std::size_t search_from = 1;               // past the match at the front
  };

  [[nodiscard]] Match find(std::string_view text, std::size_t from, bool end_of_stream) const {
    re2::StringPiece group;
    const re2::StringPiece all(text.data(), text.size());
    if (!regex_.Match(all, from, text.size(), RE2::UNANCHORED, &group, 1)) return {};
    const auto begin = static_cast<std::size_t>(group.data() - text.data());
    const std::size_t end = begin + group.size();
    // At the very end of the window `$` and `\b` take what is not there yet for the end.
    if (end == text.size() && !end_of_stream) return {};
    return {true, begin, end};
  }

  [[nodiscard]] Segment find_segment(std::string_view rest, bool end_of_stream) const {
    Match match = find(rest, 0, end_of_stream);
    if (!match.found) return {};
    if (match.begin != 0) return {match.begin, 1};
    // As Go's FindAll: an empty match right after a match does not count.
    const std::size_t first_end = match.end;
    const std::size_t search_from = std::max<std::size_t>(first_end, 1);
    for (std::size_t from = search_from; from < rest.size(); ++from) {
      match = find(rest, from, end_of_stream);
      if (!match.found) break;
      if (match.begin != match.end || match.begin != first_end) return {match.begin, search_from};
    }
    return {std::string_view::npos, search_from};
  }

  // Bytes at the front that a skipped segment no longer needs. At least one is kept before where
  // the search goes on, so that `^` and `\b` know what precedes.
  std::size_t drop(std::string_view window, bool end_of_stream) {
    if (end_of_stream) return window.size();
    const std::size_t dropped = window.size() - std::min(window.size(), kMatchReach);
    skip_from_ = std::max<std::size_t>(skip_from_, dropped + 1) - dropped;
    return dropped;
  }

  SplitStep skip_on(std::string_view window, bool end_of_stream) {
    return {end_of_stream ? Kind::kEnd : Kind::kNeedMore, 0, 0, drop(window, end_of_stream)};
  }

  RE2 regex_;
  std::size_t max_bytes_;
  bool skipping_ = false;
  std::size_t skip_from_ = 1;  // while skipping: where in the window the search goes on
};

}  // namespace

Result<std::unique_ptr<Splitter>> make_regex_splitter(const std::string& pattern,
                                                      std::size_t max_record_bytes) {
  WEIR_CHECK_OK(internal::check_record_limit("max_buffer_size", max_record_bytes));
  if (pattern.size() > kLongestPattern) {
    return core::invalid_config("setting `pattern`: it is longer than " +
                                std::to_string(kLongestPattern) + " bytes");
  }
  auto splitter = std::make_unique<RegexSplitter>(pattern, max_record_bytes);
  if (!splitter->regex().ok()) {
    return core::invalid_config("setting `pattern`: " + splitter->regex().error());
  }
  return splitter;
}

}  // namespace weir::codecs
