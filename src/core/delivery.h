#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/outcome.h"
#include "core/result.h"

namespace weir::core {

/// The record that one received batch is not yet fully dealt with.
///
/// Each received message has a slot; copies and parts of it made on the way (fan-out, unarchive)
/// hold the slot too, by a Lineage. A slot closes when the last of them has ended, the delivery
/// resolves when all slots have closed. Slots may be closed from any thread.
///
/// Made with `new` and at least one slot; deletes itself once resolved for good.
class Delivery {
 public:
  explicit Delivery(std::uint32_t size);
  virtual ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  [[nodiscard]] std::uint32_t size() const { return size_; }

  void hold(std::uint32_t slot) { slots_[slot].refs.fetch_add(1, std::memory_order_relaxed); }
  /// One holder of the slot has ended. `error` is kept for kFailed and kRetry.
  void close(std::uint32_t slot, Outcome outcome, const Error* error = nullptr);
  /// The same for `count` slots from `first` on that each have a single holder or more.
  void close_run(std::uint32_t first, std::uint32_t count, Outcome outcome);

  // For on_resolved(), when every slot is closed:
  [[nodiscard]] Outcome outcome(std::uint32_t slot) const {
    return static_cast<Outcome>(slots_[slot].outcome.load(std::memory_order_relaxed));
  }
  /// Error of a failed or retried slot; nullptr when none was given.
  [[nodiscard]] const Error* error(std::uint32_t slot) const;
  /// Opens the slots that ended in kRetry once more; returns them. The caller hands out new
  /// messages with Lineage::adopt() for exactly these.
  std::vector<std::uint32_t> reopen();

  // What a request input answers with: filled by `sync_response`, read in on_resolved.
  struct Response {
    std::string payload;
    std::vector<std::pair<std::string, std::string>> metadata;
  };
  /// `slot`: of the message it answers. Deliveries of copies hand it on to the original.
  virtual void add_response(std::uint32_t slot, Response response);
  /// By slot, then as they came.
  [[nodiscard]] std::vector<Response> take_responses();

 protected:
  /// Called by the thread that closes the last slot. True: done, the delivery deletes itself.
  /// False: it was reopened and given to somebody who will hand its messages out again; it may
  /// already be gone when this returns, so do not touch it after giving it away.
  virtual bool on_resolved() = 0;

 private:
  struct Slot {
    std::atomic<std::uint32_t> refs{1};
    std::atomic<std::uint8_t> outcome{0};
  };

  void raise(Slot& slot, Outcome outcome);
  void closed(std::uint32_t count);

  std::uint32_t size_;
  std::unique_ptr<Slot[]> slots_;
  std::atomic<std::uint32_t> open_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::pair<std::uint32_t, Error>> errors_;
  std::vector<std::pair<std::uint32_t, Response>> responses_;
};

/// A message's tie to the received messages it comes from. Copying adds a holder; destroying an
/// unresolved one counts as kRetry, so that nothing is ever lost in silence.
class Lineage {
 public:
  Lineage() = default;  ///< no tie: a copy whose original is kept elsewhere
  /// Takes over the reference that the slot of a new (or reopened) delivery starts with.
  [[nodiscard]] static Lineage adopt(Delivery& delivery, std::uint32_t slot);

  Lineage(Lineage&& other) noexcept
      : delivery_(std::exchange(other.delivery_, nullptr)),
        slot_(other.slot_),
        more_(std::exchange(other.more_, nullptr)) {}
  Lineage& operator=(Lineage&& other) noexcept {
    if (this != &other) {
      resolve(Outcome::kRetry);
      delivery_ = std::exchange(other.delivery_, nullptr);
      slot_ = other.slot_;
      more_ = std::exchange(other.more_, nullptr);
    }
    return *this;
  }
  ~Lineage() {
    if (delivery_ != nullptr) resolve(Outcome::kRetry);
  }

  [[nodiscard]] explicit operator bool() const { return delivery_ != nullptr; }
  /// One more holder of the same slots.
  [[nodiscard]] Lineage share() const;
  /// Takes the other's slots too: a message made of several (archive, windows).
  void merge(Lineage&& other);
  /// Ends this holder.
  void resolve(Outcome outcome, const Error* error = nullptr);

  /// The first delivery, or nullptr, and its slot: for grouping and for sync responses.
  [[nodiscard]] Delivery* delivery() const { return delivery_; }
  [[nodiscard]] std::uint32_t slot() const { return slot_; }
  /// Exactly one slot, so that runs of them can be closed at once.
  [[nodiscard]] bool single() const { return more_ == nullptr; }
  /// Forgets the tie without resolving (the caller has closed the slot).
  void release() {
    delivery_ = nullptr;
    delete_more();
  }

 private:
  void delete_more();

  Delivery* delivery_ = nullptr;
  std::uint32_t slot_ = 0;
  std::vector<Lineage>* more_ = nullptr;  // owned; rare
};

}  // namespace weir::core
