#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "core/json_index.h"
#include "core/json_text.h"
#include "mapping/crypto/jwt_key.h"
#include "mapping/formats/json_doubles.h"
#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/binary_text.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;
using text::BinaryScheme;

/// Signatures are slow and the budget should notice.
constexpr std::uint64_t kSteps = 10'000;

core::Status append_base64(std::string& out, std::string_view bytes) {
  return text::append_encoded(out, bytes, BinaryScheme::kBase64RawUrl);
}

/// The object that a part of a token encodes.
core::Result<Value> decode_object(std::string_view part, std::string_view what,
                                  core::Arena& arena) {
  std::string json;
  if (!text::append_decoded(json, part, BinaryScheme::kBase64RawUrl)) {
    return core::invalid_data("token is malformed: could not base64 decode " + std::string(what));
  }
  const auto value = core::parse_json(json, arena);
  if (!value || !value->is(Kind::kObject)) {
    return core::invalid_data("token is malformed: could not JSON decode " + std::string(what));
  }
  return *value;
}

core::Result<Value> verified_claims(std::string_view token, const JwtKey& key, core::Arena& arena) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return core::invalid_data("token is malformed: token contains an invalid number of segments");
  }
  WEIR_TRY(const Value header, decode_object(token.substr(0, first), "header", arena));
  const core::Member* const algorithm = core::find(header, "alg");
  if (algorithm == nullptr || !algorithm->value.is(Kind::kString) ||
      algorithm->value.text(arena) != name(key.algorithm())) {
    return core::invalid_data("token is unverifiable: incorrect signing method, not " +
                              std::string(name(key.algorithm())));
  }
  std::string signature;
  if (!text::append_decoded(signature, token.substr(second + 1), BinaryScheme::kBase64RawUrl)) {
    return core::invalid_data("token is malformed: could not base64 decode signature");
  }
  if (!key.verify(token.substr(0, second), signature)) {
    return core::invalid_data("token signature is invalid: signature is invalid");
  }
  WEIR_TRY(Value claims,
           decode_object(token.substr(first + 1, second - first - 1), "claim", arena));
  WEIR_CHECK_OK(numbers_to_doubles(claims));
  return claims;
}

template <JwtAlgorithm kAlgorithm>
core::Result<Prepared> prepare_verifying(const PrepareCall& call) {
  WEIR_TRY(JwtKey key, JwtKey::for_verifying(kAlgorithm, call.text(0)));
  return Prepared(std::make_shared<const JwtKey>(std::move(key)));
}

Value parse_jwt(Call& call) {
  const std::string_view token = call.target_text();
  if (!call.spend(kSteps + token.size() / 16)) return call.too_long();
  if (!call.may_build(2 * token.size() / 4)) return call.too_big();
  const auto claims = verified_claims(token, call.prepared<JwtKey>(), call.arena());
  if (!claims) return call.fail("failed to parse JWT string: " + claims.error().message);
  return *claims;
}

/// A key and the first part of every token that it signs.
struct Signer {
  JwtKey key;
  std::string header;
};

bool is_ignored_header(std::string_view key) {
  constexpr std::array<std::string_view, 9> kIgnored = {"alg", "typ", "jku",      "jwk", "x5u",
                                                        "x5c", "x5t", "x5t#S256", "crit"};
  return std::find(kIgnored.begin(), kIgnored.end(), key) != kIgnored.end();
}

template <JwtAlgorithm kAlgorithm>
core::Result<Prepared> prepare_signing(const PrepareCall& call) {
  WEIR_TRY(JwtKey key, JwtKey::for_signing(kAlgorithm, call.text(0)));
  core::Arena arena;
  Value header = Value::object(arena, 4);
  core::append_member(header, Value::string("alg"), Value::string(name(kAlgorithm)), arena);
  core::append_member(header, Value::string("typ"), Value::string("JWT"), arena);
  if (call.has(1) && !call.arguments[1].is_null()) {
    const Value headers = call.arguments[1];
    if (!headers.is(Kind::kObject)) {
      return core::invalid_config("headers parameter must be an object, got " +
                                  std::string(type_name(headers)));
    }
    for (const core::Member& member : core::members(headers)) {
      const std::string_view name = member.key.text(arena);
      if (!is_ignored_header(name)) core::set_member(header, name, member.value, arena);
    }
  }
  core::Buffer json;
  WEIR_CHECK_OK(
      core::write_json(header, json, {.sort_keys = true, .escape_html = true, .indent = {}}));
  std::string encoded;
  WEIR_CHECK_OK(append_base64(encoded, json.view()));
  return Prepared(std::make_shared<const Signer>(Signer{std::move(key), std::move(encoded)}));
}

core::Result<std::string> signed_token(Value claims, const Signer& signer) {
  core::Buffer json;
  WEIR_CHECK_OK(
      core::write_json(claims, json, {.sort_keys = true, .escape_html = true, .indent = {}}));
  std::string token = signer.header;
  token += '.';
  WEIR_CHECK_OK(append_base64(token, json.view()));
  WEIR_TRY(const std::string signature, signer.key.sign(token));
  token += '.';
  WEIR_CHECK_OK(append_base64(token, signature));
  return token;
}

Value sign_jwt(Call& call) {
  if (!call.spend(kSteps)) return call.too_long();
  const auto token = signed_token(call.target(), call.prepared<Signer>());
  if (!token) return call.fail("failed to sign token: " + token.error().message);
  return made_text(call, *token, Kind::kString);
}

Callable& parse_method(Registry& registry, std::string_view name) {
  return registry.method(name)
      .in(Category::kParsing)
      .says(
          "The claims of a JSON Web Token whose signature is right. The claims themselves, such as "
          "`exp`, "
          "are not looked at.")
      .on(kOnText, "string")
      .costs(Cost::kHeavy);
}

Callable& sign_method(Registry& registry, std::string_view name) {
  return registry.method(name)
      .in(Category::kEncoding)
      .says("A JSON Web Token with the object as its claims.")
      .on(kOnObject, "object")
      .costs(Cost::kHeavy);
}

Callable& headers_argument(Callable& callable) {
  return callable.optional(
      "headers", ArgKind::kAny,
      "An object of further header fields. `alg`, `typ`, `crit` and those that name "
      "keys are ignored.");
}

/// The methods of an algorithm with one secret for both sides.
template <JwtAlgorithm kAlgorithm>
void add_secret_pair(Registry& registry, std::string_view parse, std::string_view parse_example,
                     std::string_view sign, std::string_view example,
                     std::string_view example_token) {
  parse_method(registry, parse)
      .arg("signing_secret", ArgKind::kString, "The secret that the token was signed with.")
      .example(parse_example, R"({"token":"no.token"})",
               "error: field `this.token`: failed to parse JWT string: token is malformed")
      .prepared_by(prepare_verifying<kAlgorithm>)
      .evaluates(parse_jwt);
  headers_argument(sign_method(registry, sign)
                       .arg("signing_secret", ArgKind::kString, "The secret to sign with."))
      .example(example, R"({"claims":{"sub":"user123"}})", example_token)
      .prepared_by(prepare_signing<kAlgorithm>)
      .evaluates(sign_jwt);
}

/// The methods of an algorithm with a private and a public key.
template <JwtAlgorithm kAlgorithm>
void add_key_pair(Registry& registry, std::string_view parse, std::string_view parse_example,
                  std::string_view sign, std::string_view sign_example) {
  constexpr std::string_view kError =
      "error: failed to decode signing_secret: it is no usable key in PEM";
  parse_method(registry, parse)
      .arg("signing_secret", ArgKind::kString, "The public key, or a certificate with it, in PEM.")
      .example(parse_example, R"({"token":"a.b.c","key":"not a key"})", kError)
      .prepared_by(prepare_verifying<kAlgorithm>)
      .evaluates(parse_jwt);
  Callable& signing = sign_method(registry, sign);
  signing.arg("signing_secret", ArgKind::kString, "The private key, in PEM, without a password.");
  headers_argument(signing)
      .example(sign_example, R"({"claims":{"sub":"user123"},"key":"not a key"})", kError)
      .prepared_by(prepare_signing<kAlgorithm>)
      .evaluates(sign_jwt);
  if (kAlgorithm >= JwtAlgorithm::kEs256) signing.nondeterministic();
}

}  // namespace

void add_jwt(Registry& registry) {
  add_secret_pair<JwtAlgorithm::kHs256>(
      registry, "parse_jwt_hs256", "root = this.token.parse_jwt_hs256(\"secret\")",
      "sign_jwt_hs256",
      "let token = this.claims.sign_jwt_hs256(\"dont-tell-anyone\")\n"
      "root.token = $token\nroot.claims = $token.parse_jwt_hs256(\"dont-tell-anyone\")\n"
      "root.wrong = $token.parse_jwt_hs256(\"guess\").catch(\"refused\")",
      R"({"token":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyMTIzIn0.)"
      R"(hUl-nngPMY_3h9vveWJUPsCcO5PeL6k9hWLnMYeFbFQ","claims":{"sub":"user123"},"wrong":"refused"})");
  add_secret_pair<JwtAlgorithm::kHs384>(
      registry, "parse_jwt_hs384", "root = this.token.parse_jwt_hs384(\"secret\")",
      "sign_jwt_hs384",
      "root = this.claims.sign_jwt_hs384(\"secret\", {\"kid\": \"k1\", \"alg\": \"none\"})"
      ".parse_jwt_hs384(\"secret\")",
      R"({"sub":"user123"})");
  add_secret_pair<JwtAlgorithm::kHs512>(
      registry, "parse_jwt_hs512", "root = this.token.parse_jwt_hs512(\"secret\")",
      "sign_jwt_hs512", "root = this.claims.sign_jwt_hs512(\"secret\").parse_jwt_hs384(\"secret\")",
      "error: failed to parse JWT string: token is unverifiable: incorrect signing method, not "
      "HS384");
  add_key_pair<JwtAlgorithm::kRs256>(
      registry, "parse_jwt_rs256", "root = this.token.parse_jwt_rs256(this.key)", "sign_jwt_rs256",
      "root = this.claims.sign_jwt_rs256(this.key)");
  add_key_pair<JwtAlgorithm::kRs384>(
      registry, "parse_jwt_rs384", "root = this.token.parse_jwt_rs384(this.key)", "sign_jwt_rs384",
      "root = this.claims.sign_jwt_rs384(this.key)");
  add_key_pair<JwtAlgorithm::kRs512>(
      registry, "parse_jwt_rs512", "root = this.token.parse_jwt_rs512(this.key)", "sign_jwt_rs512",
      "root = this.claims.sign_jwt_rs512(this.key)");
  add_key_pair<JwtAlgorithm::kEs256>(
      registry, "parse_jwt_es256", "root = this.token.parse_jwt_es256(this.key)", "sign_jwt_es256",
      "root = this.claims.sign_jwt_es256(this.key)");
  add_key_pair<JwtAlgorithm::kEs384>(
      registry, "parse_jwt_es384", "root = this.token.parse_jwt_es384(this.key)", "sign_jwt_es384",
      "root = this.claims.sign_jwt_es384(this.key)");
  add_key_pair<JwtAlgorithm::kEs512>(
      registry, "parse_jwt_es512", "root = this.token.parse_jwt_es512(this.key)", "sign_jwt_es512",
      "root = this.claims.sign_jwt_es512(this.key)");
}

}  // namespace weir::mapping
