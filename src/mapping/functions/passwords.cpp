#include "mapping/crypto/passwords.h"

#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

template <core::Result<bool> (*kMatches)(std::string_view, const std::string&)>
Value compare(Call& call) {
  constexpr std::uint64_t kSteps = 100'000;  // these are slow by design
  if (!call.spend(kSteps)) return call.too_long();
  const auto matches = kMatches(text_form(call), std::string(call.text(0)));
  if (!matches) return call.fail(matches.error());
  return Value::boolean(*matches);
}

}  // namespace

void add_passwords(Registry& registry) {
  registry.method("compare_argon2")
      .in(Category::kString)
      .says("Whether a password is the one that an `argon2i` or `argon2id` hash was made of.")
      .on(kOnTextForm, "string")
      .arg("hashed_secret", ArgKind::kString, "The hash in its usual form, with salt and costs.")
      .costs(Cost::kHeavy)
      .example(
          "root.match = this.secret.compare_argon2(\"$argon2id$v=19$m=4096,t=3,p=1$"
          "c2FsdHktbWNzYWx0ZmFjZQ$RMUMwgtS32/mbszd+ke4o4Ej1jFpYiUqY6MHWa69X7Y\")",
          R"({"secret":"there-are-many-blobs-in-the-sea"})", R"({"match":true})")
      .example(
          "root.match = this.secret.compare_argon2(\"$argon2d$v=19$m=4096,t=3,p=1$"
          "c2FsdHktbWNzYWx0ZmFjZQ$RMUMwgtS32/mbszd+ke4o4Ej1jFpYiUqY6MHWa69X7Y\")",
          R"({"secret":"x"})", "error: the hash is not one of argon2i or argon2id")
      .evaluates(compare<matches_argon2>);

  registry.method("compare_bcrypt")
      .in(Category::kString)
      .says("Whether a password is the one that a bcrypt hash was made of.")
      .on(kOnTextForm, "string")
      .arg("hashed_secret", ArgKind::kString, "The hash in its usual form, `$2y$10$...`.")
      .costs(Cost::kHeavy)
      .example(
          "root.match = this.secret.compare_bcrypt("
          "\"$2y$10$Dtnt5NNzVtMCOZONT705tOcS8It6krJX8bEjnDJnwxiFKsz1C.3Ay\")",
          R"({"secret":"there-are-many-blobs-in-the-sea"})", R"({"match":true})")
      .example("root.match = this.secret.compare_bcrypt(\"plain\")", R"({"secret":"x"})",
               "error: the hash is not one of bcrypt")
      .evaluates(compare<matches_bcrypt>);
}

}  // namespace weir::mapping
