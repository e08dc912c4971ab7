#include <condition_variable>
#include <deque>
#include <mutex>

#include "buffers/all.h"
#include "config/batching.h"

namespace weir::buffers {
namespace {

using core::Batch;
using core::Status;

struct MemoryConfig {
  config::ByteSize limit{524288000};
  struct Policy {
    bool enabled = false;
    config::BatchPolicyConfig policy;
    static const config::Spec<Policy>& spec();
  } batch_policy;
};

const config::Spec<MemoryConfig::Policy>& MemoryConfig::Policy::spec() {
  static const config::Spec<Policy> made =
      config::Spec<Policy>()
          .field("enabled", &Policy::enabled, {.doc = "Whether batches are formed."})
          .group(&Policy::policy, config::BatchPolicyConfig::spec());
  return made;
}

config::Spec<MemoryConfig> memory_spec() {
  return config::Spec<MemoryConfig>("memory")
      .summary("Takes messages into memory and acknowledges them at once.")
      .description(
          "What is in it is lost when the process dies. A batch larger than the whole limit is "
          "refused, never dropped.")
      .field("limit", &MemoryConfig::limit,
             {.doc = "Bytes at most; inputs wait beyond that.", .min = 1})
      .field("batch_policy", &MemoryConfig::batch_policy,
             {.doc = "Forms batches of what is read from the buffer.", .advanced = true})
      .check([](const MemoryConfig& config) -> Status {
        const config::BatchPolicyConfig& policy = config.batch_policy.policy;
        if (config.batch_policy.enabled && !policy.enabled() && policy.period.empty())
          return core::invalid_config("`batch_policy` is enabled but says nothing");
        return {};
      })
      .lint([](const MemoryConfig&, const config::Node& node, const config::ReadContext& context) {
        context.warning(
            config::rule::kWeakGuarantee, node.where,
            "messages in a `memory` buffer are acknowledged and lost when the process dies",
            "leave the buffer out when that must not happen");
      });
}

class Memory final : public core::StreamBuffer {
  using Stored = std::function<void(Batch, Status)>;

 public:
  explicit Memory(std::uint64_t limit) : limit_(limit) {}

  /// Before use: batches of this policy are handed out instead of what was put in.
  Status form_batches(const config::BatchPolicyConfig& policy, const config::Resources& resources) {
    auto made = config::Batcher::make(policy, resources, [this](Batch batch) {
      {
        const std::lock_guard lock(mutex_);
        const std::uint64_t bytes = weight(batch);
        waiting_.push_back({std::move(batch), ++last_id_, bytes});
      }
      changed_.notify_all();
    });
    if (!made) return core::fail(std::move(made).error());
    batcher_ = *std::move(made);
    return {};
  }

  // Never blocks: what does not fit waits outside, unacknowledged and so within the budget of the
  // process, and gets in when there is room.
  void put(Batch batch, const core::Interrupt& interrupt, Stored stored) override {
    std::vector<Answer> answers;
    bool refused = false;
    {
      const std::lock_guard lock(mutex_);
      outside_.push_back({std::move(batch), std::move(stored)});
      refused = closed_ || interrupt.raised();
      if (refused) refuse_all(answers);
    }
    if (!refused) admit(answers);
    give(answers);
  }

  core::Result<std::optional<Entry>> take(const core::Interrupt& interrupt,
                                          std::chrono::milliseconds limit) override {
    std::vector<Answer> answers;
    std::optional<Entry> entry;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, limit,
                        [&] { return !waiting_.empty() || input_ended_ || interrupt.raised(); });
      if (interrupt.raised()) refuse_all(answers);
      if (!waiting_.empty()) {
        Held held = std::move(waiting_.front());
        waiting_.pop_front();
        out_.emplace_back(held.id, std::pair(held.bytes, held.batch.size()));
        entry.emplace();
        entry->batch = std::move(held.batch);
        entry->id = held.id;
      }
    }
    give(answers);
    return entry;
  }

  void done(std::uint64_t id) override {
    std::vector<Answer> answers;
    {
      const std::lock_guard lock(mutex_);
      for (auto it = out_.begin(); it != out_.end(); ++it) {
        if (it->first != id) continue;
        used_ -= it->second.first;
        messages_ -= it->second.second;
        out_.erase(it);
        break;
      }
    }
    admit(answers);
    give(answers);
  }

  core::Batches behind(Batch taken) override {
    if (batcher_ == nullptr) return core::Batches(std::move(taken));
    return core::Batches(batcher_->process(std::move(taken)));
  }

  void end_of_input() override {
    if (batcher_ != nullptr) batcher_->stop();
    {
      const std::lock_guard lock(mutex_);
      input_ended_ = true;
    }
    changed_.notify_all();
  }
  bool ended() const override {
    const std::lock_guard lock(mutex_);
    return input_ended_ && waiting_.empty();
  }
  std::uint64_t size() const override {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  bool durable() const override { return false; }
  void close() override {
    std::vector<Answer> answers;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      refuse_all(answers);
    }
    give(answers);
  }

 private:
  struct Outside {
    Batch batch;
    Stored stored;
  };
  struct Answer {
    Outside to;
    Status status;
  };

  // Lets in what there is room for, in the order of put(). Answers are given without locks.
  void admit(std::vector<Answer>& answers) {
    const std::lock_guard order(admitting_);
    std::vector<Batch> to_form;
    {
      const std::lock_guard lock(mutex_);
      while (!outside_.empty()) {
        Outside& first = outside_.front();
        // One batch larger than everything is let in alone.
        if (used_ > 0 && used_ + cost(first.batch) > limit_) break;
        auto copy = first.batch.clone();
        if (copy) {
          const std::uint64_t bytes = cost(*copy);
          used_ += bytes;
          messages_ += copy->size();
          if (batcher_ != nullptr) {
            to_form.push_back(*std::move(copy));
          } else {
            waiting_.push_back({*std::move(copy), ++last_id_, bytes});
          }
        }
        answers.push_back({std::move(first), copy ? Status() : core::fail(copy.error())});
        outside_.pop_front();
      }
    }
    changed_.notify_all();
    if (batcher_ == nullptr) return;
    for (Batch& batch : to_form) batcher_->add(std::move(batch));
    bool starved = false;
    {
      const std::lock_guard lock(mutex_);
      starved = !outside_.empty() && waiting_.empty() && out_.empty();
    }
    if (starved) batcher_->flush();  // all that is here waits for more, which there is no room for
  }
  // Holding the lock.
  void refuse_all(std::vector<Answer>& answers) {
    for (Outside& one : outside_)
      answers.push_back({std::move(one), core::fail(core::ErrorCode::kCancelled, "stopping")});
    outside_.clear();
  }
  static void give(std::vector<Answer>& answers) {
    for (Answer& one : answers) one.to.stored(std::move(one.to.batch), std::move(one.status));
  }

  struct Held {
    Batch batch;
    std::uint64_t id;
    std::uint64_t bytes;
  };

  std::uint64_t cost(const Batch& batch) const {
    return batcher_ != nullptr ? weight(batch) : batch.footprint();
  }

  // Stays the same however messages are put together anew. (A document that has not been written
  // counts as little; the policy's batches are made of messages as they were received.)
  static std::uint64_t weight(const Batch& batch) {
    constexpr std::uint64_t kPerMessage = 128;
    std::uint64_t bytes = 0;
    for (const core::Message& message : batch.messages())
      bytes += kPerMessage + message.payload_size_hint();
    return bytes;
  }

  const std::uint64_t limit_;
  std::mutex admitting_;                      // taken before mutex_
  std::shared_ptr<config::Batcher> batcher_;  // null: no policy
  mutable std::mutex mutex_;                  // guards what follows
  std::condition_variable changed_;
  std::deque<Outside> outside_;
  std::deque<Held> waiting_;
  std::deque<std::pair<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>>>
      out_;  // id -> bytes, messages
  std::uint64_t used_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t last_id_ = 0;
  bool input_ended_ = false;
  bool closed_ = false;
};

core::Result<std::unique_ptr<core::StreamBuffer>> make_memory(const MemoryConfig& config,
                                                              const config::Resources& resources) {
  auto made = std::make_unique<Memory>(config.limit.bytes);
  if (config.batch_policy.enabled)
    WEIR_CHECK_OK(made->form_batches(config.batch_policy.policy, resources));
  return made;
}

}  // namespace

void add_memory(config::Registry& registry) {
  registry.add_buffer(memory_spec(), make_memory);
}

}  // namespace weir::buffers
