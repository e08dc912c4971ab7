#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::codecs {

struct CsvOptions {
  char32_t delimiter = U',';
  /// A quote may stand in an unquoted field, and a single one in a quoted field.
  bool lazy_quotes = false;
  /// Fields each row must have; 0: as many as the first row; negative: any number.
  int fields_per_row = 0;
  std::size_t max_row_bytes = std::size_t{16} << 20;
  std::size_t max_fields = 65536;
};

/// The one character of `text`.
/// Error kInvalidConfig: not exactly one character of UTF-8, or one that cannot delimit fields
/// (quote, carriage return, line feed, NUL, U+FFFD).
[[nodiscard]] core::Result<char32_t> parse_csv_delimiter(std::string_view text);

/// Reads rows as Go's encoding/csv does: RFC 4180; empty lines are skipped; "\r\n" becomes "\n"
/// within quoted fields too; a '\r' before the end of the data is dropped.
///
/// Windows work as for a Splitter: the caller drops `consumed` bytes from the front after each
/// step, adds bytes at the back, and changes none. Rows do not depend on how the data is cut.
/// Not thread-safe. No allocation per row once warm.
class CsvReader {
 public:
  struct Step {
    enum class Kind : unsigned char {
      kRow,     ///< see fields()
      kBadRow,  ///< see error(); fields() are those before the fault, or all if their number is it
      kNeedMore,  ///< the window ends within a row
      kEnd,       ///< the data is at its end and nothing is left
    };
    Kind kind = Kind::kNeedMore;
    std::size_t begin = 0;  ///< [begin, end) of the window is the row as written; of a bad row that
    std::size_t end = 0;    ///< is too long, its start
    std::size_t consumed = 0;
  };

  /// Error kInvalidConfig: a delimiter that parse_csv_delimiter refuses, a limit of 0, or
  /// max_row_bytes over 1 GiB.
  [[nodiscard]] static core::Result<CsvReader> make(const CsvOptions& options = {});

  /// A row over max_row_bytes is bad; reading goes on after its first line, so that a quote nobody
  /// closes costs one row.
  [[nodiscard]] Step next(std::string_view window, bool end_of_stream);

  /// The fields of the last row. Valid until the next step, and while its window is.
  [[nodiscard]] std::span<const std::string_view> fields() const { return fields_; }

  /// Why the last row is bad: kInvalidData with line and column (in bytes), both from 1, or kLimit.
  [[nodiscard]] const core::Error& error() const { return error_; }

  /// The line the last row began on, from 1.
  [[nodiscard]] std::uint64_t line() const { return row_line_; }

  /// kNeedMore never leaves this many bytes in the window.
  [[nodiscard]] std::size_t max_window() const { return options_.max_row_bytes + 4; }

  /// Ready for the next stream.
  void reset();

 private:
  struct FieldRef {
    std::size_t begin;
    std::size_t length;
    bool unescaped;  // in unescaped_, not in the row
  };
  enum class Fast : unsigned char { kRow, kQuote, kNoNewline, kTooManyFields };
  enum class LineEnd : unsigned char { kRowComplete, kInQuotes, kFault };
  enum class QuotedEnd : unsigned char { kDelimiter, kRowEnd, kOpen, kFault };

  explicit CsvReader(const CsvOptions& options);

  void start_row();
  Fast read_fast(std::string_view window, std::size_t base, std::size_t& end);
  LineEnd read_line(std::string_view row, std::size_t line_begin, std::size_t line_end,
                    bool terminated);
  QuotedEnd read_quoted(std::string_view line, std::size_t line_begin, std::size_t& at,
                        bool terminated);
  void resolve_fields(std::string_view row);
  LineEnd fault(std::string_view what, std::size_t column);
  Step end_in_quotes(std::string_view row, std::size_t base);
  Step finish_row(std::size_t base, std::size_t end, std::size_t consumed);
  Step too_long(std::size_t base, std::size_t consumed, bool skip);
  Step step(Step::Kind kind, std::size_t begin, std::size_t end, std::size_t consumed);

  CsvOptions options_;
  std::string delimiter_;
  std::size_t expected_fields_ = 0;
  std::vector<std::string_view> fields_;
  core::Error error_;
  std::uint64_t line_ = 0;      // lines read so far
  std::uint64_t row_line_ = 0;  // the line the row begins on

  bool skipping_ = false;  // to the end of a line that is too long
  bool fresh_ = true;      // the next step starts a row

  // The row being read; offsets are from its first byte.
  std::vector<FieldRef> refs_;
  std::string unescaped_;
  std::size_t field_begin_ = 0;     // in unescaped_, of the quoted field being read
  std::size_t end_column_ = 0;      // past the last line read, counting its line end as one byte
  std::size_t searched_ = 0;        // no line ends before this
  std::size_t next_line_ = 0;       // where the line to read next begins
  std::size_t first_line_end_ = 0;  // past the line end of the row's first line
  bool in_quotes_ = false;
};

struct CsvWriterOptions {
  char32_t delimiter = U',';
  bool crlf = false;  ///< rows end with "\r\n"
};

/// Writes rows as Go's encoding/csv does: quotes only where needed. Thread-safe.
class CsvWriter {
 public:
  /// Error kInvalidConfig: a delimiter that parse_csv_delimiter refuses.
  [[nodiscard]] static core::Result<CsvWriter> make(const CsvWriterOptions& options = {});

  /// Appends the row and its line end.
  void write(std::span<const std::string_view> fields, std::string& output) const;

 private:
  CsvWriter(std::string delimiter, bool crlf) : delimiter_(std::move(delimiter)), crlf_(crlf) {}

  [[nodiscard]] bool needs_quotes(std::string_view field) const;
  void write_quoted(std::string_view field, std::string& output) const;

  std::string delimiter_;
  bool crlf_;
};

}  // namespace weir::codecs
