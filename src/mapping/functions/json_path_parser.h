#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/arena.h"
#include "core/result.h"
#include "core/value.h"

namespace re2 {
class RE2;
}

namespace weir::mapping {

struct JsonPathExpression;

/// What one step of a JSONPath picks from a value.
struct JsonPathSelector {
  enum class Is : std::uint8_t {
    kName,    ///< the member called `name`
    kIndex,   ///< element number `from`, negative from the end
    kSlice,   ///< elements from, to, step; a part that is absent has its usual default
    kAll,     ///< `*`
    kFilter,  ///< elements or values for which `expression` holds
    kScript,  ///< the member or element that `expression` yields
  } is = Is::kAll;
  std::string name;
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
  std::optional<std::int64_t> step;
  std::shared_ptr<const JsonPathExpression> expression;
};

struct JsonPathStep {
  bool recursive = false;  ///< `..`: at this value and everything below it
  std::vector<JsonPathSelector> selectors;
};

struct JsonPathQuery {
  bool from_root = true;  ///< `$`, else `@`
  std::vector<JsonPathStep> steps;

  /// It leads to one value, not to an array of all that it finds.
  [[nodiscard]] bool is_definite() const;
};

/// An expression of a filter or a script.
struct JsonPathExpression {
  enum class Is : std::uint8_t {
    kLiteral,
    kQuery,
    kNot,
    kMinus,
    kAnd,
    kOr,
    kEqual,
    kUnequal,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kMatches,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kRemainder,
  } is = Is::kLiteral;
  core::Value literal;
  JsonPathQuery query;
  std::vector<JsonPathExpression> operands;
  std::shared_ptr<const re2::RE2> pattern;  ///< of kMatches
};

/// A parsed JSONPath (Goessner's, with `=~` for regular expressions). Immutable.
struct JsonPath {
  JsonPathQuery query;
  std::shared_ptr<core::Arena> arena;  ///< of the literals

  /// Error kInvalidConfig: `expected X at position N`.
  [[nodiscard]] static core::Result<JsonPath> parse(std::string_view text);
};

}  // namespace weir::mapping
