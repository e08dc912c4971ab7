#include <memory>
#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/binary_text.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;
using text::BinaryScheme;

core::Result<Prepared> choose_scheme(const PrepareCall& call) {
  const auto scheme = text::binary_scheme(call.text(0));
  if (!scheme)
    return core::invalid_config("unrecognized encoding type: " + std::string(call.text(0)));
  return Prepared(std::make_shared<const BinaryScheme>(*scheme));
}

Value encode(Call& call) {
  Scratch scratch;
  std::string& made = scratch.text();
  const core::Status done =
      text::append_encoded(made, call.target_text(), call.prepared<BinaryScheme>());
  if (!done) return call.fail(done.error());
  return made_text(call, made, Kind::kString);
}

Value decode(Call& call) {
  Scratch scratch;
  std::string& made = scratch.text();
  const core::Status done =
      text::append_decoded(made, call.target_text(), call.prepared<BinaryScheme>());
  if (!done) return call.fail(done.error());
  return made_text(call, made, Kind::kBytes);
}

}  // namespace

void add_encoding(Registry& registry) {
  registry.method("encode")
      .in(Category::kEncoding)
      .says(
          "The bytes of a string or byte array as text, by one of the schemes `base64`, "
          "`base64url`, "
          "`base64rawurl` (no padding), `hex`, `ascii85`, `z85`.")
      .on(kOnText, "string")
      .arg("scheme", ArgKind::kString, "The name of the scheme.")
      .costs(Cost::kLinear)
      .example("root.encoded = this.value.encode(\"hex\")", R"({"value":"hello world"})",
               R"({"encoded":"68656c6c6f20776f726c64"})")
      .example("root.encoded = content().encode(\"ascii85\")", "this is totally unstructured data",
               R"({"encoded":"FD,B0+DGm>FDl80Ci\"A>F`)8BEckl6F`M&(+Cno&@/"})")
      .prepared_by(choose_scheme)
      .evaluates(encode);

  registry.method("decode")
      .in(Category::kEncoding)
      .says(
          "The bytes that a text stands for, by one of the schemes of `encode`. Use `string()` to "
          "put "
          "them into a document as text.")
      .on(kOnText, "string")
      .arg("scheme", ArgKind::kString, "The name of the scheme.")
      .costs(Cost::kLinear)
      .example("root.decoded = this.value.decode(\"hex\").string()",
               R"({"value":"68656c6c6f20776f726c64"})", R"({"decoded":"hello world"})")
      .example("root = this.encoded.decode(\"ascii85\")",
               R"({"encoded":"FD,B0+DGm>FDl80Ci\"A>F`)8BEckl6F`M&(+Cno&@/"})",
               "raw: this is totally unstructured data")
      .example("root = this.value.decode(\"base64\")", R"({"value":"Y Q=="})",
               "error: field `this.value`: illegal base64 data at input byte 1")
      .prepared_by(choose_scheme)
      .evaluates(decode);
}

}  // namespace weir::mapping
