#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>
#include <mutex>

#include <sys/stat.h>
#include <unistd.h>

#include "inputs/all.h"
#include "inputs/file_follow.h"
#include "inputs/file_paths.h"
#include "inputs/open_file.h"

namespace weir::inputs {
namespace {

struct FileConfig {
  std::vector<std::string> paths;
  config::Child<core::Scanner> scanner;
  bool delete_on_finish = false;
  bool follow = false;
  std::chrono::nanoseconds commit_period = std::chrono::seconds(1);
};

config::Spec<FileConfig> file_spec() {
  return config::Spec<FileConfig>("file")
      .summary("Reads files, one after the other, or follows them while they grow.")
      .description(
          "Each message carries the metadata `path`, `mod_time_unix` and `mod_time` of its file. "
          "With `follow` files are "
          "read on when they grow, are renamed and made anew (rotation), or truncated; how far "
          "everything was delivered is "
          "kept in `data_dir`, so that a restart goes on there.")
      .category("local")
      .field("paths", &FileConfig::paths,
             {.doc = "Files to read, in order. Patterns with `*`, `?`, `[a-z]`, `{a,b}` and `**` "
                     "stand for all files they "
                     "match, sorted.",
              .required = true,
              .examples = {R"([ "/var/log/app/*.log" ])"}})
      .field("scanner", &FileConfig::scanner,
             {.doc = "How the bytes are cut into messages. Default: `lines`.", .no_default = true})
      .field(
          "delete_on_finish", &FileConfig::delete_on_finish,
          {.doc = "Delete each file when all its messages have been delivered.", .advanced = true})
      .field("follow", &FileConfig::follow,
             {.doc = "Wait for more at the end of the files, for ever."})
      .field("commit_period", &FileConfig::commit_period,
             {.doc = "With `follow`: how often positions are saved.",
              .advanced = true,
              .min = 0.01,
              .max = 3600})
      .ignored("auto_replay_nacks",
               "Messages that come back undelivered are always handed out again.")
      .check([](const FileConfig& config) -> core::Status {
        if (config.paths.empty()) return core::invalid_config("field `paths` is empty");
        if (config.follow && config.delete_on_finish) {
          return core::invalid_config(
              "`delete_on_finish` and `follow` do not go together: followed files never finish");
        }
        return {};
      })
      .example("All lines of the logs of a folder", "file:\n  paths: [ ./logs/*.log ]\n");
}

class File final : public core::Input {
 public:
  File(FileConfig config, const config::Resources& resources)
      : config_(std::move(config)), resources_(resources) {}

  core::InputTraits traits() const override { return {.finite = true}; }

  core::Status connect(core::ReadContext&) override {
    WEIR_TRY(files_, expand_paths(config_.paths));
    for (const std::string& path : files_) {
      struct stat info {};
      if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode))
        total_bytes_ += static_cast<std::uint64_t>(info.st_size);
    }
    return {};
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    while (true) {
      if (current_ == nullptr) {
        if (next_file_ == files_.size()) return core::ReadResult::end();
        auto scanner = make_scanner(config_.scanner, resources_);
        if (!scanner) return core::fail(std::move(scanner).error());
        WEIR_TRY(current_, OpenFile::open(files_[next_file_], *std::move(scanner)));
        ++next_file_;
      }
      core::ReadBatch read;
      read.batch = core::Batch::fresh();
      WEIR_TRY(const auto state,
               current_->read(context.interrupt(), context.wait_limit(), read.batch));
      read_bytes_ = finished_bytes_ + static_cast<std::uint64_t>(current_->bytes_read());
      if (state == ScannedStream::State::kIdle) return core::ReadResult::idle();
      if (state == ScannedStream::State::kBatch) {
        // The number tells batches apart whose offset is the same.
        read.after = {static_cast<std::int64_t>(finished_bytes_) + current_->offset(),
                      std::to_string(++batches_)};
        return core::ReadResult::of(std::move(read));
      }
      finish_file();
    }
  }

  void acknowledge(std::string_view, const core::Position& position) override {
    if (!config_.delete_on_finish) return;
    const std::lock_guard lock(mutex_);
    std::from_chars(position.text.data(), position.text.data() + position.text.size(),
                    acknowledged_);
    delete_delivered();
  }

  void close() override { current_.reset(); }

  std::optional<std::pair<std::uint64_t, std::uint64_t>> progress() const override {
    return std::pair(read_bytes_.load(), total_bytes_.load());
  }

 private:
  void finish_file() {
    finished_bytes_ += static_cast<std::uint64_t>(current_->bytes_read());
    if (config_.delete_on_finish && !current_->broken()) {
      const std::lock_guard lock(mutex_);
      finished_.push_back({batches_, current_->path()});
      delete_delivered();
    }
    current_.reset();
  }

  // With the lock held.
  void delete_delivered() {
    while (!finished_.empty() && finished_.front().last_batch <= acknowledged_) {
      const std::string& path = finished_.front().path;
      if (::unlink(path.c_str()) != 0) {
        resources_.log().warn("file_not_deleted", "A file that was read could not be deleted.",
                              {{"file", path}, {"error", std::strerror(errno)}});
      }
      finished_.pop_front();
    }
  }

  const FileConfig config_;
  const config::Resources resources_;
  std::vector<std::string> files_;
  std::size_t next_file_ = 0;
  std::unique_ptr<OpenFile> current_;
  std::uint64_t finished_bytes_ = 0;  // of the files before the current one
  std::uint64_t batches_ = 0;
  std::atomic<std::uint64_t> read_bytes_{0};
  std::atomic<std::uint64_t> total_bytes_{0};

  struct Finished {
    std::uint64_t last_batch;
    std::string path;
  };
  std::mutex mutex_;  // guards what follows
  std::deque<Finished> finished_;
  std::uint64_t acknowledged_ = 0;
};

core::Result<std::unique_ptr<core::Input>> make_file(FileConfig config,
                                                     const config::Resources& resources) {
  if (config.follow)
    return make_follow_input({config.paths, config.scanner, config.commit_period}, resources);
  auto scanner = make_scanner(config.scanner, resources);  // so that lint sees what it says
  if (!scanner) return core::fail(std::move(scanner).error());
  return std::make_unique<File>(std::move(config), resources);
}

}  // namespace

void add_file(config::Registry& registry) {
  registry.add_input(file_spec(), make_file);
}

}  // namespace weir::inputs
