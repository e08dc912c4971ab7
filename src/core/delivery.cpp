#include "core/delivery.h"

#include <algorithm>

namespace weir::core {

Delivery::Delivery(std::uint32_t size)
    : size_(size), slots_(std::make_unique<Slot[]>(size)), open_(size) {}

Delivery::~Delivery() = default;

void Delivery::raise(Slot& slot, Outcome outcome) {
  const auto wanted = static_cast<std::uint8_t>(outcome);
  std::uint8_t seen = slot.outcome.load(std::memory_order_relaxed);
  while (seen < wanted &&
         !slot.outcome.compare_exchange_weak(seen, wanted, std::memory_order_relaxed)) {
  }
}

void Delivery::close(std::uint32_t at, Outcome outcome, const Error* error) {
  Slot& slot = slots_[at];
  if (error != nullptr && (outcome == Outcome::kFailed || outcome == Outcome::kRetry)) {
    const std::lock_guard lock(mutex_);
    const auto known = std::find_if(errors_.begin(), errors_.end(),
                                    [&](const auto& entry) { return entry.first == at; });
    if (known != errors_.end()) {
      known->second = *error;
    } else {
      errors_.emplace_back(at, *error);
    }
  }
  raise(slot, outcome);
  if (slot.refs.fetch_sub(1, std::memory_order_acq_rel) == 1) closed(1);
}

void Delivery::close_run(std::uint32_t first, std::uint32_t count, Outcome outcome) {
  const auto wanted = static_cast<std::uint8_t>(outcome);
  std::uint32_t done = 0;
  for (std::uint32_t i = first; i < first + count; ++i) {
    Slot& slot = slots_[i];
    // A single holder is us: nobody else can touch the slot, so plain stores do.
    if (slot.refs.load(std::memory_order_acquire) == 1) {
      if (slot.outcome.load(std::memory_order_relaxed) < wanted) {
        slot.outcome.store(wanted, std::memory_order_relaxed);
      }
      slot.refs.store(0, std::memory_order_relaxed);
      ++done;
      continue;
    }
    raise(slot, outcome);
    if (slot.refs.fetch_sub(1, std::memory_order_acq_rel) == 1) ++done;
  }
  if (done > 0) closed(done);
}

void Delivery::closed(std::uint32_t count) {
  if (open_.fetch_sub(count, std::memory_order_acq_rel) != count) return;
  if (on_resolved()) delete this;
}

const Error* Delivery::error(std::uint32_t slot) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [at, error] : errors_) {
    if (at == slot) return &error;
  }
  return nullptr;
}

std::vector<std::uint32_t> Delivery::reopen() {
  std::vector<std::uint32_t> again;
  for (std::uint32_t i = 0; i < size_; ++i) {
    if (outcome(i) != Outcome::kRetry) continue;
    again.push_back(i);
    slots_[i].outcome.store(0, std::memory_order_relaxed);
    slots_[i].refs.store(1, std::memory_order_relaxed);
  }
  // The errors stay: a slot that is open and has one has come back.
  open_.store(static_cast<std::uint32_t>(again.size()), std::memory_order_release);
  return again;
}

void Delivery::add_response(std::uint32_t slot, Response response) {
  const std::lock_guard lock(mutex_);
  responses_.emplace_back(slot, std::move(response));
}

std::vector<Delivery::Response> Delivery::take_responses() {
  std::vector<std::pair<std::uint32_t, Response>> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(responses_);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Response> responses;
  responses.reserve(all.size());
  for (auto& [slot, response] : all) responses.push_back(std::move(response));
  return responses;
}

Lineage Lineage::adopt(Delivery& delivery, std::uint32_t slot) {
  Lineage made;
  made.delivery_ = &delivery;
  made.slot_ = slot;
  return made;
}

Lineage Lineage::share() const {
  Lineage copy;
  if (delivery_ == nullptr) return copy;
  delivery_->hold(slot_);
  copy.delivery_ = delivery_;
  copy.slot_ = slot_;
  if (more_ != nullptr) {
    copy.more_ = new std::vector<Lineage>();
    copy.more_->reserve(more_->size());
    for (const Lineage& one : *more_) copy.more_->push_back(one.share());
  }
  return copy;
}

void Lineage::merge(Lineage&& other) {
  if (other.delivery_ == nullptr) return;
  if (delivery_ == nullptr) {
    *this = std::move(other);
    return;
  }
  if (more_ == nullptr) more_ = new std::vector<Lineage>();
  std::vector<Lineage>* rest = std::exchange(other.more_, nullptr);
  more_->push_back(std::move(other));
  if (rest != nullptr) {
    for (Lineage& one : *rest) more_->push_back(std::move(one));
    delete rest;
  }
}

void Lineage::resolve(Outcome outcome, const Error* error) {
  if (delivery_ == nullptr) return;
  if (more_ != nullptr) {
    for (Lineage& one : *more_) one.resolve(outcome, error);
    delete_more();
  }
  std::exchange(delivery_, nullptr)->close(slot_, outcome, error);
}

void Lineage::delete_more() {
  if (more_ == nullptr) return;
  for (Lineage& one : *more_) one.delivery_ = nullptr;
  delete std::exchange(more_, nullptr);
}

}  // namespace weir::core
