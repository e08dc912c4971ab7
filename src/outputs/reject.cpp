#include "config/mapping_fields.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteResult;

struct RejectConfig {
  config::TemplateField reason;
};

config::Spec<RejectConfig> reject_spec() {
  return config::Spec<RejectConfig>("reject")
      .summary("Refuses every message with a reason.")
      .category("utility")
      .value(&RejectConfig::reason,
             {.doc = "The reason.", .required = true, .examples = {"'bad: ${! error() }'"}});
}

class Reject final : public core::Output {
 public:
  Reject(config::TemplateField reason, const config::Resources& resources)
      : reason_(std::move(reason)), evaluator_(resources) {}
  bool takes_errors() const override { return true; }
  void write(Batch batch, core::WriteDone done) override {
    WriteResult result;
    result.keep_alive = batch.sibling();
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      auto text = reason_.render(evaluator_.context());
      core::Error error{
          core::ErrorCode::kInvalidData,
          text ? std::string(*text) : "rejected; its reason failed: " + text.error().message};
      result.failed.push_back({std::move(batch[i]), std::move(error)});
    }
    done(std::move(result));
  }

 private:
  config::TemplateField reason_;
  config::Evaluator evaluator_;
};

core::Result<std::unique_ptr<core::Output>> make_reject(RejectConfig config,
                                                        const config::Resources& resources) {
  return std::make_unique<Reject>(std::move(config.reason), resources);
}

}  // namespace

void add_reject(config::Registry& registry) {
  registry.add_output(reject_spec(), make_reject);
}

}  // namespace weir::outputs
