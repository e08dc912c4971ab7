#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;

struct NoConfig {};

config::Spec<NoConfig> sync_response_spec() {
  return config::Spec<NoConfig>("sync_response")
      .summary("Sets each message as an answer to whoever sent it, and passes it on.")
      .description(
          "The answer goes out when the input has been told that the message was delivered. Inputs "
          "that answer nobody ignore it.")
      .category("utility");
}

class SyncResponse final : public core::Processor {
 public:
  explicit SyncResponse(const config::Resources& resources) : blame_("sync_response", resources) {}

  Batches process(Batch batch) override {
    for (Message& message : batch) {
      const core::Status kept = message.respond();
      if (!kept) blame_.fail(message, kept.error());
    }
    return Batches(std::move(batch));
  }

 private:
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_sync_response(
    NoConfig, const config::Resources& resources) {
  return std::make_unique<SyncResponse>(resources);
}

}  // namespace

void add_sync_response(config::Registry& registry) {
  registry.add_processor(sync_response_spec(), make_sync_response);
}

}  // namespace weir::processors
