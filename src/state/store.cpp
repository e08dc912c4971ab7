#include "state/store.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <shared_mutex>

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "state/store_mark.h"

namespace weir::state {

namespace {

using core::ErrorCode;
using core::Status;

constexpr const char* kMarkName = "WEIR";

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view(const rocksdb::Slice& text) {
  return {text.data(), text.size()};
}

/// The process that holds the lock file, or 0.
long lock_holder(const std::string& path) {
  const int fd = ::open((path + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return 0;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool held = ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(fd);
  return held ? static_cast<long>(lock.l_pid) : 0;
}

std::string quoted(const std::string& path) {
  return "`" + path + "`";
}

constexpr const char* kRunbook =
    "; nothing was changed. Restore the folder from a copy, or move it away to begin anew without "
    "what it holds";

core::Error error_of(const rocksdb::Status& status, const char* doing, const std::string& path) {
  const std::string what = std::string(doing) + " the store " + quoted(path) + ": ";
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace ||
      status.subcode() == rocksdb::Status::kSpaceLimit) {
    return {ErrorCode::kUnavailable,
            what + "the disk is full; once there is space again, work goes on by itself"};
  }
  const std::string text = status.ToString();
  if (text.find("LOCK: ") != std::string::npos || text.find("lock hold") != std::string::npos) {
    // Asking for the holder opens the file and closes it again, and that would give up a lock of
    // our own.
    const bool ours = text.find("current process") != std::string::npos;
    const long holder = ours ? static_cast<long>(::getpid()) : lock_holder(path);
    const std::string who = holder > 0 ? "process " + std::to_string(holder) : "another process";
    return {ErrorCode::kUnavailable,
            what + who +
                " uses it; stop that one, or give this pipeline a `data_dir` (or path) of its own"};
  }
  if (status.IsCorruption()) {
    return {ErrorCode::kInternal, what + "it is damaged (" + text + ")" + kRunbook};
  }
  return {ErrorCode::kUnavailable, what + text};
}

// `MANIFEST-000012` is 12; 0 for anything else.
std::uint64_t manifest_number_of(const std::string& file) {
  constexpr std::string_view kPrefix = "MANIFEST-";
  if (file.rfind(kPrefix, 0) != 0) return 0;
  return std::strtoull(file.c_str() + kPrefix.size(), nullptr, 10);
}

std::uint64_t log_number_of(const std::string& file) {
  constexpr std::string_view kSuffix = ".log";
  if (file.size() <= kSuffix.size() ||
      file.compare(file.size() - kSuffix.size(), kSuffix.size(), kSuffix) != 0) {
    return 0;
  }
  std::uint64_t number = 0;
  const char* const last = file.data() + file.size() - kSuffix.size();
  const auto [end, error] = std::from_chars(file.data(), last, number);
  return error == std::errc() && end == last ? number : 0;
}

std::string random_id() {
  char text[33];
  std::snprintf(text, sizeof text, "%016" PRIx64 "%016" PRIx64, core::secure_random(),
                core::secure_random());
  return text;
}

rocksdb::Options database_options(const StoreOptions& wanted) {
  rocksdb::Options options;
  options.env = wanted.env != nullptr ? wanted.env : rocksdb::Env::Default();
  options.create_if_missing = true;
  options.paranoid_checks = true;
  options.force_consistency_checks = true;
  // The default stops reading the log at a damaged record and opens without what was synced behind
  // it. This one takes only a torn end for granted.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.max_total_wal_size = std::uint64_t{256} << 20;
  options.write_buffer_size = wanted.write_buffer_bytes;
  // More than two, together with many background jobs, may reorder a failed flush in this version.
  options.max_write_buffer_number = 2;
  options.max_background_jobs = 2;
  options.max_open_files = 512;
  options.level_compaction_dynamic_level_bytes = true;
  options.compression = rocksdb::kLZ4Compression;
  options.keep_log_file_num = 2;
  options.max_log_file_size = std::size_t{1} << 20;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.max_bgerror_resume_count = 0;  // recover() does it, with the caller there to be told

  // One shard: a filter or index block that does not fit its shard is read anew for every get.
  const std::shared_ptr<rocksdb::Cache> cache =
      rocksdb::NewLRUCache(wanted.memory_bytes, /*num_shard_bits=*/0);
  options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(
      std::max(wanted.write_buffer_bytes * 2, wanted.memory_bytes / 2), cache);
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.cache_index_and_filter_blocks = true;
  table.pin_top_level_index_and_filter = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

void append_be64(std::string& to, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<char>(value >> shift));
}

std::uint64_t read_be64(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    if (static_cast<unsigned char>(end.back()) != 0xFF) {
      end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
      return end;
    }
    end.pop_back();
  }
  return end;
}

// ---- WriteSet ----------------------------------------------------------------------------------

struct WriteSet::Impl {
  rocksdb::WriteBatch batch;
};

WriteSet::WriteSet() : impl_(std::make_unique<Impl>()) {}
WriteSet::~WriteSet() = default;
WriteSet::WriteSet(WriteSet&&) noexcept = default;
WriteSet& WriteSet::operator=(WriteSet&&) noexcept = default;

void WriteSet::put(std::string_view key, std::string_view value) {
  (void)impl_->batch.Put(slice(key), slice(value));
}
void WriteSet::erase(std::string_view key) {
  (void)impl_->batch.Delete(slice(key));
}
void WriteSet::clear() {
  impl_->batch.Clear();
}
std::size_t WriteSet::count() const {
  return impl_->batch.Count();
}
std::size_t WriteSet::size_bytes() const {
  return impl_->batch.GetDataSize();
}

// ---- Store -------------------------------------------------------------------------------------

struct Store::Impl {
  StoreOptions options;
  rocksdb::Options database;
  StoreMark mark;
  // Shared by all users, held alone while the database is opened anew.
  mutable std::shared_mutex mutex;
  std::unique_ptr<rocksdb::DB> db;
  std::atomic<bool> broken{false};  // a write has failed: recover before the next
  std::atomic<std::uint64_t> synced{0};
  std::mutex mark_mutex;  // guards mark and what follows
  std::int64_t marked_at = 0;

  rocksdb::Env& env() const { return *database.env; }
  std::string mark_path() const { return options.path + "/" + kMarkName; }

  // Before the database is touched: would opening it lose what is known to have been there?
  Status check_mark(bool& fresh) {
    fresh = false;
    std::vector<std::string> files;
    if (const auto status = env().GetChildren(options.path, &files); !status.ok()) {
      return core::fail(error_of(status, "opening", options.path));
    }
    const bool has_mark = std::find(files.begin(), files.end(), kMarkName) != files.end();
    const bool has_database = std::find(files.begin(), files.end(), "CURRENT") != files.end();
    if (!has_mark) {
      // Without a mark it was made by a start that died before it was finished, or is not ours.
      fresh = true;
      if (!has_database) {
        const bool tables = std::any_of(files.begin(), files.end(), [](const std::string& file) {
          return file.size() > 4 && file.compare(file.size() - 4, 4, ".sst") == 0;
        });
        if (tables) return core::fail(gone_back("the file `CURRENT` is missing"));
      }
      return {};
    }
    std::string text;
    if (const auto status = rocksdb::ReadFileToString(&env(), mark_path(), &text); !status.ok()) {
      return core::fail(error_of(status, "reading the mark of", options.path));
    }
    auto read = read_mark(text);
    if (!read) {
      return core::fail(ErrorCode::kInternal,
                        "opening the store " + quoted(options.path) +
                            ": its mark `WEIR` is damaged: " + read.error().message + kRunbook);
    }
    mark = *std::move(read);
    if (!has_database) return core::fail(gone_back("the file `CURRENT` is missing"));
    std::uint64_t newest = 0;
    for (const std::string& file : files) newest = std::max(newest, log_number_of(file));
    if (newest < mark.log_number) {
      return core::fail(
          gone_back("the log " + std::to_string(mark.log_number) + " is missing, and any later"));
    }
    return check_manifest(files);
  }

  // RocksDB takes a manifest that is cut off at a record for a whole one, and forgets the tables
  // that the rest of it names.
  Status check_manifest(const std::vector<std::string>& files) {
    std::uint64_t newest = 0;
    for (const std::string& file : files) newest = std::max(newest, manifest_number_of(file));
    if (newest < mark.manifest_number) {
      return core::fail(gone_back("the manifest " + std::to_string(mark.manifest_number) +
                                  " is missing, and any later"));
    }
    if (newest > mark.manifest_number) return {};
    for (const std::string& file : files) {
      std::uint64_t size = 0;
      if (manifest_number_of(file) != newest || newest == 0) continue;
      if (!env().GetFileSize(options.path + "/" + file, &size).ok() || size < mark.manifest_size) {
        return core::fail(gone_back("`" + file + "` has " + std::to_string(size) +
                                    " bytes, but had " + std::to_string(mark.manifest_size)));
      }
    }
    return {};
  }

  core::Error gone_back(const std::string& why) const {
    return {ErrorCode::kInternal, "opening the store " + quoted(options.path) +
                                      ": it is not complete: " + why + kRunbook};
  }

  Status open_database() {
    rocksdb::DB* raw = nullptr;
    const auto status = rocksdb::DB::Open(database, options.path, &raw);
    if (!status.ok()) return core::fail(error_of(status, "opening", options.path));
    db.reset(raw);
    return {};
  }

  void note_manifest() {
    std::vector<std::string> live;
    std::uint64_t size = 0;
    if (db == nullptr || !db->GetLiveFiles(live, &size, /*flush_memtable=*/false).ok()) return;
    for (const std::string& file : live) {
      const std::uint64_t number = manifest_number_of(file.substr(file.rfind('/') + 1));
      if (number < mark.manifest_number || number == 0) continue;
      mark.manifest_number = number;
      mark.manifest_size = size;
    }
  }

  Status write_mark_file() {
    std::unique_ptr<rocksdb::LogFile> log;
    if (db != nullptr && db->GetCurrentWalFile(&log).ok() && log != nullptr) {
      mark.log_number = std::max(mark.log_number, log->LogNumber());
    }
    note_manifest();
    mark.sequence = std::max(mark.sequence, synced.load());
    const std::string temporary = mark_path() + ".new";
    rocksdb::Status status =
        rocksdb::WriteStringToFile(&env(), write_mark(mark), temporary, /*should_sync=*/true);
    if (status.ok()) status = env().RenameFile(temporary, mark_path());
    std::unique_ptr<rocksdb::Directory> folder;
    if (status.ok()) status = env().NewDirectory(options.path, &folder);
    if (status.ok()) status = folder->Fsync();
    if (!status.ok()) return core::fail(error_of(status, "writing the mark of", options.path));
    marked_at = core::system_clock().mono_nanos();
    return {};
  }

  void refresh_mark() {
    if (core::system_clock().mono_nanos() - marked_at < options.mark_every_nanos) return;
    const std::unique_lock lock(mark_mutex, std::try_to_lock);
    if (!lock.owns_lock() ||
        core::system_clock().mono_nanos() - marked_at < options.mark_every_nanos) {
      return;
    }
    if (Status status = write_mark_file(); !status) {
      marked_at = core::system_clock().mono_nanos();  // try again later, not at every write
      options.log.warn("store_mark_failed", "The mark of a store could not be written.",
                       {{"error", status.error().message}});
    }
  }

  // After a failed write: lets the database go on, or opens it anew.
  Status recover() {
    const std::unique_lock lock(mutex);
    if (!broken) return {};
    if (db != nullptr) {
      if (db->Resume().ok()) {
        broken = false;
        return {};
      }
      const std::uint64_t known = synced;
      (void)db->Close();
      db.reset();
      WEIR_CHECK_OK(open_database());
      if (db->GetLatestSequenceNumber() < known) {
        db.reset();
        return core::fail(gone_back("synced changes are missing after a failure of the disk"));
      }
    } else {
      WEIR_CHECK_OK(open_database());
    }
    broken = false;
    options.log.info("store_reopened", "A store works again after a failure of the disk.",
                     {{"path", options.path}});
    return {};
  }

  Status closed() const {
    return core::unavailable("the store " + quoted(options.path) + " is closed");
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
  (void)close();
}

core::Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->database = database_options(options);
  impl->options = std::move(options);
  const std::string& path = impl->options.path;
  // Each missing folder on the way, as `mkdir -p`; only the last is private.
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    (void)impl->env().CreateDirIfMissing(path.substr(0, at));
  }
  const bool existed = impl->env().FileExists(path).ok();
  if (const auto status = impl->env().CreateDirIfMissing(path); !status.ok()) {
    return core::fail(error_of(status, "creating", path));
  }
  if (!existed) (void)::chmod(path.c_str(), 0700);
  bool fresh = false;
  WEIR_CHECK_OK(impl->check_mark(fresh));
  WEIR_CHECK_OK(impl->open_database());
  if (fresh) impl->mark.id = random_id();
  const std::uint64_t reached = impl->db->GetLatestSequenceNumber();
  if (reached < impl->mark.sequence) {
    return core::fail(impl->gone_back("it ends at change " + std::to_string(reached) +
                                      ", but had reached " + std::to_string(impl->mark.sequence)));
  }
  impl->synced = impl->mark.sequence;
  ++impl->mark.incarnation;
  WEIR_CHECK_OK(impl->write_mark_file());
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Status Store::write(WriteSet& changes, Sync sync) {
  Impl& impl = *impl_;
  if (impl.broken) WEIR_CHECK_OK(impl.recover());
  const std::shared_lock lock(impl.mutex);
  if (impl.db == nullptr) return impl.closed();
  rocksdb::WriteOptions options;
  options.sync = sync == Sync::kYes;
  // All that was there before is in the same log, so one sync covers it.
  const std::uint64_t before = impl.db->GetLatestSequenceNumber();
  const auto status = impl.db->Write(options, &changes.impl_->batch);
  if (!status.ok()) {
    impl.broken = true;
    return core::fail(error_of(status, "writing to", impl.options.path));
  }
  if (sync == Sync::kYes) {
    std::uint64_t seen = impl.synced;
    while (seen < before && !impl.synced.compare_exchange_weak(seen, before)) {
    }
    impl.refresh_mark();
  }
  return {};
}

core::Result<std::optional<std::string>> Store::get(std::string_view key) const {
  const std::shared_lock lock(impl_->mutex);
  if (impl_->db == nullptr) return core::fail(impl_->closed().error());
  std::string value;
  const auto status = impl_->db->Get(rocksdb::ReadOptions(), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return core::fail(error_of(status, "reading", impl_->options.path));
  return std::optional<std::string>(std::move(value));
}

std::vector<core::Result<std::optional<std::string>>> Store::get_many(
    std::span<const std::string_view> keys) const {
  std::vector<core::Result<std::optional<std::string>>> all;
  all.reserve(keys.size());
  const std::shared_lock lock(impl_->mutex);
  if (impl_->db == nullptr) {
    for (std::size_t i = 0; i < keys.size(); ++i)
      all.push_back(core::fail(impl_->closed().error()));
    return all;
  }
  std::vector<rocksdb::Slice> slices;
  slices.reserve(keys.size());
  for (const std::string_view key : keys) slices.push_back(slice(key));
  std::vector<std::string> values;
  const auto statuses = impl_->db->MultiGet(rocksdb::ReadOptions(), slices, &values);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].ok()) {
      all.push_back(std::optional<std::string>(std::move(values[i])));
    } else if (statuses[i].IsNotFound()) {
      all.push_back(std::optional<std::string>());
    } else {
      all.push_back(core::fail(error_of(statuses[i], "reading", impl_->options.path)));
    }
  }
  return all;
}

Status Store::scan(std::string_view from, std::string_view to,
                   const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const std::shared_lock lock(impl_->mutex);
  if (impl_->db == nullptr) return impl_->closed();
  rocksdb::ReadOptions options;
  const rocksdb::Slice upper = slice(to);
  if (!to.empty()) options.iterate_upper_bound = &upper;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(impl_->db->NewIterator(options));
  for (at->Seek(slice(from)); at->Valid(); at->Next()) {
    if (!visit(view(at->key()), view(at->value()))) return {};
  }
  if (!at->status().ok()) {
    return core::fail(error_of(at->status(), "reading", impl_->options.path));
  }
  return {};
}

Status Store::erase_range(std::string_view from, std::string_view to) {
  std::string next(from);
  while (true) {
    WriteSet step;
    bool more = false;
    WEIR_CHECK_OK(scan(next, to, [&](std::string_view key, std::string_view) {
      if (step.count() == 4096) {
        next = key;
        more = true;
        return false;
      }
      step.erase(key);
      return true;
    }));
    if (!step.empty()) WEIR_CHECK_OK(write(step, Sync::kYes));
    if (!more) return {};
  }
}

Status Store::checkpoint(const std::string& to) const {
  const std::shared_lock lock(impl_->mutex);
  if (impl_->db == nullptr) return impl_->closed();
  rocksdb::Checkpoint* raw = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(impl_->db.get(), &raw);
  const std::unique_ptr<rocksdb::Checkpoint> maker(raw);
  if (status.ok()) status = maker->CreateCheckpoint(to);
  if (!status.ok()) return core::fail(error_of(status, "copying", impl_->options.path));
  return {};
}

Status Store::verify() const {
  const std::shared_lock lock(impl_->mutex);
  if (impl_->db == nullptr) return impl_->closed();
  const auto status = impl_->db->VerifyChecksum();
  if (!status.ok()) return core::fail(error_of(status, "checking", impl_->options.path));
  return {};
}

std::uint64_t Store::disk_bytes() const {
  const std::shared_lock lock(impl_->mutex);
  std::uint64_t bytes = 0;
  if (impl_->db != nullptr) impl_->db->GetIntProperty("rocksdb.total-sst-files-size", &bytes);
  return bytes;
}

const std::string& Store::id() const {
  return impl_->mark.id;
}

Status Store::renew_id() {
  const std::shared_lock lock(impl_->mutex);
  const std::lock_guard mark_lock(impl_->mark_mutex);
  impl_->mark.id = random_id();
  return impl_->write_mark_file();
}

std::uint64_t Store::incarnation() const {
  return impl_->mark.incarnation;
}

const std::string& Store::path() const {
  return impl_->options.path;
}

Status Store::close() {
  const std::unique_lock lock(impl_->mutex);
  if (impl_->db == nullptr) return {};
  Status result;
  if (!impl_->broken) {
    // What was written unsynced is synced now, so that nothing comes twice after a clean stop.
    // (Not by SyncWAL: together with log tracking it reports false damage in this version.)
    const std::uint64_t reached = impl_->db->GetLatestSequenceNumber();
    rocksdb::WriteBatch nothing;
    (void)nothing.PutLogData("closed");
    rocksdb::WriteOptions synced;
    synced.sync = true;
    if (impl_->db->Write(synced, &nothing).ok()) impl_->synced = reached;
    const std::lock_guard mark_lock(impl_->mark_mutex);
    result = impl_->write_mark_file();
  }
  const auto status = impl_->db->Close();
  impl_->db.reset();
  if (!status.ok()) return core::fail(error_of(status, "closing", impl_->options.path));
  return result;
}

}  // namespace weir::state
