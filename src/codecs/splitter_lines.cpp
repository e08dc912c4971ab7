#include <algorithm>
#include <cstring>
#include <utility>

#include "codecs/splitter.h"
#include "codecs/splitter_internal.h"

namespace weir::codecs {

using core::Result;
using Kind = SplitStep::Kind;

namespace {

constexpr std::size_t kLongestDelimiter = 4096;
constexpr std::size_t kNotFound = std::string_view::npos;

const char* find_byte(const char* from, const char* to, char byte) {
  return static_cast<const char*>(std::memchr(from, byte, static_cast<std::size_t>(to - from)));
}

// The hot loop: complete records of at most `limit` bytes, up to the first longer one.
template <bool kStripCarriageReturn, bool kOmitEmpty>
std::size_t split_at_byte(std::string_view window, std::size_t start, char delimiter,
                          std::size_t limit, std::vector<RecordSpan>& records) {
  const char* const base = window.data();
  const char* const end = base + window.size();
  const char* from = base + start;
  while (from != end) {
    const char* const found = find_byte(from, end, delimiter);
    if (found == nullptr) break;
    auto length = static_cast<std::size_t>(found - from);
    if (length > limit) break;
    if (kStripCarriageReturn && length != 0 && found[-1] == '\r') --length;
    if (!kOmitEmpty || length != 0) {
      records.push_back(
          {static_cast<std::uint32_t>(from - base), static_cast<std::uint32_t>(length)});
    }
    from = found + 1;
  }
  return static_cast<std::size_t>(from - base);
}

class LinesSplitter final : public Splitter {
 public:
  LinesSplitter(std::string delimiter, bool strip, const LinesOptions& options)
      : delimiter_(std::move(delimiter)),
        limit_(options.max_record_bytes),
        strip_(strip),
        omit_empty_(options.omit_empty) {}

  SplitStep next(std::string_view window, bool end_of_stream) override {
    std::size_t base = 0;
    if (skipping_) {
      const std::size_t found = find(window, 0);
      if (found == kNotFound) return skip_on(window, end_of_stream);
      skipping_ = false;
      base = found + delimiter_.size();
    }
    while (true) {
      const std::size_t found = find(window, base + std::exchange(searched_, 0));
      const bool complete = found != kNotFound;
      const std::size_t record_end = complete ? found : window.size();
      const std::size_t size = record_end - base;
      // A delimiter may have begun in the last bytes; they are not yet part of the record.
      const std::size_t uncertain = complete || end_of_stream ? 0 : delimiter_.size() - 1;
      if (size > limit_ + uncertain) {
        skipping_ = !complete;
        const std::size_t consumed =
            complete ? record_end + delimiter_.size() : window.size() - uncertain;
        return bad_record(base, base + limit_, consumed,
                          internal::record_too_long("lines", limit_));
      }
      if (!complete && !end_of_stream) {
        searched_ = size - std::min(size, delimiter_.size() - 1);
        return {Kind::kNeedMore, 0, 0, base};
      }
      if (!complete && size == 0) return {Kind::kEnd, 0, 0, base};
      const std::size_t consumed = complete ? record_end + delimiter_.size() : record_end;
      const std::size_t stripped = strip_ && size != 0 && window[record_end - 1] == '\r' ? 1 : 0;
      if (!omit_empty_ || size != stripped) {
        return {Kind::kRecord, base, record_end - stripped, consumed};
      }
      base = consumed;
    }
  }

  SplitStep split(std::string_view window, bool end_of_stream,
                  std::vector<RecordSpan>& records) override {
    // `next` deals with what earlier windows left, the loop with what is whole, `next` with the
    // end.
    std::size_t base = 0;
    while (true) {
      SplitStep step = next(window.substr(base), end_of_stream);
      step.begin += base;
      step.end += base;
      base += step.consumed;
      step.consumed = base;
      if (step.kind != Kind::kRecord) return step;
      records.push_back({static_cast<std::uint32_t>(step.begin),
                         static_cast<std::uint32_t>(step.end - step.begin)});
      if (delimiter_.size() == 1) base = split_whole(window, base, records);
    }
  }

  [[nodiscard]] std::size_t max_window() const override { return limit_ + delimiter_.size(); }

  void reset() override {
    searched_ = 0;
    skipping_ = false;
  }

 private:
  [[nodiscard]] std::size_t find(std::string_view window, std::size_t from) const {
    if (from >= window.size()) return kNotFound;
    // memmem takes linear time whatever the delimiter; string_view::find does not.
    const void* const found =
        delimiter_.size() == 1
            ? std::memchr(window.data() + from, delimiter_[0], window.size() - from)
            : memmem(window.data() + from, window.size() - from, delimiter_.data(),
                     delimiter_.size());
    return found == nullptr
               ? kNotFound
               : static_cast<std::size_t>(static_cast<const char*>(found) - window.data());
  }

  [[nodiscard]] SplitStep skip_on(std::string_view window, bool end_of_stream) const {
    if (end_of_stream) return {Kind::kEnd, 0, 0, window.size()};
    const std::size_t kept = std::min(window.size(), delimiter_.size() - 1);
    return {Kind::kNeedMore, 0, 0, window.size() - kept};
  }

  std::size_t split_whole(std::string_view window, std::size_t from,
                          std::vector<RecordSpan>& records) const {
    const char byte = delimiter_[0];
    if (strip_) {
      return omit_empty_ ? split_at_byte<true, true>(window, from, byte, limit_, records)
                         : split_at_byte<true, false>(window, from, byte, limit_, records);
    }
    return omit_empty_ ? split_at_byte<false, true>(window, from, byte, limit_, records)
                       : split_at_byte<false, false>(window, from, byte, limit_, records);
  }

  std::string delimiter_;
  std::size_t limit_;
  bool strip_;
  bool omit_empty_;
  std::size_t searched_ = 0;  // bytes at the front of the window known to hold no delimiter
  bool skipping_ = false;     // within a record already reported as too long
};

}  // namespace

std::size_t split_lines(std::string_view window, std::vector<RecordSpan>& records) {
  return split_at_byte<true, false>(window, 0, '\n', window.size(), records);
}

Result<std::unique_ptr<Splitter>> make_lines_splitter(const LinesOptions& options) {
  WEIR_CHECK_OK(internal::check_record_limit("max_buffer_size", options.max_record_bytes));
  const bool custom = !options.delimiter.empty();
  if (options.delimiter.size() > kLongestDelimiter) {
    return core::invalid_config("setting `custom_delimiter`: it is longer than " +
                                std::to_string(kLongestDelimiter) + " bytes");
  }
  return std::make_unique<LinesSplitter>(custom ? options.delimiter : "\n", !custom, options);
}

}  // namespace weir::codecs
