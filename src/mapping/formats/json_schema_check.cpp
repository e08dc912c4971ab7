#include <algorithm>
#include <cmath>

#include "core/buffer.h"
#include "core/json_text.h"
#include "mapping/formats/json_schema.h"
#include "mapping/functions/support.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Value;

namespace {

using Node = JsonSchema::Node;

constexpr unsigned kMaxNesting = 512;

bool is_whole(Value number) {
  if (number.is(Kind::kInt) || number.is(Kind::kUInt)) return true;
  const auto value = as_number(number);
  return value && std::isfinite(*value) && std::trunc(*value) == *value;
}

unsigned type_of(Value value) {
  switch (value.kind()) {
    case Kind::kNull: return kSchemaNull;
    case Kind::kBool: return kSchemaBoolean;
    case Kind::kInt:
    case Kind::kUInt:
    case Kind::kDouble:
    case Kind::kNumber: return is_whole(value) ? kSchemaInteger : kSchemaNumber;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTimestamp: return kSchemaString;
    case Kind::kArray: return kSchemaArray;
    case Kind::kObject: return kSchemaObject;
    case Kind::kDelete:
    case Kind::kNothing:
    case Kind::kError: break;
  }
  return 0;
}

std::string_view type_words(unsigned type) {
  switch (type) {
    case kSchemaNull: return "null";
    case kSchemaBoolean: return "boolean";
    case kSchemaInteger: return "integer";
    case kSchemaNumber: return "number";
    case kSchemaString: return "string";
    case kSchemaArray: return "array";
    case kSchemaObject: return "object";
    default: return "nothing";
  }
}

std::string number_words(double value) {
  core::Buffer out;
  if (!core::write_json(Value::number(value), out, {})) return "?";
  return std::string(out.view());
}

bool is_multiple(double value, double of) {
  const double times = value / of;
  if (!std::isfinite(times)) return false;
  // Decimal fractions are not exact: 4.35 is a multiple of 0.01.
  return std::fabs(times - std::round(times)) <= 1e-12 * std::max(1.0, std::fabs(times));
}

class Checker {
 public:
  Checker(core::Arena& scratch, const std::function<bool(std::uint64_t)>& spend)
      : scratch_(scratch), spend_(spend) {}

  // False: the value does not hold. Problems are noted unless `quiet`.
  bool check(const Node& node, Value value) {
    if (over_) return true;
    if (!spend_(1) || depth_ >= kMaxNesting) {
      over_ = true;
      return true;
    }
    ++depth_;
    const bool good = check_inside(node, value);
    --depth_;
    return good;
  }

  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] bool too_deep() const { return depth_ >= kMaxNesting; }
  std::string problems;

 private:
  bool check_inside(const Node& node, Value value) {
    if (node.is_false) return problem("false always fails validation");
    if (node.reference != nullptr) return check(*node.reference, value);
    const unsigned type = type_of(value);
    if (node.types != 0 && (node.types & type) == 0) {
      // The rest would only say the same again.
      return problem("invalid type. expected: " + node.type_words +
                     ", given: " + std::string(type_words(type)));
    }
    bool good = check_constants(node, value);
    if ((type & (kSchemaInteger | kSchemaNumber)) != 0) good = check_number(node, value) && good;
    if (type == kSchemaString) good = check_text(node, value) && good;
    if (type == kSchemaArray) good = check_array(node, value) && good;
    if (type == kSchemaObject) good = check_object(node, value) && good;
    return check_logic(node, value) && good;
  }

  bool problem(const std::string& text) {
    if (quiet_ == 0 && count_++ < JsonSchema::kMaxProblems) {
      if (!problems.empty()) problems += '\n';
      problems += path_.empty() ? "(root)" : path_;
      problems += ' ';
      problems += text;
    }
    return false;
  }

  bool holds_quietly(const Node& node, Value value) {
    ++quiet_;
    const bool good = check(node, value);
    --quiet_;
    return good;
  }

  bool below(const Node& node, std::string_view step, Value value) {
    const std::size_t size = path_.size();
    if (size > 0) path_ += '.';
    path_ += step;
    const bool good = check(node, value);
    path_.resize(size);
    return good;
  }

  std::string field() const { return path_.empty() ? "(root)" : path_; }

  bool same(Value a, Value b) {
    if (!spend_(1 + (a.is_container() ? core::size(a) : 0))) over_ = true;
    return !over_ && a.is(Kind::kBool) == b.is(Kind::kBool) && equals(a, b, scratch_);
  }

  bool check_constants(const Node& node, Value value) {
    bool good = true;
    if (node.has_enum && std::none_of(node.allowed.begin(), node.allowed.end(),
                                      [&](Value one) { return same(one, value); })) {
      good = problem(field() + " must be one of the following: " + node.allowed_words);
    }
    if (node.constant && !same(*node.constant, value)) {
      good = problem(field() + " does not match: " + node.constant_words);
    }
    return good;
  }

  bool check_number(const Node& node, Value number) {
    const double value = as_number(number).value_or(NAN);
    bool good = true;
    const auto rule = [&](const std::optional<double>& limit, bool holds, const char* words) {
      if (limit && !holds) good = problem(words + number_words(*limit));
    };
    rule(node.multiple_of, is_multiple(value, node.multiple_of.value_or(1)),
         "must be a multiple of ");
    rule(node.maximum, value <= node.maximum.value_or(0), "must be less than or equal to ");
    rule(node.below, value < node.below.value_or(0), "must be less than ");
    rule(node.minimum, value >= node.minimum.value_or(0), "must be greater than or equal to ");
    rule(node.above, value > node.above.value_or(0), "must be greater than ");
    return good;
  }

  bool check_text(const Node& node, Value value) {
    const auto text = text_of(value, scratch_);
    if (!text) return true;
    if (!spend_(1 + text->size() / 64)) over_ = true;
    bool good = true;
    if (node.min_length || node.max_length) {
      const std::size_t length = count_characters(*text);
      if (node.min_length && length < *node.min_length) {
        good = problem("string length must be greater than or equal to " +
                       std::to_string(*node.min_length));
      }
      if (node.max_length && length > *node.max_length) {
        good = problem("string length must be less than or equal to " +
                       std::to_string(*node.max_length));
      }
    }
    if (node.pattern && !node.pattern->matches(*text)) {
      good = problem("does not match pattern '" + node.pattern_words + "'");
    }
    if (!node.format.empty() && !has_schema_format(node.format, *text)) {
      good = problem("does not match format '" + node.format + "'");
    }
    return good;
  }

  bool check_array(const Node& node, Value array) {
    const auto items = core::items(array);
    bool good = true;
    for (std::uint32_t i = 0; i < items.count && !over_; ++i) {
      const Node* schema = node.items;
      if (i < node.tuple.size()) {
        schema = node.tuple[i];
      } else if (!node.tuple.empty()) {
        schema = node.additional_items;
        if (schema != nullptr && schema->is_false) {
          good = problem("no additional items allowed on array");
          break;
        }
      }
      if (schema != nullptr) good = below(*schema, std::to_string(i), items.first[i]) && good;
    }
    if (node.min_items && items.count < *node.min_items) {
      good = problem("array must have at least " + std::to_string(*node.min_items) + " items");
    }
    if (node.max_items && items.count > *node.max_items) {
      good = problem("array must have at most " + std::to_string(*node.max_items) + " items");
    }
    if (node.contains != nullptr && std::none_of(items.begin(), items.end(), [&](Value item) {
          return holds_quietly(*node.contains, item);
        })) {
      good = problem("at least one of the items must match");
    }
    return check_unique(node, items) && good;
  }

  bool check_unique(const Node& node, core::ItemSpan items) {
    if (!node.unique_items) return true;
    for (std::uint32_t i = 0; i < items.count; ++i) {
      for (std::uint32_t j = 0; j < i && !over_; ++j) {
        if (!same(items.first[i], items.first[j])) continue;
        return problem("array items[" + std::to_string(j) + "," + std::to_string(i) +
                       "] must be unique");
      }
    }
    return true;
  }

  bool check_object(const Node& node, Value object) {
    bool good = true;
    for (const std::string& name : node.required) {
      if (core::find(object, name) == nullptr) good = problem(name + " is required");
    }
    const std::uint32_t size = core::size(object);
    if (node.min_properties && size < *node.min_properties) {
      good = problem("must have at least " + std::to_string(*node.min_properties) + " properties");
    }
    if (node.max_properties && size > *node.max_properties) {
      good = problem("must have at most " + std::to_string(*node.max_properties) + " properties");
    }
    for (const core::Member& member : core::members(object)) {
      if (over_) break;
      good = check_member(node, member.key.text(scratch_), member.value) && good;
    }
    for (const Node::Dependency& dependency : node.dependencies) {
      if (core::find(object, dependency.name) == nullptr) continue;
      for (const std::string& name : dependency.required) {
        if (core::find(object, name) == nullptr) good = problem("has a dependency on " + name);
      }
      if (dependency.schema != nullptr) good = check(*dependency.schema, object) && good;
    }
    return good;
  }

  bool check_member(const Node& node, std::string_view name, Value value) {
    bool good = true;
    bool described = false;
    const auto at =
        std::lower_bound(node.properties.begin(), node.properties.end(), name,
                         [](const auto& one, std::string_view key) { return one.first < key; });
    if (at != node.properties.end() && at->first == name) {
      described = true;
      good = below(*at->second, name, value);
    }
    for (const Node::ByPattern& one : node.pattern_properties) {
      if (!spend_(1)) over_ = true;
      if (over_ || !one.names.matches(name)) continue;
      described = true;
      good = below(*one.schema, name, value) && good;
    }
    if (!described && node.additional_properties != nullptr) {
      if (node.additional_properties->is_false) {
        good = problem("additional property " + std::string(name) + " is not allowed");
      } else {
        good = below(*node.additional_properties, name, value) && good;
      }
    }
    if (node.property_names != nullptr &&
        !holds_quietly(*node.property_names, Value::string(name))) {
      good = problem("property name of \"" + std::string(name) + "\" does not match");
    }
    return good;
  }

  bool check_logic(const Node& node, Value value) {
    bool good = true;
    for (const Node* one : node.all_of) {
      if (!check(*one, value)) good = problem("must validate all the schemas (allof)");
    }
    if (!node.any_of.empty() &&
        std::none_of(node.any_of.begin(), node.any_of.end(),
                     [&](const Node* one) { return holds_quietly(*one, value); })) {
      good = problem("must validate at least one schema (anyof)");
    }
    if (!node.one_of.empty() &&
        std::count_if(node.one_of.begin(), node.one_of.end(),
                      [&](const Node* one) { return holds_quietly(*one, value); }) != 1) {
      good = problem("must validate one and only one schema (oneof)");
    }
    if (node.negated != nullptr && holds_quietly(*node.negated, value)) {
      good = problem("must not validate the schema (not)");
    }
    if (node.condition != nullptr) {
      const bool holds = holds_quietly(*node.condition, value);
      const Node* const then = holds ? node.then : node.otherwise;
      if (then != nullptr && !check(*then, value)) {
        good = problem(holds ? "must validate \"then\" as \"if\" was valid"
                             : "must validate \"else\" as \"if\" was not valid");
      }
    }
    return good;
  }

  core::Arena& scratch_;
  const std::function<bool(std::uint64_t)>& spend_;
  std::string path_;
  std::size_t count_ = 0;
  unsigned depth_ = 0;
  unsigned quiet_ = 0;
  bool over_ = false;
};

}  // namespace

core::Result<std::string> JsonSchema::check(Value value, core::Arena& scratch,
                                            const std::function<bool(std::uint64_t)>& spend) const {
  Checker checker(scratch, spend);
  (void)checker.check(nodes_.front(), value);
  if (checker.over()) {
    return core::fail(core::ErrorCode::kLimit,
                      "checking against the schema takes more steps or levels than allowed");
  }
  return std::move(checker.problems);
}

}  // namespace weir::mapping
