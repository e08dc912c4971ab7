#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/yaml_reader.h"

namespace weir::config {

enum class FindingsFormat : std::uint8_t { kText, kJson, kGithub, kSarif, kJunit, kCheckstyle };

/// `text`, `json`, `github`, `sarif`, `junit`, `checkstyle`.
[[nodiscard]] std::optional<FindingsFormat> findings_format(std::string_view name);
/// The names that findings_format knows, in that order.
[[nodiscard]] const std::vector<std::string_view>& findings_format_names();

struct FindingsReport {
  std::vector<Diagnostic> findings;  ///< as Diagnostics::sorted gives them
  std::vector<std::string> files;    ///< all that were checked; clean ones show in JUnit reports
  std::vector<RuleInfo> rules;  ///< what is known about rules, for SARIF; unknown ones are fine
  std::string version;          ///< of weir
  bool colour = false;          ///< of kText
  /// A line of a file, without its end; nothing when it cannot be had. Shown below findings in
  /// kText, used to count columns in characters in SARIF.
  std::function<std::optional<std::string>(const std::string& file, unsigned line)> source_line;
};

/// The whole report, ready to print; ends with a line break unless it is empty (kText and kGithub
/// without findings). Text from files cannot break out of the format nor reach the terminal raw.
[[nodiscard]] std::string format_findings(const FindingsReport& report, FindingsFormat format);

}  // namespace weir::config
