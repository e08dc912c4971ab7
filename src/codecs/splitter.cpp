#include "codecs/splitter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codecs/splitter_internal.h"

namespace weir::codecs {

using core::Error;
using core::ErrorCode;
using core::Result;
using core::Status;
using Kind = SplitStep::Kind;

namespace internal {

Status check_record_limit(std::string_view field, std::size_t value) {
  if (value >= 1 && value <= kLargestMaxRecordBytes) return {};
  return core::invalid_config("setting `" + std::string(field) + "`: " + std::to_string(value) +
                              " is not between 1 and " + std::to_string(kLargestMaxRecordBytes));
}

Error record_too_long(std::string_view what, std::size_t limit) {
  return {ErrorCode::kLimit, "splitting " + std::string(what) +
                                 ": the record is longer than the limit of " +
                                 std::to_string(limit) + " bytes"};
}

}  // namespace internal

SplitStep Splitter::split(std::string_view window, bool end_of_stream,
                          std::vector<RecordSpan>& records) {
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
  }
}

SplitStep Splitter::bad_record(std::size_t begin, std::size_t end, std::size_t consumed,
                               Error error) {
  error_ = std::move(error);
  return {Kind::kBadRecord, begin, end, consumed};
}

SplitStep Splitter::failed(Error error) {
  error_ = std::move(error);
  return {Kind::kFailed, 0, 0, 0};
}

namespace {

class ChunkSplitter final : public Splitter {
 public:
  explicit ChunkSplitter(std::size_t size) : size_(size) {}

  SplitStep next(std::string_view window, bool end_of_stream) override {
    if (window.size() >= size_) return {Kind::kRecord, 0, size_, size_};
    if (!end_of_stream) return {Kind::kNeedMore, 0, 0, 0};
    if (window.empty()) return {Kind::kEnd, 0, 0, 0};
    return {Kind::kRecord, 0, window.size(), window.size()};
  }
  [[nodiscard]] std::size_t max_window() const override { return size_; }
  void reset() override {}

 private:
  std::size_t size_;
};

class WholeSplitter final : public Splitter {
 public:
  explicit WholeSplitter(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  SplitStep next(std::string_view window, bool end_of_stream) override {
    if (done_) {
      return {end_of_stream ? Kind::kEnd : Kind::kNeedMore, 0, 0, window.size()};
    }
    if (window.size() > max_bytes_) {
      done_ = true;
      return bad_record(0, max_bytes_, window.size(),
                        internal::record_too_long("to the end", max_bytes_));
    }
    if (!end_of_stream) return {Kind::kNeedMore, 0, 0, 0};
    done_ = true;
    return {Kind::kRecord, 0, window.size(), window.size()};
  }
  [[nodiscard]] std::size_t max_window() const override { return max_bytes_ + 1; }
  void reset() override { done_ = false; }

 private:
  std::size_t max_bytes_;
  bool done_ = false;
};

}  // namespace

Result<std::unique_ptr<Splitter>> make_chunk_splitter(std::size_t size) {
  WEIR_CHECK_OK(internal::check_record_limit("size", size));
  return std::make_unique<ChunkSplitter>(size);
}

Result<std::unique_ptr<Splitter>> make_whole_splitter(std::size_t max_record_bytes) {
  WEIR_CHECK_OK(internal::check_record_limit("max_record_bytes", max_record_bytes));
  return std::make_unique<WholeSplitter>(max_record_bytes);
}

std::optional<std::size_t> bom_length(std::string_view head, bool end_of_stream) {
  // Longer marks first: the UTF-16 mark is the start of the UTF-32 one.
  static constexpr std::array<std::string_view, 5> kMarks = {
      std::string_view{"\x00\x00\xfe\xff", 4}, std::string_view{"\xff\xfe\x00\x00", 4},
      std::string_view{"\xef\xbb\xbf", 3}, std::string_view{"\xfe\xff", 2},
      std::string_view{"\xff\xfe", 2}};
  for (const std::string_view mark : kMarks) {
    if (head.substr(0, mark.size()) == mark) return mark.size();
    if (!end_of_stream && head.size() < mark.size() && mark.substr(0, head.size()) == head) {
      return std::nullopt;
    }
  }
  return 0;
}

}  // namespace weir::codecs
