// Rows do not depend on how the data is cut; what the writer writes, the reader reads.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/csv.h"
#include "window_feed.h"

namespace {

using weir::codecs::CsvOptions;
using weir::codecs::CsvReader;
using weir::fuzzing::require;
using Kind = CsvReader::Step::Kind;

void check_round_trip(std::span<const std::string_view> fields, char32_t delimiter) {
  if (fields.empty() || (fields.size() == 1 && fields[0].empty())) return;
  const std::vector<std::string> before(fields.begin(), fields.end());
  for (const std::string& field : before) {
    if (field.find('\r') != std::string::npos) return;  // becomes part of a line end
  }
  const auto writer = weir::codecs::CsvWriter::make({.delimiter = delimiter});
  std::string text;
  writer->write(fields, text);
  auto reader = CsvReader::make({.delimiter = delimiter});
  const auto step = reader->next(text, true);
  require(step.kind == Kind::kRow && step.consumed == text.size());
  require(std::vector<std::string>(reader->fields().begin(), reader->fields().end()) == before);
}

std::string read(std::string_view data, const CsvOptions& options, std::uint8_t seed) {
  auto reader = CsvReader::make(options);
  weir::fuzzing::WindowFeed feed(data, seed);
  std::string seen;
  while (true) {
    const std::string_view window = feed.window();
    const auto step = reader->next(window, feed.at_end());
    require(step.begin <= step.end && step.end <= window.size());
    if (step.kind == Kind::kEnd) return seen;
    if (step.kind == Kind::kNeedMore) {
      require(!feed.at_end() && window.size() - step.consumed < reader->max_window());
    } else {
      require(reader->fields().size() <= options.max_fields);
      seen.append(step.kind == Kind::kRow ? "\nrow" : "\nbad");
      seen.append(std::to_string(reader->line()));
      for (const std::string_view field : reader->fields()) seen.append("[").append(field);
      if (step.kind == Kind::kBadRow) seen.append(reader->error().message);
      if (step.kind == Kind::kRow && seed == 0) {
        check_round_trip(reader->fields(), options.delimiter);
      }
    }
    feed.consume(step.consumed);
    if (step.kind == Kind::kNeedMore) feed.add();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzzing::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::uint8_t flags = choices.byte();
  const std::uint8_t seed = choices.byte();
  CsvOptions options;
  options.lazy_quotes = (flags & 1) != 0;
  options.delimiter = (flags & 2) != 0 ? U'\u00a7' : U',';
  options.fields_per_row = (flags & 4) != 0 ? -1 : 0;
  if ((flags & 8) != 0) {
    options.max_row_bytes = 16;
    options.max_fields = 4;
  }
  require(read(choices.rest(), options, 0) == read(choices.rest(), options, seed));
  return 0;
}
