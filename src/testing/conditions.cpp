#include "testing/conditions.h"

#include "config/render.h"
#include "core/json_index.h"
#include "core/json_text.h"
#include "mapping/formats/go_regexp.h"
#include "testing/json_diff.h"

namespace weir::testing {

using core::Arena;
using core::Value;

namespace {

std::string shown(std::string_view text, bool colour, bool wanted) {
  if (!colour) return std::string(text);
  return (wanted ? "\x1b[31m" : "\x1b[32m") + std::string(text) + "\x1b[0m";
}

std::string difference(std::string_view what, std::string_view wanted, std::string_view got,
                       bool colour) {
  return std::string(what) +
         ": content is different\n    expected: " + shown(wanted, colour, true) +
         "\n    received: " + shown(got, colour, false);
}

// YAML, or a string that holds JSON.
core::Result<Value> document_of(const config::Node& node, Arena& arena) {
  if (node.is_scalar() && config::scalar_type(node) == config::ScalarType::kString) {
    auto inner = core::parse_json(node.scalar, arena);
    if (inner) return inner;
  }
  return core::parse_json(config::to_json(node), arena);
}

class Checker {
 public:
  Checker(core::Batch& batch, std::size_t index, const ReadFile& read_file, bool colour)
      : message_(batch[index]), read_file_(read_file), colour_(colour) {}

  void content(std::string_view what, const std::string& wanted) {
    const auto payload = message_.payload();
    if (!payload) {
      failures.push_back(std::string(what) + ": " + payload.error().message);
    } else if (*payload != wanted) {
      failures.push_back(difference(what, wanted, *payload, colour_));
    }
  }
  void matches(const std::string& pattern) {
    const auto regexp = mapping::GoRegexp::compile(pattern);
    const auto payload = message_.payload();
    if (!regexp || !payload) {
      failures.push_back("content_matches: " +
                         (regexp ? payload.error().message : regexp.error().message));
    } else if (!regexp->matches(*payload)) {
      failures.push_back("content_matches: the pattern does not match\n    pattern:  " + pattern +
                         "\n    received: " + std::string(*payload));
    }
  }
  void json(std::string_view what, const core::Result<Value>& wanted, bool contains) {
    if (!wanted) {
      failures.push_back(std::string(what) +
                         ": what is expected is no JSON: " + wanted.error().message);
      return;
    }
    const auto root = message_.root();
    if (!root) {
      failures.push_back(std::string(what) + ": " + root.error().message);
      return;
    }
    const bool good =
        contains ? json_contains(*root, *wanted, arena_) : core::json_equal(*root, *wanted, arena_);
    if (!good) {
      failures.push_back(std::string(what) + ": the document is different\n" +
                         json_diff(*wanted, *root, colour_));
    }
  }
  void file(std::string_view what, const std::string& path, bool is_json, bool contains) {
    const auto text = read_file_(path);
    if (!text) {
      failures.push_back(std::string(what) + ": " + text.error().message);
    } else if (is_json) {
      json(what, core::parse_json(*text, arena_), contains);
    } else {
      content(what, *text);
    }
  }
  void metadata(const std::string& key, const config::Node& node) {
    const Value* const got = message_.find_metadata(key);
    const std::string what = "metadata_equals: `" + key + "`";
    const auto wanted = core::parse_json(config::to_json(node), arena_);
    if (got == nullptr) {
      failures.push_back(what + " is not there");
    } else if (wanted) {
      const Value shown_value = got->is(core::Kind::kBytes) ? Value::string(got->stored()) : *got;
      if (!core::json_equal(shown_value, *wanted, arena_))
        failures.push_back(difference(what, json_text(*wanted), json_text(shown_value), colour_));
    }
  }
  Arena& arena() { return arena_; }

  std::vector<std::string> failures;

 private:
  static std::string json_text(Value value) {
    core::Buffer out;
    return core::write_json(value, out) ? std::string(out.view()) : "(not writable)";
  }

  core::Message& message_;
  const ReadFile& read_file_;
  bool colour_;
  Arena arena_;
};

}  // namespace

std::vector<std::string> check_conditions(const Conditions& wanted, core::Batch& batch,
                                          std::size_t index, mapping::Context& context,
                                          const ReadFile& read_file, bool colour) {
  Checker check(batch, index, read_file, colour);
  if (wanted.bloblang) {
    context.bind(batch.messages(), index);
    const auto good = wanted.bloblang->check(context);
    if (!good) {
      check.failures.push_back("bloblang: " + good.error().message);
    } else if (!*good) {
      check.failures.push_back("bloblang: the expression is false: " + wanted.bloblang->text());
    }
  }
  if (wanted.content_equals) check.content("content_equals", *wanted.content_equals);
  if (wanted.content_matches) check.matches(wanted.content_matches->pattern);
  if (wanted.json_equals)
    check.json("json_equals", document_of(wanted.json_equals->node, check.arena()), false);
  if (wanted.json_contains)
    check.json("json_contains", document_of(wanted.json_contains->node, check.arena()), true);
  if (wanted.file_equals) check.file("file_equals", *wanted.file_equals, false, false);
  if (wanted.file_json_equals)
    check.file("file_json_equals", *wanted.file_json_equals, true, false);
  if (wanted.file_json_contains)
    check.file("file_json_contains", *wanted.file_json_contains, true, true);
  for (const auto& [key, value] : wanted.metadata_equals) check.metadata(key, value.node);
  core::Message& message = batch[index];
  if (!check.failures.empty() && message.errored())
    check.failures.push_back("the message is flagged: " + std::string(message.error()->text));
  return std::move(check.failures);
}

}  // namespace weir::testing
