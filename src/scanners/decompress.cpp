#include <cstring>
#include <span>

#include "codecs/compression.h"
#include "scanners/all.h"
#include "scanners/byte_window.h"
#include "scanners/child_scanner.h"

namespace weir::scanners {
namespace {

constexpr std::size_t kOutputBlock = 128 * 1024;

struct DecompressConfig {
  std::string algorithm;
  config::Child<core::Scanner> into;
};

config::Spec<DecompressConfig> decompress_spec() {
  return config::Spec<DecompressConfig>("decompress")
      .summary("Decompresses the stream for another scanner.")
      .description(
          "Memory does not depend on how much comes out: what another scanner keeps is limited "
          "there.")
      .field("algorithm", &DecompressConfig::algorithm,
             {.doc = "How the stream is compressed.",
              .required = true,
              .options = {{"gzip"},
                          {"pgzip"},
                          {"zlib"},
                          {"flate"},
                          {"bzip2"},
                          {"lz4"},
                          {"snappy"},
                          {"zstd"}}})
      .field("into", &DecompressConfig::into,
             {.doc = "What reads the result. Default: `to_the_end`.", .no_default = true});
}

class Decompress final : public core::Scanner {
 public:
  Decompress(std::unique_ptr<codecs::Decompressor> decompressor,
             std::unique_ptr<core::Scanner> into)
      : decompressor_(std::move(decompressor)), into_(std::move(into)) {}

  void begin(std::string_view name) override { into_->begin(name); }
  char* prepare(std::size_t size) override { return window_.prepare(size); }
  void commit(std::size_t size) override { window_.commit(size); }
  void end() override { ended_ = true; }

  core::Result<More> next(core::Batch& batch, std::size_t max_messages) override {
    while (true) {
      if (!need_data_) {
        WEIR_TRY(const More more, into_->next(batch, max_messages));
        if (more != More::kNeedData) return more;
        need_data_ = true;
        if (!batch.empty()) return More::kMore;
      }
      if (error_) return core::fail(*error_);
      if (drained_) {
        if (!ended_) return More::kNeedData;
        drained_ = false;
        if (core::Status finished = decompressor_->finish(); !finished) {
          error_ = std::move(finished).error();
          return core::fail(*error_);
        }
        into_->end();
        need_data_ = false;
        continue;
      }
      WEIR_CHECK_OK(step());
    }
  }

 private:
  core::Status step() {
    char* const to = into_->prepare(kOutputBlock);
    auto progress = decompressor_->step(window_.view(), std::span<char>(to, kOutputBlock));
    if (!progress) {
      into_->commit(0);
      error_ = std::move(progress).error();
      return core::fail(*error_);
    }
    into_->commit(progress->produced);
    window_.drop(progress->consumed);
    drained_ = window_.view().empty() && progress->produced < kOutputBlock;
    if (progress->produced > 0) need_data_ = false;
    return {};
  }

  std::unique_ptr<codecs::Decompressor> decompressor_;
  std::unique_ptr<core::Scanner> into_;
  ByteWindow window_;
  std::optional<core::Error> error_;
  bool ended_ = false;
  bool need_data_ = true;  // of into_
  bool drained_ = false;   // nothing comes out before more goes in
};

core::Result<std::unique_ptr<core::Scanner>> make_decompress(const DecompressConfig& config,
                                                             const config::Resources& resources) {
  WEIR_TRY(const auto algorithm,
           codecs::parse_compression(config.algorithm, codecs::CompressionUse::kStream));
  auto decompressor = codecs::make_decompressor(algorithm, {.max_output_bytes = 0, .max_ratio = 0});
  if (!decompressor) return core::fail(std::move(decompressor).error());
  auto into = make_child_scanner(config.into, resources);
  if (!into) return core::fail(std::move(into).error());
  return std::make_unique<Decompress>(*std::move(decompressor), *std::move(into));
}

}  // namespace

void add_decompress(config::Registry& registry) {
  registry.add_scanner(decompress_spec(), make_decompress);
}

}  // namespace weir::scanners
