#include "config/overrides.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "config/yaml_reader.h"

namespace weir::config {
namespace {

constexpr std::string_view kRule = "E0113";
constexpr std::string_view kResourceRule = "E0114";
constexpr std::size_t kMaxDepth = YamlLimits{}.max_depth;

struct Segment {
  std::string key;
  Location where;
};

std::size_t depth_of(const Node& node) {
  std::size_t deepest = 0;
  for (const Node& item : node.items) {
    deepest = std::max(deepest, depth_of(item));
  }
  for (const Node::Member& member : node.members) {
    deepest = std::max(deepest, depth_of(member.value));
  }
  return deepest + (node.is_sequence() || node.is_mapping() ? 1 : 0);
}

std::optional<long> as_index(std::string_view text) {
  long index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return index;
}

std::string unescape(std::string_view text) {
  std::string key;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view pair = text.substr(at, 2);
    if (pair == "~1" || pair == "~0") {
      key += pair == "~1" ? '.' : '~';
      ++at;
    } else {
      key += text[at];
    }
  }
  return key;
}

class Setting {
 public:
  Setting(std::string_view text, std::string file, Diagnostics& diagnostics)
      : text_(text), file_(std::move(file)), diagnostics_(diagnostics) {}

  void apply(Node& root) {
    const std::size_t equals = text_.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      fail({file_, 1, 1}, "expected `path=value`");
      return;
    }
    auto value = parse_value(equals + 1);
    if (!value || !split_path(text_.substr(0, equals))) {
      return;
    }
    if (path_.size() + depth_of(*value) > kMaxDepth) {
      fail({file_, 1, 1},
           "the path and its value are deeper than " + std::to_string(kMaxDepth) + " levels");
      return;
    }
    // First look whether the whole path can be walked, so that an error changes nothing.
    Node* reached = &root;
    for (const Segment& segment : path_) {
      if (!check(reached, segment)) {
        return;
      }
    }
    Node* place = &root;
    for (const Segment& segment : path_) {
      place = &enter(*place, segment);
    }
    *place = *std::move(value);
  }

 private:
  void fail(const Location& where, std::string message) {
    diagnostics_.error(kRule, where, std::move(message));
  }

  std::optional<Node> parse_value(std::size_t begin) {
    YamlOptions literal;
    literal.references = false;
    std::string yaml(text_.substr(begin));
    if (yaml.find('\n') == std::string::npos) {
      yaml.insert(0, begin, ' ');  // so that places in it are places in the argument
    }
    Diagnostics found;
    auto document = read_yaml(yaml, file_, literal, found);
    for (const Diagnostic& one : found.all()) {
      diagnostics_.error(one.rule, one.where, one.message, one.hint);
    }
    if (!document || found.has_errors()) {
      return std::nullopt;
    }
    if (document->root.where.line == 0) {
      document->root.where = {file_, 1, static_cast<unsigned>(begin + 1)};
    }
    return std::move(document->root);
  }

  bool split_path(std::string_view path) {
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find('.', begin), path.size());
      const Location where{file_, 1, static_cast<unsigned>(begin + 1)};
      if (end == begin) {
        fail(where, "an empty name in the path");
        return false;
      }
      path_.push_back({unescape(path.substr(begin, end - begin)), where});
      begin = end + 1;
    }
    return true;
  }

  static std::size_t position(const Node& list, long index) {
    return index >= 0 ? static_cast<std::size_t>(index)
                      : list.items.size() - static_cast<std::size_t>(-(index + 1)) - 1;
  }

  // Moves `node` along the segment; nullptr where nothing stands yet.
  bool check(Node*& node, const Segment& segment) {
    if (node == nullptr || node->is_null()) {
      node = nullptr;
      return true;
    }
    if (node->is_mapping()) {
      node = node->find(segment.key);
      return true;
    }
    if (node->is_scalar()) {
      fail(segment.where, "there is no `" + segment.key + "` in the scalar before it, set at " +
                              node->where.to_string());
      return false;
    }
    if (segment.key == "-") {
      node = nullptr;
      return true;
    }
    const auto index = as_index(segment.key);
    if (!index) {
      fail(segment.where, "`" + segment.key + "` is no index of the list at " +
                              node->where.to_string() + " (a number, or `-` to append)");
      return false;
    }
    const std::size_t at = position(*node, *index);
    if (at >= node->items.size()) {
      fail(segment.where, "index " + segment.key + " is outside the list, which has " +
                              std::to_string(node->items.size()) + " items");
      return false;
    }
    node = &node->items[at];
    return true;
  }

  Node& enter(Node& node, const Segment& segment) {
    if (node.is_null()) {
      node.kind = segment.key == "-" ? Node::Kind::kSequence : Node::Kind::kMapping;
      node.where = segment.where;
    }
    if (node.is_sequence()) {
      if (segment.key == "-") {
        node.items.emplace_back().where = segment.where;
        return node.items.back();
      }
      return node.items[position(node, as_index(segment.key).value_or(0))];
    }
    if (Node* existing = node.find(segment.key)) {
      return *existing;
    }
    Node::Member& member = node.members.emplace_back();
    member.key = segment.key;
    member.key_where = segment.where;
    member.value.where = segment.where;
    return member.value;
  }

  std::string_view text_;
  std::string file_;
  Diagnostics& diagnostics_;
  std::vector<Segment> path_;
};

bool may_stand_in_resources(std::string_view key) {
  return key.ends_with("_resources") || key == "tests";
}

void append(Node::Member&& member, Node& root) {
  Node* existing = root.find(member.key);
  if (existing == nullptr) {
    root.members.push_back(std::move(member));
  } else if (existing->is_null()) {
    *existing = std::move(member.value);
  } else if (existing->is_sequence()) {
    std::move(member.value.items.begin(), member.value.items.end(),
              std::back_inserter(existing->items));
  }
  // Otherwise the main file is wrong there, which its own checks report.
}

}  // namespace

void merge_resources(Node& root, Node file, Diagnostics& diagnostics) {
  if (file.is_null()) {
    return;
  }
  if (!file.is_mapping()) {
    diagnostics.error(kResourceRule, file.where,
                      "a resource file is a mapping, not a " + std::string(name(file.kind)));
    return;
  }
  if (root.is_null()) {
    root.kind = Node::Kind::kMapping;
    root.where = file.where;
  }
  for (Node::Member& member : file.members) {
    if (member.key.starts_with("x-")) {
      continue;
    }
    if (!may_stand_in_resources(member.key)) {
      diagnostics.error(kResourceRule, member.key_where,
                        "`" + member.key + "` cannot stand in a resource file",
                        "resource files hold lists of `*_resources`, and `tests`");
    } else if (member.value.is_sequence()) {
      append(std::move(member), root);
    } else if (!member.value.is_null()) {
      diagnostics.error(
          kResourceRule, member.value.where,
          "`" + member.key + "` must be a list, not a " + std::string(name(member.value.kind)));
    }
  }
}

void apply_overrides(Node& root, const std::vector<std::string>& settings,
                     Diagnostics& diagnostics) {
  for (std::size_t n = 0; n < settings.size(); ++n) {
    Setting(settings[n], "--set[" + std::to_string(n) + "]", diagnostics).apply(root);
  }
}

}  // namespace weir::config
