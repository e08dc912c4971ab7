#include "state/fault_env.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace weir::test {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

IOStatus dead() {
  return IOStatus::IOError("the power is off");
}

class FaultFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(FaultFileSystem& owner, std::string name,
            std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)), owner_(owner), name_(std::move(name)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    std::size_t allowed = data.size();
    const IOStatus fault = owner_.before_write(name_, data.size(), allowed);
    if (allowed > 0) {
      const IOStatus status =
          FSWritableFileOwnerWrapper::Append(Slice(data.data(), allowed), options, debug);
      if (!status.ok()) return status;
      // Appended bytes reach the system at once here, so that cutting knows what there is.
      (void)FSWritableFileOwnerWrapper::Flush(options, debug);
      owner_.wrote(name_, allowed);
    }
    return fault;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = owner_.before_sync();
    if (status.ok()) status = FSWritableFileOwnerWrapper::Flush(options, debug);
    if (status.ok()) owner_.synced(name_);
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  // Room made in advance would stay behind as zeros.
  void PrepareWrite(std::size_t, std::size_t, const IOOptions&, IODebugContext*) override {}
  IOStatus Allocate(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  FaultFileSystem& owner_;
  const std::string name_;
};

class FaultFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultFolder(FaultFileSystem& owner, std::string name,
              std::unique_ptr<rocksdb::FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), owner_(owner), name_(std::move(name)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                               const rocksdb::DirFsyncOptions&) override {
    return sync();
  }

 private:
  IOStatus sync() {
    IOStatus status = owner_.before_sync();
    if (status.ok()) owner_.folder_synced(name_);
    return status;
  }
  FaultFileSystem& owner_;
  const std::string name_;
};

class FaultReader final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultReader(FaultFileSystem& owner, std::string name,
              std::unique_ptr<rocksdb::FSRandomAccessFile> target)
      : FSRandomAccessFileOwnerWrapper(std::move(target)), owner_(owner), name_(std::move(name)) {}
  IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* debug) const override {
    IOStatus status = owner_.before_read(name_);
    if (!status.ok()) return status;
    return FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, debug);
  }
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count, const IOOptions& options,
                     IODebugContext* debug) override {
    IOStatus status = owner_.before_read(name_);
    if (!status.ok()) return status;
    return FSRandomAccessFileOwnerWrapper::MultiRead(requests, count, options, debug);
  }

 private:
  FaultFileSystem& owner_;
  const std::string name_;
};

std::string content(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string trimmed(std::string name) {
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  return name;
}

}  // namespace

std::string FaultFileSystem::folder_of(const std::string& name) {
  return name.substr(0, name.rfind('/'));
}

void FaultFileSystem::fail_writes(Fault fault, std::uint64_t after_bytes) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  bytes_left_ = after_bytes;
}

void FaultFileSystem::fail_reads(const std::string& suffix) {
  const std::lock_guard lock(mutex_);
  unreadable_ = suffix;
}

void FaultFileSystem::mend() {
  const std::lock_guard lock(mutex_);
  fault_ = Fault::kNone;
  unreadable_.clear();
}

void FaultFileSystem::cut_power() {
  const std::lock_guard lock(mutex_);
  dead_ = true;
}

void FaultFileSystem::cut_power_at_sync(std::uint64_t n) {
  const std::lock_guard lock(mutex_);
  cut_at_ = n == 0 ? 0 : syncs_ + n;
}

std::uint64_t FaultFileSystem::syncs() const {
  const std::lock_guard lock(mutex_);
  return syncs_;
}

void FaultFileSystem::restore_power(bool torn, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  std::mt19937_64 random(seed);
  namespace fs = std::filesystem;
  std::error_code ignored;
  for (auto it = renames_.rbegin(); it != renames_.rend(); ++it) {
    if (it->before) {
      std::ofstream(it->to, std::ios::binary | std::ios::trunc) << *it->before;
    } else {
      fs::remove(it->to, ignored);
    }
  }
  for (const auto& [name, file] : files_) {
    if (!fs::exists(name, ignored) || file.size <= file.synced) continue;
    std::uint64_t keep = file.synced;
    if (torn) keep += random() % (file.size - file.synced + 1);
    fs::resize_file(name, keep, ignored);
    if (torn && keep > file.synced && random() % 2 == 0) {
      std::fstream damaged(name, std::ios::binary | std::ios::in | std::ios::out);
      for (std::uint64_t i = keep - std::min<std::uint64_t>(keep - file.synced, 8); i < keep; ++i) {
        damaged.seekp(static_cast<std::streamoff>(i));
        damaged.put(static_cast<char>(random()));
      }
    }
  }
  for (const auto& [folder, names] : new_names_) {
    for (const std::string& name : names) fs::remove(name, ignored);
  }
  files_.clear();
  new_names_.clear();
  renames_.clear();
  dead_ = false;
  cut_at_ = 0;
  fault_ = Fault::kNone;
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& name,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* result,
                                          IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (dead_) return dead();
  if (fault_ != Fault::kNone && bytes_left_ == 0) return IOStatus::NoSpace("no room for " + name);
  const bool existed = std::filesystem::exists(name);
  rocksdb::FileOptions plain = options;
  plain.use_direct_writes = false;
  std::unique_ptr<rocksdb::FSWritableFile> made;
  IOStatus status = target()->NewWritableFile(name, plain, &made, debug);
  if (!status.ok()) return status;
  files_[name] = File();
  if (!existed) new_names_[folder_of(name)].insert(name);
  *result = std::make_unique<FaultFile>(*this, name, std::move(made));
  return status;
}

IOStatus FaultFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* result,
                                       IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> made;
  IOStatus status = target()->NewDirectory(name, options, &made, debug);
  if (status.ok()) *result = std::make_unique<FaultFolder>(*this, trimmed(name), std::move(made));
  return status;
}

IOStatus FaultFileSystem::NewRandomAccessFile(const std::string& name,
                                              const rocksdb::FileOptions& options,
                                              std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                              IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> made;
  IOStatus status = target()->NewRandomAccessFile(name, options, &made, debug);
  if (status.ok()) *result = std::make_unique<FaultReader>(*this, name, std::move(made));
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (dead_) return dead();
  Rename rename{folder_of(to), from, to, std::nullopt};
  if (std::filesystem::exists(to)) rename.before = content(to);
  IOStatus status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  if (const auto file = files_.find(from); file != files_.end()) {
    files_[to] = file->second;
    files_.erase(from);
  }
  new_names_[folder_of(from)].erase(from);
  renames_.push_back(std::move(rename));
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                     IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (dead_) return dead();
  IOStatus status = target()->DeleteFile(name, options, debug);
  if (status.ok()) {
    files_.erase(name);
    new_names_[folder_of(name)].erase(name);
  }
  return status;
}

IOStatus FaultFileSystem::before_write(const std::string& name, std::size_t size,
                                       std::size_t& allowed) {
  const std::lock_guard lock(mutex_);
  allowed = 0;
  if (dead_) return dead();
  if (fault_ != Fault::kNone && name.find("LOG") == std::string::npos) {
    allowed = std::min<std::size_t>(size, bytes_left_);
    bytes_left_ -= allowed;
    if (allowed < size) {
      return fault_ == Fault::kNoSpace ? IOStatus::NoSpace("no space left on device")
                                       : IOStatus::IOError("input/output error");
    }
    return IOStatus::OK();
  }
  allowed = size;
  return IOStatus::OK();
}

void FaultFileSystem::wrote(const std::string& name, std::size_t size) {
  const std::lock_guard lock(mutex_);
  files_[name].size += size;
}

IOStatus FaultFileSystem::before_sync() {
  const std::lock_guard lock(mutex_);
  if (dead_) return dead();
  if (cut_at_ != 0 && syncs_ + 1 >= cut_at_) {
    dead_ = true;
    return dead();
  }
  ++syncs_;
  if (fault_ == Fault::kIoError && bytes_left_ == 0) return IOStatus::IOError("input/output error");
  return IOStatus::OK();
}

void FaultFileSystem::synced(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (dead_) return;
  File& file = files_[name];
  file.synced = file.size;
}

void FaultFileSystem::folder_synced(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (dead_) return;
  new_names_.erase(name);
  std::erase_if(renames_, [&](const Rename& rename) { return rename.folder == name; });
}

IOStatus FaultFileSystem::before_read(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (!unreadable_.empty() && name.size() >= unreadable_.size() &&
      name.compare(name.size() - unreadable_.size(), unreadable_.size(), unreadable_) == 0) {
    return IOStatus::IOError("input/output error");
  }
  return IOStatus::OK();
}

}  // namespace weir::test
