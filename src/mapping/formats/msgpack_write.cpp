#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "core/number_text.h"
#include "core/time.h"
#include "mapping/formats/msgpack.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

class MsgpackWriter {
 public:
  MsgpackWriter(core::Arena& scratch, core::Buffer& out) : scratch_(scratch), out_(out) {}

  core::Status value(Value value, unsigned depth) {
    if (depth > core::kMaxDepth) return too_deep();
    switch (value.kind()) {
      case Kind::kNull: byte(0xc0); return {};
      case Kind::kBool: byte(value.as_bool() ? 0xc3 : 0xc2); return {};
      case Kind::kInt: integer(value.as_int()); return {};
      case Kind::kUInt: natural(value.as_uint()); return {};
      case Kind::kDouble: floating(value); return {};
      case Kind::kNumber: return number(value.stored());
      case Kind::kString: {
        const std::string_view text = value.text(scratch_);
        string(text);
        return {};
      }
      case Kind::kBytes:
        sized(value.stored().size(), {0, 0, 0xc4, 0xc5, 0xc6});
        out_.append(value.stored());
        return {};
      case Kind::kTimestamp: timestamp(value.as_timestamp()); return {};
      case Kind::kArray:
        sized(core::size(value), {0x90, 0x0F, 0, 0xdc, 0xdd});
        for (const Value item : core::items(value)) WEIR_CHECK_OK(this->value(item, depth + 1));
        return {};
      case Kind::kObject: return object(value, depth);
      case Kind::kDelete:
      case Kind::kNothing:
      case Kind::kError: break;
    }
    return core::invalid_data("a marker cannot be written");
  }

 private:
  void byte(unsigned code) { out_.push(static_cast<char>(code)); }

  void coded(unsigned code, std::uint64_t number, unsigned bytes) {
    byte(code);
    big_endian(number, bytes);
  }
  void big_endian(std::uint64_t number, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;) byte(static_cast<unsigned>(number >> (8 * i)) & 0xFFU);
  }

  /// How the sizes of a type are written: in the code itself up to `in_code`, or behind a code in
  /// one, two or four bytes; 0 is a form that the type does not have.
  struct SizeCodes {
    unsigned in_code;
    unsigned max_in_code;
    unsigned one;
    unsigned two;
    unsigned four;
  };
  void sized(std::size_t size, const SizeCodes& codes) {
    if (codes.in_code != 0 && size <= codes.max_in_code) {
      byte(codes.in_code | static_cast<unsigned>(size));
    } else if (codes.one != 0 && size <= 0xFF) {
      coded(codes.one, size, 1);
    } else if (size <= 0xFFFF) {
      coded(codes.two, size, 2);
    } else {
      coded(codes.four, size, 4);
    }
  }

  void string(std::string_view text) {
    sized(text.size(), {0xa0, 0x1F, 0xd9, 0xda, 0xdb});
    out_.append(text);
  }

  void natural(std::uint64_t number) {
    if (number <= 0x7F) {
      byte(static_cast<unsigned>(number));
    } else if (number <= 0xFF) {
      coded(0xcc, number, 1);
    } else if (number <= 0xFFFF) {
      coded(0xcd, number, 2);
    } else if (number <= 0xFFFFFFFF) {
      coded(0xce, number, 4);
    } else {
      coded(0xcf, number, 8);
    }
  }

  void integer(std::int64_t number) {
    if (number >= 0) return natural(static_cast<std::uint64_t>(number));
    const auto bits = static_cast<std::uint64_t>(number);
    if (number >= -32) {
      byte(static_cast<unsigned>(bits & 0xFF));
    } else if (number >= INT8_MIN) {
      coded(0xd0, bits, 1);
    } else if (number >= INT16_MIN) {
      coded(0xd1, bits, 2);
    } else if (number >= INT32_MIN) {
      coded(0xd2, bits, 4);
    } else {
      coded(0xd3, bits, 8);
    }
  }

  void floating(Value value) {
    if (value.width() == core::NumberWidth::k32) {
      coded(0xca, std::bit_cast<std::uint32_t>(static_cast<float>(value.as_double())), 4);
    } else {
      coded(0xcb, std::bit_cast<std::uint64_t>(value.as_double()), 8);
    }
  }

  core::Status number(std::string_view text) {
    if (const auto small = core::json_int64(text)) {
      integer(*small);
    } else if (const auto big = core::json_uint64(text)) {
      natural(*big);
    } else if (const auto rounded = core::json_double(text)) {
      floating(Value::number(*rounded));
    } else {
      return core::invalid_data("number " + std::string(text) + " is beyond a 64-bit float");
    }
    return {};
  }

  void timestamp(const core::Timestamp& time) {
    constexpr std::uint64_t kSeconds34 = std::uint64_t{1} << 34;
    const auto seconds = static_cast<std::uint64_t>(time.seconds);
    const auto nanos = static_cast<std::uint64_t>(time.nanos);
    if (time.seconds < 0 || seconds >= kSeconds34) {
      coded(0xc7, 12, 1);
      byte(0xFF);
      big_endian(nanos, 4);
      big_endian(seconds, 8);
    } else if (nanos != 0 || seconds > 0xFFFFFFFF) {
      byte(0xd7);
      byte(0xFF);
      big_endian(nanos << 34 | seconds, 8);
    } else {
      byte(0xd6);
      byte(0xFF);
      big_endian(seconds, 4);
    }
  }

  core::Status object(Value object, unsigned depth) {
    struct Entry {
      std::string_view key;
      Value value;
    };
    std::vector<Entry> entries;
    entries.reserve(core::size(object));
    for (const core::Member& member : core::members(object)) {
      entries.push_back({member.key.text(scratch_), member.value});
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    sized(entries.size(), {0x80, 0x0F, 0, 0xde, 0xdf});
    for (const Entry& entry : entries) {
      string(entry.key);
      WEIR_CHECK_OK(value(entry.value, depth + 1));
    }
    return {};
  }

  core::Arena& scratch_;
  core::Buffer& out_;
};

}  // namespace

core::Status write_msgpack(Value value, core::Arena& scratch, core::Buffer& out) {
  return MsgpackWriter(scratch, out).value(value, 1);
}

}  // namespace weir::mapping
