#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::config {

enum class FieldKind : std::uint8_t {
  kBool,
  kInt,
  kFloat,
  kString,
  kDuration,
  kSize,      ///< bytes: `64KiB`
  kTemplate,  ///< text with `${! }`
  kMapping,
  kRegex,
  kUrl,
  kAny,
  kObject,
  kList,
  kMap,
  kInput,
  kBuffer,
  kProcessor,
  kOutput,
  kCache,
  kRateLimit,
  kScanner,
  kMetrics,
  kTracer,
};

/// `string`, `duration`, `list of processors`, ... for messages and pages.
[[nodiscard]] std::string_view name(FieldKind kind);

/// The kinds of component that have a registry of their own.
enum class ComponentKind : std::uint8_t {
  kInput,
  kBuffer,
  kProcessor,
  kOutput,
  kCache,
  kRateLimit,
  kScanner,
  kMetrics,
  kTracer,
};
inline constexpr std::size_t kComponentKinds = 9;
/// `input`, `rate_limit`, ...
[[nodiscard]] std::string_view name(ComponentKind kind);
/// `inputs`, `rate_limits`, ...: folder names and `weir list`.
[[nodiscard]] std::string_view plural(ComponentKind kind);

/// An allowed value of a field, with what it means (may be empty).
struct Option {
  std::string value;
  std::string doc = {};
};

/// What a component's author says about a field; meant for designated initialisers.
struct FieldInfo {
  std::string doc = {};
  bool required = false;
  bool advanced = false;
  bool secret = false;                     ///< masked in echo, logs, admin pages
  std::string deprecated = {};             ///< what to use instead; not empty = deprecated
  std::vector<Option> options = {};        ///< of a string field: only these
  std::vector<std::string> examples = {};  ///< YAML
  std::optional<double> min =
      std::nullopt;  ///< numbers as they are, durations in seconds, sizes in bytes
  std::optional<double> max = std::nullopt;
  bool no_default = false;  ///< optional, and absent means something of its own
};

/// The same, complete and without types: what docs, schema, create and masking work on.
struct FieldDoc {
  std::string name;
  FieldKind kind = FieldKind::kString;
  FieldInfo info;
  std::string default_json;           ///< JSON text; empty when there is no default
  std::vector<FieldDoc> children;     ///< of kObject
  std::shared_ptr<FieldDoc> element;  ///< of kList and kMap
};

/// A config fragment shown on the component's page; CI lints it.
struct Example {
  std::string title;
  std::string yaml;
};

enum class Stability : std::uint8_t { kStable, kBeta, kExperimental, kDeprecated };
[[nodiscard]] std::string_view name(Stability stability);

/// Everything about a component but its code.
struct ComponentDoc {
  ComponentKind kind = ComponentKind::kProcessor;
  std::string name;
  Stability stability = Stability::kStable;
  std::string summary;
  std::string description;
  FieldDoc config;  ///< kObject usually; anything for components that take a bare value
  std::vector<Example> examples;
  std::vector<std::string> categories;
};

}  // namespace weir::config
