#include "config/yaml_tree.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::config::yaml {
namespace {

constexpr std::string_view kCorePrefix = "tag:yaml.org,2002:";
constexpr std::array<std::string_view, 5> kScalarTags = {"int", "float", "bool", "str", "null"};
constexpr std::size_t kFewMembers = 16;  // up to here a scan beats a hash table

std::string short_tag(const std::string& tag) {
  return tag.starts_with(kCorePrefix) ? "!!" + tag.substr(kCorePrefix.size()) : tag;
}

bool is_bool_word(std::string text) {
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text == "true" || text == "false" || text == "yes" || text == "no" || text == "on" ||
         text == "off";
}

// Which keys a mapping has already.
class KeySet {
 public:
  explicit KeySet(const std::vector<Node::Member>& members) : members_(members) {}

  [[nodiscard]] const Node::Member* find(std::string_view key) {
    if (members_.size() > kFewMembers) {
      for (; indexed_ < members_.size(); ++indexed_) {
        index_.try_emplace(members_[indexed_].key, indexed_);
      }
      const auto found = index_.find(std::string(key));
      return found == index_.end() ? nullptr : &members_[found->second];
    }
    for (const Node::Member& member : members_) {
      if (member.key == key) {
        return &member;
      }
    }
    return nullptr;
  }

 private:
  const std::vector<Node::Member>& members_;
  std::unordered_map<std::string, std::size_t> index_;
  std::size_t indexed_ = 0;
};

class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const std::string& file, Events& events,
              const YamlLimits& limits, ReferenceExpander& expander, Diagnostics& diagnostics)
      : text_(text),
        file_(file),
        events_(events.list),
        anchors_(events.anchors),
        limits_(limits),
        expander_(expander),
        diagnostics_(diagnostics),
        has_aliases_(events.anchors.size() > 1) {}

  bool build(Node& root) {
    std::size_t at = 0;
    if (!events_.empty()) {
      build_node(at, 0, root);
    }
    if (expander_.overflowed()) {
      too_much_text(events_.front());
    }
    return !stopped_;
  }

 private:
  [[nodiscard]] Location where(const Event& event) const {
    return {file_, event.line, event.column};
  }

  // Findings inside a repeated value were reported where it is written.
  void report(std::string_view rule, const Location& place, std::string message,
              std::string hint = "") {
    if (repeating_ == 0) {
      diagnostics_.error(rule, place, std::move(message), std::move(hint));
    }
  }

  void stop(std::string_view rule, const Event& event, std::string message) {
    if (!stopped_) {
      diagnostics_.error(rule, where(event), std::move(message));
    }
    stopped_ = true;
  }

  void too_much_text(const Event& event) {
    stop("E0112", event,
         "all texts together are larger than " + std::to_string(limits_.max_text_bytes) +
             " bytes after aliases and variables are replaced");
  }

  bool spend(const Event& event, std::size_t text_bytes) {
    text_bytes_ += text_bytes;
    if (text_bytes_ > limits_.max_text_bytes) {
      too_much_text(event);
    }
    if (repeating_ > 0 && ++alias_nodes_ > limits_.max_alias_nodes) {
      stop("E0108", event,
           "aliases repeat more than " + std::to_string(limits_.max_alias_nodes) + " values");
    }
    return !stopped_;
  }

  // Builds the node of the event at `at` and moves `at` behind it.
  void build_node(std::size_t& at, unsigned depth, Node& node) {
    if (events_[at].kind == Event::Kind::kAlias) {
      std::size_t target = anchors_[events_[at].anchor];
      ++at;
      ++repeating_;
      build_node(target, depth, node);
      --repeating_;
      return;
    }
    Event& event = events_[at++];
    node.where = where(event);
    if (!spend(event, event.text.size())) {
      return;
    }
    switch (event.kind) {
      case Event::Kind::kScalar: build_scalar(event, node); return;
      case Event::Kind::kSequence: build_sequence(event, at, depth, node); return;
      case Event::Kind::kMapping: build_mapping(event, at, depth, node); return;
      case Event::Kind::kNull:
      case Event::Kind::kAlias:
      case Event::Kind::kEnd: return;
    }
  }

  bool enter(const Event& event, unsigned depth) {
    if (depth >= limits_.max_depth) {
      stop("E0104", event,
           "nested deeper than " + std::to_string(limits_.max_depth) + " levels, aliases included");
    }
    return !stopped_;
  }

  void build_scalar(Event& event, Node& node) {
    node.kind = Node::Kind::kScalar;
    node.quoted = event.style != ScalarStyle::kPlain;
    const Place start = text_place(text_, event);
    node.text_start = {file_, start.line, start.column};
    if (expander_.applies_to(event.text)) {
      Expanded expanded = expander_.expand(event.text, event.style, repeating_ > 0);
      node.scalar = std::move(expanded.text);
      node.original = std::move(expanded.original);
      node.from_env = expanded.from_env;
      node.env_missing = expanded.missing;
      node.quoted = node.quoted || expanded.quoted;
      if (expanded.trimmed && !event.tag.empty()) {
        node.original.clear();  // written again, the tag would make it text, which is not trimmed
      }
      text_bytes_ += node.scalar.size();
    } else if (has_aliases_) {
      node.scalar = event.text;  // an alias may want it again
    } else {
      node.scalar = std::move(event.text);
    }
    apply_scalar_tag(event, node);
  }

  void apply_scalar_tag(const Event& event, Node& node) {
    if (event.tag.empty()) {
      return;
    }
    if (event.tag == "!") {  // "not resolved": a string. Quoted scalars have it too.
      node.quoted = true;
      return;
    }
    node.tag = short_tag(event.tag);
    const std::string_view type =
        std::string_view(node.tag).substr(std::min<std::size_t>(2, node.tag.size()));
    if (!node.tag.starts_with("!!") ||
        std::find(kScalarTags.begin(), kScalarTags.end(), type) == kScalarTags.end()) {
      refuse_tag(event, node, "a scalar");
      return;
    }
    node.quoted = type == "str";
    if (type == "str" || node.env_missing) {
      return;
    }
    const ScalarType actual = plain_type(node.scalar);
    const bool fits = type == "int"     ? actual == ScalarType::kInt
                      : type == "float" ? actual == ScalarType::kFloat || actual == ScalarType::kInt
                      : type == "bool"  ? is_bool_word(node.scalar)
                                        : actual == ScalarType::kNull;
    if (!fits) {
      report("E0107", node.where,
             "`" + node.scalar + "` is no " + node.tag.substr(2) + ", as the tag `" + node.tag +
                 "` says");
    } else if (type == "null") {
      node.kind = Node::Kind::kNull;
    }
  }

  void refuse_tag(const Event& event, Node& node, std::string_view what) {
    report("E0107", where(event),
           "the tag `" + node.tag + "` is not known for " + std::string(what),
           "known are `!!int`, `!!float`, `!!bool`, `!!str`, `!!null`, `!!map` and `!!seq`");
    node.tag.clear();
  }

  void apply_tag(const Event& event, std::string_view wanted, std::string_view what, Node& node) {
    if (event.tag.empty() || event.tag == "!") {
      return;
    }
    node.tag = short_tag(event.tag);
    if (node.tag != wanted) {
      refuse_tag(event, node, what);
    }
  }

  void build_sequence(const Event& event, std::size_t& at, unsigned depth, Node& node) {
    node.kind = Node::Kind::kSequence;
    apply_tag(event, "!!seq", "a sequence", node);
    if (!enter(event, depth)) {
      return;
    }
    while (!stopped_ && events_[at].kind != Event::Kind::kEnd) {
      const bool implicit = events_[at].implicit;
      Node& item = node.items.emplace_back();
      build_node(at, depth + 1, item);
      if (implicit) {
        item.where = node.where;
      }
    }
    ++at;
  }

  void build_mapping(const Event& event, std::size_t& at, unsigned depth, Node& node) {
    node.kind = Node::Kind::kMapping;
    apply_tag(event, "!!map", "a mapping", node);
    if (!enter(event, depth)) {
      return;
    }
    KeySet keys(node.members);
    std::vector<Node> merged;
    bool has_merge = false;
    Location merge_where;
    while (!stopped_ && events_[at].kind != Event::Kind::kEnd) {
      const Event& key = events_[at];
      const bool is_merge = key.kind == Event::Kind::kScalar && key.style == ScalarStyle::kPlain &&
                            key.tag.empty() && key.text == "<<";
      Node::Member member;
      const bool usable = build_key(at, depth, member);
      const bool implicit = !stopped_ && events_[at].implicit;
      if (stopped_) {
        return;
      }
      build_node(at, depth + 1, member.value);
      if (implicit) {
        member.value.where = member.key_where;
      }
      if (is_merge) {
        if (has_merge) {
          report_twice("<<", member.key_where, merge_where);
        }
        has_merge = true;
        merge_where = member.key_where;
        collect_merged(std::move(member.value), merged);
      } else if (usable) {
        add_member(std::move(member), keys, node);
      }
    }
    ++at;
    for (Node& source : merged) {
      for (Node::Member& member : source.members) {
        if (keys.find(member.key) == nullptr) {
          node.members.push_back(std::move(member));
        }
      }
    }
  }

  // False when the key cannot be one; the event is consumed and reported.
  bool build_key(std::size_t& at, unsigned depth, Node::Member& member) {
    const Event& event = events_[at];
    member.key_where = where(event);
    if (event.kind == Event::Kind::kNull) {
      const Place place = skip_properties(text_, {event.offset, event.line, event.column});
      member.key =
          event.implicit ? "" : text_.substr(place.offset, text_[place.offset] == '~' ? 1 : 4);
      ++at;
      return spend(event, 0);
    }
    Node key;
    build_node(at, depth + 1, key);
    if (key.is_sequence() || key.is_mapping()) {
      report("E0103", member.key_where,
             "a key must be a scalar, not a " + std::string(name(key.kind)));
      return false;
    }
    member.key = std::move(key.scalar);
    return true;
  }

  void report_twice(std::string_view key, const Location& second, const Location& first) {
    report("E0106", second,
           "the key `" + std::string(key) + "` is given twice, first at " + first.to_string());
  }

  void add_member(Node::Member&& member, KeySet& keys, Node& node) {
    if (const Node::Member* first = keys.find(member.key)) {
      report_twice(member.key, member.key_where, first->key_where);
      return;
    }
    node.members.push_back(std::move(member));
  }

  void collect_merged(Node&& value, std::vector<Node>& merged) {
    if (value.is_mapping()) {
      merged.push_back(std::move(value));
      return;
    }
    bool fits = value.is_sequence();
    for (const Node& item : value.items) {
      fits = fits && item.is_mapping();
    }
    if (!fits) {
      report("E0109", value.where,
             "`<<` merges a mapping or a list of mappings, not a " + std::string(name(value.kind)));
      return;
    }
    std::move(value.items.begin(), value.items.end(), std::back_inserter(merged));
  }

  std::string_view text_;
  const std::string& file_;
  std::vector<Event>& events_;
  const std::vector<std::uint32_t>& anchors_;
  const YamlLimits& limits_;
  ReferenceExpander& expander_;
  Diagnostics& diagnostics_;
  bool has_aliases_;
  bool stopped_ = false;
  unsigned repeating_ = 0;  // how many aliases we are inside
  std::size_t alias_nodes_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace

bool build_tree(std::string_view text, const std::string& file, Events& events,
                const YamlLimits& limits, ReferenceExpander& expander, Diagnostics& diagnostics,
                Node& root) {
  return TreeBuilder(text, file, events, limits, expander, diagnostics).build(root);
}

}  // namespace weir::config::yaml
