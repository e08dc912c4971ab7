#include <algorithm>

#include "codecs/csv.h"
#include "codecs/utf8.h"

namespace weir::codecs {

using core::Result;

namespace {

// White space as Unicode has it; a field that starts with it is quoted.
bool is_space(char32_t rune) {
  return (rune >= 0x09 && rune <= 0x0D) || rune == 0x20 || rune == 0x85 || rune == 0xA0 ||
         rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 ||
         rune == 0x202F || rune == 0x205F || rune == 0x3000;
}

}  // namespace

Result<CsvWriter> CsvWriter::make(const CsvWriterOptions& options) {
  std::string delimiter = encode_rune(options.delimiter);
  WEIR_CHECK_OK(parse_csv_delimiter(delimiter));
  return CsvWriter(std::move(delimiter), options.crlf);
}

bool CsvWriter::needs_quotes(std::string_view field) const {
  if (field.empty()) return false;
  if (field == "\\.") return true;  // PostgreSQL takes it for the end of the data
  return field.find_first_of("\"\r\n") != field.npos || field.find(delimiter_) != field.npos ||
         is_space(decode_rune(field).rune);
}

void CsvWriter::write_quoted(std::string_view field, std::string& output) const {
  output.push_back('"');
  for (const char c : field) {
    if (c == '"') output.push_back('"');
    if (c == '\n' && crlf_) output.push_back('\r');
    if (c != '\r' || !crlf_) output.push_back(c);
  }
  output.push_back('"');
}

void CsvWriter::write(std::span<const std::string_view> fields, std::string& output) const {
  bool first = true;
  for (const std::string_view field : fields) {
    if (!first) output.append(delimiter_);
    first = false;
    if (needs_quotes(field)) {
      write_quoted(field, output);
    } else {
      output.append(field);
    }
  }
  output.append(crlf_ ? "\r\n" : "\n");
}

}  // namespace weir::codecs
