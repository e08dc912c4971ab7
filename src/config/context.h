#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/field.h"
#include "config/node.h"

namespace weir::config {

class Registry;

/// A place that names a resource: `resource: x`, `cache: x`, ...
struct ResourceReference {
  ComponentKind kind;
  std::string label;
  Location where;
};

/// What reading a configuration collects over all its files.
struct ReadState {
  Diagnostics diagnostics;
  std::map<std::string, Location, std::less<>> labels;  ///< all labels, to find duplicates
  std::vector<ResourceReference> references;
  bool sandbox = false;           ///< env(), file(), command, subprocess are refused
  bool check_deprecated = false;  ///< warn about deprecated names
  bool require_labels = false;
  bool strict_errors = true;  ///< error_handling.strict
};

/// Where in the configuration a value is read: passed down while parsing.
class ReadContext {
 public:
  ReadContext(const Registry& registry, ReadState& state, std::string path)
      : registry_(&registry), state_(&state), path_(std::move(path)) {}

  [[nodiscard]] const Registry& registry() const { return *registry_; }
  [[nodiscard]] ReadState& state() const { return *state_; }
  /// Dot path of the value, e.g. `root.pipeline.processors.0.mapping`.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] ReadContext below(std::string_view step) const {
    return {*registry_, *state_, path_ + "." + std::string(step)};
  }

  void error(std::string_view rule, const Location& where, std::string message,
             std::string hint = "") const {
    state_->diagnostics.error(rule, where, std::move(message), std::move(hint));
  }
  void warning(std::string_view rule, const Location& where, std::string message,
               std::string hint = "") const {
    state_->diagnostics.warning(rule, where, std::move(message), std::move(hint));
  }

 private:
  const Registry* registry_;
  ReadState* state_;
  std::string path_;
};

/// Stable codes of what reading a configuration can find; docs/lint/ has a page for each.
namespace rule {
inline constexpr std::string_view kUnknownField = "E0201";
inline constexpr std::string_view kMissingField = "E0202";
inline constexpr std::string_view kWrongType = "E0203";
inline constexpr std::string_view kBadValue = "E0204";
inline constexpr std::string_view kBadOption = "E0205";
inline constexpr std::string_view kUnknownComponent = "E0206";
inline constexpr std::string_view kNoComponent = "E0207";
inline constexpr std::string_view kBadLabel = "E0208";
inline constexpr std::string_view kDuplicateLabel = "E0209";
inline constexpr std::string_view kBadMapping = "E0210";
inline constexpr std::string_view kUnknownResource = "E0211";
inline constexpr std::string_view kBadRegex = "E0212";
inline constexpr std::string_view kBadUrl = "E0213";
inline constexpr std::string_view kBadCron = "E0214";
inline constexpr std::string_view kBadComponent = "E0215";  ///< fields that do not go together
inline constexpr std::string_view kNotSupported =
    "E0216";  ///< a name of the family that weir refuses
inline constexpr std::string_view kUnconfinedPath =
    "E0217";  ///< templated file path without literal prefix
inline constexpr std::string_view kDeprecated = "W0301";
inline constexpr std::string_view kUnusedResource = "W0302";
inline constexpr std::string_view kMappingWarning = "W0303";
inline constexpr std::string_view kUnreachableCase = "W0304";
inline constexpr std::string_view kMissingLabel = "W0305";
inline constexpr std::string_view kWeakGuarantee = "W0306";
inline constexpr std::string_view kLiteralSecret = "W0307";
inline constexpr std::string_view kUnconfinedTemplate = "W0308";
inline constexpr std::string_view kSharedListener = "W0309";
inline constexpr std::string_view kNoDeadLetter = "W0310";
}  // namespace rule

/// Position of line/column `line`, `column` (1-based) inside the text of a scalar, in its file.
[[nodiscard]] Location inside(const Node& scalar, unsigned line, unsigned column);

}  // namespace weir::config
