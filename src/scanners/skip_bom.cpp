#include <cstring>

#include "codecs/splitter.h"
#include "scanners/all.h"
#include "scanners/byte_window.h"
#include "scanners/child_scanner.h"

namespace weir::scanners {
namespace {

struct SkipBomConfig {
  config::Child<core::Scanner> into;
};

config::Spec<SkipBomConfig> skip_bom_spec() {
  return config::Spec<SkipBomConfig>("skip_bom")
      .summary("Leaves a byte order mark at the start of the stream out.")
      .field("into", &SkipBomConfig::into,
             {.doc = "What reads the rest. Default: `to_the_end`.", .no_default = true});
}

class SkipBom final : public core::Scanner {
 public:
  explicit SkipBom(std::unique_ptr<core::Scanner> into) : into_(std::move(into)) {}

  void begin(std::string_view name) override { into_->begin(name); }
  char* prepare(std::size_t size) override {
    return skipped_ ? into_->prepare(size) : head_.prepare(size);
  }
  void commit(std::size_t size) override {
    if (skipped_) {
      into_->commit(size);
      return;
    }
    head_.commit(size);
    skip(false);
  }
  void end() override {
    if (!skipped_) skip(true);
    into_->end();
  }
  core::Result<More> next(core::Batch& batch, std::size_t max_messages) override {
    if (!skipped_) return More::kNeedData;
    const std::size_t before = batch.size();
    auto more = into_->next(batch, max_messages);
    for (std::size_t i = before; i < batch.size(); ++i) {
      if (batch[i].position != core::Message::kNoPosition) batch[i].position += length_;
    }
    return more;
  }
  std::optional<std::int64_t> resume_offset() const override {
    const auto offset = into_->resume_offset();
    if (!offset || *offset == 0) return offset;
    return *offset + length_;
  }

 private:
  void skip(bool ended) {
    const auto length = codecs::bom_length(head_.view(), ended);
    if (!length) return;
    length_ = static_cast<std::int64_t>(*length);
    skipped_ = true;
    const std::string_view rest = head_.view().substr(*length);
    if (!rest.empty()) {
      std::memcpy(into_->prepare(rest.size()), rest.data(), rest.size());
      into_->commit(rest.size());
    }
    head_ = ByteWindow();
  }

  std::unique_ptr<core::Scanner> into_;
  ByteWindow head_;
  std::int64_t length_ = 0;
  bool skipped_ = false;
};

core::Result<std::unique_ptr<core::Scanner>> make_skip_bom(const SkipBomConfig& config,
                                                           const config::Resources& resources) {
  auto into = make_child_scanner(config.into, resources);
  if (!into) return core::fail(std::move(into).error());
  return std::make_unique<SkipBom>(*std::move(into));
}

}  // namespace

void add_skip_bom(config::Registry& registry) {
  registry.add_scanner(skip_bom_spec(), make_skip_bom);
}

}  // namespace weir::scanners
