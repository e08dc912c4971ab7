#include "inputs/file_sequence.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>
#include <mutex>

#include <sys/stat.h>
#include <unistd.h>

#include "inputs/file_paths.h"
#include "inputs/open_file.h"

namespace weir::inputs {
namespace {

class FileSequence final : public core::Input {
 public:
  FileSequence(FileSequenceOptions options, const config::Resources& resources)
      : options_(std::move(options)), resources_(resources) {}

  core::InputTraits traits() const override { return {.finite = true}; }

  core::Status connect(core::ReadContext&) override {
    WEIR_TRY(files_, expand_paths(options_.paths));
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
        auto scanner = options_.make_scanner();
        if (!scanner) return core::fail(std::move(scanner).error());
        WEIR_TRY(current_, OpenFile::open(files_[next_file_], *std::move(scanner)));
        ++next_file_;
      }
      if (!pending_.has_storage()) pending_ = core::Batch::fresh();
      if (options_.batch_count > 0) current_->stream().set_max_messages(options_.batch_count);
      WEIR_TRY(const auto state,
               current_->read(context.interrupt(), context.wait_limit(), pending_));
      read_bytes_ = finished_bytes_ + static_cast<std::uint64_t>(current_->bytes_read());
      if (state == ScannedStream::State::kIdle) return core::ReadResult::idle();
      if (state == ScannedStream::State::kBatch) {
        if (pending_.size() < options_.batch_count) continue;
        return hand_out();
      }
      if (!pending_.empty()) return hand_out();
      finish_file();
    }
  }

  void acknowledge(std::string_view, const core::Position& position) override {
    if (!options_.delete_on_finish) return;
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
  core::ReadResult hand_out() {
    core::ReadBatch read;
    read.batch = std::move(pending_);
    pending_ = core::Batch();
    // The number tells batches apart whose offset is the same.
    read.after = {static_cast<std::int64_t>(finished_bytes_) + current_->offset(),
                  std::to_string(++batches_)};
    return core::ReadResult::of(std::move(read));
  }

  void finish_file() {
    warn_if_cut();
    finished_bytes_ += static_cast<std::uint64_t>(current_->bytes_read());
    if (options_.delete_on_finish && !current_->broken()) {
      const std::lock_guard lock(mutex_);
      finished_.push_back({batches_, current_->path()});
      delete_delivered();
    }
    current_.reset();
  }

  void warn_if_cut() const {
    struct stat info {};
    if (::fstat(current_->fd(), &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size >= current_->bytes_read())
      return;
    resources_.log().warn("file_truncated",
                          "The file became shorter while it was read; what was cut off before it "
                          "was read is not there.",
                          {{"file", current_->path()},
                           {"read_bytes", std::to_string(current_->bytes_read())},
                           {"size_bytes", std::to_string(info.st_size)}});
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

  const FileSequenceOptions options_;
  const config::Resources resources_;
  std::vector<std::string> files_;
  std::size_t next_file_ = 0;
  std::unique_ptr<OpenFile> current_;
  core::Batch pending_;               // of the current file
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

}  // namespace

core::Result<std::unique_ptr<core::Input>> make_file_sequence(FileSequenceOptions options,
                                                              const config::Resources& resources) {
  auto scanner = options.make_scanner();
  if (!scanner) return core::fail(std::move(scanner).error());
  return std::make_unique<FileSequence>(std::move(options), resources);
}

}  // namespace weir::inputs
