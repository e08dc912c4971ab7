#include <bit>
#include <cstdint>
#include <string>

#include "core/time.h"
#include "mapping/formats/msgpack.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Result;
using core::Value;

tl::unexpected<core::Error> too_short() {
  return core::invalid_data("unexpected end of the data");
}

class MsgpackReader {
 public:
  MsgpackReader(std::string_view bytes, const ArenaBudget& budget)
      : rest_(bytes), budget_(budget) {}

  Result<Value> value(unsigned depth) {
    if (depth > core::kMaxDepth) return too_deep();
    if (budget_.exceeded()) return too_much_data();
    if (rest_.empty()) return too_short();
    const auto code = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (code <= 0x7f) return Value::integer(code);
    if (code <= 0x8f) return object(code & 0x0FU, depth);
    if (code <= 0x9f) return array(code & 0x0FU, depth);
    if (code <= 0xbf) return text(code & 0x1FU, Kind::kString);
    if (code >= 0xe0) return Value::integer(static_cast<std::int8_t>(code));
    return typed(code, depth);
  }

 private:
  /// What has a byte that says its type.
  Result<Value> typed(unsigned char code, unsigned depth) {
    switch (code) {
      case 0xc0: return Value::null();
      case 0xc2: return Value::boolean(false);
      case 0xc3: return Value::boolean(true);
      case 0xc4:
      case 0xc5:
      case 0xc6: return sized_text(1U << (code - 0xc4U), Kind::kBytes);
      case 0xc7:
      case 0xc8:
      case 0xc9: {
        WEIR_TRY(const std::uint64_t size, big_endian(1U << (code - 0xc7U)));
        return extension(size);
      }
      case 0xca: {
        WEIR_TRY(const std::uint64_t bits, big_endian(4));
        return Value::number(std::bit_cast<float>(static_cast<std::uint32_t>(bits)),
                             core::NumberWidth::k32);
      }
      case 0xcb: {
        WEIR_TRY(const std::uint64_t bits, big_endian(8));
        return Value::number(std::bit_cast<double>(bits));
      }
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf: {
        WEIR_TRY(const std::uint64_t number, big_endian(1U << (code - 0xccU)));
        return number > INT64_MAX ? Value::unsigned_integer(number)
                                  : Value::integer(static_cast<std::int64_t>(number));
      }
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3: {
        const unsigned size = 1U << (code - 0xd0U);
        WEIR_TRY(const std::uint64_t bits, big_endian(size));
        const unsigned unused = 64 - 8 * size;  // the sign is shifted down from the top
        return Value::integer(static_cast<std::int64_t>(bits << unused) >> unused);
      }
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8: return extension(1U << (code - 0xd4U));
      case 0xd9:
      case 0xda:
      case 0xdb: return sized_text(1U << (code - 0xd9U), Kind::kString);
      case 0xdc:
      case 0xdd: {
        WEIR_TRY(const std::uint64_t size, big_endian(2U << (code - 0xdcU)));
        return array(size, depth);
      }
      case 0xde:
      case 0xdf: {
        WEIR_TRY(const std::uint64_t size, big_endian(2U << (code - 0xdeU)));
        return object(size, depth);
      }
      default: return core::invalid_data("the byte 0xc1 stands for nothing");
    }
  }

  Result<std::uint64_t> big_endian(unsigned bytes) {
    if (rest_.size() < bytes) return too_short();
    std::uint64_t number = 0;
    for (unsigned i = 0; i < bytes; ++i)
      number = number << 8 | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(bytes);
    return number;
  }

  Result<Value> sized_text(unsigned size_bytes, Kind kind) {
    WEIR_TRY(const std::uint64_t size, big_endian(size_bytes));
    return text(size, kind);
  }

  Result<Value> text(std::uint64_t size, Kind kind) {
    if (rest_.size() < size) return too_short();
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return kind == Kind::kBytes ? Value::bytes(text) : Value::string(text);
  }

  Result<Value> array(std::uint64_t size, unsigned depth) {
    if (size > rest_.size()) return too_short();  // every element takes a byte
    if (size > core::kMaxMembers) return too_much_data();
    Value made = Value::array(budget_.arena());
    for (std::uint64_t i = 0; i < size; ++i) {
      WEIR_TRY(const Value item, value(depth + 1));
      core::append_item(made, item, budget_.arena());
    }
    return made;
  }

  Result<Value> object(std::uint64_t size, unsigned depth) {
    if (size > rest_.size() / 2) return too_short();
    if (size > core::kMaxMembers) return too_much_data();
    Value made = Value::object(budget_.arena());
    for (std::uint64_t i = 0; i < size; ++i) {
      WEIR_TRY(const Value key, value(depth + 1));
      if (!key.is(Kind::kString) && !key.is(Kind::kBytes))
        return core::invalid_data("a key is no string");
      WEIR_TRY(const Value item, value(depth + 1));
      core::set_member(made, key.stored(), item, budget_.arena());
    }
    return made;
  }

  Result<Value> extension(std::uint64_t size) {
    WEIR_TRY(const std::uint64_t type_bits, big_endian(1));
    const auto type = static_cast<std::int8_t>(type_bits);
    if (type != -1 || (size != 4 && size != 8 && size != 12)) {
      return core::invalid_data("extensions of type " + std::to_string(type) +
                                " are not supported");
    }
    std::int64_t seconds = 0;
    std::uint64_t nanos = 0;
    if (size == 4) {
      WEIR_TRY(const std::uint64_t bits, big_endian(4));
      seconds = static_cast<std::int64_t>(bits);
    } else if (size == 8) {
      WEIR_TRY(const std::uint64_t bits, big_endian(8));
      nanos = bits >> 34;
      seconds = static_cast<std::int64_t>(bits & ((std::uint64_t{1} << 34) - 1));
    } else {
      WEIR_TRY(nanos, big_endian(4));
      WEIR_TRY(const std::uint64_t bits, big_endian(8));
      seconds = static_cast<std::int64_t>(bits);
    }
    if (nanos >= 1'000'000'000) return core::invalid_data("a timestamp has too many nanoseconds");
    return Value::timestamp(budget_.arena().create<core::Timestamp>(
        core::from_unix(seconds, static_cast<std::int64_t>(nanos))));
  }

  std::string_view rest_;
  const ArenaBudget& budget_;
};

}  // namespace

Result<Value> parse_msgpack(std::string_view bytes, const ArenaBudget& budget) {
  return MsgpackReader(bytes, budget).value(1);
}

}  // namespace weir::mapping
