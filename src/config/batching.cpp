#include "config/batching.h"

#include <cstring>

#include "core/duration.h"

namespace weir::config {

const Spec<BatchPolicyConfig>& BatchPolicyConfig::spec() {
  static const Spec<BatchPolicyConfig> made =
      Spec<BatchPolicyConfig>()
          .field("count", &BatchPolicyConfig::count,
                 {.doc = "Messages after which a batch is complete. 0: no limit of this kind."})
          .field(
              "byte_size", &BatchPolicyConfig::byte_size,
              {.doc = "Payload bytes after which a batch is complete. 0: no limit of this kind."})
          .field("period", &BatchPolicyConfig::period,
                 {.doc = "Time after its first message at which a batch is complete, e.g. `1s`. "
                         "Empty: none."})
          .field("check", &BatchPolicyConfig::check,
                 {.doc = "A mapping that says, for each message added, whether the batch is "
                         "complete now.",
                  .examples = {R"(this.type == "end_of_transaction")"}})
          .field("processors", &BatchPolicyConfig::processors,
                 {.doc = "Processors that run on each complete batch, e.g. `archive`.",
                  .advanced = true})
          .lint([](const BatchPolicyConfig& config, const Node& node, const ReadContext& context) {
            if (config.period.empty()) return;
            auto parsed = core::parse_duration(config.period);
            if (!parsed || parsed->count() < 0) {
              const Node* at = node.find("period");
              context.error(rule::kBadValue, at == nullptr ? node.where : at->where,
                            "field `period` wants a duration, got `" + config.period + "`",
                            "write a number with a unit, e.g. `500ms`, `10s`");
            }
          });
  return made;
}

core::Result<ProcessorChain> ProcessorChain::make(const ProcessorList& list,
                                                  const Resources& resources) {
  ProcessorChain chain;
  chain.clock_ = &resources.clock();
  for (const auto& child : list) {
    auto made = child.make(resources);
    if (!made) return core::fail(std::move(made).error());
    const Resources own = resources.for_component(child.plan().label, child.plan().path);
    chain.steps_.push_back({*std::move(made), &own.counter("processor_received"),
                            &own.counter("processor_batch_received"),
                            &own.counter("processor_sent"), &own.counter("processor_batch_sent"),
                            &own.counter("processor_error"), &own.timing("processor_latency_ns")});
  }
  return chain;
}

core::Batches ProcessorChain::run(core::Batch batch) {
  if (steps_.empty() || batch.empty()) return core::Batches(std::move(batch));
  return run_from(0, std::move(batch));
}

core::Batches ProcessorChain::run_from(std::size_t at, core::Batch batch) {
  core::Batches current{std::move(batch)};
  for (; at < steps_.size(); ++at) {
    Step& step = steps_[at];
    core::Batches next;
    const std::int64_t start = clock_->mono_nanos();
    for (std::size_t i = 0; i < current.size(); ++i) {
      std::size_t failed_before = 0;
      for (const core::Message& message : current[i].messages())
        failed_before += message.errored() ? 1U : 0U;
      step.received->add(current[i].size());
      step.batch_received->add();
      core::Batches made = step.processor->process(std::move(current[i]));
      std::size_t failed_after = 0;
      for (std::size_t k = 0; k < made.size(); ++k) {
        step.sent->add(made[k].size());
        step.batch_sent->add();
        for (const core::Message& message : made[k].messages())
          failed_after += message.errored() ? 1U : 0U;
        next.add(std::move(made[k]));
      }
      if (failed_after > failed_before) step.errors->add(failed_after - failed_before);
    }
    step.latency->record(clock_->mono_nanos() - start);
    current = std::move(next);
    if (current.empty()) break;
  }
  return current;
}

void ProcessorChain::close() {
  for (Step& step : steps_) step.processor->close();
}

namespace {
constexpr const char* kMechanisms[] = {"count", "size", "period", "check", "flush"};
}

Batcher::Batcher(const BatchPolicyConfig& config, const Resources& resources, Sink sink)
    : config_(config),
      sink_(std::move(sink)),
      executor_(&resources.executor()),
      evaluator_(resources) {
  for (std::size_t i = 0; i < 5; ++i) {
    created_[i] = &resources.counter("batch_created", {{"mechanism", kMechanisms[i]}});
  }
}

Batcher::~Batcher() = default;

core::Result<std::shared_ptr<Batcher>> Batcher::make(const BatchPolicyConfig& config,
                                                     const Resources& resources, Sink sink) {
  auto chain = ProcessorChain::make(config.processors, resources);
  if (!chain) return core::fail(std::move(chain).error());
  BatchPolicyConfig used = config;
  if (!config.period.empty()) {
    auto period = core::parse_duration(config.period);
    if (!period) return core::fail(std::move(period).error());
    used.period_time = *period;
  }
  auto made = std::shared_ptr<Batcher>(new Batcher(used, resources, std::move(sink)));
  made->processors_ = *std::move(chain);
  made->self_ = made;
  return made;
}

void Batcher::add(core::Batch batch) {
  std::unique_lock lock(mutex_);
  core::Batch rest = std::move(batch);
  std::size_t at = 0;
  while (at < rest.size()) {
    const std::size_t size = rest.size();
    const char* complete = nullptr;
    std::size_t end = at;
    const std::uint64_t room =
        config_.count > pending_.size() ? config_.count - pending_.size() : 1;
    for (; end < size && complete == nullptr; ++end) {
      core::Message& message = rest[end];
      if (config_.byte_size.bytes > 0) {
        const auto payload = message.payload();
        pending_bytes_ += payload ? payload->size() : 0;
        if (pending_bytes_ >= config_.byte_size.bytes) complete = kMechanisms[1];
      }
      if (config_.count > 0 && end + 1 - at >= room) complete = kMechanisms[0];
      if (config_.check) {
        evaluator_.context().bind(message);
        const auto verdict = config_.check->check(evaluator_.context());
        if (verdict && *verdict) complete = kMechanisms[3];
      }
    }
    core::Batch part = rest.sibling();
    if (at == 0 && end == size) {
      part = std::move(rest);
      rest = core::Batch();
    } else {
      part.messages().reserve(end - at);
      for (std::size_t i = at; i < end; ++i) part.push(std::move(rest[i]));
    }
    const bool was_empty = pending_.empty();
    pending_.append(std::move(part));
    if (complete != nullptr) {
      this->complete(complete);
    } else if (was_empty) {
      start_timer();
    }
    if (end == size) break;
    at = end;
  }
  if (stopped_) complete(kMechanisms[4]);
  hand_out(lock);
}

void Batcher::start_timer() {
  if (config_.period_time.count() == 0 || stopped_) return;
  timer_ = executor_->post_after(config_.period_time, [self = self_, generation = generation_] {
    const auto batcher = self.lock();
    if (batcher == nullptr) return;
    std::unique_lock lock(batcher->mutex_);
    if (batcher->generation_ != generation || batcher->pending_.empty()) return;
    batcher->timer_.reset();
    batcher->complete(kMechanisms[2]);
    batcher->hand_out(lock);
  });
}

// With the lock held: the pending batch is complete.
void Batcher::complete(const char* mechanism) {
  if (pending_.empty()) return;
  for (std::size_t i = 0; i < 5; ++i) {
    if (std::strcmp(kMechanisms[i], mechanism) == 0) created_[i]->add();
  }
  ready_.push_back(take_pending());
}

// With the lock held. What is left behind of the same storage may end on another thread, so what is
// taken gets a storage of its own. (A document that cannot be written stays shared; it fails
// later.)
core::Batch Batcher::take_pending() {
  ++generation_;
  pending_bytes_ = 0;
  if (timer_) {
    executor_->cancel(*timer_);
    timer_.reset();
  }
  core::Batch taken = std::move(pending_);
  pending_ = core::Batch();
  if (core::Status status = taken.make_exclusive(); !status) {
    for (core::Message& message : taken) message.fail(status.error());
  }
  return taken;
}

void Batcher::hand_out(std::unique_lock<std::mutex>& lock) {
  if (handing_out_) return;  // whoever hands out looks again
  handing_out_ = true;
  while (!ready_.empty()) {
    core::Batch next = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    sink_(std::move(next));
    lock.lock();
  }
  handing_out_ = false;
}

core::Batch Batcher::process(core::Batch complete) {
  if (processors_.empty()) return complete;
  core::Batches made = processors_.run(std::move(complete));
  core::Batch joined;
  for (std::size_t i = 0; i < made.size(); ++i) joined.append(std::move(made[i]));
  return joined;
}

void Batcher::flush() {
  std::unique_lock lock(mutex_);
  complete(kMechanisms[4]);
  hand_out(lock);
}

void Batcher::stop() {
  std::unique_lock lock(mutex_);
  stopped_ = true;
  complete(kMechanisms[4]);
  hand_out(lock);
}

}  // namespace weir::config
