#include "testing/case.h"

namespace weir::testing {

using config::Spec;

const Spec<InputMessage>& InputMessage::spec() {
  static const Spec<InputMessage> made =
      Spec<InputMessage>()
          .field("content", &InputMessage::content, {.doc = "The payload."})
          .field("json_content", &InputMessage::json_content, {.doc = "The payload as YAML."})
          .field("file_content", &InputMessage::file_content,
                 {.doc = "A file with the payload, from the test file's folder."})
          .field("metadata", &InputMessage::metadata, {.doc = "Metadata."})
          .check([](const InputMessage& one) -> core::Status {
            const int given =
                (one.content ? 1 : 0) + (one.json_content ? 1 : 0) + (one.file_content ? 1 : 0);
            if (given > 1)
              return core::invalid_config(
                  "only one of `content`, `json_content`, `file_content` can be the payload");
            return {};
          });
  return made;
}

const Spec<Conditions>& Conditions::spec() {
  static const Spec<Conditions> made =
      Spec<Conditions>()
          .field("bloblang", &Conditions::bloblang, {.doc = "A mapping that must give true."})
          .field("content_equals", &Conditions::content_equals, {.doc = "The payload."})
          .field("content_matches", &Conditions::content_matches,
                 {.doc = "A regular expression that the payload matches."})
          .field("json_equals", &Conditions::json_equals, {.doc = "The document."})
          .field("json_contains", &Conditions::json_contains,
                 {.doc = "What the document holds at least."})
          .field("file_equals", &Conditions::file_equals, {.doc = "A file with the payload."})
          .field("file_json_equals", &Conditions::file_json_equals,
                 {.doc = "A file with the document."})
          .field("file_json_contains", &Conditions::file_json_contains,
                 {.doc = "A file with what the document holds at least."})
          .field("metadata_equals", &Conditions::metadata_equals,
                 {.doc = "Metadata by key; other keys do not matter."});
  return made;
}

const Spec<Case>& Case::spec() {
  static const Spec<Case> made =
      Spec<Case>()
          .field("name", &Case::name, {.doc = "What the case shows.", .required = true})
          .field("environment", &Case::environment,
                 {.doc = "Environment variables for reading the target."})
          .field("target_processors", &Case::target_processors,
                 {.doc = "JSON pointer or label of a processor or a list of them; "
                         "`other.yaml#/pointer` in another file."})
          .field("target_mapping", &Case::target_mapping,
                 {.doc = "A file with a mapping to run instead of processors."})
          .field("mocks", &Case::mocks,
                 {.doc = "Processors to put in the place of others, by label or JSON pointer."})
          .field("input_batch", &Case::input_batch, {.doc = "One batch to send."})
          .field("input_batches", &Case::input_batches, {.doc = "Further batches to send."})
          .field("output_batches", &Case::output_batches,
                 {.doc = "Conditions on each message of each batch that comes out."});
  return made;
}

std::vector<Case> read_cases(const config::Node& tests, const config::Registry& registry,
                             config::Diagnostics& diagnostics) {
  std::vector<Case> cases;
  if (tests.is_null()) return cases;
  config::ReadState state;
  const config::ReadContext context(registry, state, "tests");
  if (!tests.is_sequence()) {
    config::detail::wrong_type(tests, context, "a list of cases");
  } else {
    for (std::size_t i = 0; i < tests.items.size(); ++i) {
      Case one;
      const config::Node& node = tests.items[i];
      if (!Case::spec().read(node, context.below(std::to_string(i)), one)) continue;
      one.where = node.where;
      if (!one.output_batches) {
        context.error(config::rule::kMissingField, node.where,
                      "case `" + one.name + "` tests nothing: it has no `output_batches`",
                      "write `output_batches: []` if nothing may come out");
        continue;
      }
      if (one.input_batch.empty() && one.input_batches.empty()) {
        context.error(config::rule::kMissingField, node.where,
                      "case `" + one.name + "` tests nothing: it sends no message",
                      "give `input_batch` or `input_batches`");
        continue;
      }
      cases.push_back(std::move(one));
    }
  }
  for (const config::Diagnostic& found : state.diagnostics.sorted()) {
    if (found.severity == config::Severity::kError)
      diagnostics.error(found.rule, found.where, found.message, found.hint);
  }
  return cases;
}

}  // namespace weir::testing
