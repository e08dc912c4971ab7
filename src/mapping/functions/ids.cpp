#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/int128.h"
#include "core/number_text.h"
#include "core/quote.h"
#include "core/time.h"
#include "mapping/functions/all.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Result;
using core::Value;

using Bytes16 = std::array<unsigned char, 16>;

void put_big_endian(unsigned char* to, std::uint64_t number, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0; number >>= 8) to[i] = static_cast<unsigned char>(number);
}

// 128 random bits.
Bytes16 random_bytes(Call& call) {
  Bytes16 bytes;
  put_big_endian(bytes.data(), call.random().next(), 8);
  put_big_endian(bytes.data() + 8, call.random().next(), 8);
  return bytes;
}

constexpr std::string_view kHexDigits = "0123456789abcdef";

Value uuid_text(Call& call, Bytes16 bytes, unsigned version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | version << 4);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);  // the variant of RFC 9562
  char* const text = call.room(36);
  if (text == nullptr) return call.too_big();
  char* at = text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    *at++ = kHexDigits[bytes[i] >> 4];
    *at++ = kHexDigits[bytes[i] & 0xfU];
  }
  return Value::string({text, 36});
}

Value uuid_v4(Call& call) {
  return uuid_text(call, random_bytes(call), 4);
}

// Milliseconds, then 12 bits of their fraction, so that ids of one millisecond are in order too.
Value uuid_v7(Call& call) {
  Bytes16 bytes = random_bytes(call);
  constexpr std::int64_t kNanosPerMilli = 1'000'000;
  core::FloorDiv time{};
  if (call.has(0)) {
    const auto millis = core::unix_millis(call.timestamp(0));
    if (!millis) return call.fail(millis.error());
    time = {*millis, call.timestamp(0).nanos % kNanosPerMilli};
  } else {
    time = core::floor_div(call.clock().wall_nanos(), kNanosPerMilli);
  }
  if (time.quotient < 0 || time.quotient >= std::int64_t{1} << 48) {
    return call.fail("a UUID of version 7 needs a time between 1970 and 10889");
  }
  put_big_endian(bytes.data(), static_cast<std::uint64_t>(time.quotient), 6);
  put_big_endian(bytes.data() + 6,
                 static_cast<std::uint64_t>(time.remainder) * 4096 / kNanosPerMilli, 2);
  return uuid_text(call, bytes, 7);
}

// ---- ulid

struct UlidForm {
  bool hex;
};

Result<Prepared> prepare_ulid(const PrepareCall& call) {
  const std::string_view encoding = call.text(0);
  if (encoding != "crockford" && encoding != "hex") {
    return core::invalid_config("invalid ulid encoding: " + std::string(encoding) +
                                ", expected crockford or hex");
  }
  const std::string_view source = call.text(1);
  if (source != "secure_random" && source != "fast_random") {
    return core::invalid_config("invalid randomness source: " + std::string(source) +
                                ", expected secure_random or fast_random");
  }
  return std::make_shared<const UlidForm>(UlidForm{encoding == "hex"});
}

Value ulid(Call& call) {
  Bytes16 bytes = random_bytes(call);
  const std::int64_t millis = core::floor_div(call.clock().wall_nanos(), 1'000'000).quotient;
  if (millis < 0) return call.fail("a ULID needs a time after 1970");
  put_big_endian(bytes.data(), static_cast<std::uint64_t>(millis), 6);
  char* const text = call.room(32);
  if (text == nullptr) return call.too_big();
  if (call.prepared<UlidForm>().hex) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      text[2 * i] = kHexDigits[bytes[i] >> 4];
      text[2 * i + 1] = kHexDigits[bytes[i] & 0xfU];
    }
    return Value::string({text, 32});
  }
  // 26 digits of five bits, the first of which has only three.
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  unsigned bits = 0;
  unsigned held = 2;  // zeros in front
  std::size_t from = 0;
  for (std::size_t i = 0; i < 26; ++i) {
    if (held < 5) {
      bits = bits << 8 | bytes[from++];
      held += 8;
    }
    held -= 5;
    text[i] = kDigits[bits >> held & 0x1fU];
  }
  return Value::string({text, 26});
}

// ---- ksuid

// 4 bytes of seconds since 2014-05-13 and 16 random ones, as 27 digits to base 62.
Value ksuid(Call& call) {
  constexpr std::int64_t kEpoch = 1'400'000'000;
  const std::int64_t seconds =
      core::floor_div(call.clock().wall_nanos(), 1'000'000'000).quotient - kEpoch;
  if (seconds < 0 || seconds > UINT32_MAX) {
    return call.fail("a KSUID needs a time between 2014 and 2150");
  }
  std::uint32_t words[5];
  words[0] = static_cast<std::uint32_t>(seconds);
  for (std::size_t i = 1; i < 5; i += 2) {
    const std::uint64_t random = call.random().next();
    words[i] = static_cast<std::uint32_t>(random >> 32);
    words[i + 1] = static_cast<std::uint32_t>(random);
  }
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::size_t kLength = 27;
  char* const text = call.room(kLength);
  if (text == nullptr) return call.too_big();
  for (std::size_t i = kLength; i-- > 0;) {  // long division by 62, from the last digit
    std::uint64_t rest = 0;
    for (std::uint32_t& word : words) {
      const std::uint64_t part = rest << 32 | word;
      word = static_cast<std::uint32_t>(part / 62);
      rest = part % 62;
    }
    text[i] = kDigits[rest];
  }
  return Value::string({text, kLength});
}

// ---- nanoid

// Characters of the alphabet, in UTF-8.
struct NanoidForm {
  std::vector<std::string> characters;
};

Result<Prepared> prepare_nanoid(const PrepareCall& call) {
  NanoidForm form;
  std::string_view alphabet = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (call.has(1)) {
    if (!call.has(0)) {
      return core::invalid_config("field length must be specified when an alphabet is specified");
    }
    alphabet = call.text(1);
  }
  while (!alphabet.empty() && form.characters.size() <= 255) {
    const core::Utf8Step step = core::decode_utf8(alphabet);
    form.characters.emplace_back(alphabet.substr(0, step.size));
    alphabet.remove_prefix(step.size);
  }
  if (form.characters.empty() || form.characters.size() > 255) {
    return core::invalid_config("alphabet must not be empty and contain no more than 255 chars");
  }
  if (call.has(0) && call.integer(0) < 0) return core::invalid_config("negative id length");
  return std::make_shared<const NanoidForm>(std::move(form));
}

Value nanoid(Call& call) {
  const std::vector<std::string>& characters = call.prepared<NanoidForm>().characters;
  const auto length = static_cast<std::uint64_t>(call.has(0) ? call.integer(0) : 21);
  if (length > core::kMaxMembers) return call.too_big();
  if (!call.spend(length)) return call.too_long();
  char* const text = call.room(length * 4);
  if (text == nullptr) return call.too_big();
  // Random bytes below the next power of two; those beyond the alphabet are not used, so that each
  // character is as likely as any other.
  std::uint64_t mask = 1;
  while (mask < characters.size()) mask *= 2;
  --mask;
  std::uint64_t random = 0;
  unsigned left = 0;
  char* end = text;
  for (std::uint64_t made = 0; made < length;) {
    if (left == 0) {
      random = call.random().next();
      left = 8;
    }
    const std::uint64_t at = random & mask;
    random >>= 8;
    --left;
    if (at >= characters.size()) continue;
    end += characters[at].copy(end, 4);
    ++made;
  }
  return Value::string({text, static_cast<std::size_t>(end - text)});
}

// ---- snowflake_id

constexpr std::int64_t kNodes = 1024;
constexpr unsigned kStepBits = 12;

// The latest id of each node, as milliseconds and step. All of the process share them: two mappings
// of one node must not make the same id.
std::atomic<std::uint64_t>& latest_of(std::uint64_t node) {
  static std::atomic<std::uint64_t> latest[kNodes];
  return latest[node];
}

Value snowflake_id(Call& call) {
  constexpr std::int64_t kEpochMillis = 1'288'834'974'657;  // 2010-11-04, Twitter's
  const std::int64_t node = call.integer(0);
  if (node < 0 || node >= kNodes) return call.fail("node number must be between 0 and 1023");
  const std::int64_t millis =
      core::floor_div(call.clock().wall_nanos(), 1'000'000).quotient - kEpochMillis;
  if (millis < 0) return call.fail("a Snowflake id needs a time after 2010");
  std::atomic<std::uint64_t>& latest = latest_of(static_cast<std::uint64_t>(node));
  // Past the last step of a millisecond, and while the clock stands or goes back, ids run ahead of
  // the clock.
  const std::uint64_t now = static_cast<std::uint64_t>(millis) << kStepBits;
  std::uint64_t before = latest.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do next = std::max(before + 1, now);
  while (!latest.compare_exchange_weak(before, next, std::memory_order_relaxed));
  const std::uint64_t step = next & ((1U << kStepBits) - 1);
  const std::uint64_t id = (next >> kStepBits) << (kStepBits + 10) |
                           static_cast<std::uint64_t>(node) << kStepBits | step;
  char* const text = call.room(core::kMaxNumberText);
  if (text == nullptr) return call.too_big();
  return Value::string({text, static_cast<std::size_t>(core::write_uint64(text, id) - text)});
}

Callable& id_function(Registry& registry, std::string_view name, std::string_view doc) {
  return registry.function(name).in(Category::kGeneral).says(doc).nondeterministic();
}

}  // namespace

void add_ids(Registry& registry) {
  id_function(registry, "uuid_v4", "A random UUID (RFC 9562, version 4).")
      .example("root.differ = uuid_v4() != uuid_v4()", "{}", R"({"differ":true})")
      .evaluates(uuid_v4);

  id_function(
      registry, "uuid_v7",
      "A UUID that begins with the time (RFC 9562, version 7), so that later ones sort behind.")
      .optional("time", ArgKind::kTimestamp, "The time to use instead of the current one.")
      .example(
          "root.begins_right = uuid_v7(\"2020-01-01T00:00:00Z\").has_prefix(\"016f5e66-e800-7\")",
          "{}", R"({"begins_right":true})")
      .example("root = uuid_v7(\"1969-01-01T00:00:00Z\")", "{}",
               "error: needs a time between 1970 and 10889")
      .evaluates(uuid_v7);

  id_function(registry, "ulid", "A ULID: milliseconds and 80 random bits, in an order of time.")
      .defaulted("encoding", ArgKind::kString, "`crockford` (26 characters) or `hex` (32).",
                 "crockford")
      .defaulted(
          "random_source", ArgKind::kString,
          "`secure_random` or `fast_random`, of older configurations: both are the source that "
          "all ids come from.",
          "secure_random")
      .prepared_by(prepare_ulid)
      .example("root.differ = ulid() != ulid()", "{}", R"({"differ":true})")
      .example("root.id = ulid(this.form)", R"({"form":"base64"})",
               "error: invalid ulid encoding: base64")
      .evaluates(ulid);

  id_function(registry, "ksuid", "A KSUID: seconds and 128 random bits, in an order of time.")
      .example("root.differ = ksuid() != ksuid()", "{}", R"({"differ":true})")
      .evaluates(ksuid);

  id_function(registry, "nanoid", "A random id of 21 characters that need no escaping in URLs.")
      .optional("length", ArgKind::kInt, "Characters.")
      .optional("alphabet", ArgKind::kString,
                "Up to 255 characters to choose from; needs `length`.")
      .prepared_by(prepare_nanoid)
      .example("root.differ = nanoid() != nanoid()", "{}", R"({"differ":true})")
      .example("root.id = nanoid(4, \"a\")", "{}", R"({"id":"aaaa"})")
      .example("root.id = nanoid(alphabet: this.set)", R"({"set":"ab"})",
               "error: field length must be specified when an alphabet is specified")
      .evaluates(nanoid);

  id_function(
      registry, "snowflake_id",
      "A Snowflake id as text: milliseconds, node and a count within the millisecond. Unique "
      "while no two processes have the same node.")
      .defaulted("node_id", ArgKind::kInt, "The node, 0 to 1023.", 1)
      .example("root.newer = snowflake_id().int64() < snowflake_id().int64()", "{}",
               R"({"newer":true})")
      .example("root.id = snowflake_id(this.node)", R"({"node":1024})",
               "error: node number must be between 0 and 1023")
      .evaluates(snowflake_id);
}

}  // namespace weir::mapping
