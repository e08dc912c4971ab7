#include "engine/stream.h"

#include <algorithm>

#include "config/input_child.h"
#include "config/output_child.h"

namespace weir::engine {

using core::Batch;
using core::Error;
using core::Outcome;
using core::Status;

Stream::Stream(const config::PipelineConfig& config, config::Resources::Shared& shared,
               Runtime& runtime, std::uint64_t budget_bytes)
    : config_(config),
      shared_(shared),
      runtime_(runtime),
      table_(config),
      resources_(shared, "", "root"),
      budget_(budget_bytes),
      buffered_budget_(budget_bytes),
      totals_(*shared.metrics) {
  shared_.interrupt = &everything_;
  shared_.strict_errors = config.error_handling.strict;
  table_.attach(shared_);
}

Stream::~Stream() {
  // Ports first: they hold orders that release into the stages.
  ports_.clear();
  buffer_port_.reset();
  batchers_.clear();
}

core::Result<std::unique_ptr<Stream>> Stream::make(const config::PipelineConfig& config,
                                                   config::Resources::Shared& shared,
                                                   Runtime& runtime, std::uint64_t budget_bytes) {
  auto stream = std::unique_ptr<Stream>(new Stream(config, shared, runtime, budget_bytes));
  if (Status status = stream->build(); !status) return core::fail(std::move(status).error());
  return stream;
}

Status Stream::build() {
  FailureRouter::Options failures;
  failures.strict = config_.error_handling.strict;
  failures.max_attempts = config_.error_handling.max_attempts;
  failures.on_stuck = [this](const Error& error) { fatal(error, 3); };
  failures.on_broken = [this](const Error& error) {
    aborting_ = true;
    fatal(error, 5);
  };
  if (config_.error_handling.dead_letter) {
    auto made = config::make_output_child(config_.error_handling.dead_letter, resources_);
    if (!made)
      return core::fail(
          std::move(made).error().with_context("making `error_handling.dead_letter`"));
    failures.dead_letter = *std::move(made);
  }
  failures_ = std::make_unique<FailureRouter>(std::move(failures), resources_, budget_);

  auto root = config::make_output_child(config_.output, resources_);
  if (!root) return core::fail(std::move(root).error().with_context("making the output"));
  output_ = std::make_unique<OutputStage>(
      *std::move(root),
      resources_.for_component(config_.output.plan().label, config_.output.plan().path), budget_,
      Outcome::kDelivered, [this](core::Message message, const Error& error) {
        failures_->route(std::move(message), error);
      });

  auto pipeline = PipelineStage::make(
      config_.pipeline.processors, resources_, runtime_, budget_,
      [this](Batch batch, std::uint64_t extra) { output_->submit(std::move(batch), extra); });
  if (!pipeline) return core::fail(std::move(pipeline).error().with_context("making the pipeline"));
  pipeline_ = *std::move(pipeline);

  auto buffer = config_.buffer.make(resources_);
  if (!buffer) return core::fail(std::move(buffer).error().with_context("making the buffer"));
  buffer_ = *std::move(buffer);  // null for `none`

  auto input = config_.input.make(resources_);
  if (!input) return core::fail(std::move(input).error().with_context("making the input"));
  auto chain = config::ProcessorChain::make(config_.input.plan().processors, resources_);
  if (!chain)
    return core::fail(std::move(chain).error().with_context("making the input's processors"));
  const core::InputTraits source = (*input)->traits();
  const config::Resources own =
      resources_.for_component(config_.input.plan().label, config_.input.plan().path);

  std::function<void(Batch, Order*)> next = [this](Batch batch, Order* order) {
    pipeline_->submit(std::move(batch), order);
  };
  if (buffer_ != nullptr) {
    const config::Resources buffered =
        resources_.for_component(config_.buffer.plan().label, config_.buffer.plan().path);
    buffer_writer_ = std::make_unique<BufferWriter>(*buffer_, everything_, buffered);
    InputPort::Options options;
    options.input = std::make_unique<BufferReader>(*buffer_, source, buffered, totals_);
    options.next = [this, next](Batch batch, Order* order) {
      core::Batches made = buffer_->behind(std::move(batch));
      for (std::size_t i = 0; i < made.size(); ++i) {
        if (made.size() > 1) {
          if (Status status = made[i].make_exclusive(); !status) {
            for (core::Message& message : made[i]) message.fail(status.error());
          }
        }
        next(std::move(made[i]), order);
      }
    };
    if (config_.pipeline.order != "none") {
      options.release = [this](core::Batches batches) { pipeline_->release(std::move(batches)); };
    }
    options.count_received = false;
    options.strict = config_.error_handling.strict;
    options.max_attempts = config_.error_handling.max_attempts;
    options.on_fatal = [this](const Error& error, int code) { fatal(error, code); };
    options.on_change = [this] { runtime_.notify(); };
    buffer_port_ = std::make_unique<InputPort>(std::move(options), buffered, runtime_,
                                               buffered_budget_, totals_);
    next = [this](Batch batch, Order*) { buffer_writer_->put(std::move(batch)); };
  }
  return add_inputs(*std::move(input), *std::move(chain), own, next);
}

Status Stream::add_inputs(std::unique_ptr<core::Input> input, config::ProcessorChain processors,
                          const config::Resources& resources,
                          std::function<void(Batch, Order*)> next) {
  auto* const merged = dynamic_cast<config::MergedInput*>(input.get());
  if (merged == nullptr) {
    InputPort::Options options;
    options.input = std::move(input);
    options.processors = std::move(processors);
    options.next = std::move(next);
    if (config_.pipeline.order != "none" && buffer_ == nullptr) {
      options.release = [this](core::Batches batches) { pipeline_->release(std::move(batches)); };
    }
    options.count_delivered = buffer_ == nullptr;
    options.strict = config_.error_handling.strict;
    options.max_attempts = config_.error_handling.max_attempts;
    options.on_fatal = [this](const Error& error, int code) { fatal(error, code); };
    options.on_change = [this] { runtime_.notify(); };
    ports_.push_back(
        std::make_unique<InputPort>(std::move(options), resources, runtime_, budget_, totals_));
    return {};
  }
  // What the merging input does behind its children: batcher, then its own processors. Children run
  // on threads of their own, so both are under one lock (the batcher's, or this one).
  struct Joint {
    std::mutex mutex;
    config::ProcessorChain processors;
  };
  auto joint = std::make_shared<Joint>();
  joint->processors = std::move(processors);
  std::function<void(Batch, Order*)> behind = next;
  if (!joint->processors.empty()) {
    behind = [joint, next](Batch batch, Order* order) {
      core::Batches made;
      {
        const std::lock_guard lock(joint->mutex);
        made = joint->processors.run(std::move(batch));
      }
      for (std::size_t i = 0; i < made.size(); ++i) next(std::move(made[i]), order);
    };
  }
  const config::BatchPolicyConfig& policy = merged->batching();
  if (policy.enabled() || !policy.period.empty()) {
    Order* order = nullptr;
    if (config_.pipeline.order != "none" && buffer_ == nullptr) {
      orders_.push_back(std::make_unique<Order>(
          [this](core::Batches batches) { pipeline_->release(std::move(batches)); }));
      order = orders_.back().get();
    }
    auto made = config::Batcher::make(policy, resources, nullptr);
    if (!made) return core::fail(std::move(made).error());
    auto batcher = *std::move(made);
    batcher->set_sink([raw = batcher.get(), behind, order](Batch batch) {
      Batch ready = raw->process(std::move(batch));
      if (!ready.empty()) behind(std::move(ready), order);
    });
    batchers_.push_back(batcher);
    behind = [batcher](Batch batch, Order*) { batcher->add(std::move(batch)); };
  }
  for (config::InputChild& child : merged->take_children()) {
    const config::Resources own = child.resources(resources);
    WEIR_CHECK_OK(add_inputs(child.take_input(), child.take_processors(), own, behind));
  }
  return {};
}

bool Stream::all(bool (InputPort::*state)() const) const {
  for (const auto& port : ports_) {
    if (!(port.get()->*state)()) return false;
  }
  return true;
}

bool Stream::sources(bool (InputPort::*state)() const) const {
  for (const auto& port : ports_) {
    if (!port->traits().internal && !(port.get()->*state)()) return false;
  }
  return true;
}

bool Stream::drained() const {
  return all(&InputPort::ended) && (buffer_port_ == nullptr || buffer_port_->ended());
}

ExitCode Stream::run() {
  for (Status status : {table_.open(), buffer_ != nullptr ? buffer_->open() : Status(),
                        failures_->connect(everything_), output_->connect(everything_)}) {
    if (!status) {
      fatal(status.error(), 5);
      return ExitCode::kCannotStart;
    }
  }
  running_ = true;
  for (const auto& port : ports_) runtime_.start(*port);
  if (buffer_port_ != nullptr) runtime_.start(*buffer_port_);

  const auto forever = std::chrono::nanoseconds(-1);
  runtime_.wait_until([this] { return stopping_ || sources(&InputPort::reading_ended); }, forever);
  if (stopping_) {
    for (const auto& port : ports_) {
      if (!port->traits().internal) port->stop();
    }
    // A buffer that survives keeps its content; a volatile one is drained.
    if (buffer_ != nullptr && buffer_->durable() && buffer_port_ != nullptr) buffer_port_->stop();
  }
  const std::int64_t deadline = runtime_.clock().mono_nanos() + config_.shutdown_timeout.count();
  const auto left = [&]() -> std::chrono::nanoseconds {
    if (!stopping_) return std::chrono::nanoseconds(-1);
    const std::int64_t rest = deadline - runtime_.clock().mono_nanos();
    return std::chrono::nanoseconds(rest > 0 ? rest : 0);
  };
  // Whatever waits for more gets no more: partial batches go out as they are. A natural end may
  // still be overtaken by stop(), which puts the time limit on it.
  const auto wait_for = [&](std::function<bool()> condition) {
    while (!condition()) {
      const bool limited = stopping_;
      const bool met = runtime_.wait_until(
          [&] { return condition() || aborting_ || (!limited && stopping_); }, left());
      if (aborting_ || (limited && !met)) return condition();
    }
    return true;
  };
  bool done = wait_for([this] { return sources(&InputPort::reading_ended); });
  for (const auto& batcher : batchers_) batcher->stop();
  if (!all(&InputPort::reading_ended)) {
    // Inputs that our own outputs feed go on until what the others gave has come through them.
    output_->drain();
    failures_->drain();
    const auto through = [this] {
      return sources(&InputPort::ended) &&
             (buffer_ == nullptr || buffer_->durable() || buffer_->size() == 0);
    };
    const auto slice = std::chrono::milliseconds(20);  // a buffer does not tell when it is empty
    while (!through() && !aborting_ && left().count() != 0) {
      runtime_.wait_until(
          through, left().count() < 0 ? slice : std::min(left(), std::chrono::nanoseconds(slice)));
    }
    done = through() && done;
    for (const auto& port : ports_) port->stop();
    done = wait_for([this] { return all(&InputPort::reading_ended); }) && done;
  }
  if (buffer_ != nullptr) {
    done = wait_for([this] { return all(&InputPort::ended); }) && done;
    buffer_->end_of_input();
  }
  output_->drain();
  failures_->drain();
  done = wait_for([this] { return drained(); }) && done;
  if (!done) {
    everything_.raise();
    output_->abandon();
    failures_->abandon();
    for (const auto& port : ports_) port->abandon();
    if (buffer_port_ != nullptr) buffer_port_->abandon();
    runtime_.wait_until([this] { return drained(); }, std::chrono::seconds(1));
  }
  running_ = false;
  if (drained()) {
    output_->close();
    failures_->close();
    pipeline_->close();
    if (buffer_ != nullptr) buffer_->close();
    table_.close();
  }
  const std::lock_guard lock(mutex_);
  if (fatal_code_ != 0) return static_cast<ExitCode>(fatal_code_);
  if (!done) return ExitCode::kNotDrained;
  return failures_->unrouted() > 0 ? ExitCode::kFailedMessages : ExitCode::kOk;
}

void Stream::stop() {
  stopping_ = true;
  runtime_.notify();
}

void Stream::abort() {
  aborting_ = true;
  stop();
}

void Stream::fatal(const Error& error, int code) {
  {
    const std::lock_guard lock(mutex_);
    if (fatal_code_ == 0) {
      fatal_code_ = code;
      failure_ = error.message;
    }
  }
  stop();
}

bool Stream::ready() const {
  if (!running_ || stopping_) return false;
  for (const auto& port : ports_) {
    if (!port->connected() && !port->reading_ended()) return false;
  }
  return true;
}

std::vector<Stream::ConnectionState> Stream::connections() const {
  std::vector<ConnectionState> states;
  for (const auto& port : ports_) {
    states.push_back({port->resources().label(), port->resources().path(),
                      port->connected() || port->reading_ended()});
  }
  return states;
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> Stream::progress() const {
  std::optional<std::pair<std::uint64_t, std::uint64_t>> sum;
  for (const auto& port : ports_) {
    if (const auto one = port->input().progress()) {
      if (!sum) sum.emplace(0, 0);
      sum->first += one->first;
      sum->second += one->second;
    }
  }
  return sum;
}

std::string Stream::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace weir::engine
