#include "inputs/file_follow.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>
#include <unordered_set>

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inputs/file_paths.h"
#include "inputs/file_positions.h"
#include "inputs/open_file.h"

namespace weir::inputs {
namespace {

using State = ScannedStream::State;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kRescanNanos = kSecond;
// After a rename the writer may still have lines for the old file before it opens the new one.
constexpr std::int64_t kRotationGraceNanos = kSecond;

std::string positions_file(const config::Resources& resources) {
  if (resources.shared().data_dir.empty()) return "";
  std::string name = resources.label().empty() ? resources.path() : resources.label();
  for (char& c : name) {
    if (c == '/' || c == '\0') c = '_';
  }
  return resources.shared().data_dir + "/positions/" + name + ".json";
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// One path; what is open may be an earlier file of that name.
struct Followed {
  std::string path;
  std::unique_ptr<OpenFile> file;
  std::int64_t base = 0;   // bytes of the files read before under this path
  bool resumed = false;    // the saved position has been looked at
  bool finishing = false;  // reads its rest, then the next file of the path begins
  std::optional<std::int64_t> rotated_at;
  FilePosition position;  // of `file`
};

class FollowInput final : public core::Input {
 public:
  FollowInput(FollowOptions options, const config::Resources& resources)
      : options_(std::move(options)),
        resources_(resources),
        positions_(positions_file(resources)) {}
  ~FollowInput() override {
    if (notify_fd_ >= 0) ::close(notify_fd_);
  }

  core::InputTraits traits() const override { return {.replayable = true, .partitioned = true}; }

  core::Status connect(core::ReadContext&) override {
    const std::lock_guard lock(mutex_);
    WEIR_CHECK_OK(positions_.load());
    if (resources_.shared().data_dir.empty()) {
      resources_.log().warn(
          "file_positions_not_kept",
          "There is no data_dir: after a restart files are read from their start.");
    }
    notify_fd_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);  // without it (limits) we only poll
    last_save_ = now();
    return rescan();
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    save_if_due();
    if (now() - last_scan_ >= kRescanNanos) WEIR_CHECK_OK(rescan());
    drain_notifications();
    for (std::size_t i = 0; i < files_.size(); ++i) {
      Followed& one = *files_[next_ % files_.size()];
      next_ = (next_ + 1) % files_.size();
      core::ReadBatch read;
      read.batch = core::Batch::fresh();
      WEIR_TRY(const bool got, read_one(one, context, read));
      if (got) return core::ReadResult::of(std::move(read));
      if (context.interrupt().raised()) return core::ReadResult::idle();
    }
    const auto wait = std::min(context.wait_limit(), std::chrono::milliseconds(100));
    if (wait.count() > 0) {
      if (notify_fd_ >= 0) {
        (void)context.interrupt().wait_readable(notify_fd_, wait);
      } else {
        context.interrupt().wait_for(wait);
      }
    }
    return core::ReadResult::idle();
  }

  void acknowledge(std::string_view partition, const core::Position& position) override {
    {
      const std::lock_guard lock(mutex_);
      positions_.set(std::string(partition), FilePosition::unpacked(position.text));
    }
    save_if_due();
  }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      save();
    }
    files_.clear();
  }

 private:
  std::int64_t now() const { return resources_.clock().mono_nanos(); }

  core::Status rescan() {
    last_scan_ = now();
    std::vector<std::string> paths;
    for (const std::string& path : options_.paths) {
      if (!is_glob(path)) {
        paths.push_back(path);
        continue;
      }
      WEIR_TRY(std::vector<std::string> found, expand_glob(path));
      paths.insert(paths.end(), found.begin(), found.end());
    }
    for (std::string& path : paths) {
      if (!known_.insert(path).second) continue;
      if (notify_fd_ >= 0) {
        (void)::inotify_add_watch(notify_fd_, folder_of(path).c_str(),
                                  IN_MODIFY | IN_CREATE | IN_MOVED_TO);
      }
      auto one = std::make_unique<Followed>();
      one->path = std::move(path);
      files_.push_back(std::move(one));
    }
    return {};
  }

  void drain_notifications() {
    char events[4096];
    while (notify_fd_ >= 0 && ::read(notify_fd_, events, sizeof events) > 0) {
    }
  }

  /// True: `read` holds a batch.
  core::Result<bool> read_one(Followed& one, core::ReadContext& context, core::ReadBatch& read) {
    for (int round = 0; round < 3; ++round) {
      if (one.file == nullptr) {
        WEIR_TRY(const bool opened, open(one));
        if (!opened) return false;
      }
      WEIR_TRY(const State state,
               one.file->read(context.interrupt(), std::chrono::milliseconds(0), read.batch));
      if (state == State::kBatch) {
        update_position(one);
        read.partition = one.path;
        read.after = {one.base + one.position.offset, one.position.packed()};
        return true;
      }
      if (state == State::kEnd) {
        one.base += one.file->bytes_read();
        one.file.reset();
        one.finishing = false;
        one.rotated_at.reset();
        continue;
      }
      if (!look_for_successor(one)) return false;
    }
    return false;
  }

  /// False: there is no such file yet.
  core::Result<bool> open(Followed& one) {
    std::string from = one.path;
    std::int64_t start = 0;
    bool old = false;
    if (!one.resumed) {
      one.resumed = true;
      const std::lock_guard lock(mutex_);
      if (const FilePosition* saved = positions_.find(one.path); saved != nullptr) {
        if (const auto found = find_file(one.path, *saved)) {
          from = *found;
          start = saved->offset;
          old = from != one.path;
        } else {
          resources_.log().warn("file_position_lost",
                                "The file that was being read is gone or was cut; reading its "
                                "successor from the start.",
                                {{"file", one.path}});
        }
      }
    }
    auto scanner = make_scanner(options_.scanner, resources_);
    if (!scanner) return core::fail(std::move(scanner).error());
    auto opened = OpenFile::open(from, *std::move(scanner), start);
    if (!opened) {
      if (opened.error().code != core::ErrorCode::kNotFound)
        return core::fail(std::move(opened).error());
      if (one.base == 0 && start == 0) one.resumed = false;
      return false;
    }
    one.file = *std::move(opened);
    one.file->stream().follow();
    one.position = {};
    one.position.inode = one.file->inode();
    one.position.offset = start;
    if (old) begin_finishing(one);
    return true;
  }

  /// The file a saved position is about: at its path, or renamed in the same folder.
  static std::optional<std::string> find_file(const std::string& path, const FilePosition& saved) {
    const auto matches = [&](const std::string& candidate) {
      struct stat info {};
      if (::stat(candidate.c_str(), &info) != 0 || info.st_ino != saved.inode ||
          info.st_size < saved.offset)
        return false;
      const int fd = ::open(candidate.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
      if (fd < 0) return false;
      std::uint32_t size = saved.head_size;
      const bool same = head_checksum(fd, size) == saved.head_crc && size == saved.head_size;
      ::close(fd);
      return same;
    };
    if (matches(path)) return path;
    std::error_code error;
    const std::string folder = folder_of(path);
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
      std::error_code ignored;
      if (at->is_regular_file(ignored) && matches(at->path().string())) return at->path().string();
    }
    return std::nullopt;
  }

  void update_position(Followed& one) {
    one.position.offset = one.file->offset();
    const auto wanted = static_cast<std::uint32_t>(
        std::min<std::int64_t>(one.position.offset, FilePosition::kHeadBytes));
    if (one.position.head_size >= wanted) return;
    one.position.head_size = wanted;
    one.position.head_crc = head_checksum(one.file->fd(), one.position.head_size);
  }

  static void begin_finishing(Followed& one) {
    one.finishing = true;
    one.file->stream().finish();
  }

  /// At the end of what is there: true when the rest is to be read and the file closed.
  bool look_for_successor(Followed& one) {
    if (one.finishing) return false;
    struct stat info {};
    if (::fstat(one.file->fd(), &info) == 0 && S_ISREG(info.st_mode) &&
        info.st_size < one.file->bytes_read()) {
      resources_.log().info("file_truncated", "The file was truncated; reading it from its start.",
                            {{"file", one.path}});
      begin_finishing(one);
      return true;
    }
    if (::stat(one.path.c_str(), &info) != 0)
      return false;  // renamed or removed, and no new one yet
    if (info.st_ino == one.file->inode() && info.st_dev == one.file->device()) {
      one.rotated_at.reset();
      return false;
    }
    if (!one.rotated_at) one.rotated_at = now();
    if (now() - *one.rotated_at < kRotationGraceNanos) return false;
    resources_.log().info("file_rotated", "The file was replaced; reading its successor.",
                          {{"file", one.path}});
    begin_finishing(one);
    return true;
  }

  void save_if_due() {
    const std::lock_guard lock(mutex_);
    if (!positions_.changed() || now() - last_save_ < options_.commit_period.count()) return;
    save();
  }

  void save() {
    last_save_ = now();
    core::Status saved = positions_.save();
    if (!saved) {
      resources_.log().warn(
          "file_positions_not_saved",
          "The positions of followed files could not be saved; a restart would repeat messages.",
          {{"error", saved.error().message}});
    }
  }

  const FollowOptions options_;
  const config::Resources resources_;
  std::vector<std::unique_ptr<Followed>> files_;
  std::unordered_set<std::string> known_;
  std::size_t next_ = 0;
  int notify_fd_ = -1;
  std::int64_t last_scan_ = 0;
  std::mutex mutex_;  // guards what follows
  FilePositions positions_;
  std::int64_t last_save_ = 0;
};

}  // namespace

core::Result<std::unique_ptr<core::Input>> make_follow_input(FollowOptions options,
                                                             const config::Resources& resources) {
  auto scanner = make_scanner(options.scanner, resources);
  if (!scanner) return core::fail(std::move(scanner).error());
  if (!(*scanner)->resume_offset()) {
    return core::invalid_config(
        "`follow` needs a scanner that can start in the middle of a file, such as `lines`");
  }
  return std::make_unique<FollowInput>(std::move(options), resources);
}

}  // namespace weir::inputs
