#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/quote.h"
#include "mapping/formats/yaml.h"
#include "mapping/text/binary_text.h"
#include "mapping/text/unicode_text.h"
#include "mapping/values.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

constexpr std::size_t kLongestKey = 1000;  // a longer one needs a `?` in front

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/// Words that older readers take for bools.
bool is_old_bool(std::string_view text) {
  constexpr std::array<std::string_view, 6> kWords = {"y", "n", "yes", "no", "on", "off"};
  constexpr std::size_t kLongest = 3;
  if (text.size() > kLongest) return false;
  std::string lower;
  for (const char c : text) lower += static_cast<char>(c | 0x20);
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

/// `190:20:30`, a number of base 60 to older readers.
bool is_old_number(std::string_view text) {
  return text.find(':') != std::string_view::npos &&
         text.find_first_not_of("+-0123456789_:.") == std::string_view::npos;
}

bool is_odd(core::Utf8Step step) {
  return step.code_point == 0x85 || step.code_point == 0x2028 || step.code_point == 0x2029 ||
         step.code_point == 0xFEFF ||
         (step.code_point != ' ' && step.code_point != 0xA0 && step.code_point != '\n' &&
          !core::is_printable(step.code_point));
}

/// Characters that must be escaped, other than line breaks.
bool holds_odd_characters(std::string_view text) {
  while (!text.empty()) {
    const core::Utf8Step step = core::decode_utf8(text);
    if (is_odd(step)) return true;
    text.remove_prefix(step.size);
  }
  return false;
}

/// One line, nothing odd in it.
bool can_be_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':' ||
      text == "<<" || text.starts_with("---") || text.starts_with("...")) {
    return false;
  }
  const bool dash = text.front() == '-' && text.size() > 1 && is_alphanumeric(text[1]);
  if (!dash &&
      std::string_view("-?:,[]{}#&*!|>'\"%@`").find(text.front()) != std::string_view::npos) {
    return false;
  }
  return text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos;
}

/// Several lines that a literal block shows as they are.
bool can_be_block(std::string_view text) {
  if (text.front() == ' ' || text.front() == '\n') return false;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', end + 1)) {
    if (end > 0 && text[end - 1] == ' ') return false;
  }
  return text.back() != ' ';
}

void append_hex(core::Buffer& out, char32_t c, int digits) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (int i = digits - 1; i >= 0; --i) out.push(kDigits[(c >> (4 * i)) & 0xF]);
}

void append_double_quoted(core::Buffer& out, std::string_view text) {
  out.push('"');
  while (!text.empty()) {
    const core::Utf8Step step = core::decode_utf8(text);
    const std::string_view character = text.substr(0, step.size);
    text.remove_prefix(step.size);
    switch (step.code_point) {
      case '"': out.append("\\\""); continue;
      case '\\': out.append("\\\\"); continue;
      case '\n': out.append("\\n"); continue;
      case '\t': out.append("\\t"); continue;
      case '\r': out.append("\\r"); continue;
      default: break;
    }
    if (!is_odd(step)) {
      out.append(character);
    } else if (step.code_point < 0x100) {
      out.append("\\x");
      append_hex(out, step.code_point, 2);
    } else if (step.code_point < 0x10000) {
      out.append("\\u");
      append_hex(out, step.code_point, 4);
    } else {
      out.append("\\U");
      append_hex(out, step.code_point, 8);
    }
  }
  out.push('"');
}

void append_single_quoted(core::Buffer& out, std::string_view text) {
  out.push('\'');
  for (const char c : text) {
    if (c == '\'') out.push(c);
    out.push(c);
  }
  out.push('\'');
}

class YamlWriter {
 public:
  YamlWriter(std::size_t max_size, core::Arena& scratch, core::Buffer& out)
      : scratch_(scratch), out_(out), limit_(out.size() + max_size) {}

  core::Status document(Value value) {
    return node(value, value.is_container() ? 0 : below_key(0));
  }

 private:
  static constexpr unsigned kBehindDash = 2;

  /// Where what is below a key at column `indent` stands: at multiples of four.
  static unsigned below_key(unsigned indent) { return (indent / 4 + 1) * 4; }

  /// Writes a value and a line break. Where it has several lines they stand at column `indent`; a
  /// collection's first line is there already.
  core::Status node(Value value, unsigned indent) {
    if (out_.size() > limit_) return too_much_data();
    if (indent > 4 * core::kMaxDepth) return too_deep();
    if (!value.is_container()) {
      WEIR_CHECK_OK(scalar(value, indent));
      out_.push('\n');
      return {};
    }
    if (core::size(value) == 0) {
      out_.append(value.is(Kind::kArray) ? "[]\n" : "{}\n");
      return {};
    }
    return value.is(Kind::kArray) ? sequence(value, indent) : mapping(value, indent);
  }

  void spaces(unsigned count) {
    for (unsigned i = 0; i < count; ++i) out_.push(' ');
  }

  core::Status sequence(Value array, unsigned indent) {
    bool first = true;
    for (const Value item : core::items(array)) {
      if (!first) spaces(indent);
      first = false;
      out_.append("- ");
      WEIR_CHECK_OK(node(item, indent + kBehindDash));
    }
    return {};
  }

  core::Status mapping(Value object, unsigned indent) {
    struct Entry {
      std::string_view key;
      Value value;
    };
    std::vector<Entry> entries;
    entries.reserve(core::size(object));
    for (const core::Member& member : core::members(object)) {
      entries.push_back({member.key.text(scratch_), member.value});
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    bool first = true;
    for (const Entry& entry : entries) {
      if (!first) spaces(indent);
      first = false;
      const bool is_long = entry.key.size() > kLongestKey;
      if (is_long) out_.append("? ");
      WEIR_CHECK_OK(text(entry.key, 0));
      if (is_long) {
        out_.push('\n');
        spaces(indent);
      }
      out_.push(':');
      if (entry.value.is_container() && core::size(entry.value) > 0) {
        out_.push('\n');
        spaces(below_key(indent));
      } else {
        out_.push(' ');
      }
      WEIR_CHECK_OK(node(entry.value, below_key(indent)));
    }
    return {};
  }

  core::Status scalar(Value value, unsigned block_indent) {
    switch (value.kind()) {
      case Kind::kString: return text(value.text(scratch_), block_indent);
      case Kind::kBytes: return binary(value.stored());
      case Kind::kDouble:
        if (std::isnan(value.as_double())) {
          out_.append(".nan");
          return {};
        }
        if (std::isinf(value.as_double())) {
          out_.append(value.as_double() < 0 ? "-.inf" : ".inf");
          return {};
        }
        break;
      case Kind::kDelete:
      case Kind::kNothing:
      case Kind::kError: return core::invalid_data("a marker cannot be written");
      default: break;
    }
    return append_text(value, out_);
  }

  core::Status binary(std::string_view bytes) {
    std::string encoded;
    WEIR_CHECK_OK(text::append_encoded(encoded, bytes, text::BinaryScheme::kBase64));
    out_.append("!!binary ");
    if (encoded.empty()) encoded = "\"\"";
    out_.append(encoded);
    return {};
  }

  /// A string; over several lines when `block_indent` is not 0.
  core::Status text(std::string_view text, unsigned block_indent) {
    if (!text::is_valid_utf8(text)) return binary(text);
    const bool odd = holds_odd_characters(text);
    const bool lines = text.find('\n') != std::string_view::npos;
    core::Arena arena;
    const bool is_other = !lines && !resolve_yaml_scalar(text, arena).is(Kind::kString);
    if (odd || is_other || is_old_bool(text) || is_old_number(text)) {
      append_double_quoted(out_, text);
    } else if (lines && block_indent > 0 && can_be_block(text)) {
      block(text, block_indent);
    } else if (lines) {
      append_double_quoted(out_, text);
    } else if (can_be_plain(text)) {
      out_.append(text);
    } else {
      append_single_quoted(out_, text);
    }
    return {};
  }

  /// A literal block without the last line break.
  void block(std::string_view text, unsigned indent) {
    const bool ends = text.ends_with('\n');
    out_.append(!ends ? "|-" : text.ends_with("\n\n") ? "|+" : "|");
    if (ends) text.remove_suffix(1);
    while (true) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      out_.push('\n');
      if (end > 0) spaces(indent);
      out_.append(text.substr(0, end));
      if (end == text.size() || out_.size() > limit_) return;
      text.remove_prefix(end + 1);
    }
  }

  core::Arena& scratch_;
  core::Buffer& out_;
  std::size_t limit_;
};

}  // namespace

core::Status write_yaml(Value value, std::size_t max_size, core::Arena& scratch,
                        core::Buffer& out) {
  const std::size_t start = out.size();
  WEIR_CHECK_OK(YamlWriter(max_size, scratch, out).document(value));
  if (out.size() - start > max_size) return too_much_data();
  return {};
}

}  // namespace weir::mapping
