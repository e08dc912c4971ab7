#include "outputs/all.h"

namespace weir::outputs {
namespace {

struct SyncResponseConfig {};

config::Spec<SyncResponseConfig> sync_response_spec() {
  return config::Spec<SyncResponseConfig>("sync_response")
      .summary("Answers whoever sent the message with its content.")
      .description(
          "Works with inputs that have a client to answer, such as `http_server`: the answer goes "
          "out when everything the request brought is delivered. For other inputs it accepts and "
          "drops the message. Inside a fan-out (`broker`) it may stand beside other outputs. A "
          "`buffer` cuts the tie: nobody is answered then.")
      .category("utility")
      .example(
          "Echo",
          "input:\n  http_server: { address: 127.0.0.1:8080 }\noutput:\n  sync_response: {}\n");
}

class SyncResponse final : public core::Output {
 public:
  std::size_t max_in_flight() const override { return SIZE_MAX; }

  void write(core::Batch batch, core::WriteDone done) override {
    core::WriteResult result;
    result.keep_alive = batch.sibling();
    core::Batch good = batch.sibling();
    for (core::Message& message : batch) {
      if (core::Status status = message.respond(); status) {
        good.push(std::move(message));
      } else {
        result.failed.push_back({std::move(message), std::move(status).error()});
      }
    }
    result.delivered = std::move(good);
    done(std::move(result));
  }
};

}  // namespace

void add_sync_response(config::Registry& registry) {
  registry.add_output(sync_response_spec(),
                      [](const SyncResponseConfig&,
                         const config::Resources&) -> core::Result<std::unique_ptr<core::Output>> {
                        return std::make_unique<SyncResponse>();
                      });
}

}  // namespace weir::outputs
