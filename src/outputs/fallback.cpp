#include "config/output_child.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;

struct FallbackConfig {
  std::vector<config::Child<core::Output>> outputs;
};

config::Spec<FallbackConfig> fallback_spec() {
  return config::Spec<FallbackConfig>("fallback")
      .summary(
          "Tries outputs in order until one accepts: the next one gets what the one before "
          "refused.")
      .description(
          "A message handed on carries the reason in the metadata `fallback_error`; its error flag "
          "counts as dealt "
          "with. When the last output refuses too, the message fails (or, if it may pass later, "
          "all are tried again).")
      .category("utility")
      .value(&FallbackConfig::outputs, {.doc = "The outputs, in order.", .required = true})
      .example("A file when the service is down", R"yaml(
output:
  fallback:
    - reject_errored:
        stdout: {}
    - file:
        path: /tmp/dead.ndjson
)yaml");
}

class Fallback final : public core::Output {
 public:
  explicit Fallback(std::vector<std::unique_ptr<core::Output>> outputs)
      : outputs_(std::move(outputs)) {}

  core::Status connect(const core::Interrupt& interrupt) override {
    for (auto& output : outputs_) WEIR_CHECK_OK(output->connect(interrupt));
    return {};
  }
  bool takes_errors() const override { return true; }
  std::size_t max_in_flight() const override { return SIZE_MAX; }
  void flush() override {
    for (auto& output : outputs_) output->flush();
  }
  void close() override {
    for (auto& output : outputs_) output->close();
  }
  void write(Batch batch, WriteDone done) override {
    try_output(0, std::move(batch), {}, std::move(done));
  }

 private:
  void try_output(std::size_t at, Batch batch, WriteResult so_far, WriteDone done) {
    auto held = std::make_shared<WriteResult>(std::move(so_far));
    outputs_[at]->write(
        std::move(batch), [this, at, held, done = std::move(done)](WriteResult result) {
          held->delivered.append(std::move(result.delivered));
          Batch rest = result.keep_alive.sibling();
          for (auto& failed : result.failed) {
            if (failed.error.code == core::ErrorCode::kCancelled || at + 1 == outputs_.size()) {
              held->failed.push_back(std::move(failed));
              continue;
            }
            core::Message& message = failed.message;
            message.set_metadata("fallback_error",
                                 core::Value::string(message.arena().copy(failed.error.message)));
            message.mark_handled();
            rest.push(std::move(message));
          }
          held->keep_alive.append(std::move(result.keep_alive));
          if (rest.empty()) {
            done(std::move(*held));
            return;
          }
          if (core::Status status = rest.make_exclusive(); !status) {
            WriteResult all = WriteResult::all_failed(std::move(rest), status.error());
            for (auto& failed : all.failed) held->failed.push_back(std::move(failed));
            held->keep_alive.append(std::move(all.keep_alive));
            done(std::move(*held));
            return;
          }
          try_output(at + 1, std::move(rest), std::move(*held), done);
        });
  }

  std::vector<std::unique_ptr<core::Output>> outputs_;
};

core::Result<std::unique_ptr<core::Output>> make_fallback(const FallbackConfig& config,
                                                          const config::Resources& resources) {
  if (config.outputs.empty()) return core::invalid_config("needs at least one output");
  std::vector<std::unique_ptr<core::Output>> outputs;
  for (std::size_t i = 0; i < config.outputs.size(); ++i) {
    // All but the last have somebody to hand on to; the last is as patient as we are.
    const bool last = i + 1 == config.outputs.size();
    auto output =
        config::make_output_child(config.outputs[i], last ? resources : resources.impatient());
    if (!output) return core::fail(std::move(output).error());
    outputs.push_back(*std::move(output));
  }
  return std::make_unique<Fallback>(std::move(outputs));
}

}  // namespace

void add_fallback(config::Registry& registry) {
  registry.add_output(fallback_spec(), make_fallback);
  registry.alias(config::ComponentKind::kOutput, "try", "fallback");
}

}  // namespace weir::outputs
