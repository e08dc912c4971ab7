#include "config/output_child.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteResult;

struct RejectErroredConfig {
  config::Child<core::Output> output;
};

config::Spec<RejectErroredConfig> reject_errored_spec() {
  return config::Spec<RejectErroredConfig>("reject_errored")
      .summary("Refuses messages that are flagged as failed and passes the others on.")
      .description(
          "In a `fallback`, the refused messages go to the next output: the usual dead-letter "
          "arrangement.")
      .category("utility")
      .value(&RejectErroredConfig::output,
             {.doc = "Output for the good messages.", .required = true})
      .example("Failed messages to a file of their own", R"yaml(
output:
  fallback:
    - reject_errored:
        stdout: {}
    - file:
        path: /tmp/failed.ndjson
)yaml");
}

class RejectErrored final : public core::Output {
 public:
  explicit RejectErrored(std::unique_ptr<core::Output> output) : output_(std::move(output)) {}
  core::Status connect(const core::Interrupt& interrupt) override {
    return output_->connect(interrupt);
  }
  bool takes_errors() const override { return true; }
  std::size_t max_in_flight() const override { return SIZE_MAX; }
  void flush() override { output_->flush(); }
  void close() override { output_->close(); }

  void write(Batch batch, core::WriteDone done) override {
    auto refused = std::make_shared<WriteResult>();
    refused->keep_alive = batch.sibling();
    Batch good = batch.sibling();
    for (core::Message& message : batch) {
      if (!message.errored()) {
        good.push(std::move(message));
        continue;
      }
      core::Error error{message.error()->code, std::string(message.error()->text)};
      refused->failed.push_back({std::move(message), std::move(error)});
    }
    if (good.empty()) {
      done(std::move(*refused));
      return;
    }
    if (core::Status status = good.make_exclusive(); !status) {
      WriteResult all = WriteResult::all_failed(std::move(good), status.error());
      for (auto& failed : refused->failed) all.failed.push_back(std::move(failed));
      all.keep_alive.append(std::move(refused->keep_alive));
      done(std::move(all));
      return;
    }
    output_->write(std::move(good), [refused, done = std::move(done)](WriteResult result) {
      result.keep_alive.append(std::move(refused->keep_alive));
      for (auto& failed : refused->failed) result.failed.push_back(std::move(failed));
      done(std::move(result));
    });
  }

 private:
  std::unique_ptr<core::Output> output_;
};

core::Result<std::unique_ptr<core::Output>> make_reject_errored(
    const RejectErroredConfig& config, const config::Resources& resources) {
  auto child = config::make_output_child(config.output, resources);
  if (!child) return core::fail(std::move(child).error());
  return std::make_unique<RejectErrored>(*std::move(child));
}

}  // namespace

void add_reject_errored(config::Registry& registry) {
  registry.add_output(reject_errored_spec(), make_reject_errored);
}

}  // namespace weir::outputs
