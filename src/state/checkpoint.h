#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/epoch_record.h"
#include "state/store.h"
#include "state/table.h"
#include "state/timers.h"

namespace weir::state {

/// What one operator adds to an epoch.
struct OperatorDelta {
  std::string name;  ///< its label; at most 255 bytes
  std::vector<Change> changes;
  Timers::Delta timers;  ///< may be null
};

/// The durable state of a pipeline: one commit per epoch, all or nothing.
///
/// After any crash the store is at some epoch, whole. Not thread-safe: one coordinator.
class Checkpoint {
 public:
  /// Errors: as Store::open; also kInternal for a damaged record.
  [[nodiscard]] static core::Result<std::unique_ptr<Checkpoint>> open(StoreOptions options);

  /// The epoch last committed; nullopt: none yet.
  [[nodiscard]] const std::optional<EpochRecord>& last() const { return last_; }
  [[nodiscard]] Store& store() { return *store_; }

  /// One atomic, synced write. The epoch's number must be above the last one's, and the number of
  /// key groups is what it was (kInvalidConfig).
  [[nodiscard]] core::Status commit(const EpochRecord& record,
                                    const std::vector<OperatorDelta>& operators);

  /// Hands out the keys and timers of an operator in the key groups [first, last), in order of
  /// group and key, group and time.
  [[nodiscard]] core::Status load(
      std::string_view operator_name, std::uint16_t first, std::uint32_t last,
      const std::function<void(std::uint16_t group, std::string_view key, std::string_view value)>&
          entry,
      const std::function<void(std::uint16_t group, Timer timer)>& timer) const;
  /// Forgets them. Many steps: a crash may leave a part, the call is then made again.
  [[nodiscard]] core::Status drop(std::string_view operator_name, std::uint16_t first,
                                  std::uint32_t last);
  /// Operators that have state.
  [[nodiscard]] core::Result<std::vector<std::string>> operators() const;

  /// A copy in the folder `to`, which must not exist: hard links and a manifest that lists each
  /// file with size and checksum.
  [[nodiscard]] core::Status savepoint(const std::string& to) const;
  /// Makes the state folder `to`, which must not exist, out of a savepoint. Every file is compared
  /// with the manifest first. The new state has an id of its own.
  [[nodiscard]] static core::Status restore(const std::string& savepoint, StoreOptions to);

 private:
  explicit Checkpoint(std::unique_ptr<Store> store) : store_(std::move(store)) {}

  std::unique_ptr<Store> store_;
  std::optional<EpochRecord> last_;
};

}  // namespace weir::state
