#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "core/arena.h"
#include "core/result.h"

namespace weir::core {

struct Timestamp;
struct Container;
struct Member;
class JsonIndex;

/// Deepest nesting of arrays and objects anywhere: in documents read, values built, text written.
inline constexpr unsigned kMaxDepth = 128;
/// Most members of one object or elements of one array.
inline constexpr std::uint32_t kMaxMembers = 1U << 24;

enum class Kind : std::uint8_t {
  kNull,
  kBool,
  kInt,   ///< int64
  kUInt,  ///< uint64 (results of casts; document numbers stay kNumber)
  kDouble,
  kNumber,  ///< document number: its source text, converted on first use, written back verbatim
  kString,
  kBytes,
  kTimestamp,
  kArray,
  kObject,
  kDelete,   ///< the mapping language's deletion marker
  kNothing,  ///< the mapping language's "no value"
  kError,    ///< a failure on its way up inside the mapping language; never stored anywhere
};

/// Narrow number kinds of the mapping language's casts; kept beside Kind, only drivers care.
enum class NumberWidth : std::uint8_t { kFull, k8, k16, k32 };

/// A JSON-like value in 16 bytes, trivially copyable; text and containers live in the batch's
/// arena, in its received blocks, or in static storage, and are borrowed, never owned.
///
/// A value may be a raw leaf: a slice of the received bytes. Document numbers keep their text;
/// strings may still be escaped (decode with text()); containers may be unexpanded (expanded on
/// first touch) and, while untouched, remember the slice they came from, so that writing copies it.
/// Containers are shared on copy; change one only through writable() (copy-on-write).
class Value {
 public:
  constexpr Value() = default;

  static constexpr Value null() { return Value(); }
  static constexpr Value boolean(bool b) { return scalar(Kind::kBool, b ? 1 : 0); }
  static constexpr Value integer(std::int64_t i, NumberWidth width = NumberWidth::kFull) {
    return scalar(Kind::kInt, static_cast<std::uint64_t>(i), static_cast<std::uint8_t>(width));
  }
  static constexpr Value unsigned_integer(std::uint64_t u, NumberWidth width = NumberWidth::kFull) {
    return scalar(Kind::kUInt, u, static_cast<std::uint8_t>(width));
  }
  static constexpr Value number(double d, NumberWidth width = NumberWidth::kFull) {
    return scalar(Kind::kDouble, std::bit_cast<std::uint64_t>(d), static_cast<std::uint8_t>(width));
  }
  /// JSON number text, kept verbatim. The caller has checked that it is one.
  static Value number_text(std::string_view text) { return slice(Kind::kNumber, text, 0); }
  /// Decoded text; any bytes are allowed, invalid UTF-8 is repaired when written as JSON.
  static Value string(std::string_view text) { return slice(Kind::kString, text, 0); }
  /// The inside of a valid JSON string literal; `escaped` when it holds a backslash.
  static Value json_string(std::string_view inside, bool escaped) {
    return slice(Kind::kString, inside, escaped ? (kEscaped | kJsonSafe) : kJsonSafe);
  }
  static Value bytes(std::string_view data) { return slice(Kind::kBytes, data, 0); }
  static Value timestamp(const Timestamp* t) {
    Value v;
    v.kind_ = Kind::kTimestamp;
    v.payload_.timestamp = t;
    return v;
  }
  static constexpr Value deletion() { return scalar(Kind::kDelete, 0); }
  static constexpr Value nothing() { return scalar(Kind::kNothing, 0); }
  /// A failed evaluation; what `record` is, the mapping language knows.
  static Value failure(const void* record) {
    Value v;
    v.kind_ = Kind::kError;
    v.payload_.record = record;
    return v;
  }
  static Value container(Kind kind, Container* rep) {
    Value v;
    v.kind_ = kind;
    v.payload_.container = rep;
    return v;
  }
  /// An empty array or object with room for `capacity` entries.
  static Value array(Arena& arena, std::uint32_t capacity = 0);
  static Value object(Arena& arena, std::uint32_t capacity = 0);

  [[nodiscard]] constexpr Kind kind() const { return kind_; }
  [[nodiscard]] constexpr bool is(Kind kind) const { return kind_ == kind; }
  [[nodiscard]] constexpr bool is_null() const { return kind_ == Kind::kNull; }
  [[nodiscard]] constexpr bool is_marker() const { return kind_ >= Kind::kDelete; }
  [[nodiscard]] constexpr bool is_number() const {
    return kind_ >= Kind::kInt && kind_ <= Kind::kNumber;
  }
  [[nodiscard]] constexpr bool is_container() const {
    return kind_ == Kind::kArray || kind_ == Kind::kObject;
  }
  [[nodiscard]] constexpr NumberWidth width() const { return static_cast<NumberWidth>(sub_); }

  // Accessors for exactly one kind each; the caller has checked it.
  [[nodiscard]] constexpr bool as_bool() const { return payload_.bits != 0; }
  [[nodiscard]] constexpr std::int64_t as_int() const {
    return static_cast<std::int64_t>(payload_.bits);
  }
  [[nodiscard]] constexpr std::uint64_t as_uint() const { return payload_.bits; }
  [[nodiscard]] constexpr double as_double() const { return std::bit_cast<double>(payload_.bits); }
  [[nodiscard]] const Timestamp& as_timestamp() const { return *payload_.timestamp; }
  [[nodiscard]] Container& as_container() const { return *payload_.container; }
  [[nodiscard]] const void* as_failure() const { return payload_.record; }

  /// Number text, bytes, or the inside of a string literal as stored (see is_escaped()).
  [[nodiscard]] std::string_view stored() const { return {payload_.text, size_}; }
  [[nodiscard]] bool is_escaped() const { return (flags_ & kEscaped) != 0; }
  /// stored() may stand between quotes in JSON as it is.
  [[nodiscard]] bool is_json_safe() const { return (flags_ & kJsonSafe) != 0; }
  /// Text of a kString or kBytes, decoded into the arena when it is still escaped.
  [[nodiscard]] std::string_view text(Arena& arena) const {
    return is_escaped() ? decode(arena) : stored();
  }
  /// The same value with its text decoded (worth storing back when it will be read again).
  [[nodiscard]] Value decoded(Arena& arena) const {
    return is_escaped() ? string(decode(arena)) : *this;
  }

 private:
  static constexpr std::uint8_t kEscaped = 1;
  static constexpr std::uint8_t kJsonSafe = 2;

  static constexpr Value scalar(Kind kind, std::uint64_t bits, std::uint8_t sub = 0) {
    Value v;
    v.kind_ = kind;
    v.sub_ = sub;
    v.payload_.bits = bits;
    return v;
  }
  static Value slice(Kind kind, std::string_view text, std::uint8_t flags) {
    Value v;
    v.kind_ = kind;
    v.flags_ = flags;
    v.size_ = static_cast<std::uint32_t>(text.size());
    v.payload_.text = text.data();
    return v;
  }
  [[nodiscard]] std::string_view decode(Arena& arena) const;

  Kind kind_ = Kind::kNull;
  std::uint8_t flags_ = 0;
  std::uint8_t sub_ = 0;
  std::uint32_t size_ = 0;
  union {
    std::uint64_t bits;
    const char* text;
    const Timestamp* timestamp;
    Container* container;
    const void* record;
  } payload_ = {0};
};
static_assert(sizeof(Value) == 16);

/// One key and value of an object. The key is a kString.
struct Member {
  Value key;
  Value value;
};

/// What an array or object value points to. Lives in an arena.
///
/// Either expanded (entries present) or lazy (`index` set, entries not read yet). `raw` is the
/// slice of text it was parsed from while nothing below it has changed, except that an object may
/// have got further members behind the first `raw_members`.
struct Container {
  union {
    Value* items = nullptr;  ///< of an array
    Member* members;         ///< of an object: input order, keys unique
  };
  std::uint32_t size = 0;
  std::uint32_t capacity = 0;
  const char* raw = nullptr;  ///< null once changed or when built
  std::uint32_t raw_size = 0;
  union {
    std::uint32_t index_pos = 0;  ///< while lazy: where in `index` its opening bracket stands
    std::uint32_t raw_members;    ///< once expanded: how many members `raw` holds
  };
  JsonIndex* index = nullptr;     ///< set while lazy
  std::uint32_t* hash = nullptr;  ///< key lookup table of big objects (json_object.cpp), or null
  std::uint32_t hash_mask = 0;
  bool shared = false;  ///< more than one value may point here: clone before changing
};

// ---- reading containers ------------------------------------------------------------------------

/// Reads the entries of a lazy container. Cannot fail: the text was validated before.
void expand(Value container);

/// Number of elements or members.
[[nodiscard]] std::uint32_t size(Value container);

/// Elements of an array; members of an object in order.
struct ItemSpan {
  Value* first;
  std::uint32_t count;
  [[nodiscard]] Value* begin() const { return first; }
  [[nodiscard]] Value* end() const { return first + count; }
};
struct MemberSpan {
  Member* first;
  std::uint32_t count;
  [[nodiscard]] Member* begin() const { return first; }
  [[nodiscard]] Member* end() const { return first + count; }
};
[[nodiscard]] ItemSpan items(Value array);
[[nodiscard]] MemberSpan members(Value object);

/// The member called `key`, or nullptr. `hint` is a position to try first and is updated on a hit:
/// keep one per access site.
[[nodiscard]] Member* find(Value object, std::string_view key, std::uint32_t& hint);
[[nodiscard]] Member* find(Value object, std::string_view key);

/// Whether a member's (maybe escaped) key is `key`.
[[nodiscard]] bool key_equals(Value key, std::string_view text);

// ---- changing ----------------------------------------------------------------------------------

/// Marks a container as pointed to by more than one value; call it when a value is stored a second
/// time (assignment, list building). Scalars pass unchanged.
inline Value share(Value v) {
  // Looked at first: constants are shared between threads, and already marked.
  if (v.is_container() && !v.as_container().shared) v.as_container().shared = true;
  return v;
}

/// Makes the container in `slot` changeable: expanded, not shared (cloned one level deep when it
/// was), detached from its source text. Call along the whole path from the root to the change.
Container& writable(Value& slot, Arena& arena);

/// Sets or adds a member. The key's text is borrowed. Adding keeps the source text of the others.
void set_member(Value& object, Value key, Value value, Arena& arena);
inline void set_member(Value& object, std::string_view key, Value value, Arena& arena) {
  set_member(object, Value::string(key), value, arena);
}
/// Removes a member; false when there was none.
bool erase_member(Value& object, std::string_view key, Arena& arena);
/// Appends without looking for an equal key (the caller knows that there is none).
void append_member(Value& object, Value key, Value value, Arena& arena);
void append_item(Value& array, Value value, Arena& arena);
void erase_item(Value& array, std::uint32_t position, Arena& arena);

/// A copy that borrows nothing from the source's arena or blocks. For what outlives its batch.
/// Lazy containers are read from their slice. Error kLimit past kMaxDepth.
[[nodiscard]] Result<Value> deep_copy(Value value, Arena& to);

/// Deep equality as JSON: objects without order, numbers by value (exact across int and uint, text
/// numbers by exact decimal value), strings by decoded text. For tests and comparisons outside the
/// mapping language, which has its own rules.
[[nodiscard]] bool json_equal(Value a, Value b, Arena& scratch);

}  // namespace weir::core
