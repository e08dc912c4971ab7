#include "config/render.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "config/text_escape.h"
#include "config/yaml_scalar_text.h"

namespace weir::config {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kLongestKey = 1000;  // YAML wants `? ` before longer ones

class YamlWriter {
 public:
  explicit YamlWriter(const YamlRenderOptions& options) : options_(options) {}

  std::string write(const Node& node) {
    if (is_block_collection(node)) {
      if (!node.tag.empty()) {
        out_.append(node.tag).append("\n");
      }
      collection(node, 0, "", false);
    } else {
      value(node, 0, "");
    }
    return std::move(out_);
  }

 private:
  static bool is_block_collection(const Node& node) {
    return (node.is_mapping() && !node.members.empty()) ||
           (node.is_sequence() && !node.items.empty());
  }

  void indent(std::size_t columns) { out_.append(columns, ' '); }

  // `# ` and the text, one line each, then a line break; nothing for no text.
  void comment_lines(std::string_view text, std::size_t column) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      indent(column);
      out_.append(end == 0 ? "#" : "# ").append(printable(text.substr(0, end))).append("\n");
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  void end_line(std::string_view beside) {
    if (!beside.empty()) {
      out_.append("  # ").append(printable(beside));
    }
    out_ += '\n';
  }

  // What follows `key:` or `-` on its line, without the blank before it.
  void value(const Node& node, std::size_t column, std::string_view beside) {
    if (!node.tag.empty()) {
      out_.append(node.tag).append(" ");
    }
    switch (node.kind) {
      case Node::Kind::kNull: out_ += "null"; break;
      case Node::Kind::kSequence: out_ += "[]"; break;
      case Node::Kind::kMapping: out_ += "{}"; break;
      case Node::Kind::kScalar: scalar(node, column, beside); return;
    }
    end_line(beside);
  }

  // Whether the reference stood unquoted; the quotes of `${A:"x"}` belong to its default.
  static bool is_plain_reference(const Node& node) {
    const std::string& original = node.original;
    if (!node.quoted || original.size() < 2) {
      return !node.quoted;
    }
    const char quote = original[original.size() - 2];
    return original.back() == '}' && (quote == '"' || quote == '\'') &&
           !(node.scalar.starts_with(quote) && node.scalar.ends_with(quote));
  }

  [[nodiscard]] yaml::ScalarText scalar_text(const Node& node) const {
    if (options_.keep_references && node.from_env && !node.original.empty()) {
      const bool plain = is_plain_reference(node);
      auto text = yaml::scalar_text(node.original, {!plain, true, false});
      if (plain ? text.text == node.original : text.exact) {
        return text;
      }
      // Quotes would change what the reference means: write the value, then.
    }
    return yaml::scalar_text(node.scalar, {node.quoted, false, false});
  }

  void scalar(const Node& node, std::size_t column, std::string_view beside) {
    const auto text = scalar_text(node);
    out_ += text.text;
    end_line(beside);
    std::string_view lines = text.block;
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find('\n'), lines.size());
      if (end > 0) {
        indent(column + kIndent);
      }
      out_.append(lines.substr(0, end)).append("\n");
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
  }

  static std::string below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : (path + '.').append(name);
  }

  // The members or items, each on lines of its own at `column`; the first one behind a `- ` that is
  // written already when `after_dash`.
  void collection(const Node& node, std::size_t column, const std::string& path, bool after_dash) {
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0 || !after_dash) {
        indent(column);
      }
      item(node.items[i], column, options_.comment ? below(path, std::to_string(i)) : path);
    }
    for (const Node::Member& member : node.members) {
      FieldComment comment;
      std::string member_path;
      if (options_.comment) {
        member_path = below(path, member.key);
        comment = options_.comment(member_path, member);
      }
      if (&member != node.members.data() || !after_dash) {
        comment_lines(comment.above, column);
        indent(column);
      } else if (!comment.above.empty()) {
        comment_lines(comment.above, 0);
        indent(column);
      }
      field(member, column, member_path, comment.beside);
    }
  }

  void item(const Node& node, std::size_t column, const std::string& path) {
    out_ += "- ";
    if (!is_block_collection(node)) {
      value(node, column, "");
      return;
    }
    if (!node.tag.empty()) {
      out_.append(node.tag).append("\n");
    }
    collection(node, column + kIndent, path, node.tag.empty());
  }

  void field(const Node::Member& member, std::size_t column, const std::string& path,
             std::string_view beside) {
    const auto key = yaml::scalar_text(member.key, {false, false, true});
    if (key.text.size() > kLongestKey) {
      out_.append("? ").append(key.text).append("\n");
      indent(column);
    } else {
      out_ += key.text;
    }
    out_ += ':';
    const Node& node = member.value;
    if (!is_block_collection(node)) {
      out_ += ' ';
      value(node, column, beside);
      return;
    }
    if (!node.tag.empty()) {
      out_.append(" ").append(node.tag);
    }
    end_line(beside);
    collection(node, column + kIndent, path, false);
  }

  const YamlRenderOptions& options_;
  std::string out_;
};

std::string json_integer(std::string_view written) {
  std::string_view text = written;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  if (text.starts_with("0x") || text.starts_with("0o")) {
    std::uint64_t number = 0;
    const int base = text[1] == 'x' ? 16 : 8;
    const auto [end, error] =
        std::from_chars(text.data() + 2, text.data() + text.size(), number, base);
    return error == std::errc() && end == text.data() + text.size() ? std::to_string(number)
                                                                    : json_string(written);
  }
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
  return std::string(negative ? "-" : "").append(text);
}

std::string json_float(std::string_view text) {
  std::string out;
  if (text.starts_with('-') || text.starts_with('+')) {
    out = text.starts_with('-') ? "-" : "";
    text.remove_prefix(1);
  }
  const std::size_t exponent = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, exponent);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction = mantissa.substr(std::min(point + 1, mantissa.size()));
  const std::size_t first = whole.find_first_not_of('0');
  out.append(first == std::string_view::npos ? "0" : whole.substr(first));
  if (point < mantissa.size()) {
    out.append(".").append(fraction.empty() ? "0" : fraction);
  }
  return out.append(text.substr(exponent));
}

class JsonWriter {
 public:
  explicit JsonWriter(const JsonRenderOptions& options) : options_(options) {}

  std::string write(const Node& node) {
    value(node, 0);
    return std::move(out_);
  }

 private:
  void line(std::size_t depth) {
    if (options_.pretty) {
      out_.append("\n").append(depth * kIndent, ' ');
    }
  }

  void scalar(const Node& node) {
    const std::string& text = node.scalar;
    switch (node.tag == "!!bool" ? ScalarType::kBool : scalar_type(node)) {
      case ScalarType::kNull: out_ += text.empty() ? "\"\"" : "null"; return;
      case ScalarType::kBool: {
        const char c = text.empty() ? 'f' : text[0];
        const bool is_on = text.size() == 2 && (text[1] == 'n' || text[1] == 'N');
        out_ += c == 't' || c == 'T' || c == 'y' || c == 'Y' || is_on ? "true" : "false";
        return;
      }
      case ScalarType::kInt: out_ += json_integer(text); return;
      case ScalarType::kFloat: {
        const bool finite = text.find_first_of("iInN") == std::string::npos;
        out_ += finite ? json_float(text) : json_string(text);
        return;
      }
      case ScalarType::kString: out_ += json_string(text); return;
    }
  }

  void value(const Node& node, std::size_t depth) {
    switch (node.kind) {
      case Node::Kind::kNull: out_ += "null"; return;
      case Node::Kind::kScalar: scalar(node); return;
      case Node::Kind::kSequence:
        out_ += '[';
        for (const Node& item : node.items) {
          out_.append(&item == node.items.data() ? "" : ",");
          line(depth + 1);
          value(item, depth + 1);
        }
        if (!node.items.empty()) {
          line(depth);
        }
        out_ += ']';
        return;
      case Node::Kind::kMapping:
        out_ += '{';
        for (const Node::Member& member : node.members) {
          out_.append(&member == node.members.data() ? "" : ",");
          line(depth + 1);
          out_.append(json_string(member.key)).append(options_.pretty ? ": " : ":");
          value(member.value, depth + 1);
        }
        if (!node.members.empty()) {
          line(depth);
        }
        out_ += '}';
        return;
    }
  }

  const JsonRenderOptions& options_;
  std::string out_;
};

}  // namespace

std::string to_yaml(const Node& node, const YamlRenderOptions& options) {
  return YamlWriter(options).write(node);
}

std::string to_json(const Node& node, const JsonRenderOptions& options) {
  return JsonWriter(options).write(node);
}

}  // namespace weir::config
