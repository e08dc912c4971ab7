#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/mapping_fields.h"
#include "config/spec.h"

/// The family's `tests:` format: batches in, processors, conditions on the batches that come out.
namespace weir::testing {

struct InputMessage {
  std::optional<std::string> content;
  std::optional<config::Any> json_content;
  std::optional<std::string> file_content;  ///< a path, from the test file's folder
  std::vector<std::pair<std::string, config::Any>> metadata;
  static const config::Spec<InputMessage>& spec();
};

/// What one message that came out has to be; all that is set must hold.
struct Conditions {
  config::MappingField bloblang;
  std::optional<std::string> content_equals;
  std::optional<config::RegexText> content_matches;
  std::optional<config::Any> json_equals;    ///< YAML, or a string of JSON
  std::optional<config::Any> json_contains;  ///< the message holds at least this
  std::optional<std::string> file_equals;
  std::optional<std::string> file_json_equals;
  std::optional<std::string> file_json_contains;
  std::vector<std::pair<std::string, config::Any>> metadata_equals;
  static const config::Spec<Conditions>& spec();
};

struct Case {
  std::string name;
  config::Location where;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string target_processors = "/pipeline/processors";
  std::string target_mapping;
  std::vector<std::pair<std::string, config::Any>> mocks;  ///< label or pointer -> processor
  std::vector<InputMessage> input_batch;
  std::vector<std::vector<InputMessage>> input_batches;
  std::optional<std::vector<std::vector<Conditions>>> output_batches;
  static const config::Spec<Case>& spec();
};

/// The cases of a `tests` section; every mistake in it is reported.
[[nodiscard]] std::vector<Case> read_cases(const config::Node& tests,
                                           const config::Registry& registry,
                                           config::Diagnostics& diagnostics);

}  // namespace weir::testing
