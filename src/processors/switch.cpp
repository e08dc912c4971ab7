#include "config/batching.h"
#include "processors/all.h"
#include "processors/blame.h"
#include "processors/lanes.h"
#include "processors/positions.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;

struct SwitchCase {
  config::MappingField check;
  config::ProcessorList processors;
  bool fall_through = false;
  bool next = false;

  static const config::Spec<SwitchCase>& spec() {
    static const config::Spec<SwitchCase> made =
        config::Spec<SwitchCase>()
            .field("check", &SwitchCase::check,
                   {.doc = "A mapping that says whether the case is for a message. Empty: always.",
                    .examples = {R"(this.type == "order")", "errored()"}})
            .field("processors", &SwitchCase::processors,
                   {.doc = "Processors that run on the messages of this case, as one batch."})
            .field("fallthrough", &SwitchCase::fall_through,
                   {.doc = "The next case runs too, whatever its check says.", .advanced = true})
            .field("continue", &SwitchCase::next,
                   {.doc = "The next case is tested too.", .advanced = true})
            .check([](const SwitchCase& one) -> core::Status {
              if (one.fall_through && one.next) {
                return core::invalid_config(
                    "`fallthrough` and `continue` cannot both be set for a case");
              }
              return {};
            });
    return made;
  }
};

struct SwitchConfig {
  std::vector<SwitchCase> cases;
};

config::Spec<SwitchConfig> switch_spec() {
  return config::Spec<SwitchConfig>("switch")
      .summary("Runs the processors of the first case whose check is true for a message.")
      .description(
          "A message that no case is for passes unchanged. What comes out is one batch in the "
          "order "
          "of the messages. A message whose check fails is flagged and passes on. `fallthrough` of "
          "the last case changes nothing.")
      .category("composition")
      .value(&SwitchConfig::cases, {.doc = "The cases.", .required = true})
      .lint([](const SwitchConfig& config, const config::Node& node,
               const config::ReadContext& context) {
        for (std::size_t i = 0; i < config.cases.size() && i < node.items.size(); ++i) {
          const SwitchCase& one = config.cases[i];
          const bool last = i + 1 == config.cases.size();
          if (last && one.fall_through) {
            context.warning(config::rule::kUnreachableCase, node.items[i].where,
                            "`fallthrough` of the last case has nothing to fall through to",
                            "remove it");
          }
          if (!last && !one.check && !one.fall_through && !one.next) {
            context.warning(config::rule::kUnreachableCase, node.items[i + 1].where,
                            "no message comes here: case " + std::to_string(i) + " is for all",
                            "give it a check, or move it to the end");
            break;
          }
        }
      })
      .example("Two kinds of messages", R"yaml(
pipeline:
  processors:
    - switch:
        - check: this.type == "order"
          processors:
            - mutation: root.total = this.price * this.count
        - check: this.type == "ping"
          processors:
            - mapping: root = deleted()
)yaml");
}

class Switch final : public core::Processor {
 public:
  struct Case {
    config::MappingField check;
    config::ProcessorChain chain;
    bool fall_through;
    bool next;
  };
  Switch(std::vector<Case> cases, const config::Resources& resources)
      : cases_(std::move(cases)), evaluator_(resources), blame_("switch", resources) {}

  Batches process(Batch batch) override {
    const Positions positions(batch);
    Batch done = batch.sibling();
    Batch open = std::move(batch);
    Batch forced = open.sibling();  // have fallen through into the next case
    for (std::size_t i = 0; i < cases_.size() && (!open.empty() || !forced.empty()); ++i) {
      Case& one = cases_[i];
      Batch taken = std::move(forced);
      forced = done.sibling();
      open = take(one, std::move(open), taken, done);
      if (taken.empty()) continue;
      Positions::sort(taken);
      Batch made = run_joined(one.chain, std::move(taken));
      const bool last = i + 1 == cases_.size();
      if (one.fall_through && !last) {
        forced = std::move(made);
      } else if (one.next) {
        open.append(std::move(made));
        Positions::sort(open);
      } else {
        done.append(std::move(made));
      }
    }
    done.append(std::move(open));
    done.append(std::move(forced));
    Positions::sort(done);
    positions.restore(done);
    return Batches(std::move(done));
  }
  void close() override {
    for (Case& one : cases_) one.chain.close();
  }

 private:
  // Moves the messages the case is for to `taken`; gives back the others.
  Batch take(const Case& one, Batch open, Batch& taken, Batch& done) {
    if (!one.check) {
      taken.append(std::move(open));
      return done.sibling();
    }
    enum class Way : std::uint8_t { kTaken, kLeft, kFailed };
    std::vector<Way> ways(open.size());
    evaluator_.context().bind(open.messages(), 0);
    for (std::size_t k = 0; k < open.size(); ++k) {
      evaluator_.context().select(k);
      const auto is_for = one.check->check(evaluator_.context());
      if (!is_for) {
        blame_.fail(open[k], is_for.error().with_context("evaluating `check`"));
        ways[k] = Way::kFailed;
      } else {
        ways[k] = *is_for ? Way::kTaken : Way::kLeft;
      }
    }
    Batch left = open.sibling();
    Batch mine = open.sibling();
    Batch failed = open.sibling();
    for (std::size_t k = 0; k < open.size(); ++k) {
      Batch& to = ways[k] == Way::kTaken ? mine : ways[k] == Way::kLeft ? left : failed;
      to.push(std::move(open[k]));
    }
    taken.append(std::move(mine));
    done.append(std::move(failed));
    return left;
  }

  std::vector<Case> cases_;
  config::Evaluator evaluator_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_switch(const SwitchConfig& config,
                                                           const config::Resources& resources) {
  std::vector<Switch::Case> cases;
  for (const SwitchCase& one : config.cases) {
    auto chain = config::ProcessorChain::make(one.processors, resources);
    if (!chain) return core::fail(std::move(chain).error());
    cases.push_back({one.check, *std::move(chain), one.fall_through, one.next});
  }
  return std::make_unique<Switch>(std::move(cases), resources);
}

}  // namespace

void add_switch(config::Registry& registry) {
  registry.add_processor(switch_spec(), make_switch);
}

}  // namespace weir::processors
