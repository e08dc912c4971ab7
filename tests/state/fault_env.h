#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace weir::test {

/// A file system over the real one that fails on demand, and that can forget, as a machine without
/// power does, everything that was not synced: bytes of files, new names and renames in folders.
class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FaultFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultFileSystem"; }

  enum class Fault { kNone, kNoSpace, kIoError };
  /// From now on, once `after_bytes` more have been written, writes and syncs fail. The write that
  /// crosses the limit is torn: its first part is there.
  void fail_writes(Fault fault, std::uint64_t after_bytes = 0);
  /// Reads of files whose name ends so fail.
  void fail_reads(const std::string& suffix);
  void mend();

  /// The machine dies: nothing works any more...
  void cut_power();
  /// ...and comes back. Of what was not synced, `torn` keeps a random part of each file's end (with
  /// `seed`), with a few damaged bytes; otherwise nothing.
  void restore_power(bool torn, std::uint64_t seed);

  [[nodiscard]] std::uint64_t syncs() const;
  /// Power goes by itself in front of the n-th sync from now on; 0 = never.
  void cut_power_at_sync(std::uint64_t n);

  // rocksdb::FileSystem
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  // For the files.
  rocksdb::IOStatus before_write(const std::string& name, std::size_t size, std::size_t& allowed);
  void wrote(const std::string& name, std::size_t size);
  rocksdb::IOStatus before_sync();
  void synced(const std::string& name);
  void folder_synced(const std::string& name);
  rocksdb::IOStatus before_read(const std::string& name);

 private:
  struct File {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };
  struct Rename {
    std::string folder;
    std::string from;
    std::string to;
    std::optional<std::string> before;  // content that was replaced
  };
  static std::string folder_of(const std::string& name);

  mutable std::mutex mutex_;  // guards all
  std::map<std::string, File> files_;
  std::map<std::string, std::set<std::string>> new_names_;  // by folder
  std::vector<Rename> renames_;
  Fault fault_ = Fault::kNone;
  std::uint64_t bytes_left_ = 0;
  std::string unreadable_;
  bool dead_ = false;
  std::uint64_t syncs_ = 0;
  std::uint64_t cut_at_ = 0;
};

/// The file system as an Env.
struct FaultEnv {
  std::shared_ptr<FaultFileSystem> files = std::make_shared<FaultFileSystem>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
};

}  // namespace weir::test
