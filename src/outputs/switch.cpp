#include "config/mapping_fields.h"
#include "config/output_child.h"
#include "outputs/all.h"
#include "outputs/gather.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::Message;
using core::WriteResult;

struct SwitchConfig {
  struct Case {
    config::MappingField check;
    config::Child<core::Output> output;
    bool continues = false;
    static const config::Spec<Case>& spec();
  };
  bool retry_until_success = false;
  bool strict_mode = false;
  std::vector<Case> cases;
};

const config::Spec<SwitchConfig::Case>& SwitchConfig::Case::spec() {
  static const config::Spec<Case> made =
      config::Spec<Case>()
          .field("check", &Case::check,
                 {.doc = "A mapping that says whether a message goes here. Absent: always."})
          .field("output", &Case::output, {.doc = "Where it goes.", .required = true})
          .field("continue", &Case::continues, {.doc = "Also try the cases behind this one."});
  return made;
}

config::Spec<SwitchConfig> switch_spec() {
  return config::Spec<SwitchConfig>("switch")
      .summary("Sends each message to the output of the first case whose check holds.")
      .description(
          "A message that no case takes fails, unless `error_handling.strict` is false: then it is "
          "dropped, as in the "
          "family. A check that looks at `errored()` or `error()` counts as dealing with the "
          "error.")
      .category("routing")
      .field("retry_until_success", &SwitchConfig::retry_until_success,
             {.doc = "Write again for ever what an output does not accept for now. Outputs do so "
                     "anyway, unless something around this one decides otherwise.",
              .advanced = true})
      .field("strict_mode", &SwitchConfig::strict_mode,
             {.doc = "A message without a case fails. Always so with strict error handling.",
              .advanced = true})
      .field("cases", &SwitchConfig::cases, {.doc = "The cases, in order.", .required = true})
      .check([](const SwitchConfig& config) -> core::Status {
        if (config.cases.empty()) return core::invalid_config("`cases` needs at least one entry");
        return {};
      })
      .lint([](const SwitchConfig& config, const config::Node& node,
               const config::ReadContext& context) {
        const config::Node* cases = node.find("cases");
        for (std::size_t i = 0; i + 1 < config.cases.size(); ++i) {
          if (config.cases[i].check || config.cases[i].continues) continue;
          context.warning(config::rule::kUnreachableCase,
                          cases != nullptr && i + 1 < cases->items.size()
                              ? cases->items[i + 1].where
                              : node.where,
                          "this case can never be reached: the one before it takes every message",
                          "add a `check` to that one, or move it to the end");
          break;
        }
      })
      .example("By kind", R"yaml(
output:
  switch:
    cases:
      - check: this.kind == "order"
        output:
          file: { path: /tmp/orders.ndjson }
      - output:
          drop: {}
)yaml");
}

class Switch final : public core::Output {
 public:
  struct Case {
    config::MappingField check;
    std::unique_ptr<core::Output> output;
    bool continues;
    bool handles_errors;
  };
  Switch(std::vector<Case> cases, bool strict, const config::Resources& resources)
      : cases_(std::move(cases)), strict_(strict), evaluator_(resources), log_(resources.log()) {}

  core::Status connect(const core::Interrupt& interrupt) override {
    for (Case& one : cases_) WEIR_CHECK_OK(one.output->connect(interrupt));
    return {};
  }
  bool takes_errors() const override { return true; }
  std::size_t max_in_flight() const override { return SIZE_MAX; }
  void flush() override {
    for (Case& one : cases_) one.output->flush();
  }
  void close() override {
    for (Case& one : cases_) one.output->close();
  }

  void write(Batch batch, core::WriteDone done) override {
    std::vector<Batch> parts;
    for (std::size_t i = 0; i < cases_.size(); ++i) parts.push_back(batch.sibling());
    WriteResult own;
    own.keep_alive = batch.sibling();
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t m = 0; m < batch.size(); ++m) route(batch[m], m, parts, own);
    std::size_t open = 1;
    for (const Batch& part : parts) open += part.empty() ? 0U : 1U;
    auto gather = std::make_shared<Gather>(open, std::move(done));
    batch = Batch();
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      if (parts[i].empty()) continue;
      // Siblings share storage and may end on different threads.
      if (core::Status status = parts[i].make_exclusive(); !status) {
        gather->add(WriteResult::all_failed(std::move(parts[i]), status.error()));
        continue;
      }
      cases_[i].output->write(std::move(parts[i]),
                              [gather](WriteResult part) { gather->add(std::move(part)); });
    }
    gather->add(std::move(own));
  }

 private:
  void route(Message& message, std::size_t index, std::vector<Batch>& parts, WriteResult& own) {
    std::size_t previous = cases_.size();
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      bool matches = true;
      if (cases_[i].check) {
        evaluator_.context().select(index);
        auto verdict = cases_[i].check->check(evaluator_.context());
        if (!verdict) {
          log_.debug("switch_check_failed", "A check failed and counts as false.",
                     {{"error", verdict.error().message}});
          continue;
        }
        matches = *verdict;
      }
      if (!matches) continue;
      if (previous < cases_.size()) {
        parts[previous].push(message.share_copy());
        if (cases_[previous].handles_errors) parts[previous].messages().back().mark_handled();
      }
      previous = i;
      if (!cases_[i].continues) break;
    }
    if (previous < cases_.size()) {
      if (cases_[previous].handles_errors) message.mark_handled();
      parts[previous].push(std::move(message));
      return;
    }
    if (strict_) {
      core::Error error =
          message.unhandled_error()
              ? core::Error{message.error()->code, std::string(message.error()->text)}
              : core::Error{core::ErrorCode::kInvalidData,
                            "no case of the switch takes the message"};
      own.failed.push_back({std::move(message), std::move(error)});
    } else {
      message.lineage().resolve(core::Outcome::kFiltered);
    }
  }

  std::vector<Case> cases_;
  const bool strict_;
  config::Evaluator evaluator_;
  core::Log log_;
};

core::Result<std::unique_ptr<core::Output>> make_switch(SwitchConfig config,
                                                        const config::Resources& resources) {
  std::vector<Switch::Case> cases;
  for (SwitchConfig::Case& one : config.cases) {
    auto output = config::make_output_child(
        one.output, config.retry_until_success ? resources.with_patience(true) : resources);
    if (!output) return core::fail(std::move(output).error());
    const bool handles = one.check && one.check->text().find("error") != std::string::npos;
    cases.push_back({std::move(one.check), *std::move(output), one.continues, handles});
  }
  return std::make_unique<Switch>(
      std::move(cases), config.strict_mode || resources.shared().strict_errors, resources);
}

}  // namespace

void add_switch(config::Registry& registry) {
  registry.add_output(switch_spec(), make_switch);
}

}  // namespace weir::outputs
