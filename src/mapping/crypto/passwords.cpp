#include "mapping/crypto/passwords.h"

#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>

#include <argon2.h>
#include <crypt.h>
#include <openssl/crypto.h>

#include "mapping/text/binary_text.h"

namespace weir::mapping {

namespace {

constexpr unsigned kMaxBcryptCost = 16;
constexpr std::uint64_t kMaxArgonKib = std::uint64_t{256} << 10;
constexpr std::uint64_t kMaxArgonKibOfAllPasses = std::uint64_t{16} << 20;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// Takes `name=` and a number off the text.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Takes the text up to the next `$` off, and the `$`.
std::string_view take_part(std::string_view& text) {
  const std::size_t end = std::min(text.find('$'), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

/// Base64 without padding, as Argon2 writes it.
std::optional<std::string> decode(std::string_view text) {
  std::string padded(text);
  padded.append((4 - padded.size() % 4) % 4, '=');
  std::string bytes;
  if (padded.find_first_of("\r\n") != std::string::npos ||
      !text::append_decoded(bytes, padded, text::BinaryScheme::kBase64)) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace

core::Result<bool> matches_bcrypt(std::string_view password, const std::string& hash) {
  constexpr std::size_t kHashSize = 60;
  const bool is_bcrypt = hash.size() == kHashSize && hash.starts_with("$2") &&
                         (hash[2] == 'a' || hash[2] == 'b' || hash[2] == 'y') && hash[3] == '$' &&
                         is_digit(hash[4]) && is_digit(hash[5]) && hash[6] == '$';
  if (!is_bcrypt) return core::invalid_data("the hash is not one of bcrypt");
  const auto cost = static_cast<unsigned>((hash[4] - '0') * 10 + (hash[5] - '0'));
  if (cost > kMaxBcryptCost) {
    return core::fail(core::ErrorCode::kLimit, "the hash has a cost of " + std::to_string(cost) +
                                                   ", more than " + std::to_string(kMaxBcryptCost));
  }
  if (password.find('\0') != std::string_view::npos) {
    return core::invalid_data("the password holds a zero byte");
  }
  const auto workspace = std::make_unique<crypt_data>();
  const std::string text(password);
  const char* const made = crypt_r(text.c_str(), hash.c_str(), workspace.get());
  if (made == nullptr || made[0] == '*') return core::invalid_data("the hash is not one of bcrypt");
  return equal(made, hash);
}

core::Result<bool> matches_argon2(std::string_view password, const std::string& hash) {
  const auto malformed = [] {
    return core::invalid_data("the hash is not one of argon2i or argon2id");
  };
  std::string_view rest = hash;
  if (!take_part(rest).empty()) return malformed();
  const std::string_view type = take_part(rest);
  const bool id = type == "argon2id";
  if (!id && type != "argon2i") return malformed();
  std::string_view version_part = take_part(rest);
  const auto version = take_number(version_part, "v=");
  std::string_view costs = take_part(rest);
  const auto memory = take_number(costs, "m=");
  const auto passes = take_number(costs, ",t=");
  const auto lanes = take_number(costs, ",p=");
  const auto salt = decode(take_part(rest));
  const auto expected = decode(take_part(rest));
  if (!version || *version != ARGON2_VERSION_13 || !version_part.empty() || !memory || !passes ||
      !lanes || !costs.empty() || !salt || !expected || expected->size() < ARGON2_MIN_OUTLEN ||
      !rest.empty() || *lanes > 255) {
    return malformed();
  }
  if (*memory > kMaxArgonKib || std::uint64_t{*memory} * *passes > kMaxArgonKibOfAllPasses ||
      expected->size() > 1024) {
    return core::fail(core::ErrorCode::kLimit,
                      "the hash asks for more memory or time than allowed");
  }

  std::string made(expected->size(), '\0');
  std::string text(password);
  std::string salt_text = *salt;
  argon2_context context{};
  context.out = reinterpret_cast<std::uint8_t*>(made.data());
  context.outlen = static_cast<std::uint32_t>(made.size());
  context.pwd = reinterpret_cast<std::uint8_t*>(text.data());
  context.pwdlen = static_cast<std::uint32_t>(text.size());
  context.salt = reinterpret_cast<std::uint8_t*>(salt_text.data());
  context.saltlen = static_cast<std::uint32_t>(salt_text.size());
  context.t_cost = *passes;
  context.m_cost = *memory;
  context.lanes = *lanes;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  const int result = argon2_ctx(&context, id ? Argon2_id : Argon2_i);
  if (result != ARGON2_OK) return core::invalid_data(argon2_error_message(result));
  return equal(made, *expected);
}

}  // namespace weir::mapping
