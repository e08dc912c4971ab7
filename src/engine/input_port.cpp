#include "engine/input_port.h"

#include <algorithm>
#include <array>
#include <string>

namespace weir::engine {

using core::Batch;
using core::Delivery;
using core::Error;
using core::ErrorCode;
using core::Outcome;

PortDelivery::PortDelivery(InputPort& port, Batch& batch, InputPort::Partition& partition,
                           InputPort::PendingAck& pending,
                           std::function<void(core::DeliveryReport)> on_done, std::uint64_t bytes,
                           bool keep_originals)
    : Delivery(static_cast<std::uint32_t>(batch.size())),
      port_(port),
      partition_(partition),
      pending_(pending),
      on_done_(std::move(on_done)),
      bytes_(bytes),
      received_at_(port.runtime_.clock().mono_nanos()),
      originals_(keep_originals ? core::Originals(batch) : core::Originals()) {}

bool PortDelivery::on_resolved() {
  std::array<std::uint64_t, 7> ends{};
  std::uint32_t first_bad = size();
  for (std::uint32_t i = 0; i < size(); ++i) {
    const auto outcome = static_cast<std::size_t>(this->outcome(i));
    ++ends[outcome];
    if (outcome >= static_cast<std::size_t>(Outcome::kFailed) && first_bad == size()) first_bad = i;
  }
  const std::uint64_t again = ends[static_cast<std::size_t>(Outcome::kRetry)];
  const bool may_replay = originals_.size() > 0 && !port_.abandoned_.load();
  // Ends that are certain are counted now, each slot once: a reopened slot is counted when it ends.
  for (std::size_t i = 1; i <= static_cast<std::size_t>(Outcome::kFailed); ++i) {
    if (static_cast<Outcome>(i) == Outcome::kDelivered && !port_.options_.count_delivered) continue;
    if (attempts_ == 1) port_.totals_.end(static_cast<Outcome>(i), ends[i]);
  }
  if (attempts_ > 1) count_replayed();
  if (again > 0 && may_replay) {
    Error reason;
    if (const Error* error = this->error(first_bad); error != nullptr) reason = *error;
    ++attempts_;
    auto slots = reopen();
    replayed_ = slots;
    port_.replay_later(*this, std::move(slots), reason.message.empty() ? nullptr : &reason);
    return false;
  }
  if (on_done_) {
    core::DeliveryReport report;
    report.delivered = first_bad == size();
    if (!report.delivered) {
      const Error* error = this->error(first_bad);
      report.error = error != nullptr
                         ? *error
                         : Error{ErrorCode::kUnavailable, "the message was not delivered"};
    }
    report.responses = take_responses();
    on_done_(std::move(report));
  }
  // A request whose client was told of the failure is over; other unanswered messages are not.
  if (again > 0 && on_done_) port_.totals_.end(Outcome::kFailed, again);
  const bool acknowledged = again == 0 || on_done_;
  port_.latency_.record(port_.runtime_.clock().mono_nanos() - received_at_);
  if (acknowledged) {
    const std::lock_guard lock(partition_.mutex);
    pending_.done = true;
    core::Position last;
    bool moved = false;
    while (!partition_.pending.empty() && partition_.pending.front().done) {
      last = std::move(partition_.pending.front().after);
      partition_.pending.pop_front();
      moved = true;
    }
    if (moved && partition_.owner != nullptr) partition_.owner->acknowledge(partition_.name, last);
  }
  port_.settled(*this);
  return true;
}

void PortDelivery::count_replayed() {
  for (const std::uint32_t slot : replayed_) {
    const Outcome outcome = this->outcome(slot);
    if (outcome == Outcome::kRetry) continue;
    if (outcome == Outcome::kDelivered && !port_.options_.count_delivered) continue;
    port_.totals_.end(outcome, 1);
  }
}

InputPort::InputPort(Options options, const config::Resources& resources, Runtime& runtime,
                     Budget& budget, Totals& totals)
    : options_(std::move(options)),
      resources_(resources),
      runtime_(runtime),
      budget_(budget),
      totals_(totals),
      traits_(options_.input->traits()),
      connect_backoff_(std::chrono::milliseconds(100), std::chrono::seconds(5)),
      replay_backoff_(std::chrono::milliseconds(1), std::chrono::seconds(1)),
      received_(resources.counter("input_received")),
      latency_(resources.timing("input_latency_ns")),
      up_(resources.gauge("input_connection_up")),
      connect_failed_(resources.counter("input_connection_failed")),
      lost_(resources.counter("input_connection_lost")) {}

InputPort::~InputPort() = default;

InputPort::FailurePolicy InputPort::failure_policy() const {
  if (traits_.request) return FailurePolicy::kAnswer;
  if (traits_.finite || !traits_.replayable) return FailurePolicy::kCount;
  return FailurePolicy::kAttempts;
}

Task::Step InputPort::step(bool may_block) {
  if (replay_due()) return Step::kWorked;
  if (interrupt_.raised() && !reading_ended_) {
    reading_ended_ = true;
    options_.on_change();
  }
  if (reading_ended_) return finish_step(may_block);
  if (!budget_.has_room()) {
    if (!may_block) return Step::kWaiting;
    // What came back holds room and gives it up only when it is handed out again.
    const std::uint64_t wakes = budget_.wakes();
    std::chrono::nanoseconds limit(-1);
    {
      const std::lock_guard lock(mutex_);
      for (const Replay& one : replays_) {
        const std::chrono::nanoseconds left(
            std::max<std::int64_t>(one.due - runtime_.clock().mono_nanos(), 0));
        if (limit.count() < 0 || left < limit) limit = left;
      }
    }
    budget_.wait_for_room(interrupt_, wakes, limit);
    return Step::kWorked;
  }
  if (!connected_ && !connect(may_block)) return Step::kWaiting;
  wait_limit_ = may_block ? std::chrono::milliseconds(100) : std::chrono::milliseconds(0);
  auto result = options_.input->read(*this);
  if (!result) {
    const Error& error = result.error();
    if (error.code == ErrorCode::kCancelled) return Step::kWorked;
    if (error.code == ErrorCode::kUnavailable) {
      connected_ = false;
      up_.set(0);
      lost_.add();
      resources_.log().warn("input_connection_lost",
                            "The input's connection was lost; connecting again.",
                            {{"error", error.message}});
      return Step::kWorked;
    }
    options_.on_fatal(
        error, error.code == ErrorCode::kInvalidData || error.code == ErrorCode::kLimit ? 3 : 5);
    reading_ended_ = true;
    options_.on_change();
    return Step::kWorked;
  }
  switch (result->status) {
    case core::ReadStatus::kIdle: return Step::kWaiting;
    case core::ReadStatus::kEnd:
      reading_ended_ = true;
      options_.on_change();
      return Step::kWorked;
    case core::ReadStatus::kBatch: break;
  }
  for (Batch& batch : result->admitted) {
    Order* order = nullptr;
    if (!batch.empty()) {
      const auto* delivery = dynamic_cast<const PortDelivery*>(batch[0].lineage().delivery());
      if (delivery != nullptr && options_.release) order = &delivery->partition_.order;
    }
    pass_on(std::move(batch), order);
  }
  if (result->read.batch.empty()) {
    if (result->admitted.empty()) admit(*options_.input, std::move(result->read));
    return Step::kWorked;
  }
  Partition& from = partition(*options_.input, result->read.partition);
  pass_on(admit(*options_.input, std::move(result->read)),
          options_.release ? &from.order : nullptr);
  return Step::kWorked;
}

bool InputPort::connect(bool may_block) {
  const std::int64_t now = runtime_.clock().mono_nanos();
  if (now < connect_at_) {
    if (may_block) {
      interrupt_.wait_for(std::chrono::ceil<std::chrono::milliseconds>(
          std::chrono::nanoseconds(connect_at_ - now)));
    }
    return false;
  }
  core::Status status = options_.input->connect(*this);
  if (status) {
    connected_ = true;
    up_.set(1);
    connect_backoff_.reset();
    options_.on_change();
    return true;
  }
  connect_failed_.add();
  if (status.error().code == ErrorCode::kCancelled) return false;
  if (status.error().code != ErrorCode::kUnavailable) {
    options_.on_fatal(status.error(), 5);
    reading_ended_ = true;
    options_.on_change();
    return false;
  }
  const auto wait = connect_backoff_.next(resources_.shared().random());
  connect_at_ = now + wait.count();
  resources_.log().warn("input_connect_failed", "The input cannot be reached; trying again.",
                        {{"error", status.error().message},
                         {"attempt", std::to_string(connect_backoff_.attempts())}});
  return false;
}

InputPort::Partition& InputPort::partition(core::Input& owner, const std::string& name) {
  auto& slot = partitions_[{&owner, name}];
  if (slot == nullptr) {
    slot = std::make_unique<Partition>(options_.release);
    slot->name = name;
    slot->owner = &owner;
  }
  return *slot;
}

Batch InputPort::admit(core::Input& child, core::ReadBatch read) {
  Partition& from = partition(child, read.partition);
  PendingAck* pending = nullptr;
  if (read.batch.empty()) {  // nothing to deliver, but the position has moved
    const std::lock_guard lock(from.mutex);
    if (from.pending.empty()) {
      child.acknowledge(from.name, read.after);
    } else {
      from.pending.push_back({true, std::move(read.after)});
    }
    if (read.on_done) read.on_done({});
    return {};
  }
  {
    const std::lock_guard lock(from.mutex);
    pending = &from.pending.emplace_back();
    pending->after = std::move(read.after);
  }
  Batch batch = std::move(read.batch);
  const std::uint64_t bytes = batch.footprint();
  budget_.take(bytes);
  if (options_.count_received) totals_.receive(batch.size());
  received_.add(batch.size());
  {
    const std::lock_guard lock(mutex_);
    ++open_;
  }
  const bool keep = read.on_done == nullptr;
  auto* delivery =
      new PortDelivery(*this, batch, from, *pending, std::move(read.on_done), bytes, keep);
  for (std::uint32_t i = 0; i < delivery->size(); ++i) {
    batch[i].set_lineage(core::Lineage::adopt(*delivery, i));
  }
  return batch;
}

void InputPort::pass_on(Batch batch, Order* order) {
  if (options_.processors.empty()) {
    options_.next(std::move(batch), order);
    return;
  }
  core::Batches made = options_.processors.run(std::move(batch));
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (made.size() > 1) {
      if (core::Status status = made[i].make_exclusive(); !status) {
        for (core::Message& message : made[i]) message.fail(status.error());
      }
    }
    options_.next(std::move(made[i]), order);
  }
}

bool InputPort::replay_due() {
  Replay replay{};
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = runtime_.clock().mono_nanos();
    const auto due = std::find_if(replays_.begin(), replays_.end(), [&](const Replay& one) {
      return one.due <= now || abandoned_.load();
    });
    if (due == replays_.end()) return false;
    replay = std::move(*due);
    replays_.erase(due);
  }
  PortDelivery& delivery = *replay.delivery;
  Batch batch = Batch::fresh();
  for (const std::uint32_t slot : replay.slots) {
    if (!abandoned_.load() && delivery.originals_.restore(slot, batch)) {
      batch.messages().back().set_lineage(core::Lineage::adopt(delivery, slot));
    } else {
      core::Lineage::adopt(delivery, slot).resolve(Outcome::kRetry);
    }
  }
  Order* order = options_.release ? &delivery.partition_.order : nullptr;
  if (!batch.empty()) pass_on(std::move(batch), order);
  return true;
}

void InputPort::replay_later(PortDelivery& delivery, std::vector<std::uint32_t> slots,
                             const Error* error) {
  {
    const std::lock_guard lock(mutex_);
    const auto wait = replay_backoff_.next(resources_.shared().random());
    replays_.push_back({&delivery, std::move(slots), runtime_.clock().mono_nanos() + wait.count()});
  }
  if (error != nullptr) {
    resources_.log().warn("input_replay",
                          "Messages came back undelivered and are handed out again.",
                          {{"error", error->message}});
  }
  changed_.notify_all();
  budget_.wake();
  runtime_.notify();
}

void InputPort::settled(PortDelivery& delivery) {
  budget_.give_back(delivery.bytes_);
  {
    const std::lock_guard lock(mutex_);
    --open_;
    replay_backoff_.reset();
    // Under the lock: the port's thread may end and the port be destroyed right after.
    changed_.notify_all();
  }
}

Task::Step InputPort::finish_step(bool may_block) {
  std::unique_lock lock(mutex_);
  if (open_ == 0) {
    lock.unlock();
    if (!closed_) {
      closed_ = true;
      options_.input->close();
      options_.processors.close();
      up_.set(0);
      ended_ = true;
      options_.on_change();
    }
    return Step::kEnded;
  }
  if (!may_block) return Step::kWaiting;
  const auto due = [&] {
    std::int64_t next = INT64_MAX;
    for (const Replay& one : replays_) next = std::min(next, one.due);
    return next;
  };
  const std::int64_t wait =
      due() == INT64_MAX ? 1'000'000'000 : due() - runtime_.clock().mono_nanos();
  if (wait > 0)
    changed_.wait_for(lock, std::chrono::nanoseconds(std::min<std::int64_t>(wait, 1'000'000'000)));
  return Step::kWorked;
}

void InputPort::stop() {
  interrupt_.raise();
  budget_.wake();
  changed_.notify_all();
}

void InputPort::abandon() {
  abandoned_ = true;
  stop();
}

}  // namespace weir::engine
