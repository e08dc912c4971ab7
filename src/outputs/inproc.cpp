#include "config/inproc_hub.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;

struct InprocConfig {
  std::string id;
};

config::Spec<InprocConfig> inproc_spec() {
  return config::Spec<InprocConfig>("inproc")
      .summary("Hands messages to the `inproc` inputs of the same process.")
      .description(
          "A message counts as delivered when it has been delivered from there. When one of a "
          "batch fails there, each is handed over once more, alone.")
      .category("utility")
      .value(&InprocConfig::id, {.doc = "Name of the channel.", .required = true});
}

class Inproc final : public core::Output {
 public:
  Inproc(const std::string& id, const config::Resources& resources)
      : channel_(resources.service<config::InprocHub>()->channel(id)) {}

  std::size_t max_in_flight() const override { return 64; }

  void write(Batch batch, WriteDone done) override {
    auto copy = batch.clone();
    if (!copy) {
      done(WriteResult::all_failed(std::move(batch), copy.error()));
      return;
    }
    auto held = std::make_shared<Held>();
    held->batch = std::move(batch);
    held->done = std::move(done);
    channel_->put({*std::move(copy), [this, held](const core::DeliveryReport& report) {
                     if (report.delivered) {
                       held->done(WriteResult::ok(std::move(held->batch)));
                     } else if (held->batch.size() == 1 ||
                                report.error.code == core::ErrorCode::kUnavailable) {
                       held->done(WriteResult::all_failed(std::move(held->batch), report.error));
                     } else {
                       one_by_one(held);
                     }
                   }});
  }

  void close() override {
    for (auto& item : channel_->clear()) {
      if (item.done)
        item.done({false, {core::ErrorCode::kUnavailable, "nobody has taken the message"}, {}});
    }
  }

 private:
  struct Held {
    Batch batch;
    WriteDone done;
    std::mutex mutex;  // guards what follows
    std::vector<std::optional<core::Error>> errors;
    std::size_t open = 0;
  };

  // One of them is at fault; which one is only known when each goes alone.
  void one_by_one(const std::shared_ptr<Held>& held) {
    const std::size_t count = held->batch.size();
    held->errors.resize(count);
    held->open = count;
    std::vector<Batch> singles;
    for (std::size_t i = 0; i < count; ++i) {
      Batch single = Batch::fresh();
      if (auto copy = held->batch[i].copy_to(single.storage())) {
        single.push(*std::move(copy));
      } else {
        held->errors[i] = copy.error();
      }
      singles.push_back(std::move(single));
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (singles[i].empty()) {
        ended(held, i, held->errors[i]);
        continue;
      }
      channel_->put({std::move(singles[i]), [held, i](const core::DeliveryReport& report) {
                       std::optional<core::Error> error;
                       if (!report.delivered) error = report.error;
                       ended(held, i, std::move(error));
                     }});
    }
  }

  static void ended(const std::shared_ptr<Held>& held, std::size_t at,
                    std::optional<core::Error> error) {
    {
      const std::lock_guard lock(held->mutex);
      held->errors[at] = std::move(error);
      if (--held->open > 0) return;
    }
    WriteResult result;
    result.keep_alive = held->batch.sibling();
    Batch good = held->batch.sibling();
    for (std::size_t i = 0; i < held->batch.size(); ++i) {
      if (held->errors[i]) {
        result.failed.push_back({std::move(held->batch[i]), *held->errors[i]});
      } else {
        good.push(std::move(held->batch[i]));
      }
    }
    held->batch = Batch();
    result.delivered = std::move(good);
    held->done(std::move(result));
  }

  const std::shared_ptr<config::InprocHub::Channel> channel_;
};

core::Result<std::unique_ptr<core::Output>> make_inproc(const InprocConfig& config,
                                                        const config::Resources& resources) {
  if (config.id.empty()) return core::invalid_config("`inproc` wants the name of a channel");
  return std::make_unique<Inproc>(config.id, resources);
}

}  // namespace

void add_inproc(config::Registry& registry) {
  registry.add_output(inproc_spec(), make_inproc);
}

}  // namespace weir::outputs
