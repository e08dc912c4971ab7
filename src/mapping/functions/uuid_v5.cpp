#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <openssl/sha.h>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;
using Uuid = std::array<unsigned char, 16>;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// With or without dashes, in braces, or behind `urn:uuid:`.
std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.starts_with("urn:uuid:")) text.remove_prefix(9);
  if (text.size() > 2 && text.front() == '{' && text.back() == '}')
    text = text.substr(1, text.size() - 2);
  const bool dashes = text.size() == 36;
  if (!dashes && text.size() != 32) return std::nullopt;
  Uuid uuid{};
  std::size_t digit = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dashes && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    uuid[digit / 2] = static_cast<unsigned char>(uuid[digit / 2] << 4 | value);
    ++digit;
  }
  return uuid;
}

/// The namespaces of RFC 4122, appendix C, which differ in one byte.
std::optional<Uuid> parse_namespace(std::string_view name) {
  Uuid uuid = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
               0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
  if (name.empty()) return Uuid{};
  if (name == "dns" || name == "DNS") return uuid;
  if (name == "url" || name == "URL") {
    uuid[3] = 0x11;
  } else if (name == "oid" || name == "OID") {
    uuid[3] = 0x12;
  } else if (name == "x500" || name == "X500") {
    uuid[3] = 0x14;
  } else {
    return parse_uuid(name);
  }
  return uuid;
}

Value uuid_v5(Call& call) {
  if (call.target().is_null()) return Value::null();
  const std::string_view name_space = call.has(0) ? call.text(0) : std::string_view{};
  const auto space = parse_namespace(name_space);
  if (!space) return call.fail("invalid ns uuid: \"" + std::string(name_space) + "\"");

  Scratch scratch;
  std::string& hashed = scratch.text();
  hashed.append(reinterpret_cast<const char*>(space->data()), space->size());
  hashed.append(call.target_text());
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size(), digest.data());
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0F) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3F) | 0x80);

  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 36> text;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[size++] = '-';
    text[size++] = kDigits[digest[i] >> 4];
    text[size++] = kDigits[digest[i] & 0x0F];
  }
  return made_text(call, {text.data(), text.size()}, Kind::kString);
}

}  // namespace

void add_uuid_v5(Registry& registry) {
  registry.method("uuid_v5")
      .in(Category::kEncoding)
      .says(
          "A UUID made of a name: the same name in the same namespace always gives the same one. "
          "Null "
          "stays null.")
      .on(kOnText | kOnNull, "string")
      .optional("ns", ArgKind::kString,
                "The namespace: `dns`, `url`, `oid`, `x500` or a UUID; left out, "
                "the nil UUID.")
      .costs(Cost::kLinear)
      .example("root.id = \"example\".uuid_v5()", "{}",
               R"({"id":"feb54431-301b-52bb-a6dd-e1e93e81bb9e"})")
      .example("root.id = \"example\".uuid_v5(\"x500\")", "{}",
               R"({"id":"0cbd148f-768f-52fe-a1cd-0c4e6c65de91"})")
      .example("root.id = \"example\".uuid_v5(\"nope\")", "{}",
               "error: string literal: invalid ns uuid: \"nope\"")
      .evaluates(uuid_v5);
}

}  // namespace weir::mapping
