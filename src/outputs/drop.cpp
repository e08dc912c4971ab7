#include "outputs/all.h"

namespace weir::outputs {
namespace {

struct DropConfig {};

config::Spec<DropConfig> drop_spec() {
  return config::Spec<DropConfig>("drop")
      .summary("Accepts every message and does nothing with it.")
      .category("utility");
}

class Drop final : public core::Output {
 public:
  void write(core::Batch batch, core::WriteDone done) override {
    done(core::WriteResult::ok(std::move(batch)));
  }
};

core::Result<std::unique_ptr<core::Output>> make_drop(DropConfig, const config::Resources&) {
  return std::make_unique<Drop>();
}

}  // namespace

void add_drop(config::Registry& registry) {
  registry.add_output(drop_spec(), make_drop);
}

}  // namespace weir::outputs
