#include "config/inproc_hub.h"
#include "inputs/all.h"

namespace weir::inputs {
namespace {

struct InprocConfig {
  std::string id;
};

config::Spec<InprocConfig> inproc_spec() {
  return config::Spec<InprocConfig>("inproc")
      .summary("Reads what `inproc` outputs of the same process write.")
      .description(
          "A message is acknowledged to the output when it has been delivered from here. Several "
          "inputs of one id share the messages. The input ends when all other inputs have ended "
          "and nothing is on its way any more. A pipeline that writes to a channel which it reads "
          "itself goes round for ever if nothing filters.")
      .category("utility")
      .value(&InprocConfig::id, {.doc = "Name of the channel.", .required = true});
}

class Inproc final : public core::Input {
 public:
  Inproc(const std::string& id, const config::Resources& resources)
      : channel_(resources.service<config::InprocHub>()->channel(id)) {}

  core::InputTraits traits() const override { return {.request = true, .internal = true}; }
  core::Status connect(core::ReadContext&) override { return {}; }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    auto item = channel_->take(std::min(context.wait_limit(), std::chrono::milliseconds(20)));
    if (!item) return core::ReadResult::idle();
    core::ReadBatch read;
    read.batch = std::move(item->batch);
    read.on_done = std::move(item->done);
    read.after.offset = ++batches_;
    return core::ReadResult::of(std::move(read));
  }

 private:
  const std::shared_ptr<config::InprocHub::Channel> channel_;
  std::int64_t batches_ = 0;
};

core::Result<std::unique_ptr<core::Input>> make_inproc(const InprocConfig& config,
                                                       const config::Resources& resources) {
  if (config.id.empty()) return core::invalid_config("`inproc` wants the name of a channel");
  return std::make_unique<Inproc>(config.id, resources);
}

}  // namespace

void add_inproc(config::Registry& registry) {
  registry.add_input(inproc_spec(), make_inproc);
}

}  // namespace weir::inputs
