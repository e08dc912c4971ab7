#include "core/value.h"

#include <cstring>
#include <string>

#include "core/json_index.h"
#include "core/json_text.h"

namespace weir::core {

namespace {

constexpr std::uint32_t kHashFrom = 24;  // below it a scan is faster than a table

std::uint32_t key_hash(std::string_view key) {
  std::uint64_t h = 0xcbf29ce484222325ULL ^ key.size();
  std::size_t i = 0;
  for (; i + 8 <= key.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, key.data() + i, 8);
    h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 32;
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, key.data() + i, key.size() - i);
  h = (h ^ tail) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint32_t>(h ^ (h >> 32));
}

std::uint32_t hash_of_key(Value key) {
  if (!key.is_escaped()) return key_hash(key.stored());
  std::string decoded;
  decode_json_string(key.stored(), decoded);
  return key_hash(decoded);
}

// 8 bits, from the length and up to eight bytes at either end of the key.
std::uint32_t quick_hash(std::string_view key) {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  if (key.size() >= 8) {
    std::memcpy(&head, key.data(), 8);
    std::memcpy(&tail, key.data() + key.size() - 8, 8);
  } else if (key.size() >= 4) {
    std::uint32_t a;
    std::uint32_t b;
    std::memcpy(&a, key.data(), 4);
    std::memcpy(&b, key.data() + key.size() - 4, 4);
    head = a;
    tail = b;
  } else if (!key.empty()) {
    head = static_cast<unsigned char>(key.front());
    tail = static_cast<std::uint64_t>(static_cast<unsigned char>(key.back())) << 8 |
           static_cast<unsigned char>(key[key.size() / 2]);
  }
  const std::uint64_t mixed =
      (head ^ (tail << 17 | tail >> 47) ^ key.size()) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint32_t>(mixed >> 56);
}

void build_hash(Container& c, Arena& arena) {
  std::uint32_t slots = 64;
  while (slots < c.capacity * 2 || slots < c.size * 2) slots *= 2;
  c.hash = arena.array<std::uint32_t>(slots);
  std::memset(c.hash, 0, slots * sizeof(std::uint32_t));
  c.hash_mask = slots - 1;
  for (std::uint32_t i = 0; i < c.size; ++i) {
    std::uint32_t at = hash_of_key(c.members[i].key) & c.hash_mask;
    while (c.hash[at] != 0) at = (at + 1) & c.hash_mask;
    c.hash[at] = i + 1;
  }
}

Member* find_hashed(const Container& c, std::string_view key) {
  for (std::uint32_t at = key_hash(key) & c.hash_mask; c.hash[at] != 0;
       at = (at + 1) & c.hash_mask) {
    Member& member = c.members[c.hash[at] - 1];
    if (key_equals(member.key, key)) return &member;
  }
  return nullptr;
}

void grow_members(Container& c, Arena& arena) {
  const std::uint32_t capacity = c.capacity == 0 ? 8 : c.capacity * 2;
  auto* moved = arena.array<Member>(capacity);
  if (c.size > 0) std::memcpy(static_cast<void*>(moved), c.members, c.size * sizeof(Member));
  c.members = moved;
  c.capacity = capacity;
}

void grow_items(Container& c, Arena& arena) {
  const std::uint32_t capacity = c.capacity == 0 ? 8 : c.capacity * 2;
  auto* moved = arena.array<Value>(capacity);
  if (c.size > 0) std::memcpy(static_cast<void*>(moved), c.items, c.size * sizeof(Value));
  c.items = moved;
  c.capacity = capacity;
}

}  // namespace

Value Value::array(Arena& arena, std::uint32_t capacity) {
  auto* rep = arena.create<Container>();
  if (capacity > 0) {
    rep->items = arena.array<Value>(capacity);
    rep->capacity = capacity;
  }
  return container(Kind::kArray, rep);
}

Value Value::object(Arena& arena, std::uint32_t capacity) {
  auto* rep = arena.create<Container>();
  if (capacity > 0) {
    rep->members = arena.array<Member>(capacity);
    rep->capacity = capacity;
  }
  return container(Kind::kObject, rep);
}

std::string_view Value::decode(Arena& arena) const {
  // Escapes never make text longer.
  char* to = static_cast<char*>(arena.allocate(size_, 1));
  const std::size_t used = decode_json_string(stored(), to);
  arena.shrink_last(to, size_, used);
  return {to, used};
}

namespace {

// Short texts of equal length, without a call.
inline bool same_bytes(const char* a, const char* b, std::size_t n) {
  if (n >= 8) {
    if (n > 16) return std::memcmp(a, b, n) == 0;
    std::uint64_t x[2];
    std::uint64_t y[2];
    std::memcpy(&x[0], a, 8);
    std::memcpy(&y[0], b, 8);
    std::memcpy(&x[1], a + n - 8, 8);
    std::memcpy(&y[1], b + n - 8, 8);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
  }
  if (n >= 4) {
    std::uint32_t x[2];
    std::uint32_t y[2];
    std::memcpy(&x[0], a, 4);
    std::memcpy(&y[0], b, 4);
    std::memcpy(&x[1], a + n - 4, 4);
    std::memcpy(&y[1], b + n - 4, 4);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

inline bool same_key(Value key, std::string_view text) {
  if (key.is_escaped()) return key_equals(key, text);
  const std::string_view stored = key.stored();
  return stored.size() == text.size() && same_bytes(stored.data(), text.data(), text.size());
}

}  // namespace

bool key_equals(Value key, std::string_view text) {
  const std::string_view stored = key.stored();
  if (!key.is_escaped()) {
    return stored.size() == text.size() &&
           std::memcmp(stored.data(), text.data(), text.size()) == 0;
  }
  if (stored.size() < text.size()) return false;
  std::string decoded;
  decode_json_string(stored, decoded);
  return decoded == text;
}

void expand(Value container) {
  Container& c = container.as_container();
  if (c.index != nullptr) c.index->expand(container.kind(), c);
}

std::uint32_t size(Value container) {
  expand(container);
  return container.as_container().size;
}

ItemSpan items(Value array) {
  expand(array);
  const Container& c = array.as_container();
  return {c.items, c.size};
}

MemberSpan members(Value object) {
  expand(object);
  const Container& c = object.as_container();
  return {c.members, c.size};
}

Member* find(Value object, std::string_view key, std::uint32_t& hint) {
  expand(object);
  Container& c = object.as_container();
  if (hint < c.size && same_key(c.members[hint].key, key)) return &c.members[hint];
  if (c.hash != nullptr) return find_hashed(c, key);
  for (std::uint32_t i = 0; i < c.size; ++i) {
    if (same_key(c.members[i].key, key)) {
      hint = i;
      return &c.members[i];
    }
  }
  return nullptr;
}

Member* find(Value object, std::string_view key) {
  std::uint32_t hint = ~0U;
  return find(object, key, hint);
}

namespace {

// Expanded and not shared. The source text stays: for adding members behind those it holds.
Container& own(Value& slot, Arena& arena) {
  expand(slot);
  Container& c = slot.as_container();
  if (!c.shared) return c;
  auto* clone = arena.create<Container>();
  clone->size = c.size;
  clone->capacity = c.size + 4;
  if (slot.is(Kind::kArray)) {
    clone->items = arena.array<Value>(clone->capacity);
    for (std::uint32_t i = 0; i < c.size; ++i) clone->items[i] = share(c.items[i]);
  } else {
    clone->members = arena.array<Member>(clone->capacity);
    for (std::uint32_t i = 0; i < c.size; ++i) {
      clone->members[i] = Member{c.members[i].key, share(c.members[i].value)};
    }
    if (clone->size >= kHashFrom) build_hash(*clone, arena);
  }
  clone->raw = c.raw;
  clone->raw_size = c.raw_size;
  clone->raw_members = c.raw_members;
  slot = Value::container(slot.kind(), clone);
  return *clone;
}

}  // namespace

Container& writable(Value& slot, Arena& arena) {
  Container& c = own(slot, arena);
  c.raw = nullptr;
  return c;
}

void append_member(Value& object, Value key, Value value, Arena& arena) {
  Container& c = own(object, arena);
  if (c.size == c.capacity) grow_members(c, arena);
  c.members[c.size++] = Member{key, value};
  if (c.hash != nullptr && c.size * 2 <= c.hash_mask + 1) {
    std::uint32_t at = hash_of_key(key) & c.hash_mask;
    while (c.hash[at] != 0) at = (at + 1) & c.hash_mask;
    c.hash[at] = c.size;
  } else if (c.size >= kHashFrom) {
    build_hash(c, arena);
  }
}

void set_member(Value& object, Value key, Value value, Arena& arena) {
  std::string decoded;
  std::string_view wanted = key.stored();
  if (key.is_escaped()) {
    decode_json_string(wanted, decoded);
    wanted = decoded;
  }
  const Member* member = find(object, wanted);
  if (member == nullptr) {
    append_member(object, key, value, arena);
    return;
  }
  const auto at = member - object.as_container().members;
  writable(object, arena).members[at].value = value;
}

bool erase_member(Value& object, std::string_view key, Arena& arena) {
  Container& c = writable(object, arena);
  Member* member = find(object, key);
  if (member == nullptr) return false;
  const auto at = static_cast<std::uint32_t>(member - c.members);
  for (std::uint32_t i = at + 1; i < c.size; ++i) c.members[i - 1] = c.members[i];
  --c.size;
  c.hash = nullptr;
  if (c.size >= kHashFrom) build_hash(c, arena);
  return true;
}

void append_item(Value& array, Value value, Arena& arena) {
  Container& c = writable(array, arena);
  if (c.size == c.capacity) grow_items(c, arena);
  c.items[c.size++] = value;
}

void erase_item(Value& array, std::uint32_t position, Arena& arena) {
  Container& c = writable(array, arena);
  for (std::uint32_t i = position + 1; i < c.size; ++i) c.items[i - 1] = c.items[i];
  --c.size;
}

namespace detail {

/// Called by JsonIndex when an object has been read: one entry per key, the last value wins at the
/// place of the first, and a lookup table when it is big.
void finish_object(Container& c, Arena& arena);

void finish_object(Container& c, Arena& arena) {
  if (c.size < kHashFrom) {
    std::uint64_t seen[4] = {0, 0, 0, 0};
    for (std::uint32_t i = 0; i < c.size; ++i) {
      const Value key = c.members[i].key;
      const std::string_view text = key.stored();
      const std::uint32_t h = quick_hash(text);
      std::uint64_t& word = seen[h >> 6];
      const std::uint64_t bit = std::uint64_t{1} << (h & 63U);
      // An escaped key may equal a plain one of another spelling: look at all.
      if ((word & bit) == 0 && !key.is_escaped()) {
        word |= bit;
        continue;
      }
      word |= bit;
      std::string decoded;
      std::string_view wanted = text;
      if (key.is_escaped()) {
        decode_json_string(text, decoded);
        wanted = decoded;
      }
      for (std::uint32_t j = 0; j < i; ++j) {
        if (!key_equals(c.members[j].key, wanted)) continue;
        c.members[j].value = c.members[i].value;
        for (std::uint32_t k = i + 1; k < c.size; ++k) c.members[k - 1] = c.members[k];
        --c.size;
        --i;
        break;
      }
    }
    // A plain key behind an escaped one of the same meaning passes the filter above: compare those.
    for (std::uint32_t i = 0; i < c.size; ++i) {
      if (!c.members[i].key.is_escaped()) continue;
      std::string decoded;
      decode_json_string(c.members[i].key.stored(), decoded);
      for (std::uint32_t j = i + 1; j < c.size; ++j) {
        if (!key_equals(c.members[j].key, decoded)) continue;
        c.members[i].value = c.members[j].value;
        for (std::uint32_t k = j + 1; k < c.size; ++k) c.members[k - 1] = c.members[k];
        --c.size;
        --j;
      }
    }
    return;
  }
  std::uint32_t slots = 64;
  while (slots < c.size * 2) slots *= 2;
  c.hash = arena.array<std::uint32_t>(slots);
  std::memset(c.hash, 0, slots * sizeof(std::uint32_t));
  c.hash_mask = slots - 1;
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < c.size; ++i) {
    const Value key = c.members[i].key;
    std::string decoded;
    std::string_view text = key.stored();
    if (key.is_escaped()) {
      decode_json_string(text, decoded);
      text = decoded;
    }
    std::uint32_t at = key_hash(text) & c.hash_mask;
    bool duplicate = false;
    for (; c.hash[at] != 0; at = (at + 1) & c.hash_mask) {
      if (key_equals(c.members[c.hash[at] - 1].key, text)) {
        c.members[c.hash[at] - 1].value = c.members[i].value;
        duplicate = true;
        break;
      }
    }
    if (duplicate) continue;
    c.members[kept] = c.members[i];
    c.hash[at] = ++kept;
  }
  c.size = kept;
}

}  // namespace detail

}  // namespace weir::core
