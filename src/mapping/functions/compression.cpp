#include "codecs/compression.h"

#include <algorithm>
#include <memory>
#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using codecs::Compression;
using core::Kind;
using core::Value;

core::Result<Compression> algorithm_called(std::string_view name) {
  const auto algorithm = codecs::parse_compression(name, codecs::CompressionUse::kMessage);
  if (!algorithm)
    return core::invalid_config("compression type not recognised: " + std::string(name));
  return algorithm;
}

core::Result<Prepared> choose_algorithm(const PrepareCall& call) {
  WEIR_TRY(const Compression algorithm, algorithm_called(call.text(0)));
  return Prepared(std::make_shared<const Compression>(algorithm));
}

struct Compressing {
  Compression algorithm;
  int level;
};

core::Result<Prepared> choose_compression(const PrepareCall& call) {
  WEIR_TRY(const Compression algorithm, algorithm_called(call.text(0)));
  const auto level = static_cast<int>(std::clamp<std::int64_t>(call.integer(1), -1000, 1000));
  WEIR_CHECK_OK(codecs::check_compression_level(algorithm, level));
  return Prepared(std::make_shared<const Compressing>(Compressing{algorithm, level}));
}

Value compress(Call& call) {
  const auto& [algorithm, level] = call.prepared<Compressing>();
  const std::string_view plain = call.target_text();
  if (!call.spend(1 + plain.size() / 4)) return call.too_long();
  const auto made = codecs::compress(algorithm, plain, level);
  if (!made) return call.fail(made.error());
  return made_text(call, *made, Kind::kBytes);
}

Value decompress(Call& call) {
  codecs::DecompressLimits limits;
  limits.max_output_bytes =
      std::min<std::uint64_t>(limits.max_output_bytes, call.context().limits.max_text);
  const auto made = codecs::decompress(call.prepared<Compression>(), call.target_text(), limits);
  if (!made) return call.fail(made.error());
  if (!call.spend(1 + made->size() / 16)) return call.too_long();
  return made_text(call, *made, Kind::kBytes);
}

}  // namespace

void add_compression(Registry& registry) {
  registry.method("compress")
      .in(Category::kEncoding)
      .says(
          "A string or byte array compressed, as bytes. The algorithms are `bzip2`, `flate`, "
          "`gzip`, "
          "`lz4`, `pgzip` (the same as `gzip`), `snappy` (one block), `zlib` and `zstd`.")
      .on(kOnText, "bytes")
      .arg("algorithm", ArgKind::kString, "The name of the algorithm.")
      .defaulted("level", ArgKind::kInt, "How hard to try; -1 is the algorithm's own default.", -1)
      .costs(Cost::kHeavy)
      .example("root = content().compress(\"zlib\").decompress(\"zlib\")", "hello world",
               "raw: hello world")
      .example("root.size = this.text.repeat(1000).compress(\"gzip\").length() < 100",
               R"({"text":"hello"})", R"({"size":true})")
      .example("root = this.text.compress(this.how)", R"({"text":"hello","how":"rar"})",
               "error: compression type not recognised: rar")
      .prepared_by(choose_compression)
      .evaluates(compress);

  registry.method("decompress")
      .in(Category::kEncoding)
      .says(
          "The bytes that were compressed; the algorithms are those of `compress`. At most 64 MiB, "
          "and "
          "not more than 200 times the size of the target once that is over 1 MiB.")
      .on(kOnText, "bytes")
      .arg("algorithm", ArgKind::kString, "The name of the algorithm.")
      .costs(Cost::kHeavy)
      .example("root = this.compressed.decode(\"base64\").decompress(\"gzip\")",
               R"({"compressed":"H4sIAN12MWkAA8tIzcnJVyjPL8pJUfBUyMkvS1UoLkhMTgUAQpDxbxgAAAA="})",
               "raw: hello world I love space")
      .example("root = this.text.decompress(\"gzip\")", R"({"text":"hello"})",
               "error: field `this.text`: ")
      .prepared_by(choose_algorithm)
      .evaluates(decompress);
}

}  // namespace weir::mapping
