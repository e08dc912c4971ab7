#include "config/batching.h"
#include "processors/all.h"
#include "processors/blame.h"
#include "processors/lanes.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct WhileConfig {
  bool at_least_once = false;
  std::uint64_t max_loops = 0;
  config::MappingField check;
  config::ProcessorList processors;
};

config::Spec<WhileConfig> while_spec() {
  return config::Spec<WhileConfig>("while")
      .summary(
          "Runs processors on a batch again and again while a check on its first message holds.")
      .description(
          "When the processors make several batches, the first message of the first is checked and "
          "all of them go round. A check that fails ends the loop and flags the messages.")
      .category("composition")
      .field("at_least_once", &WhileConfig::at_least_once,
             {.doc = "Run the processors before the first check."})
      .field(
          "max_loops", &WhileConfig::max_loops,
          {.doc = "Rounds after which the messages pass on whatever the check says. 0: no limit.",
           .advanced = true})
      .field(
          "check", &WhileConfig::check,
          {.doc = "A mapping that says whether to go on.", .examples = {"this.next_page != null"}})
      .field("processors", &WhileConfig::processors, {.doc = "The processors.", .required = true})
      .check([](const WhileConfig& config) -> core::Status {
        if (!config.check && config.max_loops == 0)
          return core::invalid_config("a loop without `check` wants `max_loops`");
        return {};
      });
}

class While final : public core::Processor {
 public:
  While(WhileConfig config, config::ProcessorChain chain, const config::Resources& resources)
      : config_(std::move(config)),
        chain_(std::move(chain)),
        evaluator_(resources),
        interrupt_(resources.shared().interrupt),
        blame_("while", resources) {}

  Batches process(Batch batch) override {
    Batches current(std::move(batch));
    for (std::uint64_t loops = 0; !current.empty(); ++loops) {
      if (config_.max_loops > 0 && loops >= config_.max_loops) break;
      // Stopping by force: what is dropped here counts as not delivered and is read again.
      if (interrupt_ != nullptr && interrupt_->raised()) return {};
      if (config_.check && (loops > 0 || !config_.at_least_once)) {
        evaluator_.context().bind(current[0].messages(), 0);
        const auto more = config_.check->check(evaluator_.context());
        if (!more) {
          const core::Error error = more.error().with_context("evaluating `check`");
          for (std::size_t i = 0; i < current.size(); ++i) blame_.fail_all(current[i], error);
          break;
        }
        if (!*more) break;
      }
      Batches next;
      for (std::size_t i = 0; i < current.size(); ++i) {
        Batches made = chain_.run(std::move(current[i]));
        for (std::size_t k = 0; k < made.size(); ++k) next.add(std::move(made[k]));
      }
      current = std::move(next);
    }
    return current;
  }
  void close() override { chain_.close(); }

 private:
  WhileConfig config_;
  config::ProcessorChain chain_;
  config::Evaluator evaluator_;
  const core::Interrupt* interrupt_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_while(WhileConfig config,
                                                          const config::Resources& resources) {
  auto chain = config::ProcessorChain::make(config.processors, resources);
  if (!chain) return core::fail(std::move(chain).error());
  return std::make_unique<While>(std::move(config), *std::move(chain), resources);
}

}  // namespace

void add_while(config::Registry& registry) {
  registry.add_processor(while_spec(), make_while);
}

}  // namespace weir::processors
