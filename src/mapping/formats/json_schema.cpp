#include "mapping/formats/json_schema.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "core/buffer.h"
#include "core/json_index.h"
#include "core/json_text.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Value;

namespace {

constexpr std::size_t kMaxSchemas = 100'000;

struct NamedType {
  std::string_view name;
  unsigned bits;
};
constexpr NamedType kTypes[] = {
    {"null", kSchemaNull},       {"boolean", kSchemaBoolean},
    {"integer", kSchemaInteger}, {"number", kSchemaNumber | kSchemaInteger},
    {"string", kSchemaString},   {"array", kSchemaArray},
    {"object", kSchemaObject},
};

std::string compact(Value value) {
  core::Buffer out;
  if (!core::write_json(value, out, {})) return "?";
  return std::string(out.view());
}

tl::unexpected<core::Error> bad(const std::string& where, std::string_view keyword,
                                std::string_view expected) {
  return core::invalid_config("schema at `#" + where + "`: `" + std::string(keyword) +
                              "` must be " + std::string(expected));
}

// A reference as a JSON pointer: percent-decoded; what follows `#`.
std::string decoded_fragment(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr ==
            text.data() + i + 3) {
      out.push_back(static_cast<char>(code));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string pointer_step(std::string_view key) {
  std::string out = "/";
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

class SchemaCompiler {
 public:
  explicit SchemaCompiler(JsonSchema& made) : made_(made) {}

  core::Status compile(Value root) {
    root_ = root;
    (void)schema_at("", root);
    // References may form long chains: one after the other, not one inside the other.
    while (!pending_.empty()) {
      const Pending next = std::move(pending_.back());
      pending_.pop_back();
      if (known_.size() > kMaxSchemas)
        return core::fail(core::ErrorCode::kLimit, "the schema holds too many schemas");
      WEIR_CHECK_OK(fill(*next.node, next.where, next.value));
    }
    return {};
  }

 private:
  using Node = JsonSchema::Node;
  struct Pending {
    Node* node;
    std::string where;
    Value value;
  };

  const Node* schema_at(const std::string& where, Value value) {
    const auto [at, fresh] = known_.try_emplace(where, nullptr);
    if (fresh) {
      at->second = &made_.nodes_.emplace_back();
      pending_.push_back({at->second, where, value});
    }
    return at->second;
  }

  [[nodiscard]] std::optional<Value> get(Value object, std::string_view key) {
    const core::Member* const found = core::find(object, key);
    if (found == nullptr) return std::nullopt;
    return found->value;
  }

  [[nodiscard]] std::string key_text(const core::Member& member) {
    return std::string(member.key.text(made_.arena_));
  }

  core::Status fill(Node& node, const std::string& where, Value value) {
    if (value.is(Kind::kBool)) {
      node.is_false = !value.as_bool();
      return {};
    }
    if (!value.is(Kind::kObject)) {
      return core::invalid_config("schema at `#" + where + "` must be an object or a bool");
    }
    if (const auto reference = get(value, "$ref")) {  // whatever stands beside it does not count
      if (!reference->is(Kind::kString)) return bad(where, "$ref", "a string");
      WEIR_TRY(node.reference, resolve(std::string(reference->text(made_.arena_))));
      return {};
    }
    WEIR_CHECK_OK(fill_types(node, where, value));
    WEIR_CHECK_OK(fill_numbers(node, where, value));
    WEIR_CHECK_OK(fill_text(node, where, value));
    WEIR_CHECK_OK(fill_object(node, where, value));
    WEIR_CHECK_OK(fill_array(node, where, value));
    return fill_logic(node, where, value);
  }

  core::Result<const Node*> resolve(const std::string& reference) {
    if (reference.empty() || reference[0] != '#') {
      return core::invalid_config("reference `" + reference +
                                  "`: schemas are not read from elsewhere, only from below `#`");
    }
    std::string_view rest = std::string_view(reference).substr(1);
    const std::string path = decoded_fragment(rest);
    Value at = root_;
    std::string where;
    rest = path;
    while (!rest.empty()) {
      if (rest[0] != '/') break;
      rest.remove_prefix(1);
      std::string key;
      while (!rest.empty() && rest[0] != '/') {
        if (rest.starts_with("~1") || rest.starts_with("~0")) {
          key += rest[1] == '1' ? '/' : '~';
          rest.remove_prefix(2);
        } else {
          key += rest[0];
          rest.remove_prefix(1);
        }
      }
      std::optional<Value> next;
      if (at.is(Kind::kObject)) {
        next = get(at, key);
      } else if (at.is(Kind::kArray)) {
        std::uint32_t index = 0;
        const auto read = std::from_chars(key.data(), key.data() + key.size(), index);
        if (read.ec == std::errc() && read.ptr == key.data() + key.size() && index < core::size(at))
          next = core::items(at).first[index];
      }
      if (!next) break;
      where += pointer_step(key);
      at = *next;
      if (rest.empty()) return schema_at(where, at);
    }
    if (path.empty()) return schema_at("", root_);
    return core::invalid_config("reference `" + reference + "`: there is nothing at this place");
  }

  core::Status fill_types(Node& node, const std::string& where, Value value) {
    if (const auto type = get(value, "type")) {
      const auto add = [&](Value name) {
        for (const NamedType& known : kTypes) {
          if (!name.is(Kind::kString) || name.text(made_.arena_) != known.name) continue;
          node.types |= known.bits;
          node.type_words += (node.type_words.empty() ? "" : "/") + std::string(known.name);
          return true;
        }
        return false;
      };
      bool good = true;
      if (type->is(Kind::kArray)) {
        for (const Value name : core::items(*type)) good = add(name) && good;
        good = good && core::size(*type) > 0;
      } else {
        good = add(*type);
      }
      if (!good) {
        return bad(where, "type",
                   "one or more of null, boolean, integer, number, string, array, object");
      }
    }
    if (const auto allowed = get(value, "enum")) {
      if (!allowed->is(Kind::kArray)) return bad(where, "enum", "an array");
      node.has_enum = true;
      for (const Value one : core::items(*allowed)) {
        WEIR_TRY(const Value copy, core::deep_copy(one, made_.arena_));
        node.allowed.push_back(core::share(copy));
        node.allowed_words += (node.allowed_words.empty() ? "" : ", ") + compact(copy);
      }
    }
    if (const auto constant = get(value, "const")) {
      WEIR_TRY(const Value copy, core::deep_copy(*constant, made_.arena_));
      node.constant = core::share(copy);
      node.constant_words = compact(copy);
    }
    return {};
  }

  core::Status number(const std::string& where, Value object, std::string_view key,
                      std::optional<double>& to) {
    const auto value = get(object, key);
    if (!value) return {};
    to = value->is_number() ? as_number(*value) : std::nullopt;
    if (!to) return bad(where, key, "a number");
    return {};
  }

  core::Status count(const std::string& where, Value object, std::string_view key,
                     std::optional<std::uint64_t>& to) {
    std::optional<double> read;
    WEIR_CHECK_OK(number(where, object, key, read));
    if (!read) return {};
    if (!(*read >= 0) || *read > 1e15 ||
        *read != static_cast<double>(static_cast<std::uint64_t>(*read)))
      return bad(where, key, "a whole number, not negative");
    to = static_cast<std::uint64_t>(*read);
    return {};
  }

  // Draft 4 has a bool that turns `minimum` into the exclusive one, later drafts a number.
  core::Status exclusive(const std::string& where, Value object, std::string_view key,
                         std::optional<double>& inclusive, std::optional<double>& to) {
    const auto value = get(object, key);
    if (!value) return {};
    if (!value->is(Kind::kBool)) return number(where, object, key, to);
    if (value->as_bool()) std::swap(to, inclusive);
    return {};
  }

  core::Status fill_numbers(Node& node, const std::string& where, Value value) {
    WEIR_CHECK_OK(number(where, value, "minimum", node.minimum));
    WEIR_CHECK_OK(number(where, value, "maximum", node.maximum));
    WEIR_CHECK_OK(exclusive(where, value, "exclusiveMinimum", node.minimum, node.above));
    WEIR_CHECK_OK(exclusive(where, value, "exclusiveMaximum", node.maximum, node.below));
    WEIR_CHECK_OK(number(where, value, "multipleOf", node.multiple_of));
    if (node.multiple_of && !(*node.multiple_of > 0)) return bad(where, "multipleOf", "above zero");
    WEIR_CHECK_OK(count(where, value, "minLength", node.min_length));
    WEIR_CHECK_OK(count(where, value, "maxLength", node.max_length));
    WEIR_CHECK_OK(count(where, value, "minItems", node.min_items));
    WEIR_CHECK_OK(count(where, value, "maxItems", node.max_items));
    WEIR_CHECK_OK(count(where, value, "minProperties", node.min_properties));
    return count(where, value, "maxProperties", node.max_properties);
  }

  core::Status fill_text(Node& node, const std::string& where, Value value) {
    if (const auto pattern = get(value, "pattern")) {
      if (!pattern->is(Kind::kString)) return bad(where, "pattern", "a string");
      node.pattern_words = pattern->text(made_.arena_);
      WEIR_TRY(node.pattern, GoRegexp::compile(node.pattern_words));
    }
    if (const auto format = get(value, "format")) {
      if (!format->is(Kind::kString)) return bad(where, "format", "a string");
      node.format = format->text(made_.arena_);
    }
    return {};
  }

  core::Status names(const std::string& where, std::string_view key, Value value,
                     std::vector<std::string>& to) {
    if (!value.is(Kind::kArray)) return bad(where, key, "an array of strings");
    for (const Value name : core::items(value)) {
      if (!name.is(Kind::kString)) return bad(where, key, "an array of strings");
      to.emplace_back(name.text(made_.arena_));
    }
    return {};
  }

  const Node* child(const std::string& where, Value object, std::string_view key) {
    const auto value = get(object, key);
    return value ? schema_at(where + pointer_step(key), *value) : nullptr;
  }

  core::Status fill_object(Node& node, const std::string& where, Value value) {
    for (const std::string_view key : {"properties", "patternProperties", "dependencies"}) {
      const auto object = get(value, key);
      if (!object) continue;
      if (!object->is(Kind::kObject)) return bad(where, key, "an object");
      for (const core::Member& member : core::members(*object)) {
        const std::string name = key_text(member);
        const std::string below = where + pointer_step(key) + pointer_step(name);
        if (key == "properties") {
          node.properties.emplace_back(name, schema_at(below, member.value));
        } else if (key == "patternProperties") {
          WEIR_TRY(GoRegexp regexp, GoRegexp::compile(name));
          node.pattern_properties.push_back({std::move(regexp), schema_at(below, member.value)});
        } else {
          Node::Dependency dependency;
          dependency.name = name;
          if (member.value.is(Kind::kArray)) {
            WEIR_CHECK_OK(names(where, key, member.value, dependency.required));
          } else {
            dependency.schema = schema_at(below, member.value);
          }
          node.dependencies.push_back(std::move(dependency));
        }
      }
    }
    std::sort(node.properties.begin(), node.properties.end());
    node.additional_properties = child(where, value, "additionalProperties");
    node.property_names = child(where, value, "propertyNames");
    const auto required = get(value, "required");
    if (!required) return {};
    return names(where, "required", *required, node.required);
  }

  core::Status fill_array(Node& node, const std::string& where, Value value) {
    const auto items = get(value, "items");
    if (items && items->is(Kind::kArray)) {
      for (std::uint32_t i = 0; i < core::size(*items); ++i) {
        node.tuple.push_back(
            schema_at(where + "/items/" + std::to_string(i), core::items(*items).first[i]));
      }
      node.additional_items = child(where, value, "additionalItems");
    } else {
      node.items = child(where, value, "items");
    }
    node.contains = child(where, value, "contains");
    if (const auto unique = get(value, "uniqueItems")) {
      if (!unique->is(Kind::kBool)) return bad(where, "uniqueItems", "a bool");
      node.unique_items = unique->as_bool();
    }
    return {};
  }

  core::Status fill_logic(Node& node, const std::string& where, Value value) {
    const std::pair<std::string_view, std::vector<Node::Ref>*> lists[] = {
        {"allOf", &node.all_of}, {"anyOf", &node.any_of}, {"oneOf", &node.one_of}};
    for (const auto& [key, to] : lists) {
      const auto list = get(value, key);
      if (!list) continue;
      if (!list->is(Kind::kArray) || core::size(*list) == 0)
        return bad(where, key, "an array of schemas");
      for (std::uint32_t i = 0; i < core::size(*list); ++i) {
        to->push_back(schema_at(where + pointer_step(key) + "/" + std::to_string(i),
                                core::items(*list).first[i]));
      }
    }
    node.negated = child(where, value, "not");
    node.condition = child(where, value, "if");
    if (node.condition != nullptr) {
      node.then = child(where, value, "then");
      node.otherwise = child(where, value, "else");
    }
    return {};
  }

  JsonSchema& made_;
  Value root_;
  std::unordered_map<std::string, Node*> known_;  // by place
  std::vector<Pending> pending_;
};

core::Result<std::shared_ptr<const JsonSchema>> JsonSchema::compile(std::string_view text) {
  std::shared_ptr<JsonSchema> made(new JsonSchema());
  core::Arena scratch;
  auto root = core::parse_json(text, scratch);
  if (!root) return core::invalid_config(root.error().message);
  WEIR_CHECK_OK(SchemaCompiler(*made).compile(*root));
  return std::shared_ptr<const JsonSchema>(std::move(made));
}

}  // namespace weir::mapping
