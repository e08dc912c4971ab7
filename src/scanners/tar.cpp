#include "codecs/tar.h"

#include "scanners/all.h"
#include "scanners/byte_window.h"

namespace weir::scanners {
namespace {

struct TarConfig {
  config::ByteSize max_entry_size{codecs::TarLimits{}.max_entry_bytes};
};

config::Spec<TarConfig> tar_spec() {
  return config::Spec<TarConfig>("tar")
      .summary(
          "Reads a tar archive: each file in it becomes a message with the metadata `tar_name`.")
      .description(
          "Folders, links and devices are left out. A file longer than `max_entry_size` becomes a "
          "failed message.")
      .field("max_entry_size", &TarConfig::max_entry_size,
             {.doc = "Longest file.", .advanced = true, .min = 1, .max = 1 << 30});
}

class TarScanner final : public core::Scanner {
 public:
  explicit TarScanner(const codecs::TarLimits& limits) : reader_(limits) {}

  char* prepare(std::size_t size) override { return window_.prepare(size); }
  void commit(std::size_t size) override { window_.commit(size); }
  void end() override { ended_ = true; }

  core::Result<More> next(core::Batch& batch, std::size_t max_messages) override {
    using Kind = codecs::TarReader::Step::Kind;
    // A batch of big files is big: it goes out when it has about as much as a block of lines.
    constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
    std::size_t bytes = 0;
    while (batch.size() < max_messages && bytes < kBatchBytes) {
      const codecs::TarReader::Step step = reader_.next(window_.view(), ended_);
      switch (step.kind) {
        case Kind::kEntry:
          content_.clear();
          start_ = offset_;
          break;
        case Kind::kData: content_.append(step.data); break;
        case Kind::kEntryEnd:
          (void)add(batch, content_);
          bytes += content_.size();
          break;
        case Kind::kBadEntry: {
          start_ = offset_;
          core::Message& bad = add(batch, "");
          bad.fail(reader_.error().code, reader_.error().message, "scanner");
          break;
        }
        case Kind::kNeedMore: drop(step.consumed); return More::kNeedData;
        case Kind::kEnd:
          // What follows the archive is read and dropped.
          drop(window_.view().size());
          return ended_ ? More::kEnd : More::kNeedData;
        case Kind::kFailed:
          if (!batch.empty()) return More::kMore;  // comes again
          return core::fail(reader_.error());
      }
      drop(step.consumed);
    }
    return More::kMore;
  }

 private:
  void drop(std::size_t size) {
    window_.drop(size);
    offset_ += static_cast<std::int64_t>(size);
  }

  core::Message& add(core::Batch& batch, std::string_view content) {
    core::Message& message = batch.add(content);
    message.set_metadata("tar_name",
                         core::Value::string(batch.storage().arena().copy(reader_.entry().name)));
    message.position = start_;
    return message;
  }

  codecs::TarReader reader_;
  ByteWindow window_;
  std::string content_;
  std::int64_t offset_ = 0;
  std::int64_t start_ = 0;
  bool ended_ = false;
};

core::Result<std::unique_ptr<core::Scanner>> make_tar(const TarConfig& config,
                                                      const config::Resources&) {
  return std::make_unique<TarScanner>(
      codecs::TarLimits{.max_entries = 0, .max_entry_bytes = config.max_entry_size.bytes});
}

}  // namespace

void add_tar(config::Registry& registry) {
  registry.add_scanner(tar_spec(), make_tar);
}

}  // namespace weir::scanners
