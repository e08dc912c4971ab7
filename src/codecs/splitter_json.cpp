#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "codecs/json_boundary.h"
#include "codecs/splitter.h"
#include "codecs/splitter_internal.h"

namespace weir::codecs {

using core::Error;
using core::ErrorCode;
using core::Result;
using core::Status;
using Kind = SplitStep::Kind;

namespace {

constexpr std::size_t kLargestMaxDepth = 10'000;

std::size_t skip_space(std::string_view window, std::size_t at) {
  return std::min(window.find_first_not_of(" \n\t\r", at), window.size());
}

// Reads one value that begins at the front of the window, over as many windows as it takes.
class JsonValueReader {
 public:
  struct Reading {
    JsonBoundary::Found found;  // at the end of the stream never kNeedMore
    bool newly_bad;             // the value is no record, see error(); said once for each value
  };

  JsonValueReader(std::string_view what, const JsonOptions& options)
      : what_(what), options_(options), boundary_(options.max_depth) {}

  void start() {
    boundary_.start();
    at_ = 0;
    bad_ = false;
  }

  // What is wrong with a value depends on the value alone, not on the windows it came in.
  Reading read(std::string_view window, bool end_of_stream) {
    auto found = boundary_.scan(window, at_);
    const bool truncated = found == JsonBoundary::Found::kNeedMore && end_of_stream;
    if (truncated) {
      found =
          boundary_.complete_at_end() ? JsonBoundary::Found::kEnd : JsonBoundary::Found::kMalformed;
    }
    const bool was_bad = bad_;
    if (!bad_) find_fault(window, found);
    return {found, bad_ && !was_bad};
  }

  [[nodiscard]] std::size_t at() const { return at_; }  // bytes of the window read
  [[nodiscard]] bool bad() const { return bad_; }
  [[nodiscard]] Error& error() { return error_; }

  // The last byte read and what follows; the rest of the window may go.
  [[nodiscard]] std::size_t droppable() const { return at_ == 0 ? 0 : at_ - 1; }
  void drop(std::size_t count) { at_ -= count; }

 private:
  void find_fault(std::string_view window, JsonBoundary::Found found) {
    bad_ = true;
    if (at_ > options_.max_record_bytes) {
      error_ = internal::record_too_long(what_, options_.max_record_bytes);
    } else if (found == JsonBoundary::Found::kMalformed && at_ == window.size()) {
      error_ = {ErrorCode::kInvalidData,
                "splitting " + std::string(what_) + ": the stream ends within a value"};
    } else if (found == JsonBoundary::Found::kMalformed) {
      error_ = {ErrorCode::kInvalidData, "splitting " + std::string(what_) + ": byte " +
                                             std::to_string(at_ + 1) + " of the value, " +
                                             shown(window[at_]) + ", cannot stand there"};
    } else if (found == JsonBoundary::Found::kEnd && boundary_.too_deep()) {
      error_ = {ErrorCode::kLimit, "splitting " + std::string(what_) +
                                       ": the value is nested deeper than the limit of " +
                                       std::to_string(options_.max_depth)};
    } else {
      bad_ = false;
    }
  }

  static std::string shown(char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) return std::string("`") + c + "`";
    return std::string("0x") + kDigits[byte >> 4] + kDigits[byte & 15];
  }

  std::string_view what_;
  JsonOptions options_;
  JsonBoundary boundary_;
  std::size_t at_ = 0;
  bool bad_ = false;
  Error error_;
};

class JsonDocumentsSplitter final : public Splitter {
 public:
  explicit JsonDocumentsSplitter(const JsonOptions& options)
      : reader_("JSON documents", options), max_bytes_(options.max_record_bytes) {}

  SplitStep next(std::string_view window, bool end_of_stream) override {
    std::size_t base = 0;
    while (true) {
      if (state_ == State::kResync) base = resync(window, base, end_of_stream);
      if (state_ == State::kBetween) {
        base = skip_space(window, base);
        if (base != window.size()) {
          reader_.start();
          state_ = State::kWithin;
        }
      }
      if (state_ != State::kWithin) {
        return {end_of_stream ? Kind::kEnd : Kind::kNeedMore, 0, 0, base};
      }
      const auto [found, newly_bad] = reader_.read(window.substr(base), end_of_stream);
      const std::size_t begin = base;
      if (found == JsonBoundary::Found::kEnd) {
        state_ = State::kBetween;
        base += reader_.at();
      } else if (found == JsonBoundary::Found::kMalformed) {
        state_ = State::kResync;
        base += reader_.droppable();
      } else if (reader_.bad()) {
        const std::size_t dropped = reader_.droppable();
        reader_.drop(dropped);
        base += dropped;
      }
      if (newly_bad) {
        const std::size_t shown = std::min(window.size(), begin + max_bytes_);
        return bad_record(begin, shown, base, std::move(reader_.error()));
      }
      if (found == JsonBoundary::Found::kEnd && !reader_.bad()) {
        return {Kind::kRecord, begin, base, base};
      }
      if (found == JsonBoundary::Found::kNeedMore) return {Kind::kNeedMore, 0, 0, base};
    }
  }

  [[nodiscard]] std::size_t max_window() const override { return max_bytes_ + 1; }

  void reset() override { state_ = State::kBetween; }

 private:
  enum class State : unsigned char { kBetween, kWithin, kResync };

  // Up to the next line that starts with a bracket; the inside of a broken document that was
  // written over several lines is indented, so it does not pass for documents of its own.
  std::size_t resync(std::string_view window, std::size_t base, bool end_of_stream) {
    while (true) {
      const std::size_t newline = window.find('\n', base);
      if (newline == std::string_view::npos) return window.size();
      base = newline + 1;
      if (base == window.size()) return end_of_stream ? base : newline;
      if (window[base] == '{' || window[base] == '[') {
        state_ = State::kBetween;
        return base;
      }
    }
  }

  JsonValueReader reader_;
  std::size_t max_bytes_;
  State state_ = State::kBetween;
};

class JsonArraySplitter final : public Splitter {
 public:
  explicit JsonArraySplitter(const JsonOptions& options)
      : reader_("a JSON array", options), max_bytes_(options.max_record_bytes) {}

  SplitStep next(std::string_view window, bool end_of_stream) override {
    std::size_t base = 0;
    while (true) {
      if (state_ == State::kFailed) return {Kind::kFailed, 0, 0, window.size()};
      if (state_ == State::kMalformed) return fail("an element is malformed");
      if (state_ != State::kElement) {
        base = skip_space(window, base);
        if (base == window.size()) {
          if (!end_of_stream) return {Kind::kNeedMore, 0, 0, base};
          if (state_ == State::kBefore) return {Kind::kEnd, 0, 0, base};
          return fail("the stream ends within the array");
        }
        const bool before = state_ == State::kBefore;
        if (!punctuation(window[base])) {
          return fail(before ? "the data is not an array"
                             : "neither `,` nor `]` follows an element");
        }
        if (state_ != State::kElement) {
          ++base;
          continue;
        }
      }
      const auto [found, newly_bad] = reader_.read(window.substr(base), end_of_stream);
      const std::size_t begin = base;
      if (found == JsonBoundary::Found::kMalformed) {
        state_ = State::kMalformed;
        if (!newly_bad) continue;
        if (reader_.error().code == ErrorCode::kInvalidData) {
          state_ = State::kFailed;
          return failed(std::move(reader_.error()));
        }
      } else if (found == JsonBoundary::Found::kEnd) {
        state_ = State::kAfterElement;
        base += reader_.at();
      } else if (reader_.bad()) {
        const std::size_t dropped = reader_.droppable();
        reader_.drop(dropped);
        base += dropped;
      }
      if (newly_bad) {
        const std::size_t shown = std::min(window.size(), begin + max_bytes_);
        return bad_record(begin, shown, base, std::move(reader_.error()));
      }
      if (found == JsonBoundary::Found::kNeedMore) return {Kind::kNeedMore, 0, 0, base};
      if (!reader_.bad()) return {Kind::kRecord, begin, base, base};
    }
  }

  [[nodiscard]] std::size_t max_window() const override { return max_bytes_ + 1; }

  void reset() override { state_ = State::kBefore; }

 private:
  enum class State : unsigned char {
    kBefore,        // an array or the end
    kFirstElement,  // an element or `]`
    kNextElement,   // an element
    kElement,
    kAfterElement,  // `,` or `]`
    kMalformed,     // an element that was too long turned out malformed
    kFailed,
  };

  SplitStep fail(std::string_view cause) {
    state_ = State::kFailed;
    return failed({ErrorCode::kInvalidData, "splitting a JSON array: " + std::string(cause)});
  }

  // Takes `c`, or begins an element with it. False if it cannot stand there.
  bool punctuation(char c) {
    switch (state_) {
      case State::kBefore: state_ = State::kFirstElement; return c == '[';
      case State::kAfterElement:
        state_ = c == ',' ? State::kNextElement : State::kBefore;
        return c == ',' || c == ']';
      case State::kFirstElement:
        if (c == ']') {
          state_ = State::kBefore;
          return true;
        }
        break;
      default: break;
    }
    reader_.start();
    state_ = State::kElement;
    return true;
  }

  JsonValueReader reader_;
  std::size_t max_bytes_;
  State state_ = State::kBefore;
};

Status check(const JsonOptions& options) {
  WEIR_CHECK_OK(internal::check_record_limit("max_record_bytes", options.max_record_bytes));
  if (options.max_depth >= 1 && options.max_depth <= kLargestMaxDepth) return {};
  return core::invalid_config("setting `max_depth`: " + std::to_string(options.max_depth) +
                              " is not between 1 and " + std::to_string(kLargestMaxDepth));
}

}  // namespace

Result<std::unique_ptr<Splitter>> make_json_documents_splitter(const JsonOptions& options) {
  WEIR_CHECK_OK(check(options));
  return std::make_unique<JsonDocumentsSplitter>(options);
}

Result<std::unique_ptr<Splitter>> make_json_array_splitter(const JsonOptions& options) {
  WEIR_CHECK_OK(check(options));
  return std::make_unique<JsonArraySplitter>(options);
}

}  // namespace weir::codecs
