#include <algorithm>
#include <string>
#include <vector>

#include "core/number_text.h"
#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

std::string_view schema_type(Value value) {
  switch (value.kind()) {
    case Kind::kNull: return "NULL";
    case Kind::kBool: return "BOOLEAN";
    case Kind::kInt: return value.width() == core::NumberWidth::k32 ? "INT32" : "INT64";
    case Kind::kUInt: return "INT64";
    case Kind::kDouble: return value.width() == core::NumberWidth::k32 ? "FLOAT32" : "FLOAT64";
    case Kind::kNumber: return core::json_int64(value.stored()) ? "INT64" : "FLOAT64";
    case Kind::kString: return "STRING";
    case Kind::kBytes: return "BYTE_ARRAY";
    case Kind::kTimestamp: return "TIMESTAMP";
    case Kind::kArray: return "ARRAY";
    case Kind::kObject: return "OBJECT";
    case Kind::kDelete:
    case Kind::kNothing:
    case Kind::kError: break;
  }
  return {};
}

/// Describes values. What cannot be described is told with its path: `.a.0`.
class SchemaInference {
 public:
  explicit SchemaInference(Call& call) : call_(call) {}

  core::Result<Value> describe(std::string_view name, Value value) {
    const std::string_view type = schema_type(value);
    if (type.empty())
      return core::invalid_data(" unsupported data type: " + std::string(type_name(value)));
    if (!call_.may_build(8)) return core::fail(core::ErrorCode::kLimit, " too much data");
    core::Arena& arena = call_.arena();
    Value made = Value::object(arena, 3);
    core::append_member(made, Value::string("type"), Value::string(type), arena);
    if (!name.empty()) core::append_member(made, Value::string("name"), Value::string(name), arena);
    if (!value.is_container() || core::size(value) == 0) return made;
    WEIR_TRY(const Value children, value.is(Kind::kArray) ? elements(value) : fields(value));
    core::append_member(made, Value::string("children"), children, arena);
    return made;
  }

 private:
  /// All elements must be of one type; the first one is described.
  core::Result<Value> elements(Value array) {
    Value children = Value::array(call_.arena(), 1);
    const auto items = core::items(array);
    for (std::uint32_t i = 0; i < items.count; ++i) {
      auto described = describe({}, items.first[i]);
      if (!described) return at(std::to_string(i), described.error());
      const std::string_view first = schema_type(items.first[0]);
      const std::string_view type = schema_type(items.first[i]);
      if (type != first) {
        return core::invalid_data("." + std::to_string(i) + " mismatched array types, found " +
                                  std::string(first) + " and " + std::string(type));
      }
      if (i == 0) core::append_item(children, *described, call_.arena());
    }
    return children;
  }

  core::Result<Value> fields(Value object) {
    std::vector<std::pair<std::string_view, Value>> sorted;
    for (const core::Member& member : core::members(object)) {
      sorted.emplace_back(member.key.text(call_.arena()), member.value);
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    Value children = Value::array(call_.arena(), static_cast<std::uint32_t>(sorted.size()));
    for (const auto& [key, value] : sorted) {
      auto described = describe(key, value);
      if (!described) return at(key, described.error());
      core::append_item(children, *described, call_.arena());
    }
    return children;
  }

  static tl::unexpected<core::Error> at(std::string_view step, const core::Error& error) {
    std::string message = ".";
    message.append(step).append(error.message);
    return core::fail(error.code, std::move(message));
  }

  Call& call_;
};

Value infer_schema(Call& call) {
  const auto schema = SchemaInference(call).describe({}, call.target());
  if (!schema) return call.fail("failed to infer schema:" + schema.error().message);
  return *schema;
}

}  // namespace

void add_schema(Registry& registry) {
  registry.method("infer_schema")
      .in(Category::kParsing)
      .says(
          "A description of the value's type: an object with `type`, below an object `name`, and "
          "`children`: the fields of an object, the element type of an array, whose elements must "
          "all "
          "be of one type. The types are `BOOLEAN`, `INT32`, `INT64`, `FLOAT32`, `FLOAT64`, "
          "`STRING`, "
          "`BYTE_ARRAY`, `TIMESTAMP`, `NULL`, `ARRAY` and `OBJECT`.")
      .costs(Cost::kLinear)
      .example(
          "root = this.infer_schema()", R"({"id":7,"tags":["a","b"],"ratio":0.5})",
          R"({"type":"OBJECT","children":[{"type":"INT64","name":"id"},{"type":"FLOAT64","name":"ratio"},)"
          R"({"type":"ARRAY","name":"tags","children":[{"type":"STRING"}]}]})")
      .example("root = this.infer_schema()", R"({"list":[1,"a"]})",
               "error: .list.1 mismatched array types, found INT64 and STRING")
      .evaluates(infer_schema);
}

}  // namespace weir::mapping
