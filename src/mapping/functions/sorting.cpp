#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <xxhash.h>

#include "core/clock.h"
#include "mapping/functions/all.h"
#include "mapping/functions/elements.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Container;
using core::ItemSpan;
using core::Kind;
using core::Value;

// What an element is sorted by, worked out once. Equal keys stay in the order of the elements.
struct NumberKey {
  std::uint64_t order;  // unsigned comparison of it is comparison of the numbers
  std::uint32_t index;
};
struct TextKey {
  std::uint64_t prefix;  // the first 8 bytes, big-endian
  const char* data;
  std::uint32_t size;
  std::uint32_t index;
};

std::uint64_t ordered(std::int64_t number) {
  return static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);
}

// NaN comes first, -0 and 0 are one.
std::uint64_t ordered(double number) {
  if (std::isnan(number)) return 0;
  const auto bits = std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);
  return (bits >> 63) != 0 ? ~bits : bits | (std::uint64_t{1} << 63);
}

std::uint64_t prefix_of(std::string_view text) {
  unsigned char first[8] = {};
  if (!text.empty()) std::memcpy(first, text.data(), std::min<std::size_t>(text.size(), 8));
  std::uint64_t prefix = 0;
  for (const unsigned char byte : first) prefix = prefix << 8 | byte;
  return prefix;
}

bool before(const NumberKey& a, const NumberKey& b) {
  return a.order != b.order ? a.order < b.order : a.index < b.index;
}

bool before(const TextKey& a, const TextKey& b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  const int order = std::string_view(a.data, a.size).compare({b.data, b.size});
  return order != 0 ? order < 0 : a.index < b.index;
}

// Sorts the keys and gathers the elements in their order.
template <class Key>
Value gathered(Call& call, ItemSpan elements, Key* keys) {
  std::sort(keys, keys + elements.count, [](const Key& a, const Key& b) { return before(a, b); });
  Value made = Value::array(call.arena(), elements.count);
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    push(made.as_container(), elements.first[keys[i].index]);
  }
  return made;
}

std::uint64_t log2_ceil(std::uint32_t n) {
  return n < 2 ? 1U : std::bit_width(n - 1);
}

// The values to sort by must be all numbers or all texts; this says which is not. The words are
// those of a comparison of element i with the one before it.
Value mixed(Call& call, std::string_view method, Value* by, std::uint32_t i) {
  std::string_view expected = "number or string";
  std::uint32_t at = i;
  if (by[i].is_number()) {
    expected = "number";
    if (computed(by[i])) at = i - 1;
  } else if (is_text(by[i])) {
    expected = "string";
    at = i - 1;
  }
  return call.fail_plain(std::string(method) + " element " + std::to_string(at) + ": " +
                         type_error(expected, by[at]));
}

// The elements in ascending order of the values in `by`, which may be the elements themselves.
Value sorted(Call& call, std::string_view method, ItemSpan elements, Value* by) {
  const std::uint32_t n = elements.count;
  // Keys, and the array itself.
  if (!call.may_build(std::size_t{n} * 3) || !call.spend(n * log2_ceil(n))) return call.too_big();
  if (is_text(by[0])) {
    auto* const keys = call.arena().array<TextKey>(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      if (!is_text(by[i])) return mixed(call, method, by, i);
      const std::string_view text = by[i].text(call.arena());
      keys[i] = {prefix_of(text), text.data(), static_cast<std::uint32_t>(text.size()), i};
    }
    return gathered(call, elements, keys);
  }
  auto* const keys = call.arena().array<NumberKey>(n);
  bool all_integers = true;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto number = computed(by[i]);
    if (!number) return mixed(call, method, by, i == 0 && !by[0].is_number() ? 1 : i);
    if (!number->is(Kind::kInt)) all_integers = false;
    keys[i] = {number->is(Kind::kInt) ? ordered(number->as_int()) : 0, i};
  }
  if (!all_integers) {
    for (std::uint32_t i = 0; i < n; ++i) keys[i].order = ordered(*as_number(by[i]));
  }
  return gathered(call, elements, keys);
}

// Merge sort by a query: it stays within the array and ends whatever the query answers.
class QuerySort {
 public:
  QuerySort(Call& call, const Query& query) : call_(call), query_(query) {}

  Value sort(ItemSpan elements) {
    const std::uint32_t n = elements.count;
    if (!call_.may_build(std::size_t{n} * 2)) return call_.too_big();
    Value made = Value::array(call_.arena(), n);
    for (const Value& element : elements) push(made.as_container(), element);
    Value* from = made.as_container().items;
    Value* to = call_.arena().array<Value>(n);
    for (std::uint64_t width = 1; width < n; width *= 2) {
      for (std::uint64_t left = 0; left < n; left += 2 * width) {
        const std::uint64_t middle = std::min<std::uint64_t>(left + width, n);
        const std::uint64_t right = std::min<std::uint64_t>(left + 2 * width, n);
        merge({from + left, from + middle, from + middle, from + right}, to + left);
        if (failed(failure_)) return failure_;
      }
      std::swap(from, to);
    }
    made.as_container().items = from;
    return made;
  }

 private:
  struct Runs {
    const Value* left;
    const Value* left_end;
    const Value* right;
    const Value* right_end;
  };

  void merge(Runs runs, Value* to) {
    while (runs.left != runs.left_end && runs.right != runs.right_end) {
      const bool right_first = less(*runs.right, *runs.left);
      if (failed(failure_)) return;
      *to++ = right_first ? *runs.right++ : *runs.left++;
    }
    to = std::copy(runs.left, runs.left_end, to);
    std::copy(runs.right, runs.right_end, to);
  }

  bool less(Value left, Value right) {
    const Value result = query_("left", left, "right", right);
    if (result.is(Kind::kBool)) return result.as_bool();
    failure_ =
        failed(result) ? result : call_.fail_plain(type_error("bool", result, "sort argument"));
    return false;
  }

  Call& call_;
  const Query& query_;
  Value failure_;
};

Value sort(Call& call) {
  const ItemSpan elements = items(call.target());
  if (elements.count < 2) return call.target();
  if (call.has_query(0)) return QuerySort(call, call.query(0)).sort(elements);
  return sorted(call, "sort", elements, elements.first);
}

Value sort_by(Call& call) {
  const ItemSpan elements = items(call.target());
  if (elements.count < 2) return call.target();
  if (!call.may_build(elements.count)) return call.too_big();
  const Query query = call.query(0);
  auto* const by = call.arena().array<Value>(elements.count);
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    by[i] = query(elements.first[i]);
    if (failed(by[i])) return by[i];
  }
  return sorted(call, "sort_by", elements, by);
}

// ---- unique

// Texts and numbers seen so far, in a table of the arena.
class Seen {
 public:
  Seen(Call& call, std::uint32_t capacity) : call_(call) {
    mask_ = std::bit_ceil(std::uint64_t{capacity} * 2 + 1) - 1;
    slots_ = call.arena().array<Slot>(mask_ + 1);
    std::memset(static_cast<void*>(slots_), 0, (mask_ + 1) * sizeof(Slot));
  }

  // Whether the value is new; takes note of it.
  bool add(std::string_view text) {
    const char* const data = text.empty() ? "" : text.data();
    return add({hash(data, text.size()), text.size(), data});
  }
  bool add(double number) {
    if (std::isnan(number)) return true;  // equals nothing
    if (number == 0) number = 0;          // nor is there a -0
    return add({hash(&number, sizeof number), std::bit_cast<std::uint64_t>(number), nullptr});
  }
  // Looking has taken more steps than there are.
  [[nodiscard]] bool exhausted() const { return exhausted_; }

 private:
  struct Slot {
    std::uint64_t hash;  // 0: free
    std::uint64_t bits;  // the number, or the size of the text
    const char* text;    // null: a number

    bool operator==(const Slot& other) const {
      if (hash != other.hash || bits != other.bits) return false;
      if (text == nullptr || other.text == nullptr) return text == other.text;
      return std::memcmp(text, other.text, bits) == 0;
    }
  };

  // Seeded, so that nobody can choose data whose hashes collide.
  static std::uint64_t hash(const void* data, std::size_t bytes) {
    static const std::uint64_t seed = core::secure_random();
    return XXH3_64bits_withSeed(data, bytes, seed) | 1;
  }

  bool add(const Slot& wanted) {
    for (std::uint64_t at = wanted.hash >> 1;; ++at) {
      Slot& slot = slots_[at & mask_];
      if (slot.hash == 0) {
        slot = wanted;
        return true;
      }
      if (slot == wanted) return false;
      if (!call_.spend(1)) {
        exhausted_ = true;
        return false;
      }
    }
  }

  Call& call_;
  Slot* slots_;
  std::uint64_t mask_;
  bool exhausted_ = false;
};

Value unique(Call& call) {
  const ItemSpan elements = items(call.target());
  if (!call.may_build(std::size_t{elements.count} * 7) || !call.spend(elements.count)) {
    return call.too_big();
  }
  Value made = Value::array(call.arena(), elements.count);
  Seen seen(call, elements.count);
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    Value key = elements.first[i];
    if (call.has_query(0)) {
      key = call.query(0)(key);
      if (failed(key)) return call.wrap("index " + std::to_string(i), key);
    }
    bool is_new = false;
    if (is_text(key)) {
      is_new = seen.add(key.text(call.arena()));
    } else if (const auto number = as_number(key); number && key.is_number()) {
      is_new = seen.add(*number);
    } else {
      return call.fail("index " + std::to_string(i) + ": " + type_error("string or number", key));
    }
    if (seen.exhausted()) return call.too_long();
    if (is_new) push(made.as_container(), elements.first[i]);
  }
  return made;
}

}  // namespace

void add_sorting(Registry& registry) {
  registry.method("sort")
      .in(Category::kCollection)
      .says(
          "The array in ascending order: all numbers, or all strings (bytewise). With a query over "
          "`left` and `right` that yields whether left comes first, anything can be sorted. Equal "
          "elements keep their order.")
      .on(kOnArray, "array")
      .optional("compare", ArgKind::kQuery,
                "Evaluated with `this` as `{left, right}`; must be a bool.")
      .costs(Cost::kLinear)
      .example("root.sorted = this.foo.sort()", R"({"foo":["bbb","Ccc","aaa"]})",
               R"({"sorted":["Ccc","aaa","bbb"]})")
      .example("root.sorted = this.foo.sort(item -> item.left.v > item.right.v)",
               R"({"foo":[{"id":"foo","v":1},{"id":"bar","v":3},{"id":"baz","v":2}]})",
               R"({"sorted":[{"id":"bar","v":3},{"id":"baz","v":2},{"id":"foo","v":1}]})")
      .example("root.sorted = this.foo.sort()", R"({"foo":[3,22,{"foo":"bar"},7]})",
               "error: sort element 2: expected number or string value, got object")
      .evaluates(sort);

  registry.method("sort_by")
      .in(Category::kCollection)
      .says(
          "The array in ascending order of what a query yields for each element: all numbers, or "
          "all "
          "strings. Equal elements keep their order.")
      .on(kOnArray, "array")
      .arg("query", ArgKind::kQuery, "Evaluated with `this` as the element.")
      .costs(Cost::kLinear)
      .example("root.sorted = this.items.sort_by(item -> item.priority)",
               R"({"items":[{"name":"low","priority":3},{"name":"high","priority":1}]})",
               R"({"sorted":[{"name":"high","priority":1},{"name":"low","priority":3}]})")
      .example("root.sorted = this.items.sort_by(item -> item.p)", R"({"items":[{"p":1},{}]})",
               "error: sort_by element 1: expected number or string value, got null")
      .evaluates(sort_by);

  registry.method("unique")
      .in(Category::kCollection)
      .says(
          "The array without later duplicates. Only strings and numbers can be compared (`1` and "
          "`1.0` "
          "are equal, `\"1\"` is neither); for other elements a query yields what to compare.")
      .on(kOnArray, "array")
      .optional("emit", ArgKind::kQuery, "Evaluated with `this` as the element.")
      .costs(Cost::kLinear)
      .example("root.uniques = this.foo.unique()", R"({"foo":["a","b","a","c"]})",
               R"({"uniques":["a","b","c"]})")
      .example("root.unique_users = this.users.unique(u -> u.id)",
               R"({"users":[{"id":1,"name":"Alice"},{"id":2,"name":"Bob"},{"id":1,"name":"Eve"}]})",
               R"({"unique_users":[{"id":1,"name":"Alice"},{"id":2,"name":"Bob"}]})")
      .example("root.uniques = this.foo.unique()", R"({"foo":[{"a":1}]})",
               "error: field `this.foo`: index 0: expected string or number value, got object")
      .evaluates(unique);
}

}  // namespace weir::mapping
