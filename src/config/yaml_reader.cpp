#include "config/yaml_reader.h"

#include <algorithm>
#include <utility>

#include "config/references.h"
#include "config/yaml_comments.h"
#include "config/yaml_names.h"
#include "config/yaml_tree.h"

namespace weir::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool check_text(std::string_view text, const std::string& file, const YamlLimits& limits,
                Diagnostics& diagnostics) {
  if (text.size() > limits.max_bytes) {
    diagnostics.error("E0101", {file, 0, 0},
                      "the file has " + std::to_string(text.size()) + " bytes, more than the " +
                          std::to_string(limits.max_bytes) + " that a configuration may have");
    return false;
  }
  auto bad = yaml::find_bad_byte(text);
  if (!bad && text.starts_with(kByteOrderMark)) {
    bad = yaml::BadByte{0, "a second byte order mark"};  // the first one is gone already
  }
  if (bad) {
    const auto place = yaml::line_column(text, bad->offset);
    diagnostics.error("E0102", {file, place.line, place.column}, std::move(bad->message));
    return false;
  }
  return true;
}

}  // namespace

std::optional<YamlDocument> read_yaml(std::string_view text, const std::string& file,
                                      const YamlOptions& options, Diagnostics& diagnostics) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (!check_text(text, file, options.limits, diagnostics)) {
    return std::nullopt;
  }
  yaml::MaskedText masked;
  if (options.references) {
    auto found = yaml::mask_references(text);
    if (!found) {
      diagnostics.error("E0112", {file, 0, 0}, found.error().message);
      return std::nullopt;
    }
    masked = *std::move(found);
  }
  const std::string_view readable = masked.text.empty() ? text : std::string_view(masked.text);
  yaml::Events events;
  std::optional<yaml::Failure> failure;
  if (!yaml::parse_events_quickly(readable, options.limits, events)) {
    failure = yaml::parse_events(readable, options.limits, events);
  }
  if (failure) {
    diagnostics.error(failure->rule, {file, failure->line, failure->column}, failure->message,
                      failure->hint);
    return std::nullopt;
  }
  YamlDocument document;
  document.root.where = {file, 1, 1};  // an empty file has no events
  document.lint_disabled = yaml::disables_lint(text);
  document.suppressions = yaml::find_suppressions(readable, file, events);
  yaml::ReferenceExpander expander(text, masked, file, options, diagnostics);
  if (!yaml::build_tree(readable, file, events, options.limits, expander, diagnostics,
                        document.root)) {
    return std::nullopt;
  }
  document.env_uses = expander.take_uses();
  return document;
}

bool is_suppressed(const Diagnostic& found, const std::vector<Suppression>& suppressions) {
  return std::any_of(suppressions.begin(), suppressions.end(), [&](const Suppression& silence) {
    return silence.line == found.where.line && silence.where.file == found.where.file &&
           (silence.rules.empty() || std::find(silence.rules.begin(), silence.rules.end(),
                                               found.rule) != silence.rules.end());
  });
}

const std::vector<RuleInfo>& yaml_rules() {
  static const std::vector<RuleInfo> rules = {
      {"E0101", Severity::kError, "The file is too large"},
      {"E0102", Severity::kError, "The file is not clean UTF-8 text"},
      {"E0103", Severity::kError, "The file is not valid YAML"},
      {"E0104", Severity::kError, "Values are nested too deep"},
      {"E0105", Severity::kError, "The file holds more than one document"},
      {"E0106", Severity::kError, "A key is given twice"},
      {"E0107", Severity::kError, "A tag is not known or does not fit the value"},
      {"E0108", Severity::kError, "An alias refers to itself or repeats too much"},
      {"E0109", Severity::kError, "A merge key has a value that cannot be merged"},
      {"E0110", Severity::kError, "An environment variable without default is not set"},
      {"E0111", Severity::kError, "The value of an environment variable cannot be used"},
      {"E0112", Severity::kError, "The file holds too many values or too much text"},
      {"E0113", Severity::kError, "An override does not fit the configuration"},
      {"E0114", Severity::kError, "A resource file holds more than resources and tests"},
  };
  return rules;
}

}  // namespace weir::config
