#include "core/json_index.h"

#include <cstring>
#include <string>
#include <vector>

#include <simdjson.h>

#include "core/block.h"
#include "core/json_text.h"

namespace weir::core {

namespace detail {
void finish_object(Container& c, Arena& arena);  // value.cpp
}

namespace {

using Implementation = simdjson::internal::dom_parser_implementation;

constexpr std::size_t kSmallIndex = 8 * 1024;
constexpr std::size_t kBigIndex = 160 * 1024;

// Stage 1 needs a position buffer as long as the text; two sizes are kept per thread.
struct ImplementationPool {
  std::vector<std::unique_ptr<Implementation>> small;
  std::vector<std::unique_ptr<Implementation>> big;
};
thread_local ImplementationPool implementations;

std::unique_ptr<Implementation> take_implementation(std::size_t size) {
  auto& pool = size <= kSmallIndex ? implementations.small : implementations.big;
  if (size <= kBigIndex && !pool.empty()) {
    auto taken = std::move(pool.back());
    pool.pop_back();
    return taken;
  }
  const std::size_t capacity =
      size <= kSmallIndex ? kSmallIndex : (size <= kBigIndex ? kBigIndex : size);
  std::unique_ptr<Implementation> made;
  const auto error =
      simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, made);
  if (error != simdjson::SUCCESS) return nullptr;
  return made;
}

void return_implementation(std::unique_ptr<Implementation> used) {
  if (used == nullptr) return;
  const std::size_t capacity = used->capacity();
  if (capacity == kSmallIndex && implementations.small.size() < 16) {
    implementations.small.push_back(std::move(used));
  } else if (capacity == kBigIndex && implementations.big.size() < 8) {
    implementations.big.push_back(std::move(used));
  }
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string printable(char c) {
  if (c >= 0x20 && c < 0x7f) return std::string("`") + c + "`";
  constexpr char digits[] = "0123456789abcdef";
  const auto u = static_cast<unsigned char>(c);
  return std::string("byte 0x") + digits[u >> 4] + digits[u & 15];
}

}  // namespace

struct JsonIndex::Engine {
  std::unique_ptr<Implementation> implementation;
  std::uint32_t expected_members =
      8;  // as many as the latest object had: documents resemble each other
  ~Engine() { return_implementation(std::move(implementation)); }
};

/// One pass over the positions of one document.
class JsonWalker {
 public:
  JsonWalker(JsonIndex& index, std::uint32_t at, std::size_t document_end)
      : index_(index),
        base_(index.text_.data()),
        positions_(index.positions_),
        end_(static_cast<std::uint32_t>(document_end)),
        i_(at) {}

  bool document(Value& out) {
    if (!value<true>(0, out)) return false;
    if (position(i_) < end_) return fail(position(i_), "more text after the end of the document");
    return true;
  }

  /// Reads the entries of the container whose bracket stands at the current position.
  bool entries(Kind kind, Container& c, unsigned depth) {
    return kind == Kind::kObject ? object<true>(c, depth) : array<true>(c, depth);
  }

  [[nodiscard]] std::uint32_t at() const { return i_; }
  [[nodiscard]] std::uint32_t error_offset() const { return error_offset_; }
  [[nodiscard]] const char* error() const { return error_; }
  [[nodiscard]] bool over_limit() const { return over_limit_; }

 private:
  // Stage 1 puts the text's size behind the last position, twice; the walk never goes further.
  [[nodiscard]] std::uint32_t position(std::uint32_t i) const { return positions_[i]; }
  [[nodiscard]] char current() const {
    const std::uint32_t p = position(i_);
    return p < end_ ? base_[p] : '\0';
  }

  bool fail(std::uint32_t offset, const char* what) {
    error_offset_ = offset;
    error_ = what;
    return false;
  }

  // kBuild false: check only, `out` is left alone.
  template <bool kBuild>
  bool value(unsigned depth, Value& out) {
    const std::uint32_t p = position(i_);
    if (p >= end_) return fail(end_, "unexpected end, expected a value");
    switch (base_[p]) {
      case '"': return string<kBuild>(p, out);
      case '{':
      case '[': return container<kBuild>(p, depth, out);
      case 't': return literal(p, "true", 4, Value::boolean(true), out);
      case 'f': return literal(p, "false", 5, Value::boolean(false), out);
      case 'n': return literal(p, "null", 4, Value::null(), out);
      default: return number<kBuild>(p, out);
    }
  }

  bool literal(std::uint32_t p, const char* text, std::uint32_t length, Value value, Value& out) {
    if (end_ - p < length || std::memcmp(base_ + p, text, length) != 0 || !ends_token(p + length)) {
      return fail(p, "not a JSON value");
    }
    out = value;
    ++i_;
    return true;
  }

  // Behind a scalar there may only be white space up to the next structural character: anything
  // else after white space would have a position of its own, so one look is enough.
  [[nodiscard]] bool ends_token(std::uint32_t p) const {
    return p == end_ || p == position(i_ + 1) || (p < end_ && is_space(base_[p]));
  }

  template <bool kBuild>
  bool number(std::uint32_t p, Value& out) {
    const char* const start = base_ + p;
    const char* c = start;
    if (*c == '-') ++c;
    if (*c == '0') {
      ++c;
    } else if (is_digit(*c)) {
      do ++c;
      while (is_digit(*c));
    } else {
      return fail(p, "not a JSON value");
    }
    if (*c == '.') {
      ++c;
      if (!is_digit(*c)) return fail(p, "a number needs a digit after its point");
      do ++c;
      while (is_digit(*c));
    }
    if (*c == 'e' || *c == 'E') {
      ++c;
      if (*c == '+' || *c == '-') ++c;
      if (!is_digit(*c)) return fail(p, "a number needs a digit in its exponent");
      do ++c;
      while (is_digit(*c));
    }
    const auto after = static_cast<std::uint32_t>(c - base_);
    if (after > end_ || !ends_token(after)) return fail(p, "not a JSON number");
    if constexpr (kBuild) out = Value::number_text({start, static_cast<std::size_t>(c - start)});
    ++i_;
    return true;
  }

  // The inside of the string whose quote stands at p; i_ is at its position.
  bool string_inside(std::uint32_t p, std::string_view& inside) {
    std::uint32_t q = position(i_ + 1);
    if (q > end_) q = end_;
    do {
      if (q <= p + 1) return fail(p, "string is not closed");
      --q;
    } while (base_[q] != '"');
    inside = {base_ + p + 1, q - p - 1};
    return true;
  }

  template <bool kBuild>
  bool string(std::uint32_t p, Value& out) {
    if constexpr (!kBuild) {
      if (!index_.may_escape_) {  // closed for sure: its container's bracket comes after it
        ++i_;
        return true;
      }
    }
    std::string_view inside;
    if (!string_inside(p, inside)) return false;
    bool escaped = false;
    if (index_.may_escape_ && !check_escapes(inside, escaped)) return false;
    if constexpr (kBuild) out = Value::json_string(inside, escaped);
    ++i_;
    return true;
  }

  bool check_escapes(std::string_view inside, bool& escaped) {
    const char* c = inside.data();
    const char* const end = c + inside.size();
    while ((c = static_cast<const char*>(
                std::memchr(c, '\\', static_cast<std::size_t>(end - c)))) != nullptr) {
      escaped = true;
      if (end - c < 2) return fail(static_cast<std::uint32_t>(c - base_), "string is not closed");
      switch (c[1]) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't': c += 2; break;
        case 'u': {
          if (end - c < 6) return fail(static_cast<std::uint32_t>(c - base_), "bad \\u escape");
          for (int k = 2; k < 6; ++k) {
            const auto h = static_cast<unsigned char>(c[k] | 0x20);
            if (!is_digit(c[k]) && (h < 'a' || h > 'f')) {
              return fail(static_cast<std::uint32_t>(c - base_), "bad \\u escape");
            }
          }
          c += 6;
          break;
        }
        default: return fail(static_cast<std::uint32_t>(c - base_), "unknown escape in a string");
      }
    }
    return true;
  }

  template <bool kBuild>
  bool container(std::uint32_t p, unsigned depth, Value& out) {
    if (depth >= kMaxDepth) {
      over_limit_ = true;
      return fail(p, "nested deeper than 128 levels");
    }
    const Kind kind = base_[p] == '{' ? Kind::kObject : Kind::kArray;
    if constexpr (!kBuild) {
      Container none;
      return kind == Kind::kObject ? object<false>(none, depth) : array<false>(none, depth);
    } else {
      auto* c = index_.arena_.create<Container>();
      c->index_pos = i_;
      c->raw = base_ + p;
      const bool ok = depth == 0 ? entries(kind, *c, depth) : check(kind, *c, depth);
      if (!ok) return false;
      c->raw_size = position(i_ - 1) + 1 - p;
      if (depth > 0) c->index = &index_;
      out = Value::container(kind, c);
      return true;
    }
  }

  bool check(Kind kind, Container& c, unsigned depth) {
    return kind == Kind::kObject ? object<false>(c, depth) : array<false>(c, depth);
  }

  template <class T>
  T* moved(T* from, std::uint32_t& capacity) {
    T* to = index_.arena_.array<T>(std::size_t{capacity} * 2);
    std::memcpy(static_cast<void*>(to), from, capacity * sizeof(T));
    capacity *= 2;
    return to;
  }

  template <bool kBuild>
  bool object(Container& c, unsigned depth) {
    std::uint32_t size = 0;
    ++i_;
    if (current() == '}') {
      ++i_;
      if constexpr (kBuild) c.raw_members = 0;
      return true;
    }
    std::uint32_t capacity = 0;
    Member* into = nullptr;
    if constexpr (kBuild) {
      capacity = index_.engine_->expected_members;
      into = index_.arena_.array<Member>(capacity);
    }
    while (true) {
      const std::uint32_t p = position(i_);
      if (current() != '"') return fail(p < end_ ? p : end_, "expected a key in quotes");
      Member unread;
      Member& member = kBuild ? into[size] : unread;
      if (!string<kBuild>(p, member.key)) return false;
      if (current() != ':')
        return fail(position(i_) < end_ ? position(i_) : end_, "expected `:` after a key");
      ++i_;
      if (!value<kBuild>(depth + 1, member.value)) return false;
      if (++size > kMaxMembers) {
        over_limit_ = true;
        return fail(p, "more than 16777216 members in one object");
      }
      const char next = current();
      if (next == ',') {
        ++i_;
        if constexpr (kBuild) {
          if (size == capacity) into = moved(into, capacity);
        }
        continue;
      }
      if (next != '}') {
        return fail(position(i_) < end_ ? position(i_) : end_, "expected `,` or `}`");
      }
      ++i_;
      break;
    }
    if constexpr (kBuild) {
      c.size = size;
      c.capacity = capacity;
      c.members = into;
      index_.engine_->expected_members = size < 64 ? size + 1 : 64;
      detail::finish_object(c, index_.arena_);
      c.raw_members = c.size;
    }
    return true;
  }

  template <bool kBuild>
  bool array(Container& c, unsigned depth) {
    std::uint32_t size = 0;
    ++i_;
    if (current() == ']') {
      ++i_;
      return true;
    }
    std::uint32_t capacity = 0;
    Value* into = nullptr;
    if constexpr (kBuild) {
      capacity = 8;
      into = index_.arena_.array<Value>(capacity);
    }
    while (true) {
      Value unread;
      Value& item = kBuild ? into[size] : unread;
      if (!value<kBuild>(depth + 1, item)) return false;
      if (++size > kMaxMembers) {
        over_limit_ = true;
        return fail(position(i_), "more than 16777216 elements in one array");
      }
      const char next = current();
      if (next == ',') {
        ++i_;
        if constexpr (kBuild) {
          if (size == capacity) into = moved(into, capacity);
        }
        continue;
      }
      if (next != ']') {
        return fail(position(i_) < end_ ? position(i_) : end_, "expected `,` or `]`");
      }
      ++i_;
      break;
    }
    if constexpr (kBuild) {
      c.size = size;
      c.capacity = capacity;
      c.items = into;
    }
    return true;
  }

  JsonIndex& index_;
  const char* base_;
  const std::uint32_t* positions_;
  std::uint32_t end_;
  std::uint32_t i_;
  std::uint32_t error_offset_ = 0;
  const char* error_ = "";
  bool over_limit_ = false;
};

JsonIndex::JsonIndex(std::string_view text, Arena& arena) : text_(text), arena_(arena) {}
JsonIndex::~JsonIndex() {
  // The chain of single documents may be long: unlink it iteratively.
  while (alone_ != nullptr) alone_ = std::move(alone_->alone_);
}

bool JsonIndex::index_whole() {
  engine_ = std::make_unique<Engine>();
  if (text_.size() >= 0xffffff00U) return false;
  engine_->implementation = take_implementation(text_.size());
  if (engine_->implementation == nullptr) return false;
  const auto error =
      engine_->implementation->stage1(reinterpret_cast<const std::uint8_t*>(text_.data()),
                                      text_.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) return false;
  positions_ = engine_->implementation->structural_indexes.get();
  count_ = engine_->implementation->n_structural_indexes;
  may_escape_ = std::memchr(text_.data(), '\\', text_.size()) != nullptr;
  return true;
}

namespace {

Error malformed(std::string_view text, std::size_t offset, std::string_view what) {
  std::string message("invalid JSON at byte ");
  message += std::to_string(offset + 1);
  message += ": ";
  message += what;
  if (offset < text.size()) {
    message += ", found ";
    message += printable(text[offset]);
  }
  return Error{ErrorCode::kInvalidData, std::move(message)};
}

// Stage 1 says that something is wrong, not where: look again, slowly.
Error explain_bytes(std::string_view text) {
  bool inside = false;
  std::size_t opened = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!inside) {
      if (c == '"') {
        inside = true;
        opened = i;
      }
      continue;
    }
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      inside = false;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return malformed(text, i, "a control character in a string must be escaped");
    }
  }
  const auto utf8 = simdjson::validate_utf8(text.data(), text.size());
  if (!utf8) {
    std::size_t good = 0;
    while (good < text.size()) {
      std::size_t length = 1;
      while (length <= 4 && good + length <= text.size() &&
             !simdjson::validate_utf8(text.data() + good, length)) {
        ++length;
      }
      if (length > 4 || good + length > text.size()) break;
      good += length;
    }
    return malformed(text, good, "invalid UTF-8");
  }
  if (inside) return malformed(text, opened, "string is not closed");
  return malformed(text, 0, "not a JSON document");
}

}  // namespace

Result<Value> JsonIndex::parse(std::string_view document) {
  const auto begin = static_cast<std::size_t>(document.data() - text_.data());
  const std::size_t end = begin + document.size();
  std::size_t first = begin;
  while (first < end && is_space(text_[first])) ++first;
  if (first == end) return invalid_data("message is empty");
  const bool is_alone = document.size() == text_.size();
  if (engine_ == nullptr && !failed_) failed_ = !index_whole();
  if (failed_) {
    if (!is_alone) return parse_alone(document);
    if (text_.size() >= 0xffffff00U)
      return fail(ErrorCode::kLimit, "document is larger than 4 GiB");
    return core::fail(explain_bytes(text_));
  }
  // Walk on from the latest document; go back to a binary search when asked out of order.
  if (cursor_ > 0 && positions_[cursor_ - 1] >= first) {
    std::uint32_t low = 0;
    std::uint32_t high = cursor_;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (positions_[middle] < first) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    cursor_ = low;
  }
  if (cursor_ + 32 < count_ && positions_[cursor_ + 32] < first) {
    std::uint32_t low = cursor_ + 32;
    std::uint32_t high = count_;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (positions_[middle] < first) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    cursor_ = low;
  }
  while (cursor_ < count_ && positions_[cursor_] < first) ++cursor_;
  if (cursor_ >= count_ || positions_[cursor_] != first) {
    if (!is_alone) return parse_alone(document);
    return core::fail(malformed(text_, first, "not a JSON document"));
  }
  JsonWalker walker(*this, cursor_, end);
  Value value;
  if (walker.document(value)) {
    cursor_ = walker.at();
    return value;
  }
  if (walker.over_limit()) {
    return fail(ErrorCode::kLimit, "invalid JSON at byte " +
                                       std::to_string(walker.error_offset() - begin + 1) + ": " +
                                       walker.error());
  }
  if (!is_alone) return parse_alone(document);
  return core::fail(malformed(text_, walker.error_offset(), walker.error()));
}

Result<Value> JsonIndex::parse_alone(std::string_view document) {
  auto alone = std::make_unique<JsonIndex>(document, arena_);
  JsonIndex& index = *alone;
  alone->alone_ = std::move(alone_);
  alone_ = std::move(alone);
  return index.parse(document);
}

void JsonIndex::expand(Kind kind, Container& container) {
  JsonWalker walker(*this, container.index_pos, text_.size());
  container.index = nullptr;
  // Depth was checked when the document was validated; what is one level below becomes lazy again.
  const bool ok = walker.entries(kind, container, 0);
  if (!ok) std::abort();  // validated before: a bug of ours, not of the data
}

namespace {

void expand_all(Value value) {
  if (value.is(Kind::kArray)) {
    for (Value& item : items(value)) expand_all(item);
  } else if (value.is(Kind::kObject)) {
    for (Member& member : members(value)) expand_all(member.value);
  }
}

}  // namespace

Result<Value> parse_json(std::string_view text, Arena& arena) {
  char* copy = static_cast<char*>(arena.allocate(text.size() + Block::kPadding, 1));
  if (!text.empty()) std::memcpy(copy, text.data(), text.size());
  std::memset(copy + text.size(), 0, Block::kPadding);
  const std::string_view document(copy, text.size());
  JsonIndex index(document, arena);
  WEIR_TRY(const Value value, index.parse(document));
  expand_all(value);
  return value;
}

}  // namespace weir::core
