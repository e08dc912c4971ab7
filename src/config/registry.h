#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/plan.h"
#include "config/spec.h"
#include "core/component.h"

namespace weir::config {

/// What `metrics` and `tracer` components make: where metrics go.
class MetricsExporter {
 public:
  virtual ~MetricsExporter() = default;
  /// Paths served on the admin listener (`/metrics`, `/stats`), each with its body and content
  /// type.
  struct Page {
    std::string path;
    std::string content_type;
    std::function<std::string()> body;
  };
  [[nodiscard]] virtual std::vector<Page> pages() { return {}; }
  /// Pushes or logs periodically, until stop().
  virtual void start() {}
  virtual void stop() {}
};
class Tracer {
 public:
  virtual ~Tracer() = default;
};

template <class T>
inline constexpr ComponentKind kKindOf = ComponentKind::kProcessor;
template <>
inline constexpr ComponentKind kKindOf<core::Input> = ComponentKind::kInput;
template <>
inline constexpr ComponentKind kKindOf<core::StreamBuffer> = ComponentKind::kBuffer;
template <>
inline constexpr ComponentKind kKindOf<core::Output> = ComponentKind::kOutput;
template <>
inline constexpr ComponentKind kKindOf<core::Cache> = ComponentKind::kCache;
template <>
inline constexpr ComponentKind kKindOf<core::RateLimit> = ComponentKind::kRateLimit;
template <>
inline constexpr ComponentKind kKindOf<core::Scanner> = ComponentKind::kScanner;
template <>
inline constexpr ComponentKind kKindOf<MetricsExporter> = ComponentKind::kMetrics;
template <>
inline constexpr ComponentKind kKindOf<Tracer> = ComponentKind::kTracer;

/// All components by kind and name: an explicit list, filled at start.
class Registry {
 public:
  /// `make(Config, const Resources&) -> Result<std::unique_ptr<T>>` for T = the kind's interface.
  template <class T, class C, class Make>
  void add(Spec<C> spec, Make make) {
    auto shared = std::make_shared<const Spec<C>>(std::move(spec));
    auto entry = std::make_unique<Entry<T>>();
    entry->doc = shared->component_doc(kKindOf<T>);
    entry->read = [shared, make](const Node& node, const ReadContext& context)
        -> std::function<core::Result<std::unique_ptr<T>>(const Resources&)> {
      auto config = std::make_shared<C>();
      if (!shared->read(node, context, *config)) return nullptr;
      return [config, make](const Resources& resources) -> core::Result<std::unique_ptr<T>> {
        return make(C(*config), resources);
      };
    };
    insert(kKindOf<T>, shared->name(), std::move(entry));
  }

  template <class C, class Make>
  void add_input(Spec<C> spec, Make make) {
    add<core::Input>(std::move(spec), std::move(make));
  }
  template <class C, class Make>
  void add_buffer(Spec<C> spec, Make make) {
    add<core::StreamBuffer>(std::move(spec), std::move(make));
  }
  template <class C, class Make>
  void add_processor(Spec<C> spec, Make make) {
    add<core::Processor>(std::move(spec), std::move(make));
  }
  template <class C, class Make>
  void add_output(Spec<C> spec, Make make) {
    add<core::Output>(std::move(spec), std::move(make));
  }
  template <class C, class Make>
  void add_cache(Spec<C> spec, Make make) {
    add<core::Cache>(std::move(spec), std::move(make));
  }
  template <class C, class Make>
  void add_rate_limit(Spec<C> spec, Make make) {
    add<core::RateLimit>(std::move(spec), std::move(make));
  }
  template <class C, class Make>
  void add_scanner(Spec<C> spec, Make make) {
    add<core::Scanner>(std::move(spec), std::move(make));
  }
  template <class C, class Make>
  void add_metrics(Spec<C> spec, Make make) {
    add<MetricsExporter>(std::move(spec), std::move(make));
  }
  template <class C, class Make>
  void add_tracer(Spec<C> spec, Make make) {
    add<Tracer>(std::move(spec), std::move(make));
  }

  /// A name of the family that weir does not have: using it is an error that says `instead`.
  void refuse(ComponentKind kind, std::string name, std::string instead);
  /// Another name for the same component; using it is a deprecation finding.
  void alias(ComponentKind kind, std::string old_name, std::string name);

  /// Reads one component of kind T from its node (`{label, <name>: config, processors}`), reports
  /// every mistake; nullptr when there was one. `path` of the context is the component's.
  template <class T>
  [[nodiscard]] std::shared_ptr<const Plan<T>> read(const Node& node,
                                                    const ReadContext& context) const {
    Head head = read_head(kKindOf<T>, node, context);
    auto plan = std::make_shared<Plan<T>>();
    plan->label = head.label;
    plan->path = context.path();
    plan->where = node.where;
    bool good = head.good;
    if (head.processors != nullptr)
      good = read_processors(*head.processors, context, plan->processors) && good;
    if (head.entry == nullptr) return nullptr;
    const auto& entry = static_cast<const Entry<T>&>(*head.entry);
    plan->type = entry.doc.name;
    plan->doc = &entry.doc;
    plan->make_component = entry.read(*head.config, context.below(entry.doc.name));
    if (!good || plan->make_component == nullptr) return nullptr;
    return plan;
  }

  [[nodiscard]] const ComponentDoc* find(ComponentKind kind, std::string_view name) const;
  /// All of a kind, sorted by name, without aliases and refused names.
  [[nodiscard]] std::vector<const ComponentDoc*> list(ComponentKind kind) const;
  struct Refused {
    std::string name;
    std::string instead;
  };
  [[nodiscard]] std::vector<Refused> refused(ComponentKind kind) const;

 private:
  struct EntryBase {
    ComponentDoc doc;
    virtual ~EntryBase() = default;
  };
  template <class T>
  struct Entry : EntryBase {
    std::function<std::function<core::Result<std::unique_ptr<T>>(const Resources&)>(
        const Node&, const ReadContext&)>
        read;
  };
  struct Head {
    bool good = true;
    std::string label;
    const EntryBase* entry = nullptr;
    const Node* config = nullptr;      // the value behind the component's name
    const Node* processors = nullptr;  // of inputs and outputs
  };
  struct Names {
    std::map<std::string, std::unique_ptr<EntryBase>, std::less<>> entries;
    std::map<std::string, std::string, std::less<>> aliases;
    std::map<std::string, std::string, std::less<>> refused;
  };

  void insert(ComponentKind kind, const std::string& name, std::unique_ptr<EntryBase> entry);
  [[nodiscard]] Head read_head(ComponentKind kind, const Node& node,
                               const ReadContext& context) const;
  bool read_processors(const Node& node, const ReadContext& context, ProcessorList& out) const;
  [[nodiscard]] const Names& names(ComponentKind kind) const {
    return names_[static_cast<std::size_t>(kind)];
  }

  std::array<Names, kComponentKinds> names_;
};

template <class T>
struct ChildField {
  static void describe(FieldDoc& doc) {
    switch (kKindOf<T>) {
      case ComponentKind::kInput: doc.kind = FieldKind::kInput; break;
      case ComponentKind::kBuffer: doc.kind = FieldKind::kBuffer; break;
      case ComponentKind::kProcessor: doc.kind = FieldKind::kProcessor; break;
      case ComponentKind::kOutput: doc.kind = FieldKind::kOutput; break;
      case ComponentKind::kCache: doc.kind = FieldKind::kCache; break;
      case ComponentKind::kRateLimit: doc.kind = FieldKind::kRateLimit; break;
      case ComponentKind::kScanner: doc.kind = FieldKind::kScanner; break;
      case ComponentKind::kMetrics: doc.kind = FieldKind::kMetrics; break;
      case ComponentKind::kTracer: doc.kind = FieldKind::kTracer; break;
    }
  }
};

template <class T>
struct FieldType<Child<T>> : ChildField<T> {
  static bool read(const Node& node, const ReadContext& context, Child<T>& out) {
    auto plan = context.registry().template read<T>(node, context);
    if (plan == nullptr) return false;
    out = Child<T>(std::move(plan));
    return true;
  }
  static std::string default_json(const Child<T>&) { return ""; }
};

}  // namespace weir::config
