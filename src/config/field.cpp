#include "config/field.h"

namespace weir::config {

std::string_view name(FieldKind kind) {
  switch (kind) {
    case FieldKind::kBool: return "bool";
    case FieldKind::kInt: return "int";
    case FieldKind::kFloat: return "float";
    case FieldKind::kString: return "string";
    case FieldKind::kDuration: return "duration";
    case FieldKind::kSize: return "size";
    case FieldKind::kTemplate: return "interpolated string";
    case FieldKind::kMapping: return "mapping";
    case FieldKind::kRegex: return "regular expression";
    case FieldKind::kUrl: return "URL";
    case FieldKind::kAny: return "any";
    case FieldKind::kObject: return "object";
    case FieldKind::kList: return "list";
    case FieldKind::kMap: return "map";
    case FieldKind::kInput: return "input";
    case FieldKind::kBuffer: return "buffer";
    case FieldKind::kProcessor: return "processor";
    case FieldKind::kOutput: return "output";
    case FieldKind::kCache: return "cache";
    case FieldKind::kRateLimit: return "rate limit";
    case FieldKind::kScanner: return "scanner";
    case FieldKind::kMetrics: return "metrics exporter";
    case FieldKind::kTracer: return "tracer";
  }
  return "any";
}

std::string_view name(ComponentKind kind) {
  constexpr std::string_view names[] = {"input",      "buffer",  "processor", "output", "cache",
                                        "rate_limit", "scanner", "metrics",   "tracer"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view plural(ComponentKind kind) {
  constexpr std::string_view names[] = {"inputs",   "buffers", "processors",
                                        "outputs",  "caches",  "rate_limits",
                                        "scanners", "metrics", "tracers"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name(Stability stability) {
  switch (stability) {
    case Stability::kStable: return "stable";
    case Stability::kBeta: return "beta";
    case Stability::kExperimental: return "experimental";
    case Stability::kDeprecated: return "deprecated";
  }
  return "stable";
}

}  // namespace weir::config
