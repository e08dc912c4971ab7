#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/quote.h"
#include "mapping/formats/yaml.h"
#include "mapping/text/binary_text.h"
#include "mapping/values.h"
#include "yaml/events.h"
#include "yaml/text.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Result;
using core::Value;
using yaml::Event;

constexpr std::size_t kMaxAliasNodes = 100'000;
constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

tl::unexpected<core::Error> at_line(unsigned line, std::string_view message) {
  return core::invalid_data("line " + std::to_string(line) + ": " + std::string(message));
}

/// Turns events into values.
class YamlBuilder {
 public:
  YamlBuilder(const yaml::Events& events, const ArenaBudget& budget)
      : events_(events.list), budget_(budget) {
    for (std::uint32_t anchor = 1; anchor < events.anchors.size(); ++anchor) {
      anchored_.emplace(events.anchors[anchor], anchor);
    }
    anchors_.resize(events.anchors.size());
  }

  Result<Value> document() {
    if (events_.empty()) return Value::null();
    WEIR_TRY(const Node root, node(1));
    return root.value;
  }

 private:
  /// A value, how many nodes it is made of and how deep it is.
  struct Node {
    Value value;
    std::size_t nodes = 1;
    unsigned height = 1;
  };

  core::Arena& arena() const { return budget_.arena(); }

  Result<Node> node(unsigned depth) {
    if (budget_.exceeded()) return too_much_data();
    const auto index = static_cast<std::uint32_t>(at_);
    const Event& event = events_[at_++];
    if (event.kind == Event::Kind::kAlias) return alias(event, depth);
    WEIR_TRY(const Node built, fresh_node(event, depth));
    const auto anchor = anchored_.find(index);
    if (anchor != anchored_.end()) anchors_[anchor->second] = built;
    return built;
  }

  Result<Node> alias(const Event& event, unsigned depth) {
    const Node& target = anchors_[event.anchor];
    alias_nodes_ += target.nodes;
    if (alias_nodes_ > kMaxAliasNodes) return too_much_data();
    if (depth + target.height > core::kMaxDepth) return too_deep();
    return Node{core::share(target.value), target.nodes, target.height};
  }

  Result<Node> fresh_node(const Event& event, unsigned depth) {
    if (depth >= core::kMaxDepth) return too_deep();
    switch (event.kind) {
      case Event::Kind::kScalar: {
        WEIR_TRY(const Value value, scalar(event));
        return Node{value};
      }
      case Event::Kind::kSequence: return sequence(depth);
      case Event::Kind::kMapping: return mapping(depth);
      default: return Node{Value::null()};
    }
  }

  Result<Value> scalar(const Event& event) {
    const std::string_view text = arena().copy(event.text);
    if (event.tag.empty()) {
      return event.style == yaml::ScalarStyle::kPlain ? resolve_yaml_scalar(text, arena())
                                                      : Value::string(text);
    }
    if (!event.tag.starts_with(kTagPrefix))
      return Value::string(text);  // `!`, or a tag of their own
    const std::string_view type = std::string_view(event.tag).substr(kTagPrefix.size());
    if (type == "str") return Value::string(text);
    if (type == "binary") {
      std::string bytes;
      if (!text::append_decoded(bytes, text, text::BinaryScheme::kBase64)) {
        return at_line(event.line, "!!binary value contains invalid base64 data");
      }
      return Value::string(arena().copy(bytes));
    }
    return typed(event, type, resolve_yaml_scalar(text, arena()));
  }

  /// The value of a scalar that has a tag with its type.
  Result<Value> typed(const Event& event, std::string_view type, Value value) {
    const bool whole = value.is(Kind::kInt) || value.is(Kind::kUInt);
    if (type == "float" && whole) return Value::number(*as_number(value));
    const bool fits = type == "int"         ? whole
                      : type == "float"     ? value.is(Kind::kDouble)
                      : type == "bool"      ? value.is(Kind::kBool)
                      : type == "null"      ? value.is_null()
                      : type == "timestamp" ? value.is(Kind::kTimestamp)
                                            : true;
    if (fits) return value;
    return at_line(event.line,
                   "cannot decode " + core::go_quoted(event.text) + " as a !!" + std::string(type));
  }

  Result<Node> sequence(unsigned depth) {
    Node made{Value::array(arena())};
    while (events_[at_].kind != Event::Kind::kEnd) {
      WEIR_TRY(const Node item, node(depth + 1));
      core::append_item(made.value, item.value, arena());
      grow(made, item);
    }
    ++at_;
    return made;
  }

  Result<Node> mapping(unsigned depth) {
    Node made{Value::object(arena())};
    std::vector<Value> merged;
    while (events_[at_].kind != Event::Kind::kEnd) {
      const Event& event = events_[at_];
      const bool is_merge = event.kind == Event::Kind::kScalar && event.text == "<<" &&
                            event.tag.empty() && event.style == yaml::ScalarStyle::kPlain;
      WEIR_TRY(const std::string_view key, key_text());
      WEIR_TRY(const Node value, node(depth + 1));
      grow(made, value);
      if (is_merge) {
        WEIR_CHECK_OK(collect(event.line, value.value, merged));
        continue;
      }
      if (core::find(made.value, key) != nullptr) {
        return at_line(event.line, "mapping key " + core::go_quoted(key) + " already defined");
      }
      core::append_member(made.value, Value::string(key), value.value, arena());
    }
    ++at_;
    for (const Value source : merged) {
      for (const core::Member& member : core::members(source)) {
        const std::string_view key = member.key.text(arena());
        if (core::find(made.value, key) != nullptr) continue;
        if (budget_.exceeded() || ++alias_nodes_ > kMaxAliasNodes) return too_much_data();
        core::append_member(made.value, Value::string(key), core::share(member.value), arena());
      }
    }
    return made;
  }

  /// A key as text: a scalar as it is written, also through an alias.
  Result<std::string_view> key_text() {
    const Event& event = events_[at_++];
    if (event.kind == Event::Kind::kNull) return std::string_view("null");
    if (event.kind == Event::Kind::kScalar) {
      const std::string_view text = arena().copy(event.text);
      const auto anchor = anchored_.find(static_cast<std::uint32_t>(at_ - 1));
      if (anchor != anchored_.end()) {
        WEIR_TRY(const Value value, scalar(event));
        anchors_[anchor->second] = Node{value};
      }
      return text;
    }
    if (event.kind == Event::Kind::kAlias && !anchors_[event.anchor].value.is_container()) {
      return text_of(anchors_[event.anchor].value, arena());
    }
    return at_line(event.line, "invalid map key: it is no scalar");
  }

  static core::Status collect(unsigned line, Value value, std::vector<Value>& merged) {
    if (value.is(Kind::kObject)) {
      merged.push_back(value);
      return {};
    }
    bool fits = value.is(Kind::kArray);
    if (fits) {
      for (const Value item : core::items(value)) {
        fits = fits && item.is(Kind::kObject);
        merged.push_back(item);
      }
    }
    if (!fits) return at_line(line, "map merge requires map or sequence of maps as the value");
    return {};
  }

  static void grow(Node& whole, const Node& part) {
    whole.nodes += part.nodes;
    whole.height = std::max(whole.height, part.height + 1);
  }

  const std::vector<Event>& events_;
  const ArenaBudget& budget_;
  std::size_t at_ = 0;
  std::unordered_map<std::uint32_t, std::uint32_t> anchored_;  // index of an event to its anchor
  std::vector<Node> anchors_;
  std::size_t alias_nodes_ = 0;
};

}  // namespace

Result<Value> parse_yaml(std::string_view text, const ArenaBudget& budget) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  yaml::Limits limits;
  limits.max_depth = core::kMaxDepth - 1;
  if (text.size() > limits.max_bytes) {
    return core::fail(core::ErrorCode::kLimit,
                      "more than " + std::to_string(limits.max_bytes) + " bytes");
  }
  if (const auto bad = yaml::find_bad_byte(text)) {
    return at_line(yaml::line_column(text, bad->offset).line, bad->message);
  }
  yaml::Events events;
  if (!yaml::parse_events_quickly(text, limits, events)) {
    if (const auto failure = yaml::parse_events(text, limits, events)) {
      return at_line(failure->line, failure->message);
    }
  }
  return YamlBuilder(events, budget).document();
}

}  // namespace weir::mapping
