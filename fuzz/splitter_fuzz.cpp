// Records do not depend on how the stream is cut, nor on how the splitter is asked.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/framing.h"
#include "codecs/splitter.h"
#include "window_feed.h"

namespace {

using weir::codecs::Framing;
using weir::codecs::JsonOptions;
using weir::codecs::LinesOptions;
using weir::codecs::RecordSpan;
using weir::codecs::SplitStep;
using weir::codecs::Splitter;
using weir::fuzzing::require;
using Kind = SplitStep::Kind;

std::string split(Splitter& splitter, std::string_view data, std::uint8_t seed, bool in_batches) {
  splitter.reset();
  weir::fuzzing::WindowFeed feed(data, seed);
  std::vector<RecordSpan> spans;
  std::string seen;
  while (true) {
    const std::string_view window = feed.window();
    SplitStep step;
    if (in_batches) {
      spans.clear();
      step = splitter.split(window, feed.at_end(), spans);
      for (const RecordSpan& span : spans) seen.append("\nrecord ").append(span.in(window));
    } else {
      step = splitter.next(window, feed.at_end());
    }
    require(step.begin <= step.end && step.end <= window.size());
    const std::string_view text = window.substr(step.begin, step.end - step.begin);
    switch (step.kind) {
      case Kind::kRecord: seen.append("\nrecord ").append(text); break;
      case Kind::kBadRecord: seen.append("\nbad ").append(splitter.error().message); break;
      case Kind::kNeedMore:
        require(!feed.at_end());
        require(window.size() - step.consumed < splitter.max_window());
        break;
      case Kind::kEnd: return seen;
      case Kind::kFailed: return seen.append("\nfailed ").append(splitter.error().message);
    }
    feed.consume(step.consumed);
    if (step.kind == Kind::kNeedMore) feed.add();
  }
}

std::unique_ptr<Splitter> make(std::uint8_t kind, std::size_t limit) {
  const JsonOptions json{.max_record_bytes = limit, .max_depth = 5};
  const LinesOptions lines{.max_record_bytes = limit};
  switch (kind % 9) {
    case 0: return *weir::codecs::make_lines_splitter(lines);
    case 1:
      return *weir::codecs::make_lines_splitter(
          {.delimiter = "aab", .max_record_bytes = limit, .omit_empty = true});
    case 2: return *weir::codecs::make_chunk_splitter(limit);
    case 3: return *weir::codecs::make_whole_splitter(limit);
    case 4: return *weir::codecs::make_json_documents_splitter(json);
    case 5: return *weir::codecs::make_json_array_splitter(json);
    case 6: return *weir::codecs::make_frame_splitter(Framing::kLengthPrefixedUint32, limit);
    case 7: return *weir::codecs::make_frame_splitter(Framing::kNetstring, limit);
    default: return *weir::codecs::make_regex_splitter("(?m)^[0-9][0-9]", limit);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzzing::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::uint8_t kind = choices.byte();
  const std::uint8_t seed = choices.byte();
  const std::size_t limit = 1 + std::size_t{choices.byte()};
  const auto splitter = make(kind, limit);
  const std::string whole = split(*splitter, choices.rest(), 0, false);
  require(split(*splitter, choices.rest(), 0, true) == whole);
  require(split(*splitter, choices.rest(), seed, false) == whole);
  require(split(*splitter, choices.rest(), seed, true) == whole);
  return 0;
}
