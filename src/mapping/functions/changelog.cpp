#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
using core::Value;

// ---- diff

class Differ {
 public:
  explicit Differ(Call& call) : call_(call), changes_(Value::array(call.arena())) {}

  // Null, or the failure that ended it.
  Value run(Value from, Value to) {
    compare(from, to);
    return failure_;
  }
  [[nodiscard]] Value changes() const { return changes_; }

 private:
  void compare(Value from, Value to) {
    if (failed(failure_)) return;
    if (path_.size() > core::kMaxDepth) {
      failure_ = call_.fail("nested deeper than 128 levels");
    } else if (from.is(Kind::kObject) && to.is(Kind::kObject)) {
      compare_objects(from, to);
    } else if (from.is(Kind::kArray) && to.is(Kind::kArray)) {
      compare_arrays(from, to);
    } else if (!equals(from, to, call_.arena())) {
      add("update", from, to);
    }
  }

  void compare_objects(Value from, Value to) {
    if (!spend(std::uint64_t{size(from)} + size(to))) return;
    for (const Member& member : members(from)) {
      path_.push_back(member.key.decoded(call_.arena()));
      const Member* const other = core::find(to, path_.back().stored());
      if (other == nullptr) {
        add("delete", member.value, Value::null());
      } else {
        compare(member.value, other->value);
      }
      path_.pop_back();
    }
    for (const Member& member : members(to)) {
      const Value key = member.key.decoded(call_.arena());
      if (core::find(from, key.stored()) != nullptr) continue;
      path_.push_back(key);
      add("create", Value::null(), member.value);
      path_.pop_back();
    }
  }

  // Elements of `from` without an equal one in `to`; each of `to` is the equal of at most one.
  std::optional<std::vector<bool>> missing(ItemSpan from, ItemSpan to) {
    std::vector<bool> result(from.count, false);
    std::vector<bool> taken(to.count, false);
    std::uint32_t first_free = 0;
    for (std::uint32_t i = 0; i < from.count; ++i) {
      const std::uint64_t cost = weight(from.first[i]);
      bool found = false;
      for (std::uint32_t k = first_free; k < to.count && !found; ++k) {
        if (taken[k]) continue;
        if (!spend(cost)) return std::nullopt;
        found = equals(from.first[i], to.first[k], call_.arena());
        if (found) taken[k] = true;
      }
      while (first_free < to.count && taken[first_free]) ++first_free;
      result[i] = !found;
    }
    return result;
  }

  void compare_arrays(Value from, Value to) {
    const ItemSpan left = items(from);
    const ItemSpan right = items(to);
    const auto gone = missing(left, right);
    const auto added = missing(right, left);
    if (!gone || !added) return;
    for (std::uint32_t i = 0; i < left.count; ++i) {
      if (!(*gone)[i]) continue;
      push_index(i);
      if (i < right.count && (*added)[i]) {
        compare(left.first[i], right.first[i]);
      } else {
        add("delete", left.first[i], Value::null());
      }
      path_.pop_back();
    }
    for (std::uint32_t i = 0; i < right.count; ++i) {
      if (!(*added)[i] || (i < left.count && (*gone)[i])) continue;
      push_index(i);
      add("create", Value::null(), right.first[i]);
      path_.pop_back();
    }
  }

  bool spend(std::uint64_t steps) {
    if (failed(failure_)) return false;
    if (call_.spend(steps)) return true;
    failure_ = call_.too_long();
    return false;
  }

  void push_index(std::uint32_t i) {
    path_.push_back(Value::string(call_.arena().copy(std::to_string(i))));
  }

  void add(std::string_view type, Value from, Value to) {
    if (failed(failure_)) return;
    const auto depth = static_cast<std::uint32_t>(path_.size());
    if (!call_.may_build(depth + 12) || !spend(depth + 4)) {
      if (!failed(failure_)) failure_ = call_.too_big();
      return;
    }
    Value path = Value::array(call_.arena(), depth);
    std::copy(path_.begin(), path_.end(), path.as_container().items);
    path.as_container().size = depth;
    Value change = Value::object(call_.arena(), 4);
    Container& parts = change.as_container();
    parts.members[0] = {Value::string("Type"), Value::string(type)};
    parts.members[1] = {Value::string("Path"), path};
    parts.members[2] = {Value::string("From"), core::share(from)};
    parts.members[3] = {Value::string("To"), core::share(to)};
    parts.size = 4;
    append_item(changes_, change, call_.arena());
  }

  Call& call_;
  Value changes_;
  Value failure_;
  std::vector<Value> path_;
};

Value diff(Call& call) {
  if (call.target().is_null()) return Value::null();
  Differ differ(call);
  const Value failure = differ.run(call.target(), call.value(0));
  return failed(failure) ? failure : differ.changes();
}

// ---- patch

struct Change {
  enum class Type : std::uint8_t { kUpdate, kDelete, kCreate } type;
  ItemSpan path;
  Value to;
  std::uint32_t number;  ///< in the changelog
};

class Patcher {
 public:
  Patcher(Call& call, Value document) : call_(call), root_(core::share(document)) {}

  Value run(Value changelog) {
    std::uint32_t number = 0;
    for (const Value& entry : items(changelog)) {
      if (!read(entry, number++) || !apply(change_)) return failure_;
    }
    // Deletions and insertions move the elements behind them, and all the indexes were taken before
    // that: inner arrays first, deletions from the back, insertions from the front.
    std::stable_sort(moving_.begin(), moving_.end(), [](const Change& a, const Change& b) {
      if (a.path.count != b.path.count) return a.path.count > b.path.count;
      if (a.type != b.type) return a.type == Change::Type::kDelete;
      const std::uint32_t left = *last_index(a);
      const std::uint32_t right = *last_index(b);
      return a.type == Change::Type::kDelete ? left > right : left < right;
    });
    for (const Change& change : moving_) {
      if (!move(change)) return failure_;
    }
    return root_;
  }

 private:
  static std::optional<std::uint32_t> last_index(const Change& change) {
    return index_in(change.path.first[change.path.count - 1].stored());
  }

  bool fail(std::uint32_t number, std::string_view text) {
    failure_ = call_.fail("change " + std::to_string(number) + ": " + std::string(text));
    return false;
  }

  bool read(Value entry, std::uint32_t number) {
    if (!entry.is(Kind::kObject)) return fail(number, type_error("object", entry));
    const Member* const type = core::find(entry, "Type");
    const Member* const path = core::find(entry, "Path");
    const Member* const to = core::find(entry, "To");
    if (type == nullptr || !is_text(type->value)) return fail(number, "`Type` is missing");
    if (path == nullptr || !path->value.is(Kind::kArray)) return fail(number, "`Path` is missing");
    change_.to = to == nullptr ? Value::null() : to->value;
    change_.number = number;
    const std::string_view name = type->value.text(call_.arena());
    if (name == "update") {
      change_.type = Change::Type::kUpdate;
    } else if (name == "create") {
      change_.type = Change::Type::kCreate;
    } else if (name == "delete") {
      change_.type = Change::Type::kDelete;
    } else {
      return fail(number, "`Type` must be `create`, `update` or `delete`");
    }
    const ItemSpan segments = items(path->value);
    if (segments.count == 0 || segments.count > core::kMaxDepth) {
      return fail(number, "`Path` must have 1 to 128 segments");
    }
    Value* const decoded = call_.arena().array<Value>(segments.count);
    for (std::uint32_t i = 0; i < segments.count; ++i) {
      if (!is_text(segments.first[i])) return fail(number, "`Path` must hold strings");
      decoded[i] = segments.first[i].decoded(call_.arena());
    }
    change_.path = {decoded, segments.count};
    return true;
  }

  // The container that holds the last segment, made changeable; null: the path leads nowhere.
  Value* parent_of(const Change& change) {
    Value* at = &root_;
    for (std::uint32_t i = 0;; ++i) {
      if (!at->is_container()) return nullptr;
      if (!call_.may_build(size(*at)) || !call_.spend(size(*at) + 1)) {
        failure_ = call_.too_big();
        return nullptr;
      }
      core::writable(*at, call_.arena());
      if (i + 1 == change.path.count) return at;
      at = child_at(*at, change.path.first[i].stored());
      if (at == nullptr) return nullptr;
    }
  }

  bool lost(const Change& change) {
    return failed(failure_) ? false : fail(change.number, "its path leads nowhere");
  }

  bool apply(const Change& change) {
    Value* const parent = parent_of(change);
    if (parent == nullptr) return lost(change);
    const std::string_view segment = change.path.first[change.path.count - 1].stored();
    if (parent->is(Kind::kObject)) {
      if (change.type == Change::Type::kDelete) {
        core::erase_member(*parent, segment, call_.arena());
      } else {
        core::set_member(*parent, segment, core::share(change.to), call_.arena());
      }
      return true;
    }
    if (!index_in(segment)) return fail(change.number, "an index is needed within an array");
    if (change.type != Change::Type::kUpdate) {
      moving_.push_back(change);
      return true;
    }
    Value* const element = child_at(*parent, segment);
    if (element == nullptr) return lost(change);
    *element = core::share(change.to);
    return true;
  }

  bool move(const Change& change) {
    Value* const parent = parent_of(change);
    if (parent == nullptr || !parent->is(Kind::kArray)) return lost(change);
    const std::uint32_t at = *last_index(change);
    const std::uint32_t count = size(*parent);
    if (change.type == Change::Type::kDelete) {
      if (at < count) core::erase_item(*parent, at, call_.arena());
      return true;
    }
    core::append_item(*parent, core::share(change.to), call_.arena());
    Container& array = parent->as_container();
    if (at < count) std::rotate(array.items + at, array.items + count, array.items + count + 1);
    return true;
  }

  Call& call_;
  Value root_;
  Value failure_;
  Change change_{};
  std::vector<Change> moving_;
};

Value patch(Call& call) {
  if (call.target().is_null()) return Value::null();
  return Patcher(call, call.target()).run(call.value(0));
}

}  // namespace

void add_changelog(Registry& registry) {
  registry.method("diff")
      .in(Category::kCollection)
      .status(Support::kBeta)
      .says(
          "What changes turn the value into another one: an array of `{Type, Path, From, To}`, the "
          "type "
          "being `create`, `update` or `delete`. Elements of arrays are compared without regard to "
          "order.")
      .on(kOnAnything, "any")
      .arg("other", ArgKind::kAny, "The value to compare with.")
      .costs(Cost::kHeavy)
      .example(
          "root.changes = this.before.diff(this.after)",
          R"({"before":{"name":"Alice","age":30},"after":{"name":"Alice","age":31,"city":"NYC"}})",
          R"({"changes":[{"From":30,"Path":["age"],"To":31,"Type":"update"},)"
          R"({"From":null,"Path":["city"],"To":"NYC","Type":"create"}]})")
      .evaluates(diff);

  registry.method("patch")
      .in(Category::kCollection)
      .status(Support::kBeta)
      .says("The value with changes applied, as `diff` lists them.")
      .on(kOnAnything, "any")
      .arg("changelog", ArgKind::kArray, "The changes.")
      .costs(Cost::kHeavy)
      .example("root.updated = this.current.patch(this.changelog)",
               R"({"current":{"name":"Alice","age":30},"changelog":[)"
               R"({"Type":"update","Path":["age"],"From":30,"To":31},)"
               R"({"Type":"create","Path":["city"],"From":null,"To":"NYC"}]})",
               R"({"updated":{"age":31,"city":"NYC","name":"Alice"}})")
      .example("root = this.patch([{\"Type\":\"rename\",\"Path\":[\"a\"]}])", R"({"a":1})",
               "error: change 0: `Type` must be `create`, `update` or `delete`")
      .evaluates(patch);
}

}  // namespace weir::mapping
