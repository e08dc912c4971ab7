#include "masking.h"

#include "config/pipeline.h"
#include "config/yaml_reader.h"

namespace weir::cmd {

namespace {

using config::ComponentKind;
using config::FieldDoc;
using config::FieldKind;
using config::Node;

class Completer {
 public:
  explicit Completer(const config::Registry& registry) : registry_(registry) {}

  void object(Node& node, const std::vector<FieldDoc>& fields) {
    if (!node.is_mapping()) {
      if (!node.is_null()) return;
      node.kind = Node::Kind::kMapping;
    }
    for (const FieldDoc& field : fields) {
      Node* given = node.find(field.name);
      if (given == nullptr && !field.default_json.empty()) {
        node.members.push_back({field.name, node.where, parse(field.default_json)});
        continue;
      }
      if (given == nullptr && field.kind == FieldKind::kObject && !field.info.no_default) {
        node.members.push_back({field.name, node.where, Node()});
        given = &node.members.back().value;
      }
      if (given != nullptr) value(*given, field);
    }
  }

 private:
  // JSON text of a default is YAML too.
  static Node parse(const std::string& json) {
    config::Diagnostics ignored;
    config::YamlOptions options;
    options.references = false;
    auto document = config::read_yaml(json, "default", options, ignored);
    return document ? std::move(document->root) : Node();
  }

  void value(Node& node, const FieldDoc& field) {
    if (field.info.secret && node.is_scalar() && !node.scalar.empty() && !node.from_env) {
      node.scalar = kMask;
      node.quoted = true;
      return;
    }
    switch (field.kind) {
      case FieldKind::kUrl: mask_url(node); break;
      case FieldKind::kObject: object(node, field.children); break;
      case FieldKind::kList:
        for (Node& item : node.items) value(item, *field.element);
        break;
      case FieldKind::kMap:
        for (auto& member : node.members) value(member.value, *field.element);
        break;
      case FieldKind::kInput: component(node, ComponentKind::kInput); break;
      case FieldKind::kBuffer: component(node, ComponentKind::kBuffer); break;
      case FieldKind::kProcessor: component(node, ComponentKind::kProcessor); break;
      case FieldKind::kOutput: component(node, ComponentKind::kOutput); break;
      case FieldKind::kCache: component(node, ComponentKind::kCache); break;
      case FieldKind::kRateLimit: component(node, ComponentKind::kRateLimit); break;
      case FieldKind::kScanner: component(node, ComponentKind::kScanner); break;
      case FieldKind::kMetrics: component(node, ComponentKind::kMetrics); break;
      case FieldKind::kTracer: component(node, ComponentKind::kTracer); break;
      default: break;
    }
  }

  void component(Node& node, ComponentKind kind) {
    if (!node.is_mapping()) return;
    for (auto& member : node.members) {
      if (member.key == "processors") {
        for (Node& one : member.value.items) component(one, ComponentKind::kProcessor);
        continue;
      }
      const config::ComponentDoc* doc = registry_.find(kind, member.key);
      if (doc == nullptr) continue;
      if (doc->config.kind == FieldKind::kObject) {
        object(member.value, doc->config.children);
      } else {
        value(member.value, doc->config);
      }
    }
  }

  static void mask_url(Node& node) {
    if (!node.is_scalar() || node.from_env) return;
    const std::size_t scheme = node.scalar.find("://");
    if (scheme == std::string::npos) return;
    const std::size_t end = node.scalar.find_first_of("/?#", scheme + 3);
    const std::size_t at = node.scalar.rfind('@', end);
    const std::size_t colon = node.scalar.find(':', scheme + 3);
    if (at == std::string::npos || at < scheme || colon == std::string::npos || colon > at) return;
    node.scalar = node.scalar.substr(0, colon + 1) + std::string(kMask) + node.scalar.substr(at);
  }

  const config::Registry& registry_;
};

}  // namespace

void complete(Node& root, const config::Registry& registry) {
  Completer(registry).object(root, config::pipeline_doc().children);
}

}  // namespace weir::cmd
