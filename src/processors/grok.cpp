#include <charconv>
#include <fstream>
#include <sstream>

#include <glob.h>

#include "mapping/formats/go_regexp.h"
#include "processors/all.h"
#include "processors/blame.h"
#include "processors/grok_patterns.h"
#include "processors/workflow_record.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;
using core::Value;

struct GrokConfig {
  std::vector<std::string> expressions;
  std::vector<std::pair<std::string, std::string>> pattern_definitions;
  std::vector<std::string> pattern_paths;
  bool named_captures_only = true;
  bool use_default_patterns = true;
  bool remove_empty_values = true;
};

config::Spec<GrokConfig> grok_spec() {
  return config::Spec<GrokConfig>("grok")
      .summary("Takes fields out of text with named patterns.")
      .description(
          "The first expression that matches a part of the payload makes the document: an object "
          "of "
          "the captured fields. `%{NAME:field}` captures, `%{NAME:field:int}` and "
          "`%{NAME:field:float}` give numbers, a dot in a field's name nests. When no expression "
          "matches, the message is flagged and stays as it is.\n\n"
          "Regular expressions have RE2 syntax: no look-around, no back references, and matching "
          "takes time in proportion to the text.")
      .category("parsing")
      .field("expressions", &GrokConfig::expressions,
             {.doc = "Expressions, tried in order.", .required = true})
      .field("pattern_definitions", &GrokConfig::pattern_definitions,
             {.doc = "Further patterns by name.", .examples = {"{ ACTION: '(?:pass|deny)' }"}})
      .field("pattern_paths", &GrokConfig::pattern_paths,
             {.doc = "Files with patterns, also as globs: a line each, name and expression."})
      .field("named_captures_only", &GrokConfig::named_captures_only,
             {.doc = "Off: references without a field are captured under their own name.",
              .advanced = true})
      .field("use_default_patterns", &GrokConfig::use_default_patterns,
             {.doc = "The well-known patterns may be used.", .advanced = true})
      .field("remove_empty_values", &GrokConfig::remove_empty_values,
             {.doc = "Leave fields out that captured nothing.", .advanced = true})
      .example("Access logs", R"yaml(
pipeline:
  processors:
    - grok:
        expressions: [ '%{COMBINEDAPACHELOG}' ]
)yaml");
}

struct Expression {
  mapping::GoRegexp regexp;
  std::vector<GrokExpansion::Field> fields;
  std::vector<std::size_t> groups;              // of each field
  std::vector<std::vector<std::string>> paths;  // of each field in the result
};

class Grok final : public core::Processor {
 public:
  Grok(std::vector<Expression> expressions, bool keep_empty, const config::Resources& resources)
      : expressions_(std::move(expressions)), keep_empty_(keep_empty), blame_("grok", resources) {
    for (const Expression& one : expressions_) most_ = std::max(most_, one.regexp.groups());
    parts_.resize(std::max<std::size_t>(most_, 1));
  }

  Batches process(Batch batch) override {
    for (Message& message : batch) {
      const auto payload = message.payload();
      if (!payload) {
        blame_.fail(message, payload.error());
      } else if (!match(message, *payload)) {
        blame_.fail(message, core::ErrorCode::kInvalidData, "no expression matches the payload");
      }
    }
    return Batches(std::move(batch));
  }

 private:
  bool match(Message& message, std::string_view payload) {
    for (const Expression& one : expressions_) {
      const mapping::GoRegexp::Parts parts(parts_.data(),
                                           std::max<std::size_t>(one.regexp.groups(), 1));
      if (!one.regexp.find(payload, 0, parts)) continue;
      core::Arena& arena = message.arena();
      Value root = Value::object(arena, static_cast<std::uint32_t>(one.fields.size()));
      for (std::size_t i = 0; i < one.fields.size(); ++i) {
        const std::string_view text = parts[one.groups[i]];
        if (text.empty() && !keep_empty_) continue;
        put(root, one.paths[i], value_of(text, one.fields[i].type), arena);
      }
      message.adopt_root(root);  // its texts are slices of the payload
      return true;
    }
    return false;
  }

  static Value value_of(std::string_view text, GrokType type) {
    const char* const end = text.data() + text.size();
    if (type == GrokType::kInt) {
      std::int64_t number = 0;
      if (!text.empty() && text[0] == '+') text.remove_prefix(1);
      const auto parsed = std::from_chars(text.data(), end, number);
      if (parsed.ec == std::errc() && parsed.ptr == end) return Value::integer(number);
    } else if (type == GrokType::kFloat) {
      double number = 0;
      const auto parsed = std::from_chars(text.data(), end, number);
      if (parsed.ec == std::errc() && parsed.ptr == end) return Value::number(number);
    }
    return Value::string(text);
  }

  static void put(Value& root, const std::vector<std::string>& path, Value value,
                  core::Arena& arena) {
    Value* at = &root;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      core::Member* member = core::find(*at, path[i]);
      if (member == nullptr || !member->value.is(core::Kind::kObject)) {
        core::set_member(*at, arena.copy(path[i]), Value::object(arena, 2), arena);
        member = core::find(*at, path[i]);
      }
      at = &member->value;
    }
    core::set_member(*at, arena.copy(path.back()), value, arena);
  }

  std::vector<Expression> expressions_;
  const bool keep_empty_;
  Blame blame_;
  std::size_t most_ = 1;
  std::vector<std::string_view> parts_;
};

core::Status read_files(const std::vector<std::string>& paths, GrokPatterns& into) {
  for (const std::string& path : paths) {
    glob_t found{};
    const int result = ::glob(path.c_str(), GLOB_NOCHECK, nullptr, &found);
    std::vector<std::string> files;
    if (result == 0) {
      for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
    }
    ::globfree(&found);
    for (const std::string& file : files) {
      std::ifstream in(file, std::ios::binary);
      std::stringstream text;
      text << in.rdbuf();
      if (!in) return core::invalid_config("reading pattern file `" + file + "` failed");
      core::Status read = read_grok_patterns(text.str(), into);
      if (!read) return core::fail(std::move(read).error().with_context(file));
    }
  }
  return {};
}

core::Result<Expression> compile(const std::string& text, const GrokPatterns& patterns,
                                 bool named_only) {
  WEIR_TRY(GrokExpansion made, expand_grok(text, patterns, named_only));
  auto regexp = mapping::GoRegexp::compile(made.regexp);
  if (!regexp) return core::fail(std::move(regexp).error());
  Expression one{*std::move(regexp), {}, {}, {}};
  for (std::size_t g = 1; g < one.regexp.groups(); ++g) {
    const std::string& key = one.regexp.keys()[g];
    bool ours = false;
    for (const auto& field : made.fields) {
      if (field.group != key) continue;
      ours = true;
      one.fields.push_back(field);
    }
    if (!ours) {
      if (key.find_first_not_of("0123456789") == std::string::npos) continue;  // has no name
      one.fields.push_back({key, key, GrokType::kString});
    }
    one.groups.push_back(g);
    one.paths.push_back(split_document_path(one.fields.back().name));
  }
  return one;
}

core::Result<std::unique_ptr<core::Processor>> make_grok(const GrokConfig& config,
                                                         const config::Resources& resources) {
  if (config.expressions.empty()) return core::invalid_config("`expressions` is empty");
  GrokPatterns patterns;
  if (config.use_default_patterns) patterns = default_grok_patterns();
  // Lint makes processors without touching files: it cannot know what those define.
  const bool unknown = resources.shared().making_only && !config.pattern_paths.empty();
  if (!unknown) WEIR_CHECK_OK(read_files(config.pattern_paths, patterns));
  for (const auto& [name, text] : config.pattern_definitions) patterns[name] = text;
  std::vector<Expression> expressions;
  for (const std::string& text : config.expressions) {
    auto one = compile(text, patterns, config.named_captures_only);
    if (!one) {
      if (unknown) continue;
      return core::fail(std::move(one).error().with_context("expression `" + text + "`"));
    }
    expressions.push_back(*std::move(one));
  }
  return std::make_unique<Grok>(std::move(expressions), !config.remove_empty_values, resources);
}

}  // namespace

void add_grok(config::Registry& registry) {
  registry.add_processor(grok_spec(), make_grok);
}

}  // namespace weir::processors
