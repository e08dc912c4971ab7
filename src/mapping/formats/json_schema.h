#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/arena.h"
#include "core/result.h"
#include "core/value.h"
#include "mapping/formats/go_regexp.h"

namespace weir::mapping {

/// A JSON Schema (drafts 4, 6 and 7), ready to check documents with. Immutable; thread-safe.
///
/// References stay within the schema: nothing is read from files or the network. Patterns are RE2.
/// Formats that are not known here accept everything, as the drafts say.
class JsonSchema {
 public:
  /// Error kInvalidConfig: not JSON, a keyword of the wrong kind, a bad pattern, a reference to
  /// nowhere or to elsewhere.
  [[nodiscard]] static core::Result<std::shared_ptr<const JsonSchema>> compile(
      std::string_view text);

  /// What is wrong with a value, one line each: `orders.0.id invalid type. expected: string, given:
  /// integer`; empty when nothing is. At most kMaxProblems lines.
  /// `spend` is called with units of work; false ends the check with kLimit.
  [[nodiscard]] core::Result<std::string> check(
      core::Value value, core::Arena& scratch,
      const std::function<bool(std::uint64_t)>& spend) const;

  static constexpr std::size_t kMaxProblems = 100;

  struct Node;

 private:
  friend class SchemaCompiler;
  JsonSchema() = default;

  std::deque<Node> nodes_;
  core::Arena arena_;  ///< values of `enum` and `const`
};

/// One schema: a keyword that is absent is empty.
struct JsonSchema::Node {
  using Ref = const Node*;
  bool is_false = false;  ///< the schema `false`
  Ref reference = nullptr;
  unsigned types = 0;  ///< bits of SchemaType; 0: any
  std::string type_words;
  std::vector<core::Value> allowed;  ///< enum
  std::string allowed_words;
  bool has_enum = false;
  std::optional<core::Value> constant;
  std::string constant_words;

  std::optional<double> minimum, maximum, above, below, multiple_of;
  std::optional<std::uint64_t> min_length, max_length, min_items, max_items, min_properties,
      max_properties;
  std::optional<GoRegexp> pattern;
  std::string pattern_words;
  std::string format;

  std::vector<std::pair<std::string, Ref>> properties;
  struct ByPattern {
    GoRegexp names;
    Ref schema;
  };
  std::vector<ByPattern> pattern_properties;
  Ref additional_properties = nullptr;
  Ref property_names = nullptr;
  std::vector<std::string> required;
  struct Dependency {
    std::string name;
    std::vector<std::string> required;
    Ref schema = nullptr;
  };
  std::vector<Dependency> dependencies;

  Ref items = nullptr;
  std::vector<Ref> tuple;
  Ref additional_items = nullptr;
  Ref contains = nullptr;
  bool unique_items = false;

  std::vector<Ref> all_of, any_of, one_of;
  Ref negated = nullptr;
  Ref condition = nullptr;
  Ref then = nullptr;
  Ref otherwise = nullptr;
};

enum SchemaType : unsigned {
  kSchemaNull = 1,
  kSchemaBoolean = 2,
  kSchemaInteger = 4,
  kSchemaNumber = 8,
  kSchemaString = 16,
  kSchemaArray = 32,
  kSchemaObject = 64,
};

/// Whether a text is of a `format`; true for formats that are not known.
[[nodiscard]] bool has_schema_format(std::string_view format, std::string_view text);

}  // namespace weir::mapping
