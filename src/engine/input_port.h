#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/batching.h"
#include "config/resources.h"
#include "core/backoff.h"
#include "core/component.h"
#include "engine/budget.h"
#include "engine/order.h"
#include "engine/runtime.h"
#include "engine/totals.h"

namespace weir::engine {

class PortDelivery;

/// Drives one input: connects and reads it, makes deliveries of what it reads, runs its processors,
/// tells it up to where its partitions are done, and hands out again what came back.
class InputPort final : public Task, private core::ReadContext {
 public:
  struct Options {
    std::unique_ptr<core::Input> input;
    config::ProcessorChain processors;
    /// Where batches go. `order` is the one of their partition.
    std::function<void(core::Batch, Order* order)> next;
    Order::Release release;  ///< of the orders made here; null: order is not kept
    /// Behind a buffer that acknowledged early, or in front of one: see Totals.
    bool count_received = true;
    bool count_delivered = true;
    bool strict = true;
    std::uint32_t max_attempts = 3;
    /// Something ended the input for good (exit 5), or a record may not be passed over (exit 3).
    std::function<void(const core::Error&, int exit_code)> on_fatal;
    std::function<void()> on_change;  ///< reading or draining has come to an end
  };

  InputPort(Options options, const config::Resources& resources, Runtime& runtime, Budget& budget,
            Totals& totals);
  ~InputPort() override;

  Step step(bool may_block) override;
  /// Reads no more; what is out comes to its end.
  void stop();
  /// Gives up what is out: its deliveries are forgotten unacknowledged.
  void abandon();

  [[nodiscard]] bool reading_ended() const { return reading_ended_.load(); }
  [[nodiscard]] bool ended() const { return ended_.load(); }
  [[nodiscard]] bool connected() const { return connected_.load(); }
  [[nodiscard]] core::InputTraits traits() const { return traits_; }
  [[nodiscard]] core::Input& input() { return *options_.input; }
  [[nodiscard]] const config::Resources& resources() const { return resources_; }

  /// How a failed message of this input is dealt with when there is no dead letter.
  enum class FailurePolicy { kCount, kAnswer, kAttempts };
  [[nodiscard]] FailurePolicy failure_policy() const;

 private:
  friend class PortDelivery;

  struct PendingAck {
    bool done = false;
    core::Position after;
  };
  struct Partition {
    explicit Partition(Order::Release release) : order(std::move(release)) {}
    std::string name;
    core::Input* owner = nullptr;
    Order order;
    std::mutex mutex;  // guards pending, and keeps acknowledgements in order
    std::deque<PendingAck> pending;
  };
  struct Replay {
    PortDelivery* delivery;
    std::vector<std::uint32_t> slots;
    std::int64_t due;
  };

  // ReadContext
  const core::Interrupt& interrupt() const override { return interrupt_; }
  std::chrono::milliseconds wait_limit() const override { return wait_limit_; }
  core::Batch admit(core::Input& child, core::ReadBatch read) override;

  bool connect(bool may_block);
  bool replay_due();
  void pass_on(core::Batch batch, Order* order);
  Step finish_step(bool may_block);
  void settled(PortDelivery& delivery);
  void replay_later(PortDelivery& delivery, std::vector<std::uint32_t> slots,
                    const core::Error* error);
  Partition& partition(core::Input& owner, const std::string& name);

  Options options_;
  config::Resources resources_;
  Runtime& runtime_;
  Budget& budget_;
  Totals& totals_;
  core::InputTraits traits_;
  core::Interrupt interrupt_;
  std::chrono::milliseconds wait_limit_{0};
  core::Backoff connect_backoff_;
  std::int64_t connect_at_ = 0;
  std::atomic<bool> connected_{false};
  std::atomic<bool> reading_ended_{false};
  std::atomic<bool> ended_{false};
  std::atomic<bool> abandoned_{false};
  bool closed_ = false;
  std::map<std::pair<core::Input*, std::string>, std::unique_ptr<Partition>> partitions_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Replay> replays_;
  std::size_t open_ = 0;  // deliveries that have not resolved
  core::Backoff replay_backoff_;

  core::Counter& received_;
  core::Timing& latency_;
  core::Gauge& up_;
  core::Counter& connect_failed_;
  core::Counter& lost_;
};

/// A delivery of a port.
class PortDelivery final : public core::Delivery {
 public:
  PortDelivery(InputPort& port, core::Batch& batch, InputPort::Partition& partition,
               InputPort::PendingAck& pending, std::function<void(core::DeliveryReport)> on_done,
               std::uint64_t bytes, bool keep_originals);

  [[nodiscard]] InputPort& port() const { return port_; }
  [[nodiscard]] const std::string& partition_name() const { return partition_.name; }
  /// How often the slot's message has been handed out.
  [[nodiscard]] std::uint32_t attempts() const { return attempts_; }

 protected:
  bool on_resolved() override;

 private:
  friend class InputPort;

  void count_replayed();

  InputPort& port_;
  InputPort::Partition& partition_;
  InputPort::PendingAck& pending_;
  std::function<void(core::DeliveryReport)> on_done_;
  std::uint64_t bytes_;
  std::int64_t received_at_;
  std::uint32_t attempts_ = 1;
  std::vector<std::uint32_t> replayed_;  // slots handed out in the latest attempt after the first
  core::Originals originals_;
};

}  // namespace weir::engine
