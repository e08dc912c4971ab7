#include "engine/output_stage.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace weir::engine {

using core::Batch;
using core::Outcome;
using core::WriteResult;

namespace {
// Leaves keep their own max_in_flight; this only bounds what lies between us and them.
constexpr std::size_t kMaxOpenWrites = 256;
}  // namespace

OutputStage::OutputStage(std::unique_ptr<core::Output> root, const config::Resources& resources,
                         Budget& budget, Outcome accepted, OnFailed on_failed)
    : root_(std::move(root)),
      resources_(resources),
      budget_(budget),
      accepted_(accepted),
      on_failed_(std::move(on_failed)),
      backoff_(std::chrono::milliseconds(100), std::chrono::seconds(10)) {}

OutputStage::~OutputStage() = default;

void OutputStage::submit(Batch batch, std::uint64_t extra_bytes) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(batch), extra_bytes, next_place_++});
  }
  pump();
}

void OutputStage::pump() {
  std::unique_lock lock(mutex_);
  if (pumping_) return;  // whoever pumps looks again
  pumping_ = true;
  while (!waiting_.empty() && open_writes_ < kMaxOpenWrites && (retrying_ == 0 || abandoned_)) {
    Entry entry = std::move(waiting_.front());
    waiting_.pop_front();
    if (abandoned_) {
      lock.unlock();
      budget_.give_back(entry.extra_bytes);
      entry.batch.resolve(Outcome::kRetry);
      lock.lock();
      continue;
    }
    ++open_writes_;
    lock.unlock();
    root_->write(std::move(entry.batch),
                 [this, extra = entry.extra_bytes, place = entry.place](WriteResult result) {
                   finished(std::move(result), extra, place);
                 });
    if (draining_.load(std::memory_order_relaxed)) root_->flush();
    lock.lock();
  }
  pumping_ = false;
}

void OutputStage::finished(WriteResult result, std::uint64_t extra_bytes, std::uint64_t place) {
  if (!result.failed.empty()) {
    Batch again = result.keep_alive.sibling();
    core::Error reason;
    for (WriteResult::Failed& failed : result.failed) {
      // Writing again cannot help a message that a processor has flagged.
      const bool later = failed.error.code == core::ErrorCode::kUnavailable ||
                         failed.error.code == core::ErrorCode::kCancelled;
      if (later && !failed.message.unhandled_error()) {
        if (reason.message.empty() || failed.error.code == core::ErrorCode::kUnavailable)
          reason = failed.error;
        again.push(std::move(failed.message));
      } else {
        on_failed_(std::move(failed.message), failed.error);
      }
    }
    if (!again.empty()) retry_later(std::move(again), reason, place);
  }
  const bool accepted = !result.delivered.empty();
  budget_.give_back(extra_bytes);  // first: with the last message the run is over
  result.delivered.resolve(accepted_);
  result = {};
  {
    const std::lock_guard lock(mutex_);
    --open_writes_;
    if (accepted && retrying_ == 0) backoff_.reset();
  }
  pump();
}

void OutputStage::retry_later(Batch batch, const core::Error& error, std::uint64_t place) {
  std::chrono::nanoseconds wait{};
  unsigned attempts = 0;
  {
    const std::lock_guard lock(mutex_);
    if (abandoned_) {
      batch.resolve(Outcome::kRetry);
      return;
    }
    ++retrying_;
    wait = backoff_.next(resources_.shared().random());
    attempts = backoff_.attempts();
  }
  resources_.log().warn("output_write_failed",
                        "Writing failed; the messages will be written again.",
                        {{"error", error.message},
                         {"messages", std::to_string(batch.size())},
                         {"attempt", std::to_string(attempts)}});
  auto held = std::make_shared<Batch>(std::move(batch));
  resources_.executor().post_after(wait, [this, held, place] {
    {
      const std::lock_guard lock(mutex_);
      --retrying_;
      const auto at = std::find_if(waiting_.begin(), waiting_.end(),
                                   [&](const Entry& one) { return one.place >= place; });
      waiting_.insert(at, {std::move(*held), 0, place});
    }
    pump();
  });
}

void OutputStage::drain() {
  draining_.store(true, std::memory_order_relaxed);
  root_->flush();
}

void OutputStage::abandon() {
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  pump();
}

bool OutputStage::idle() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() && open_writes_ == 0 && retrying_ == 0;
}

}  // namespace weir::engine
