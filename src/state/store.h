#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.h"
#include "core/result.h"

namespace rocksdb {
class Env;
}

namespace weir::state {

/// Changes that a Store applies together. Keys and values are copied.
class WriteSet {
 public:
  WriteSet();
  ~WriteSet();
  WriteSet(WriteSet&&) noexcept;
  WriteSet& operator=(WriteSet&&) noexcept;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  void clear();
  [[nodiscard]] bool empty() const { return count() == 0; }
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] std::size_t size_bytes() const;

 private:
  friend class Store;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

enum class Sync : std::uint8_t {
  kNo,   ///< survives the death of the process
  kYes,  ///< on the disk when write() returns: survives the death of the machine
};

struct StoreOptions {
  std::string path;  ///< a folder; made with mode 0700 when missing
  /// Block cache and write buffers together.
  std::uint64_t memory_bytes = std::uint64_t{32} << 20;
  std::uint64_t write_buffer_bytes = std::uint64_t{8} << 20;
  /// How often the mark beside the database is brought up to date while it is written to; what it
  /// covers cannot go missing unnoticed.
  std::int64_t mark_every_nanos = 10'000'000'000;
  core::Log log;
  rocksdb::Env* env = nullptr;  ///< tests: a file system with faults
};

/// An ordered, durable map from byte strings to byte strings in one folder: the only user of
/// RocksDB. Thread-safe, except close().
///
/// Beside the database stands a mark (file `WEIR`): the store's id, how often it was opened, the
/// log and the sequence number it had reached. open() refuses a store that has gone back behind it:
/// a missing log, an old copy, another disk mounted. Nothing is ever repaired or deleted by itself.
///
/// Errors: kUnavailable may pass (disk full, I/O error): calling again tries to go on, with the
/// database opened anew when need be. kInternal: the data is damaged; the message says what can be
/// done.
class Store {
 public:
  /// Errors: kUnavailable (locked by another process, not readable, disk full), kInternal (damaged,
  /// gone back). One process at a time holds a store.
  [[nodiscard]] static core::Result<std::unique_ptr<Store>> open(StoreOptions options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// All or nothing. After an error it is unknown whether the changes are there.
  [[nodiscard]] core::Status write(WriteSet& changes, Sync sync);
  /// Nullopt: no such key.
  [[nodiscard]] core::Result<std::optional<std::string>> get(std::string_view key) const;
  [[nodiscard]] std::vector<core::Result<std::optional<std::string>>> get_many(
      std::span<const std::string_view> keys) const;
  /// Calls `visit` for the entries of [from, to) in ascending order, until it returns false. An
  /// empty `to` is the end. What is written meanwhile is not seen. The views live for the call.
  [[nodiscard]] core::Status scan(
      std::string_view from, std::string_view to,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const;
  /// Removes the entries of [from, to): many small synced steps, so not atomic.
  [[nodiscard]] core::Status erase_range(std::string_view from, std::string_view to);

  /// A copy of the store as it is, of hard links, in the folder `to`, which must not exist.
  [[nodiscard]] core::Status checkpoint(const std::string& to) const;
  /// Reads everything and compares checksums.
  [[nodiscard]] core::Status verify() const;
  /// Bytes on the disk, about.
  [[nodiscard]] std::uint64_t disk_bytes() const;

  /// Random, made with the store, kept for its life.
  [[nodiscard]] const std::string& id() const;
  /// Gives the store a new id (after it was restored from a copy).
  [[nodiscard]] core::Status renew_id();
  /// How often the store has been opened: 1 for a new one.
  [[nodiscard]] std::uint64_t incarnation() const;
  [[nodiscard]] const std::string& path() const;

  /// Brings the mark up to date and lets go. The destructor does it too, without telling.
  [[nodiscard]] core::Status close();

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// `value` in 8 bytes, most significant first: sorts as a number.
void append_be64(std::string& to, std::uint64_t value);
[[nodiscard]] std::uint64_t read_be64(std::string_view bytes);

/// The smallest key behind all that begin with `prefix`; empty when there is none.
[[nodiscard]] std::string prefix_end(std::string_view prefix);

}  // namespace weir::state
