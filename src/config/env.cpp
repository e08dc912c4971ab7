#include "config/env.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace weir::config {
namespace {

constexpr std::size_t kMaxBytes = 4U << 20U;
constexpr std::size_t kMaxEntries = 100'000;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '.';
}

class DotenvParser {
 public:
  DotenvParser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  core::Result<std::vector<EnvEntry>> parse() {
    std::vector<EnvEntry> entries;
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") {
      at_ = line_start_ = 3;
    }
    while (true) {
      skip_blanks();
      if (at_end()) {
        return entries;
      }
      if (peek() == '\n') {
        next();
        continue;
      }
      if (peek() == '#') {
        skip_line();
        continue;
      }
      if (entries.size() == kMaxEntries) {
        return failed("more than 100,000 variables");
      }
      WEIR_TRY(auto entry, parse_entry());
      entries.push_back(std::move(entry));
    }
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return text_[at_]; }

  void next() {
    if (text_[at_++] == '\n') {
      ++line_;
      line_start_ = at_;
    }
  }
  void skip_blanks() {
    while (!at_end() && is_blank(peek())) {
      ++at_;
    }
  }
  void skip_line() {
    while (!at_end() && peek() != '\n') {
      ++at_;
    }
  }

  [[nodiscard]] Location here() const {
    return {file_, line_, static_cast<unsigned>(at_ - line_start_ + 1)};
  }
  [[nodiscard]] tl::unexpected<core::Error> failed(std::string_view what) const {
    return core::invalid_config(here().to_string().append(": ").append(what));
  }

  std::string_view take_name() {
    const std::size_t begin = at_;
    if (!at_end() && is_name_start(peek())) {
      while (!at_end() && is_name(peek())) {
        ++at_;
      }
    }
    return text_.substr(begin, at_ - begin);
  }

  core::Result<EnvEntry> parse_entry() {
    EnvEntry entry;
    entry.where = here();
    std::string_view name = take_name();
    if (name == "export" && !at_end() && is_blank(peek())) {
      skip_blanks();
      entry.where = here();
      name = take_name();
    }
    if (name.empty()) {
      return failed("expected `NAME=value`");
    }
    entry.name = name;
    skip_blanks();
    if (at_end() || (peek() != '=' && peek() != ':')) {
      return failed("expected `=` after the name");
    }
    ++at_;
    skip_blanks();
    if (at_end() || (peek() != '"' && peek() != '\'')) {
      entry.value = take_unquoted();
      return entry;
    }
    WEIR_TRY(entry.value, take_quoted(peek()));
    skip_blanks();
    if (!at_end() && peek() != '\n' && peek() != '#') {
      return failed("unexpected text after the closing quote");
    }
    skip_line();
    return entry;
  }

  std::string take_unquoted() {
    const std::size_t begin = at_;
    skip_line();
    std::string_view value = text_.substr(begin, at_ - begin);
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '#' && (i == 0 || is_blank(value[i - 1]))) {
        value = value.substr(0, i);
        break;
      }
    }
    while (!value.empty() && is_blank(value.back())) {
      value.remove_suffix(1);
    }
    return std::string(value);
  }

  core::Result<std::string> take_quoted(char quote) {
    const auto unclosed = failed("the quote is never closed");
    next();
    std::string value;
    while (!at_end() && peek() != quote) {
      char c = peek();
      next();
      if (quote == '"' && c == '\\' && !at_end()) {
        c = peek();
        switch (c) {
          case 'n': c = '\n'; break;
          case 'r': c = '\r'; break;
          case 't': c = '\t'; break;
          case '\\':
          case '"':
          case '$': break;
          default: value += '\\'; break;
        }
        next();
      }
      value += c;
    }
    if (at_end()) {
      return unclosed;
    }
    next();
    return value;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  unsigned line_ = 1;
};

constexpr std::uint8_t kNotBase64 = 0xFF;

constexpr std::array<std::uint8_t, 256> kBase64Values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotBase64);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

}  // namespace

core::Result<std::vector<EnvEntry>> parse_dotenv(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes) {
    return core::invalid_config(file + ": larger than 4 MiB");
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return core::invalid_config(file + ": holds a NUL byte: not a text file");
  }
  return DotenvParser(text, file).parse();
}

core::Result<std::string> base64_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  unsigned held = 0;
  unsigned digits = 0;
  unsigned padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      continue;
    }
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::uint8_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value == kNotBase64 || padding > 0) {
      return core::invalid_data("not base64");
    }
    bits = (bits << 6U) | value;
    held += 6;
    ++digits;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((bits >> held) & 0xFFU);
      bits &= (1U << held) - 1U;
    }
  }
  const bool padded_right = padding == 0 || (digits + padding) % 4 == 0;
  if (held >= 6 || bits != 0 || padding > 2 || !padded_right) {
    return core::invalid_data("not base64");
  }
  return out;
}

}  // namespace weir::config
