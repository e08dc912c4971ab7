#include "buffers/disk_queue.h"

namespace weir::buffers {

using core::ErrorCode;
using core::Status;

namespace {

// Layout of the store: `q` + id -> record, `i` + id -> bytes and messages (so that opening does not
// read the records), `m` -> what this is.
constexpr std::string_view kMeta = "m";
constexpr std::string_view kFormat = "weir-queue 1";
// What a record costs besides its bytes: keys, index, memory of a slot.
constexpr std::uint64_t kOverhead = 128;
// Removals wait this long for a commit of new records to go along with.
constexpr std::chrono::milliseconds kRemovalsWait{50};
constexpr std::uint64_t kGroupBytes = std::uint64_t{32} << 20;

std::string key_of(char kind, std::uint64_t id) {
  std::string key(1, kind);
  state::append_be64(key, id);
  return key;
}

}  // namespace

Status DiskQueue::open() {
  state::StoreOptions options;
  options.path = options_.path;
  options.log = options_.log;
  options.env = options_.env;
  WEIR_TRY(store_, state::Store::open(options));
  WEIR_TRY(const std::optional<std::string> format, store_->get(kMeta));
  if (!format) {
    state::WriteSet changes;
    changes.put(kMeta, kFormat);
    WEIR_CHECK_OK(store_->write(changes, state::Sync::kYes));
  } else if (*format != kFormat) {
    return core::fail(ErrorCode::kInvalidConfig, "opening the buffer `" + options_.path +
                                                     "`: it holds `" + format->substr(0, 40) +
                                                     "`, not a buffer this weir can read");
  }
  bool damaged = false;
  WEIR_CHECK_OK(store_->scan("i", "j", [&](std::string_view key, std::string_view value) {
    if (key.size() != 9 || value.size() != 16) {
      damaged = true;
      return false;
    }
    Slot slot{state::read_be64(key.substr(1)), state::read_be64(value),
              static_cast<std::uint32_t>(state::read_be64(value.substr(8))), true, std::nullopt};
    bytes_ += slot.bytes;
    messages_ += slot.messages;
    next_id_ = slot.id + 1;
    waiting_.push_back(std::move(slot));
    return true;
  }));
  if (damaged) {
    return core::fail(ErrorCode::kInternal,
                      "opening the buffer `" + options_.path + "`: its index is damaged");
  }
  committer_ = std::thread([this] { commit_loop(); });
  return {};
}

void DiskQueue::put(std::vector<Record> records, const core::Interrupt& interrupt,
                    std::function<void(Status)> stored) {
  Pending pending;
  pending.bytes = 0;
  pending.messages = 0;
  for (const Record& record : records) {
    pending.bytes += record.bytes.size() + kOverhead;
    pending.messages += record.messages;
  }
  pending.records = std::move(records);
  {
    std::unique_lock lock(mutex_);
    while (bytes_ > 0 && bytes_ + pending.bytes > options_.limit_bytes && !closing_ &&
           !interrupt.raised()) {
      changed_.wait_for(lock, std::chrono::milliseconds(50));
    }
    if (!closing_ && !interrupt.raised()) {
      pending.first_id = next_id_;
      next_id_ += pending.records.size();
      bytes_ += pending.bytes;
      messages_ += pending.messages;
      pending.stored = std::move(stored);
      pending_.push_back(std::move(pending));
      work_.notify_one();
      return;
    }
  }
  stored(core::fail(ErrorCode::kCancelled, "stopping"));
}

core::Result<std::optional<DiskQueue::Taken>> DiskQueue::take(const core::Interrupt& interrupt,
                                                              std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [&] {
    return !waiting_.empty() || input_ended_ || woken_ || interrupt.raised();
  });
  woken_ = false;
  if (waiting_.empty()) return std::optional<Taken>();
  Slot slot = std::move(waiting_.front());
  waiting_.pop_front();
  Taken taken{slot.id, slot.messages, slot.recovered, {}};
  if (slot.kept) {
    taken.bytes = *std::move(slot.kept);
    slot.kept.reset();
    kept_bytes_ -= taken.bytes.size();
  } else {
    lock.unlock();
    auto read = store_->get(key_of('q', slot.id));
    lock.lock();
    if (!read || !*read) {
      core::Error error = read ? core::Error{ErrorCode::kInternal,
                                             "reading the buffer `" + options_.path +
                                                 "`: a record is missing; its folder is damaged"}
                               : std::move(read).error();
      waiting_.push_front(std::move(slot));
      return core::fail(std::move(error));
    }
    taken.bytes = **std::move(read);
  }
  const std::uint64_t id = slot.id;
  taken_.emplace(id, std::move(slot));
  return std::optional<Taken>(std::move(taken));
}

void DiskQueue::done(std::uint64_t id) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = taken_.find(id);
    if (found == taken_.end()) return;
    bytes_ -= found->second.bytes;
    messages_ -= found->second.messages;
    taken_.erase(found);
    removed_.push_back(id);
  }
  changed_.notify_all();
  work_.notify_one();
}

void DiskQueue::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void DiskQueue::end_of_input() {
  {
    const std::lock_guard lock(mutex_);
    input_ended_ = true;
  }
  changed_.notify_all();
}

bool DiskQueue::ended() const {
  const std::lock_guard lock(mutex_);
  return input_ended_ && waiting_.empty() && pending_.empty();
}

std::uint64_t DiskQueue::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::uint64_t DiskQueue::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void DiskQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  work_.notify_one();
  if (committer_.joinable()) committer_.join();
  if (store_ != nullptr) {
    if (Status status = store_->close(); !status) {
      options_.log.warn("buffer_close_failed", "The buffer was not closed cleanly.",
                        {{"error", status.error().message}});
    }
  }
}

void DiskQueue::commit_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [&] { return !pending_.empty() || !removed_.empty() || closing_; });
    if (pending_.empty() && !closing_) {
      work_.wait_for(lock, kRemovalsWait, [&] { return !pending_.empty() || closing_; });
    }
    std::vector<Pending> group;
    std::uint64_t bytes = 0;
    while (!pending_.empty() && bytes < kGroupBytes) {
      bytes += pending_.front().bytes;
      group.push_back(std::move(pending_.front()));
      pending_.pop_front();
    }
    std::vector<std::uint64_t> removed = std::move(removed_);
    removed_.clear();
    const bool last = closing_ && pending_.empty();
    if (group.empty() && removed.empty() && last) return;
    lock.unlock();
    commit(std::move(group), std::move(removed), last);
    lock.lock();
    if (last && pending_.empty()) return;
  }
}

void DiskQueue::commit(std::vector<Pending> group, std::vector<std::uint64_t> removed, bool last) {
  state::WriteSet changes;
  for (const std::uint64_t id : removed) {
    changes.erase(key_of('q', id));
    changes.erase(key_of('i', id));
  }
  for (const Pending& pending : group) {
    std::uint64_t id = pending.first_id;
    for (const Record& record : pending.records) {
      changes.put(key_of('q', id), record.bytes);
      std::string index;
      state::append_be64(index, record.bytes.size() + kOverhead);
      state::append_be64(index, record.messages);
      changes.put(key_of('i', id), index);
      ++id;
    }
  }
  const bool sync = !group.empty() || last;
  const Status status = store_->write(changes, sync ? state::Sync::kYes : state::Sync::kNo);
  {
    const std::lock_guard lock(mutex_);
    if (status) {
      for (Pending& pending : group) {
        std::uint64_t id = pending.first_id;
        for (Record& record : pending.records) {
          Slot slot{id++, record.bytes.size() + kOverhead, record.messages, false, std::nullopt};
          if (kept_bytes_ + record.bytes.size() <= options_.memory_bytes) {
            kept_bytes_ += record.bytes.size();
            slot.kept = std::move(record.bytes);
          }
          waiting_.push_back(std::move(slot));
        }
      }
    } else {
      removed_.insert(removed_.end(), removed.begin(), removed.end());
      for (const Pending& pending : group) {
        bytes_ -= pending.bytes;
        messages_ -= pending.messages;
        // The write may have happened all the same: whoever is told of the failure puts it in
        // again, and it must not come twice.
        for (std::size_t i = 0; i < pending.records.size(); ++i) {
          removed_.push_back(pending.first_id + i);
        }
      }
    }
  }
  changed_.notify_all();
  if (!status && group.empty() && !last) {
    options_.log.warn("buffer_remove_failed",
                      "Delivered messages could not be removed from the buffer; trying again.",
                      {{"error", status.error().message}});
    std::unique_lock lock(mutex_);
    work_.wait_for(lock, std::chrono::seconds(1), [&] { return !pending_.empty() || closing_; });
  }
  for (Pending& pending : group) pending.stored(status);
}

}  // namespace weir::buffers
