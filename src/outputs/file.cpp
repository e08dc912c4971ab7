#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "codecs/output_codec.h"
#include "config/mapping_fields.h"
#include "core/buffer.h"
#include "outputs/all.h"
#include "outputs/file_rotation.h"
#include "outputs/payload_run.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;

constexpr std::size_t kMaxOpenFiles = 64;
constexpr std::chrono::milliseconds kSyncEvery{100};
constexpr std::size_t kSyncBytes = std::size_t{4} << 20;

struct FileConfig {
  config::TemplateField path;
  std::string codec = "lines";
  std::string sync = "group";
  std::string base_dir;
  FileRotation rotate;
};

config::Spec<FileConfig> file_spec() {
  return config::Spec<FileConfig>("file")
      .summary("Writes messages to files.")
      .description(
          "Messages are appended and acknowledged once they are on the disk: one sync serves all "
          "that was written "
          "within 100 ms. Folders are created as needed. A path with interpolations stays below "
          "its literal folder "
          "(or `base_dir`): a message that would leave it fails.")
      .category("local")
      .field("path", &FileConfig::path,
             {.doc = "Where to write.",
              .required = true,
              .examples = {"/var/log/out.ndjson", R"("/data/${! this.kind }.ndjson")"}})
      .field(
          "codec", &FileConfig::codec,
          {.doc = "`lines`, `append`, `delim:x`, or `all-bytes`: each message replaces the file."})
      .field("sync", &FileConfig::sync,
             {.doc = "When a message counts as written.",
              .options = {{"group", "when it is on the disk; syncs are shared"},
                          {"none", "when the system has taken it"}}})
      .field("base_dir", &FileConfig::base_dir,
             {.doc = "Folder that interpolated paths must stay below.", .advanced = true})
      .field(
          "rotate", &FileConfig::rotate,
          {.doc = "When the file is renamed (with the time in UTC behind its name) and a new one "
                  "begun.",
           .advanced = true})
      .check([](const FileConfig& config) -> core::Status {
        if (config.rotate.enabled() && config.codec == "all-bytes")
          return core::invalid_config("`rotate` and `codec: all-bytes` do not go together");
        return {};
      })
      .lint([](const FileConfig& config, const config::Node& node,
               const config::ReadContext& context) {
        if (config.path.is_constant() || !config.base_dir.empty()) return;
        if (config.path.literal_prefix().find('/') != std::string_view::npos) return;
        const config::Node* path = node.find("path");
        context.error(config::rule::kUnconfinedPath, path == nullptr ? node.where : path->where,
                      "field `path` is made from message data without a literal folder in front",
                      "begin it with a folder, e.g. `/data/out/${! ... }`, or set `base_dir`");
      })
      .example("One file per kind of event", R"yaml(
output:
  file:
    path: '/tmp/events/${! this.kind }.ndjson'
)yaml");
}

std::string reason(const std::string& what, const std::string& path) {
  return what + " `" + path + "`: " + std::strerror(errno);
}

iovec part(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};  // writev only reads
}

/// One open file.
struct OpenFile {
  explicit OpenFile(int descriptor) : fd(descriptor) {}
  ~OpenFile() { ::close(fd); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  const int fd;
};

class FileOutput final : public core::Output {
 public:
  FileOutput(FileConfig config, codecs::OutputCodec codec, const config::Resources& resources)
      : config_(std::move(config)),
        codec_(std::move(codec)),
        evaluator_(resources),
        clock_(resources.clock()),
        log_(resources.log()) {
    std::string_view prefix = config_.path.literal_prefix();
    folder_ = !config_.base_dir.empty() ? config_.base_dir
                                        : std::string(prefix.substr(0, prefix.rfind('/') + 1));
  }
  ~FileOutput() override { close(); }

  core::Status connect(const core::Interrupt&) override {
    if (config_.path.is_constant()) {
      // A path that can never work should be told at the start, not at the first message.
      auto opened = open(std::string(config_.path.constant()));
      if (!opened) return core::fail(core::ErrorCode::kNotFound, opened.error().message);
    }
    if (config_.sync == "group" && !syncer_.joinable())
      syncer_ = std::thread([this] { sync_loop(); });
    return {};
  }

  std::size_t max_in_flight() const override { return 1024; }  // writes that wait for their sync

  void write(Batch batch, WriteDone done) override {
    WriteResult result;
    result.keep_alive = batch.sibling();
    std::vector<Refusal> refused;
    const std::size_t written = write_runs(batch, refused);
    if (refused.empty()) {
      result.delivered = std::move(batch);
    } else {
      result.delivered = batch.sibling();
      std::sort(refused.begin(), refused.end(),
                [](const Refusal& a, const Refusal& b) { return a.index < b.index; });
      auto next = refused.begin();
      for (std::size_t i = 0; i < batch.size(); ++i) {
        if (next != refused.end() && next->index == i) {
          result.failed.push_back({std::move(batch[i]), std::move(next->error)});
          ++next;
        } else {
          result.delivered.push(std::move(batch[i]));
        }
      }
    }
    if (config_.sync != "group" || result.delivered.empty()) {
      done(std::move(result));
      return;
    }
    const std::lock_guard lock(mutex_);
    unsynced_.push_back({std::move(result), std::move(done)});
    unsynced_bytes_ += written;
    changed_.notify_one();
  }

  void flush() override {
    const std::lock_guard lock(mutex_);
    hurry_ = true;
    changed_.notify_one();
  }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      changed_.notify_one();
    }
    if (syncer_.joinable()) syncer_.join();
    files_.clear();
    retired_.clear();
  }

 private:
  struct Unsynced {
    WriteResult result;
    WriteDone done;
  };

  struct Refusal {
    std::size_t index;
    core::Error error;
  };

  // Runs of messages for one path go out in one write. Returns the bytes written.
  std::size_t write_runs(Batch& batch, std::vector<Refusal>& refused) {
    const bool one_path = config_.path.is_constant();
    const bool whole = codec_.kind() == codecs::OutputCodec::Kind::kAllBytes;
    if (!one_path) evaluator_.context().bind(batch.messages(), 0);
    std::string current(one_path ? config_.path.constant() : std::string_view());
    std::vector<std::size_t> run;
    std::size_t written = 0;
    const auto end_run = [&] {
      if (run.empty()) return;
      if (core::Status status = append(current, run_); !status) {
        for (const std::size_t i : run) refused.push_back({i, status.error()});
      }
      written += run_.size();
      run.clear();
      run_.clear();
    };
    run.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!one_path) {
        auto path = path_for(i);
        if (!path) {
          refused.push_back({i, std::move(path).error()});
          continue;
        }
        if (*path != current) {
          end_run();
          current = *std::move(path);
        }
      }
      const auto payload = batch[i].payload();
      if (!payload) {
        refused.push_back({i, payload.error()});
        continue;
      }
      if (whole) end_run();
      run_.add(*payload, codec_.suffix_for(*payload));
      run.push_back(i);
    }
    end_run();
    return written;
  }

  core::Result<std::string> path_for(std::size_t i) {
    evaluator_.context().select(i);
    auto rendered = config_.path.render(evaluator_.context());
    if (!rendered) return core::fail(std::move(rendered).error().with_context("evaluating `path`"));
    std::string path(*rendered);
    if (!config_.base_dir.empty() && (path.empty() || path.front() != '/'))
      path = config_.base_dir + "/" + path;
    const std::string normal = std::filesystem::path(path).lexically_normal().string();
    const std::string inside = std::filesystem::path(folder_).lexically_normal().string();
    if (path.find('\0') != std::string::npos || normal.compare(0, inside.size(), inside) != 0 ||
        normal.back() == '/' || path.find("/../") != std::string::npos) {
      return core::invalid_data("path `" + path.substr(0, 200) + "` leaves the folder `" + folder_ +
                                "`");
    }
    return path;
  }

  core::Result<std::shared_ptr<OpenFile>> open(const std::string& path) {
    const std::lock_guard lock(files_mutex_);
    for (auto it = files_.begin(); it != files_.end(); ++it) {
      if (it->first != path) continue;
      files_.splice(files_.begin(), files_, it);
      return files_.front().second;
    }
    const bool whole = codec_.kind() == codecs::OutputCodec::Kind::kAllBytes;
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    if (!parent.empty()) {
      std::error_code error;
      std::filesystem::create_directories(parent, error);
      if (error)
        return core::unavailable("creating the folder `" + parent.string() +
                                 "`: " + error.message());
    }
    // Interpolated names must not be led elsewhere by a link; a constant path may be one.
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (whole ? 0 : O_APPEND) |
                      (config_.path.is_constant() ? 0 : O_NOFOLLOW);
    const int fd = ::open(path.c_str(), flags, 0644);
    if (fd < 0) return core::unavailable(reason("opening", path));
    const int folder =
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {  // the new name must survive a crash too
      (void)::fsync(folder);
      ::close(folder);
    }
    auto opened = std::make_shared<OpenFile>(fd);
    if (core::Status status = mend_end(fd, path); !status) return core::fail(status.error());
    files_.emplace_front(path, std::move(opened));
    if (files_.size() > kMaxOpenFiles) {
      if (config_.sync == "group") (void)::fdatasync(files_.back().second->fd);
      files_.pop_back();
    }
    return files_.front().second;
  }

  // A process that was killed in the middle of a write leaves half a message behind: what comes
  // next must not become part of it.
  core::Status mend_end(int fd, const std::string& path) {
    const std::string_view delimiter = codec_.suffix_for({});
    struct stat info {};
    if (delimiter.empty() || codec_.kind() == codecs::OutputCodec::Kind::kAllBytes ||
        ::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0)
      return {};
    const int reader = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (reader < 0) return {};  // we may write it but not look at it
    std::string end(std::min<std::size_t>(delimiter.size(), static_cast<std::size_t>(info.st_size)),
                    '\0');
    const ssize_t got =
        ::pread(reader, end.data(), end.size(), info.st_size - static_cast<off_t>(end.size()));
    ::close(reader);
    if (got != static_cast<ssize_t>(end.size()) || end == delimiter) return {};
    log_.warn("file_end_mended",
              "The file does not end with a whole message; the next begins behind a delimiter.",
              {{"path", path}});
    const ssize_t n = ::write(fd, delimiter.data(), delimiter.size());
    if (n != static_cast<ssize_t>(delimiter.size()))
      return core::unavailable(reason("writing", path));
    return {};
  }

  // The file is renamed and the next one opened; what was written to it is synced with the rest.
  core::Status rotate(const std::string& path) {
    WEIR_TRY(const std::string renamed, rename_rotated(path, clock_.wall_nanos()));
    {
      const std::lock_guard lock(files_mutex_);
      retired_.push_back(files_.front().second);
      files_.pop_front();
    }
    prune_rotated(path, config_.rotate.keep);
    log_.debug("file_rotated", "A new file is begun.", {{"path", path}, {"renamed", renamed}});
    return {};
  }

  core::Status append(const std::string& path, const PayloadRun& run) {
    WEIR_TRY(std::shared_ptr<OpenFile> file, open(path));
    const bool whole = codec_.kind() == codecs::OutputCodec::Kind::kAllBytes;
    struct stat before {};
    bool regular = fstat(file->fd, &before) == 0 && S_ISREG(before.st_mode);
    if (regular && config_.rotate.enabled() &&
        config_.rotate.due(
            static_cast<std::uint64_t>(before.st_size), run.size(),
            before.st_mtim.tv_sec * std::int64_t{1'000'000'000} + before.st_mtim.tv_nsec,
            clock_.wall_nanos())) {
      WEIR_CHECK_OK(rotate(path));
      WEIR_TRY(file, open(path));
      regular = fstat(file->fd, &before) == 0 && S_ISREG(before.st_mode);
    }
    if (whole && (::ftruncate(file->fd, 0) != 0 || ::lseek(file->fd, 0, SEEK_SET) != 0)) {
      return core::unavailable(reason("truncating", path));
    }
    std::array<iovec, 2> parts{part(run.body()), part(run.tail())};
    for (std::size_t i = 0; i < parts.size();) {
      iovec& next = parts.at(i);
      if (next.iov_len == 0) {
        ++i;
        continue;
      }
      const ssize_t n = ::writev(file->fd, &next, static_cast<int>(parts.size() - i));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        core::Error error{core::ErrorCode::kUnavailable, reason("writing", path)};
        // Half a line must not stay in front of the next attempt.
        if (regular && !whole && ::ftruncate(file->fd, before.st_size) != 0) {
          log_.error("file_torn", "A partly written batch could not be taken back.",
                     {{"path", path}});
        }
        return core::fail(std::move(error));
      }
      auto rest = static_cast<std::size_t>(n);
      for (std::size_t k = i; k < parts.size() && rest > 0; ++k) {
        const std::size_t taken = std::min(rest, parts.at(k).iov_len);
        parts.at(k).iov_base = static_cast<char*>(parts.at(k).iov_base) + taken;
        parts.at(k).iov_len -= taken;
        rest -= taken;
      }
    }
    return {};
  }

  void sync_loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return !unsynced_.empty() || closing_; });
      if (unsynced_.empty() && closing_) return;
      if (!hurry_ && !closing_) {
        // Much written: sync now, or a byte budget would be spent on waiting for the clock.
        changed_.wait_for(lock, kSyncEvery,
                          [&] { return hurry_ || closing_ || unsynced_bytes_ >= kSyncBytes; });
      }
      hurry_ = false;
      unsynced_bytes_ = 0;
      std::vector<Unsynced> group = std::move(unsynced_);
      unsynced_.clear();
      lock.unlock();
      finish(std::move(group));
      lock.lock();
    }
  }

  void finish(std::vector<Unsynced> group) {
    std::vector<std::shared_ptr<OpenFile>> files;
    {
      const std::lock_guard lock(files_mutex_);
      for (const auto& [path, file] : files_) files.push_back(file);
      for (auto& file : retired_) files.push_back(std::move(file));
      retired_.clear();
    }
    std::string failure;
    for (const auto& file : files) {
      if (::fdatasync(file->fd) != 0 && errno != EINVAL && errno != EROFS)
        failure = std::strerror(errno);
    }
    for (Unsynced& one : group) {
      if (!failure.empty()) {
        // What the disk holds now is unknown: write again (at least once), never acknowledge.
        WriteResult lost =
            WriteResult::all_failed(std::move(one.result.delivered),
                                    {core::ErrorCode::kUnavailable, "syncing files: " + failure});
        for (auto& failed : one.result.failed) lost.failed.push_back(std::move(failed));
        lost.keep_alive.append(std::move(one.result.keep_alive));
        one.done(std::move(lost));
      } else {
        one.done(std::move(one.result));
      }
    }
  }

  const FileConfig config_;
  const codecs::OutputCodec codec_;
  config::Evaluator evaluator_;
  const core::Clock& clock_;
  core::Log log_;
  std::string folder_;
  PayloadRun run_;
  std::mutex files_mutex_;
  std::list<std::pair<std::string, std::shared_ptr<OpenFile>>> files_;  // most recently used first
  std::vector<std::shared_ptr<OpenFile>> retired_;  // rotated away, not synced yet
  std::mutex mutex_;                                // guards what follows
  std::condition_variable changed_;
  std::vector<Unsynced> unsynced_;
  std::size_t unsynced_bytes_ = 0;
  bool hurry_ = false;
  bool closing_ = false;
  std::thread syncer_;
};

core::Result<std::unique_ptr<core::Output>> make_file(FileConfig config,
                                                      const config::Resources& resources) {
  auto codec = codecs::OutputCodec::parse(config.codec);
  if (!codec) return core::fail(std::move(codec).error());
  return std::make_unique<FileOutput>(std::move(config), *std::move(codec), resources);
}

}  // namespace

void add_file(config::Registry& registry) {
  registry.add_output(file_spec(), make_file);
}

}  // namespace weir::outputs
