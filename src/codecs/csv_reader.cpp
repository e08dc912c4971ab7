#include <algorithm>
#include <bit>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "codecs/csv.h"
#include "codecs/utf8.h"

namespace weir::codecs {

using core::Error;
using core::ErrorCode;
using core::Result;
using core::Status;
using Kind = CsvReader::Step::Kind;

namespace {

constexpr std::size_t kLargestRow = std::size_t{1} << 30;
constexpr std::string_view kBadQuote = "extraneous or missing \" in quoted-field";
constexpr std::size_t kNotFound = std::string_view::npos;

bool delimits(char32_t rune) {
  return rune != 0 && rune != U'"' && rune != U'\r' && rune != U'\n' && rune <= 0x10FFFF &&
         rune != kReplacementCharacter && (rune < 0xD800 || rune > 0xDFFF);
}

Status check_delimiter(char32_t rune) {
  if (delimits(rune)) return {};
  return core::invalid_config(
      "setting a CSV delimiter: a quote, a line end, NUL or an invalid character cannot delimit");
}

constexpr std::size_t kBlock = 16;

// Which of the 16 bytes at `data` is one of the three, as a bit each.
#if defined(__SSE2__)
class BlockMatcher {
 public:
  explicit BlockMatcher(char delimiter)
      : delimiter_(_mm_set1_epi8(delimiter)),
        quote_(_mm_set1_epi8('"')),
        newline_(_mm_set1_epi8('\n')) {}

  [[nodiscard]] unsigned operator()(const char* data) const {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
    const __m128i hits =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, delimiter_), _mm_cmpeq_epi8(block, quote_)),
                     _mm_cmpeq_epi8(block, newline_));
    return static_cast<unsigned>(_mm_movemask_epi8(hits));
  }

 private:
  __m128i delimiter_;
  __m128i quote_;
  __m128i newline_;
};
#else
class BlockMatcher {
 public:
  explicit BlockMatcher(char delimiter) : delimiter_(delimiter) {}

  [[nodiscard]] unsigned operator()(const char* data) const {
    unsigned mask = 0;
    for (unsigned i = 0; i < kBlock; ++i) {
      const bool hit = data[i] == delimiter_ || data[i] == '"' || data[i] == '\n';
      mask |= static_cast<unsigned>(hit) << i;
    }
    return mask;
  }

 private:
  char delimiter_;
};
#endif

}  // namespace

Result<char32_t> parse_csv_delimiter(std::string_view text) {
  const DecodedRune decoded = decode_rune(text);
  if (decoded.length == 0 || decoded.length != text.size()) {
    return core::invalid_config("setting a CSV delimiter: `" + std::string(text) +
                                "` is not exactly one character");
  }
  WEIR_CHECK_OK(check_delimiter(decoded.rune));
  return decoded.rune;
}

Result<CsvReader> CsvReader::make(const CsvOptions& options) {
  WEIR_CHECK_OK(check_delimiter(options.delimiter));
  if (options.max_row_bytes == 0 || options.max_row_bytes > kLargestRow) {
    return core::invalid_config(
        "setting the limit of a CSV row: " + std::to_string(options.max_row_bytes) +
        " is not between 1 and " + std::to_string(kLargestRow) + " bytes");
  }
  if (options.max_fields == 0) {
    return core::invalid_config("setting the limit of fields in a CSV row: 0 fields allow no row");
  }
  return CsvReader(options);
}

CsvReader::CsvReader(const CsvOptions& options)
    : options_(options), delimiter_(encode_rune(options.delimiter)) {
  reset();
}

void CsvReader::reset() {
  expected_fields_ =
      options_.fields_per_row > 0 ? static_cast<std::size_t>(options_.fields_per_row) : 0;
  line_ = 0;
  row_line_ = 0;
  skipping_ = false;
  fresh_ = true;
  fields_.clear();
}

void CsvReader::start_row() {
  fresh_ = false;
  refs_.clear();
  unescaped_.clear();
  searched_ = 0;
  next_line_ = 0;
  first_line_end_ = 0;
  in_quotes_ = false;
}

CsvReader::Step CsvReader::next(std::string_view window, bool end_of_stream) {
  std::size_t base = 0;
  fields_.clear();
  if (fresh_) start_row();
  if (skipping_) {
    const std::size_t newline = window.find('\n');
    if (newline == kNotFound) {
      return {end_of_stream ? Kind::kEnd : Kind::kNeedMore, 0, 0, window.size()};
    }
    skipping_ = false;
    base = newline + 1;
  }
  if (delimiter_.size() == 1 && next_line_ == 0 && searched_ == 0) {
    while (base < window.size()) {
      std::size_t end = 0;
      const Fast fast = read_fast(window, base, end);
      if (fast == Fast::kQuote || fast == Fast::kNoNewline) break;
      const bool carriage_return = end > base && window[end - 1] == '\r';
      const std::size_t length = end - base - (carriage_return ? 1 : 0);
      row_line_ = ++line_;
      if (length > options_.max_row_bytes) return too_long(base, end + 1, false);
      if (fast == Fast::kTooManyFields) {
        fault("too many fields", 0);
        return step(Kind::kBadRow, base, base + length, end + 1);
      }
      if (length != 0) return finish_row(base, base + length, end + 1);
      fields_.clear();
      base = end + 1;
    }
    fields_.clear();
  }
  while (true) {  // one line each
    const std::string_view row = window.substr(base);
    const std::size_t newline = row.find('\n', searched_);
    const bool terminated = newline != kNotFound;
    if (!terminated && !end_of_stream) {
      searched_ = row.size();
      // The last byte may turn out to be the '\r' of a line end.
      if (row.size() <= std::max(options_.max_row_bytes, next_line_) + 1) {
        return {Kind::kNeedMore, 0, 0, base};
      }
    }
    const std::size_t past_line = terminated ? newline + 1 : row.size();
    std::size_t line_end = terminated ? newline : row.size();
    if (line_end > next_line_ && row[line_end - 1] == '\r') --line_end;
    const bool first = next_line_ == 0;
    if (first && past_line == 0) return {Kind::kEnd, 0, 0, base};
    if (!first && !terminated && line_end == next_line_) return end_in_quotes(row, base);
    if (first) row_line_ = line_ + 1;
    if (line_end > options_.max_row_bytes) {
      line_ = row_line_;
      if (first) return too_long(base, base + past_line, !terminated);
      return too_long(base, base + first_line_end_, false);
    }
    if (first && line_end == 0) {  // an empty line
      ++line_;
      base += past_line;
      searched_ = 0;
      continue;
    }
    ++line_;
    if (first) first_line_end_ = past_line;
    const LineEnd outcome = read_line(row, next_line_, line_end, terminated);
    if (outcome == LineEnd::kInQuotes) {
      next_line_ = past_line;
      searched_ = past_line;
      if (end_of_stream && past_line == row.size()) return end_in_quotes(row, base);
      continue;
    }
    resolve_fields(row);
    if (outcome == LineEnd::kFault) {
      return step(Kind::kBadRow, base, base + line_end, base + past_line);
    }
    return finish_row(base, base + line_end, base + past_line);
  }
}

CsvReader::Step CsvReader::step(Kind kind, std::size_t begin, std::size_t end,
                                std::size_t consumed) {
  fresh_ = true;
  return {kind, begin, end, consumed};
}

// The data ends and a quoted field is open.
CsvReader::Step CsvReader::end_in_quotes(std::string_view row, std::size_t base) {
  const bool lazy = options_.lazy_quotes;
  if (lazy) {
    refs_.push_back({field_begin_, unescaped_.size() - field_begin_, true});
  } else {
    fault(kBadQuote, end_column_);
  }
  resolve_fields(row);
  const std::size_t end = base + row.size();
  return lazy ? finish_row(base, end, end) : step(Kind::kBadRow, base, end, end);
}

CsvReader::Step CsvReader::too_long(std::size_t base, std::size_t consumed, bool skip) {
  fields_.clear();
  skipping_ = skip;
  error_ = {ErrorCode::kLimit, "parsing CSV record on line " + std::to_string(row_line_) +
                                   ": it is longer than the limit of " +
                                   std::to_string(options_.max_row_bytes) + " bytes"};
  return step(Kind::kBadRow, base, base + options_.max_row_bytes, consumed);
}

CsvReader::Step CsvReader::finish_row(std::size_t base, std::size_t end, std::size_t consumed) {
  if (expected_fields_ == 0 && options_.fields_per_row == 0) expected_fields_ = fields_.size();
  if (expected_fields_ != 0 && fields_.size() != expected_fields_) {
    error_ = {ErrorCode::kInvalidData, "parsing CSV record on line " + std::to_string(row_line_) +
                                           ": wrong number of fields (" +
                                           std::to_string(fields_.size()) + ", not " +
                                           std::to_string(expected_fields_) + ")"};
    return step(Kind::kBadRow, base, end, consumed);
  }
  return step(Kind::kRow, base, end, consumed);
}

// The row at `base`, if it is one line and its quotes only enclose fields: its fields, and where
// its
// '\n' stands.
CsvReader::Fast CsvReader::read_fast(std::string_view window, std::size_t base, std::size_t& end) {
  const BlockMatcher match(delimiter_[0]);
  const char* const data = window.data();
  const std::size_t size = window.size();
  std::size_t field = base;
  bool in_quotes = false;
  bool closed = false;  // behind a closing quote; the field was added
  Fast outcome = Fast::kRow;
  const auto add_field = [&](std::size_t begin, std::size_t past) {
    if (fields_.size() == options_.max_fields) {
      outcome = Fast::kTooManyFields;
    } else {
      fields_.emplace_back(data + begin, past - begin);
    }
  };
  const auto ends_field = [&](std::size_t at) {
    if (at < size && data[at] == '\r') return at + 1 < size && data[at + 1] == '\n';
    return at < size && (data[at] == delimiter_[0] || data[at] == '\n');
  };
  const auto special = [&](std::size_t at) {  // true where reading stops
    const char c = data[at];
    if (c == '"') {
      if (in_quotes && ends_field(at + 1)) {
        add_field(field + 1, at);
        in_quotes = false;
        closed = true;
        return false;
      }
      in_quotes = !in_quotes && at == field;
      if (in_quotes) return false;
      outcome = Fast::kQuote;
      return true;
    }
    if (in_quotes) {
      if (c == '\n') outcome = Fast::kQuote;
      return c == '\n';
    }
    if (!closed) {
      const bool carriage_return = c == '\n' && at > field && data[at - 1] == '\r';
      add_field(field, at - (carriage_return ? 1 : 0));
    }
    closed = false;
    field = at + 1;
    end = at;
    return c == '\n';
  };
  std::size_t at = base;
  for (; at + kBlock <= size; at += kBlock) {
    for (unsigned mask = match(data + at); mask != 0; mask &= mask - 1) {
      if (special(at + static_cast<std::size_t>(std::countr_zero(mask)))) return outcome;
    }
  }
  for (; at < size; ++at) {
    const char c = data[at];
    if ((c == delimiter_[0] || c == '"' || c == '\n') && special(at)) return outcome;
  }
  return Fast::kNoNewline;
}

// One line of a row, [line_begin, line_end) without its line end.
CsvReader::LineEnd CsvReader::read_line(std::string_view row, std::size_t line_begin,
                                        std::size_t line_end, bool terminated) {
  const std::string_view line = row.substr(line_begin, line_end - line_begin);
  std::size_t at = 0;
  while (true) {
    bool more = false;
    if (!in_quotes_ && at < line.size() && line[at] == '"') {
      in_quotes_ = true;
      field_begin_ = unescaped_.size();
      ++at;
    }
    if (in_quotes_) {
      const QuotedEnd quoted = read_quoted(line, line_begin, at, terminated);
      if (quoted == QuotedEnd::kOpen) return LineEnd::kInQuotes;
      if (quoted == QuotedEnd::kFault) return LineEnd::kFault;
      in_quotes_ = false;
      more = quoted == QuotedEnd::kDelimiter;
    } else {
      const std::size_t found = line.find(delimiter_, at);
      more = found != kNotFound;
      const std::string_view field = line.substr(at, more ? found - at : kNotFound);
      const std::size_t quote = options_.lazy_quotes ? kNotFound : field.find('"');
      if (quote != kNotFound) return fault("bare \" in non-quoted field", at + quote + 1);
      refs_.push_back({line_begin + at, field.size(), false});
      at = found + delimiter_.size();
    }
    if (refs_.size() > options_.max_fields) {
      refs_.pop_back();
      return fault("too many fields", 0);
    }
    if (!more) return LineEnd::kRowComplete;
  }
}

// The rest of a quoted field from `at`, which moves past it and the delimiter after it.
CsvReader::QuotedEnd CsvReader::read_quoted(std::string_view line, std::size_t line_begin,
                                            std::size_t& at, bool terminated) {
  while (true) {
    const std::size_t quote = line.find('"', at);
    if (quote == kNotFound) {
      unescaped_.append(line.substr(at));
      if (terminated) unescaped_.push_back('\n');
      end_column_ = line.size() + (terminated ? 2 : 1);
      return QuotedEnd::kOpen;
    }
    const std::size_t after = quote + 1;
    const bool row_ends = after == line.size();
    if (row_ends || line.compare(after, delimiter_.size(), delimiter_) == 0) {
      if (unescaped_.size() == field_begin_) {  // all of it stands in the line as it is
        refs_.push_back({line_begin + at, quote - at, false});
      } else {
        unescaped_.append(line.substr(at, quote - at));
        refs_.push_back({field_begin_, unescaped_.size() - field_begin_, true});
      }
      at = after + delimiter_.size();
      return row_ends ? QuotedEnd::kRowEnd : QuotedEnd::kDelimiter;
    }
    const bool doubled = line[after] == '"';
    if (!doubled && !options_.lazy_quotes) {
      fault(kBadQuote, after);
      return QuotedEnd::kFault;
    }
    unescaped_.append(line.substr(at, after - at));
    at = doubled ? after + 1 : after;
  }
}

void CsvReader::resolve_fields(std::string_view row) {
  fields_.clear();
  for (const FieldRef& ref : refs_) {
    fields_.push_back(
        (ref.unescaped ? std::string_view(unescaped_) : row).substr(ref.begin, ref.length));
  }
}

// A column of 0 means the row as a whole.
CsvReader::LineEnd CsvReader::fault(std::string_view what, std::size_t column) {
  std::string message = "parsing CSV record on line " + std::to_string(row_line_);
  if (column != 0) {
    if (line_ != row_line_) message.append("; parse error on line ").append(std::to_string(line_));
    message.append(", column ").append(std::to_string(column));
  }
  message.append(": ").append(what);
  error_ = {column == 0 ? ErrorCode::kLimit : ErrorCode::kInvalidData, std::move(message)};
  return LineEnd::kFault;
}

}  // namespace weir::codecs
