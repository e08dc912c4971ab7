#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/env.h"
#include "config/node.h"
#include "yaml/events.h"

namespace weir::config {

/// What one file may cost.
using YamlLimits = weir::yaml::Limits;

/// What to do about a variable that is not set and has no default.
enum class MissingEnv : std::uint8_t {
  kError,  ///< a finding (E0110) at the reference
  kAllow,  ///< no finding; the reference stands for nothing and the node says `env_missing`
};

struct YamlOptions {
  EnvLookup env = nullptr;  ///< none: no variable is set
  MissingEnv missing_env = MissingEnv::kError;
  /// Off: `${...}` is ordinary text (overrides, templates).
  bool references = true;
  YamlLimits limits = {};
};

/// A variable that the file refers to, once per place.
struct EnvUse {
  std::string name;
  Location where;
  bool has_default = false;
  bool is_set = false;
};

/// `# weir-lint-ignore E0123,W0456`: findings with these rules are not reported for `line`.
struct Suppression {
  unsigned line = 0;  ///< the comment's line, or the next one when the comment stands alone
  std::vector<std::string> rules;  ///< empty: all rules
  Location where;                  ///< of the comment
};

/// What read_yaml makes of one file.
struct YamlDocument {
  Node root;  ///< null when the file is empty
  std::vector<EnvUse> env_uses;
  std::vector<Suppression> suppressions;
  bool lint_disabled =
      false;  ///< the first line is `# WEIR LINT DISABLE` or `# BENTHOS LINT DISABLE`
};

/// Reads one YAML document, strictly: one document per file, unique keys, core tags only
/// (`!!int !!float !!bool !!str !!null !!map !!seq`), merge keys (`<<`) and aliases resolved,
/// references
/// (`${VAR}`, `${VAR:default}`, `${VAR|base64decode}`, `${{VAR}}` for a literal `${VAR}`) replaced
/// inside scalars after parsing, so that a value can never add structure; `${! ... }` and `${{! ...
/// }}` are kept as they stand. `file` is the name used in findings.
///
/// Findings go to `diagnostics` (rules E0101 to E0113). Nothing is returned when the text is no
/// YAML or passes a limit; other errors leave a tree without the offending part, so that lint can
/// go on. Never throws on any input, never takes more than a small multiple of the limits.
/// Thread-safe.
[[nodiscard]] std::optional<YamlDocument> read_yaml(std::string_view text, const std::string& file,
                                                    const YamlOptions& options,
                                                    Diagnostics& diagnostics);

/// True when a finding is silenced by one of the file's comments.
[[nodiscard]] bool is_suppressed(const Diagnostic& found,
                                 const std::vector<Suppression>& suppressions);

/// A rule of this layer, for `lint --list-rules` and the machine-readable reports.
struct RuleInfo {
  std::string_view id;
  Severity severity;
  std::string_view title;  ///< a short sentence without a full stop
};

/// All rules that read_yaml, apply_overrides and merge_resources report, ascending.
[[nodiscard]] const std::vector<RuleInfo>& yaml_rules();

}  // namespace weir::config
