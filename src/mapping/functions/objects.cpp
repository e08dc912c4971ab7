#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mapping/functions/all.h"
#include "mapping/functions/elements.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Container;
using core::ItemSpan;
using core::Kind;
using core::Member;
using core::MemberSpan;
using core::Result;
using core::Value;

Value keys(Call& call) {
  const MemberSpan entries = members(call.target());
  Value made;
  Container* const to = make_array(call, entries.count, made);
  if (to == nullptr) return made;
  for (const Member& entry : entries) push(*to, entry.key.decoded(call.arena()));
  std::sort(to->items, to->items + to->size,
            [](Value a, Value b) { return a.stored() < b.stored(); });
  return made;
}

Value values(Call& call) {
  const MemberSpan entries = members(call.target());
  Value made;
  Container* const to = make_array(call, entries.count, made);
  if (to == nullptr) return made;
  for (const Member& entry : entries) push(*to, entry.value);
  return made;
}

Value key_values(Call& call) {
  const MemberSpan entries = members(call.target());
  if (!call.may_build(kPairSize * entries.count)) return call.too_big();
  Value made;
  Container* const to = make_array(call, entries.count, made);
  if (to == nullptr) return made;
  for (const Member& entry : entries) {
    push(*to, make_pair(call.arena(), "key", entry.key, "value", entry.value));
  }
  return made;
}

// ---- paths

using Path = std::vector<std::string>;

// The empty path is the key of no characters.
Path path_of(std::string_view text) {
  return text.empty() ? Path{std::string()} : split_path(text);
}

Result<Prepared> prepare_path(const PrepareCall& call) {
  return std::make_shared<const Path>(path_of(call.text(0)));
}

Value get(Call& call) {
  return get_path(call.target(), call.prepared<Path>(), call.arena());
}

Value exists(Call& call) {
  return Value::boolean(path_exists(call.target(), call.prepared<Path>(), call.arena()));
}

// The document with another value at the path; all that is not on the path is shared.
Value replaced(Value document, const Path& path, Value value, core::Arena& arena) {
  core::share(document);
  Value made = document;
  Value* at = &made;
  for (const std::string& segment : path) {
    if (!at->is_container()) return made;
    core::writable(*at, arena);
    at = child_at(*at, segment);
    if (at == nullptr) return made;
  }
  *at = core::share(value);
  return made;
}

// What one replaced() takes: the containers on the path are cloned.
std::uint64_t width_along(Value document, const Path& path) {
  std::uint64_t width = 0;
  Value* at = &document;
  for (const std::string& segment : path) {
    if (at == nullptr || !at->is_container()) break;
    width += size(*at) + 8;
    at = child_at(*at, segment);
  }
  return width;
}

Value explode(Call& call) {
  const Path& path = call.prepared<Path>();
  const Value target = call.target();
  const Value at = get_path(target, path, call.arena());
  if (!at.is_container()) {
    return call.fail("expected array or object value at path '" + std::string(call.text(0)) +
                     "', found: " + std::string(type_name(at)));
  }
  const std::uint64_t count = size(at);
  const std::uint64_t each = width_along(target, path);
  if (each > 0 && count > UINT64_MAX / 64 / each) return call.too_big();
  if (!call.may_build(count * (each + 2)) || !call.spend(count * each)) return call.too_big();
  if (at.is(Kind::kArray)) {
    Value made = Value::array(call.arena(), static_cast<std::uint32_t>(count));
    for (const Value& element : items(at)) {
      push(made.as_container(), replaced(target, path, element, call.arena()));
    }
    return made;
  }
  Value made = Value::object(call.arena(), static_cast<std::uint32_t>(count));
  for (const Member& entry : members(at)) {
    append_member(made, entry.key, replaced(target, path, entry.value, call.arena()), call.arena());
  }
  return made;
}

// ---- with, without

// The paths as a tree: `a.b`, `a.c` are one branch `a` of two leaves.
struct PathTree {
  std::string segment;
  bool is_end = false;  ///< a path ends here
  std::vector<PathTree> children;

  void add(const Path& path, std::size_t from = 0) {
    if (from == path.size()) {
      is_end = true;
      return;
    }
    auto at = std::find_if(children.begin(), children.end(),
                           [&](const PathTree& child) { return child.segment == path[from]; });
    if (at == children.end()) at = children.insert(at, PathTree{path[from], false, {}});
    at->add(path, from + 1);
  }
  [[nodiscard]] const PathTree* find(Value key) const {
    for (const PathTree& child : children) {
      if (core::key_equals(key, child.segment)) return &child;
    }
    return nullptr;
  }
};

Result<Prepared> prepare_paths(const PrepareCall& call) {
  auto tree = std::make_shared<PathTree>();
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    Path path = path_of(call.text(i));
    if (path.size() > core::kMaxDepth) {
      return core::invalid_config("argument " + std::to_string(i) + ": path of more than " +
                                  std::to_string(core::kMaxDepth) + " segments");
    }
    tree->add(path);
  }
  return std::shared_ptr<const PathTree>(std::move(tree));
}

// Walks an object along the tree of paths, at most as deep as the tree. An object that stays as it
// is comes back itself. A failure (past the budget) comes back at once.
template <bool Keep>
Value selected(Call& call, Value object, const PathTree& tree) {
  const MemberSpan entries = members(object);
  if (!call.spend(entries.count * (tree.children.size() + 1))) return call.too_long();
  Value made;  // null while nothing differs
  for (std::uint32_t i = 0; i < entries.count; ++i) {
    const Member& entry = entries.first[i];
    const PathTree* const branch = tree.find(entry.key);
    bool drop = false;
    Value value = entry.value;
    if (branch == nullptr) {
      drop = Keep;
    } else if (!Keep && branch->is_end) {
      drop = true;
    } else if (!branch->children.empty() && value.is(Kind::kObject)) {
      value = selected<Keep>(call, value, *branch);
      if (failed(value)) return value;
    }
    const bool differs =
        drop || (value.is_container() && &value.as_container() != &entry.value.as_container());
    if (differs && made.is_null()) {
      if (!call.may_build(entries.count)) return call.too_big();
      made = Value::object(call.arena(), entries.count);
      for (std::uint32_t k = 0; k < i; ++k) {
        append_member(made, entries.first[k].key, core::share(entries.first[k].value),
                      call.arena());
      }
    }
    if (!drop && !made.is_null()) {
      append_member(made, entry.key, core::share(value), call.arena());
    }
  }
  return made.is_null() ? object : made;
}

template <bool Keep>
Value select_members(Call& call) {
  return selected<Keep>(call, call.target(), call.prepared<PathTree>());
}

// ---- collapse

struct Collapse {
  Call& call;
  bool include_empty;
  Value made;

  // Adds the leaves below `value`; a failure past the budget or too deep, else null.
  Value walk(Value value, std::string_view path, unsigned depth) {
    if (depth > core::kMaxDepth) return call.fail("nested deeper than 128 levels");
    if (!value.is_container() || (size(value) == 0 && include_empty)) {
      // Keys with dots can make two paths the same; then the later leaf counts.
      set_member(made, path, core::share(value), call.arena());
      return Value::null();
    }
    const std::uint32_t count = size(value);
    if (!call.may_build(count) || !call.spend(count)) return call.too_big();
    for (std::uint32_t i = 0; i < count; ++i) {
      const bool is_array = value.is(Kind::kArray);
      const Value child = is_array ? items(value).first[i] : members(value).first[i].value;
      char digits[16];
      std::string_view segment;
      if (is_array) {
        char* end = digits + sizeof digits;
        char* begin = end;
        std::uint32_t rest = i;
        do *--begin = static_cast<char>('0' + rest % 10);
        while ((rest /= 10) != 0);
        segment = {begin, static_cast<std::size_t>(end - begin)};
      } else {
        segment = members(value).first[i].key.text(call.arena());
      }
      const std::size_t prefix = path.empty() ? 0 : path.size() + 1;
      char* const joined = call.room(prefix + segment.size());
      if (joined == nullptr) return call.too_big();
      if (prefix > 0) {
        std::copy(path.begin(), path.end(), joined);
        joined[prefix - 1] = '.';
      }
      std::copy(segment.begin(), segment.end(), joined + prefix);
      const Value failure = walk(child, {joined, prefix + segment.size()}, depth + 1);
      if (failed(failure)) return failure;
    }
    return Value::null();
  }
};

Value collapse(Call& call) {
  if (!call.target().is_container()) return call.fail("not an object or array");
  Collapse work{call, call.flag(0), Value::object(call.arena())};
  const Value failure = work.walk(call.target(), {}, 0);
  return failed(failure) ? failure : work.made;
}

void add_entries(Registry& registry) {
  registry.method("keys")
      .in(Category::kCollection)
      .says("The keys of an object, sorted.")
      .on(kOnObject, "object")
      .costs(Cost::kLinear)
      .example("root.foo_keys = this.foo.keys()", R"({"foo":{"baz":2,"bar":1}})",
               R"({"foo_keys":["bar","baz"]})")
      .example("root.foo_keys = this.foo.keys()", R"({"foo":5})",
               "error: expected object value, got number from field `this.foo` (5)")
      .evaluates(keys);

  registry.method("values")
      .in(Category::kCollection)
      .says("The values of an object, in the order of its members.")
      .on(kOnObject, "object")
      .costs(Cost::kLinear)
      .example("root.foo_vals = this.foo.values().sort()", R"({"foo":{"bar":2,"baz":1}})",
               R"({"foo_vals":[1,2]})")
      .evaluates(values);

  registry.method("key_values")
      .in(Category::kCollection)
      .says("An array of objects `{key, value}`, one for each member.")
      .on(kOnObject, "object")
      .costs(Cost::kLinear)
      .example("root.pairs = this.foo.key_values().sort_by(pair -> pair.key)",
               R"({"foo":{"bar":1,"baz":2}})",
               R"({"pairs":[{"key":"bar","value":1},{"key":"baz","value":2}]})")
      .evaluates(key_values);
}

constexpr std::string_view kPathDoc =
    "Segments separated by dots; `~1` stands for a dot in a segment, `~0` for a tilde.";

void add_path_methods(Registry& registry) {
  registry.method("get")
      .in(Category::kCollection)
      .says("The value at a path, or null.")
      .on(kOnAnything, "object")
      .arg("path", ArgKind::kString, kPathDoc)
      .prepared_by(prepare_path)
      .example("root.result = this.foo.get(this.target)",
               R"({"foo":{"bar":"from bar","baz":"from baz"},"target":"baz"})",
               R"({"result":"from baz"})")
      .evaluates(get);

  registry.method("exists")
      .in(Category::kCollection)
      .says("Whether there is a value at a path; null counts as one.")
      .on(kOnAnything, "object")
      .arg("path", ArgKind::kString, kPathDoc)
      .prepared_by(prepare_path)
      .example("root.result = this.foo.exists(\"bar.baz\")", R"({"foo":{"bar":{"baz":null}}})",
               R"({"result":true})")
      .example("root.result = this.foo.exists(\"bar.baz\")", R"({"foo":{"bar":{}}})",
               R"({"result":false})")
      .evaluates(exists);

  registry.method("explode")
      .in(Category::kCollection)
      .says(
          "One copy of an object for each element of the array at a path, with the element in "
          "place "
          "of the array; for an object at the path an object of such copies.")
      .on(kOnObject, "object")
      .arg("path", ArgKind::kString, kPathDoc)
      .prepared_by(prepare_path)
      .costs(Cost::kLinear)
      .example("root = this.explode(\"value\")", R"({"id":1,"value":["foo","bar"]})",
               R"([{"id":1,"value":"foo"},{"id":1,"value":"bar"}])")
      .example("root = this.explode(\"value\")", R"({"id":1,"value":{"foo":2,"bar":[3,4]}})",
               R"({"bar":{"id":1,"value":[3,4]},"foo":{"id":1,"value":2}})")
      .example("root = this.explode(\"value\")", R"({"id":1,"value":"foo"})",
               "error: expected array or object value at path 'value', found: string")
      .evaluates(explode);

  registry.method("with")
      .in(Category::kCollection)
      .says(
          "The object with nothing but what stands at the paths; arrays are kept or dropped whole.")
      .on(kOnObject, "object")
      .variadic("paths", ArgKind::kString, kPathDoc)
      .prepared_by(prepare_paths)
      .costs(Cost::kLinear)
      .example("root = this.with(\"inner.a\",\"inner.c\",\"d\")",
               R"({"inner":{"a":"first","b":"second","c":"third"},"d":"fourth","e":"fifth"})",
               R"({"d":"fourth","inner":{"a":"first","c":"third"}})")
      .evaluates(select_members<true>);

  registry.method("without")
      .in(Category::kCollection)
      .says("The object without what stands at the paths; paths do not lead into arrays.")
      .on(kOnObject, "object")
      .variadic("paths", ArgKind::kString, kPathDoc)
      .prepared_by(prepare_paths)
      .costs(Cost::kLinear)
      .example("root = this.without(\"inner.a\",\"inner.c\",\"d\")",
               R"({"inner":{"a":"first","b":"second","c":"third"},"d":"fourth","e":"fifth"})",
               R"({"e":"fifth","inner":{"b":"second"}})")
      .evaluates(select_members<false>);

  registry.method("collapse")
      .in(Category::kCollection)
      .says(
          "One flat object of all leaves of an object or array, their keys the paths that led to "
          "them. "
          "Empty objects and arrays are left out unless asked for.")
      .on(kOnAnything, "object or array")
      .defaulted("include_empty", ArgKind::kBool, "Keep empty objects and arrays.", false)
      .costs(Cost::kLinear)
      .example("root.result = this.collapse()",
               R"({"foo":[{"bar":"1"},{"bar":{}},{"bar":"2"},{"bar":[]}]})",
               R"({"result":{"foo.0.bar":"1","foo.2.bar":"2"}})")
      .example("root.result = this.collapse(include_empty: true)",
               R"({"foo":[{"bar":"1"},{"bar":{}},{"bar":[]}]})",
               R"({"result":{"foo.0.bar":"1","foo.1.bar":{},"foo.2.bar":[]}})")
      .example("root.result = this.foo.collapse()", R"({"foo":5})",
               "error: field `this.foo`: not an object or array")
      .evaluates(collapse);
}

}  // namespace

void add_objects(Registry& registry) {
  add_entries(registry);
  add_path_methods(registry);
}

}  // namespace weir::mapping
