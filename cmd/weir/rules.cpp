#include "rules.h"

#include "config/context.h"

namespace weir::cmd {

std::vector<config::RuleInfo> all_rules() {
  namespace rule = config::rule;
  using config::Severity;
  std::vector<config::RuleInfo> all = config::yaml_rules();
  const config::RuleInfo own[] = {
      {rule::kUnknownField, Severity::kError, "a field is not known"},
      {rule::kMissingField, Severity::kError, "a required field is missing"},
      {rule::kWrongType, Severity::kError, "a value has the wrong type"},
      {rule::kBadValue, Severity::kError, "a value is malformed or out of range"},
      {rule::kBadOption, Severity::kError, "a value is not one of the options"},
      {rule::kUnknownComponent, Severity::kError, "a component is not known"},
      {rule::kNoComponent, Severity::kError, "a component has no type, or two"},
      {rule::kBadLabel, Severity::kError, "a label is malformed or missing"},
      {rule::kDuplicateLabel, Severity::kError, "a label is used twice"},
      {rule::kBadMapping, Severity::kError, "a mapping or interpolation does not compile"},
      {rule::kUnknownResource, Severity::kError, "a resource does not exist"},
      {rule::kBadRegex, Severity::kError, "a regular expression is malformed"},
      {rule::kBadUrl, Severity::kError, "a URL is malformed"},
      {rule::kBadCron, Severity::kError, "a cron expression is malformed"},
      {rule::kBadComponent, Severity::kError, "fields of a component do not go together"},
      {rule::kNotSupported, Severity::kError, "a component of the family that weir does not have"},
      {rule::kUnconfinedPath, Severity::kError, "a templated file path has no literal prefix"},
      {rule::kDeprecated, Severity::kWarning, "a field or component is deprecated"},
      {rule::kUnusedResource, Severity::kWarning, "a resource is never used"},
      {rule::kMappingWarning, Severity::kWarning, "a mapping holds something without effect"},
      {rule::kUnreachableCase, Severity::kWarning, "a case can never be reached"},
      {rule::kMissingLabel, Severity::kWarning, "a component has no label"},
      {rule::kWeakGuarantee, Severity::kWarning, "messages can be lost in a crash"},
      {rule::kLiteralSecret, Severity::kWarning, "a secret stands in the file"},
      {rule::kUnconfinedTemplate, Severity::kWarning,
       "a name or URL is made wholly from message data"},
      {rule::kSharedListener, Severity::kWarning,
       "a component shares the service's loopback listener"},
      {rule::kNoDeadLetter, Severity::kWarning, "a failed message would stop an endless input"},
  };
  all.insert(all.end(), std::begin(own), std::end(own));
  return all;
}

}  // namespace weir::cmd
