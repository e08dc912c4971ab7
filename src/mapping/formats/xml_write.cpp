#include <algorithm>
#include <string>
#include <vector>

#include "core/quote.h"
#include "mapping/formats/xml.h"
#include "mapping/values.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

/// The characters that XML allows at all.
bool is_allowed(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

void append_escaped(core::Buffer& out, std::string_view text, bool attribute) {
  while (!text.empty()) {
    const core::Utf8Step step = core::decode_utf8(text);
    const std::string_view character = text.substr(0, step.size);
    text.remove_prefix(step.size);
    switch (step.code_point) {
      case '<': out.append("&lt;"); continue;
      case '>': out.append("&gt;"); continue;
      case '&': out.append("&amp;"); continue;
      case '"': out.append(attribute ? "&quot;" : "\""); continue;
      case '\r': out.append("&#13;"); continue;
      case '\n': out.append(attribute ? "&#10;" : "\n"); continue;
      case '\t': out.append(attribute ? "&#9;" : "\t"); continue;
      default: break;
    }
    out.append(step.valid && is_allowed(step.code_point) ? character : "\xef\xbf\xbd");
  }
}

/// Whether it may be the name of an element or attribute. Letters beyond ASCII are taken as they
/// come.
bool is_name(std::string_view name) {
  const auto starts = [](char c) {
    const auto lower = static_cast<unsigned char>(c | 0x20);
    return c == '_' || c == ':' || (lower >= 'a' && lower <= 'z') ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  const auto continues = [&](char c) {
    return starts(c) || c == '-' || c == '.' || (c >= '0' && c <= '9');
  };
  return !name.empty() && starts(name.front()) && std::all_of(name.begin(), name.end(), continues);
}

class XmlWriter {
 public:
  XmlWriter(const XmlStyle& style, core::Arena& scratch, core::Buffer& out)
      : style_(style), scratch_(scratch), out_(out), limit_(out.size() + style.max_size) {}

  core::Status element(std::string_view name, Value value, unsigned depth) {
    if (depth >= core::kMaxDepth) return too_deep();
    if (value.is(Kind::kArray) && core::size(value) > 0) {
      bool first = true;
      for (const Value item : core::items(value)) {
        if (!first) line(depth);
        first = false;
        WEIR_CHECK_OK(element(name, item, depth));
      }
      return {};
    }
    if (!is_name(name)) return core::invalid_data("`" + std::string(name) + "` is no XML name");
    if (out_.size() > limit_) return too_much_data();
    out_.push('<');
    out_.append(name);
    if (value.is(Kind::kObject)) return members(name, value, depth);
    WEIR_TRY(const std::string_view text, scalar(value));
    if (text.empty()) {
      out_.append("/>");
      return {};
    }
    out_.push('>');
    append_escaped(out_, text, false);
    close(name);
    return {};
  }

 private:
  struct Sorted {
    std::string_view key;
    Value value;
  };

  /// What is inside the element that has just been opened.
  core::Status members(std::string_view name, Value object, unsigned depth) {
    std::vector<Sorted> sorted;
    sorted.reserve(core::size(object));
    for (const core::Member& member : core::members(object)) {
      sorted.push_back({member.key.text(scratch_), member.value});
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const Sorted& a, const Sorted& b) { return a.key < b.key; });
    const auto is_attribute = [](const Sorted& entry) { return entry.key.starts_with('-'); };

    std::size_t inside = 0;
    for (const Sorted& entry : sorted) {
      if (!is_attribute(entry)) {
        ++inside;
        continue;
      }
      const std::string_view attribute = entry.key.substr(1);
      if (!is_name(attribute))
        return core::invalid_data("`" + std::string(attribute) + "` is no XML name");
      if (entry.value.is_container() || entry.value.is_null()) {
        return core::invalid_data("invalid attribute value for `" + std::string(entry.key) +
                                  "`: " + std::string(type_name(entry.value)));
      }
      WEIR_TRY(const std::string_view text, scalar(entry.value));
      out_.push(' ');
      out_.append(attribute);
      out_.append("=\"");
      append_escaped(out_, text, true);
      out_.push('"');
    }
    if (inside == 0) {
      out_.append("/>");
      return {};
    }
    out_.push('>');
    bool elements = false;
    for (const Sorted& entry : sorted) {
      if (is_attribute(entry)) continue;
      if (entry.key == "#text") {
        WEIR_TRY(const std::string_view text, scalar(entry.value));
        append_escaped(out_, text, false);
        continue;
      }
      elements = true;
      line(depth + 1);
      WEIR_CHECK_OK(element(entry.key, entry.value, depth + 1));
    }
    if (elements) line(depth);
    close(name);
    return {};
  }

  /// Text of what is neither array (an empty one is empty) nor object.
  core::Result<std::string_view> scalar(Value value) {
    if (value.is_null() || value.is(Kind::kArray)) return std::string_view{};
    if (value.is(Kind::kObject)) return core::invalid_data("`#text` holds an object");
    return text_of(value, scratch_);
  }

  void close(std::string_view name) {
    out_.append("</");
    out_.append(name);
    out_.push('>');
  }

  /// A line break and the indentation; stops writing once the limit is passed.
  void line(unsigned depth) {
    if (!style_.indent) return;
    out_.push('\n');
    for (unsigned i = 0; i < depth && out_.size() <= limit_; ++i) out_.append(*style_.indent);
  }

  const XmlStyle& style_;
  core::Arena& scratch_;
  core::Buffer& out_;
  std::size_t limit_;
};

}  // namespace

core::Status write_xml(Value object, const XmlStyle& style, core::Arena& scratch,
                       core::Buffer& out) {
  XmlWriter writer(style, scratch, out);
  const std::size_t start = out.size();
  core::Status done;
  if (style.root_tag.empty() && core::size(object) == 1 &&
      !core::members(object).first->value.is(Kind::kArray)) {
    const core::Member& root = *core::members(object).first;
    done = writer.element(root.key.text(scratch), root.value, 0);
  } else {
    done = writer.element(style.root_tag.empty() ? "doc" : style.root_tag, object, 0);
  }
  if (done && out.size() - start > style.max_size) return too_much_data();
  return done;
}

}  // namespace weir::mapping
