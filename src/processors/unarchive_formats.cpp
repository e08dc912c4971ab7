#include "processors/unarchive_formats.h"

#include <unordered_map>
#include <vector>

#include "codecs/csv.h"
#include "codecs/tar.h"
#include "codecs/zip.h"
#include "core/json_index.h"
#include "mapping/formats/json_extent.h"

namespace weir::processors {

using core::Status;
using core::Value;

Status unarchive_binary(std::string_view bytes, const TakePart& take) {
  const auto number = [&](std::uint32_t& out) {
    if (bytes.size() < 4) return false;
    out = 0;
    for (std::size_t i = 0; i < 4; ++i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
    bytes.remove_prefix(4);
    return true;
  };
  const auto cut_short = [] { return core::invalid_data("the archive ends too early"); };
  std::uint32_t parts = 0;
  if (!number(parts)) return cut_short();
  if (parts > kMostParts) return core::fail(core::ErrorCode::kLimit, "too many parts");
  for (std::uint32_t i = 0; i < parts; ++i) {
    std::uint32_t size = 0;
    if (!number(size) || bytes.size() < size) return cut_short();
    WEIR_CHECK_OK(take({bytes.substr(0, size), nullptr, {}}));
    bytes.remove_prefix(size);
  }
  return {};
}

Status unarchive_lines(std::string_view bytes, const TakePart& take) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    std::string_view line = bytes.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    WEIR_CHECK_OK(take({line, nullptr, {}}));
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
  }
  return {};
}

Status unarchive_csv(std::string_view bytes, char32_t delimiter, core::Arena& arena,
                     const TakePart& take) {
  using Kind = codecs::CsvReader::Step::Kind;
  codecs::CsvOptions options;
  options.delimiter = delimiter;
  auto reader = codecs::CsvReader::make(options);
  if (!reader) return core::fail(std::move(reader).error());
  std::vector<Value> header;
  bool have_header = false;
  for (;;) {
    const auto step = reader->next(bytes, true);
    if (step.kind == Kind::kEnd) return {};
    if (step.kind == Kind::kBadRow) return core::fail(reader->error());
    if (step.kind == Kind::kNeedMore) return core::invalid_data("the last row is not complete");
    const auto fields = reader->fields();
    if (!have_header) {
      for (const std::string_view name : fields) header.push_back(Value::string(arena.copy(name)));
      have_header = true;
    } else {
      Value row = Value::object(arena, static_cast<std::uint32_t>(fields.size()));
      for (std::size_t i = 0; i < std::min(fields.size(), header.size()); ++i)
        core::set_member(row, header[i], Value::string(arena.copy(fields[i])), arena);
      WEIR_CHECK_OK(take({{}, &row, {}}));
    }
    bytes.remove_prefix(step.consumed);
  }
}

Status unarchive_json_documents(std::string_view bytes, core::Arena& arena, const TakePart& take) {
  constexpr std::string_view kBlank = " \t\r\n";
  for (;;) {
    const std::size_t begin = bytes.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    bytes.remove_prefix(begin);
    WEIR_TRY(const std::size_t end, mapping::first_json_value(bytes));
    WEIR_TRY(const Value document, core::parse_json(bytes.substr(0, end), arena));
    WEIR_CHECK_OK(take({{}, &document, {}}));
    bytes.remove_prefix(end);
  }
}

Status unarchive_tar(std::string_view bytes, const TakePart& take) {
  using Kind = codecs::TarReader::Step::Kind;
  codecs::TarReader reader;
  std::string content;
  for (;;) {
    const auto step = reader.next(bytes, true);
    switch (step.kind) {
      case Kind::kEntry: content.clear(); break;
      case Kind::kData: content.append(step.data); break;
      case Kind::kEntryEnd: WEIR_CHECK_OK(take({content, nullptr, reader.entry().name})); break;
      case Kind::kEnd: return {};
      case Kind::kNeedMore: return core::invalid_data("the archive ends too early");
      case Kind::kBadEntry:
      case Kind::kFailed: return core::fail(reader.error());
    }
    bytes.remove_prefix(step.consumed);
  }
}

Status unarchive_zip(std::string_view bytes, const TakePart& take) {
  auto reader = codecs::ZipReader::open(bytes);
  if (!reader) return core::fail(std::move(reader).error());
  for (std::size_t i = 0; i < reader->entries().size(); ++i) {
    WEIR_TRY(const std::string content, reader->read(i));
    WEIR_CHECK_OK(take({content, nullptr, reader->entries()[i].name}));
  }
  return {};
}

}  // namespace weir::processors
