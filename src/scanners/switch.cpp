#include <re2/re2.h>

#include "scanners/all.h"

namespace weir::scanners {
namespace {

struct SwitchCase {
  config::RegexText re_match_name;
  config::Child<core::Scanner> scanner;

  static const config::Spec<SwitchCase>& spec() {
    static const config::Spec<SwitchCase> made =
        config::Spec<SwitchCase>()
            .field("re_match_name", &SwitchCase::re_match_name,
                   {.doc = "A regular expression for the name of the stream, e.g. the path of a "
                           "file. Empty: any name.",
                    .examples = {R"('\.csv$')"}})
            .field("scanner", &SwitchCase::scanner,
                   {.doc = "What reads such streams.", .required = true});
    return made;
  }
};

struct SwitchConfig {
  std::vector<SwitchCase> cases;
};

config::Spec<SwitchConfig> switch_spec() {
  return config::Spec<SwitchConfig>("switch")
      .summary("Chooses a scanner by the name of the stream: the first case that matches.")
      .value(&SwitchConfig::cases, {.doc = "The cases, tried in order."})
      .example("Files by their ending",
               "switch:\n  - re_match_name: '\\.csv$'\n    scanner: { csv: {} }\n  - scanner: { "
               "to_the_end: {} }\n");
}

class Switch final : public core::Scanner {
 public:
  struct Case {
    std::shared_ptr<const RE2> name;  // null: any
    std::unique_ptr<core::Scanner> scanner;
  };
  explicit Switch(std::vector<Case> cases) : cases_(std::move(cases)) {}

  void begin(std::string_view name) override {
    for (Case& one : cases_) {
      if (one.name != nullptr && !RE2::PartialMatch({name.data(), name.size()}, *one.name))
        continue;
      chosen_ = std::move(one.scanner);
      chosen_->begin(name);
      break;
    }
    cases_.clear();
    if (chosen_ == nullptr) name_ = name;
  }
  char* prepare(std::size_t size) override {
    if (chosen_ != nullptr) return chosen_->prepare(size);
    unread_.resize(size);
    return unread_.data();
  }
  void commit(std::size_t size) override {
    if (chosen_ != nullptr) chosen_->commit(size);
  }
  void end() override {
    if (chosen_ != nullptr) chosen_->end();
  }
  core::Result<More> next(core::Batch& batch, std::size_t max_messages) override {
    if (chosen_ != nullptr) return chosen_->next(batch, max_messages);
    return core::invalid_data("choosing a scanner for `" + name_ + "`: no case matches");
  }
  std::optional<std::int64_t> resume_offset() const override {
    if (chosen_ != nullptr) return chosen_->resume_offset();
    for (const Case& one : cases_) {  // not chosen yet: all of them must be able to
      if (!one.scanner->resume_offset()) return std::nullopt;
    }
    return 0;
  }

 private:
  std::vector<Case> cases_;
  std::unique_ptr<core::Scanner> chosen_;
  std::string name_;
  std::string unread_;
};

core::Result<std::unique_ptr<core::Scanner>> make_switch(const SwitchConfig& config,
                                                         const config::Resources& resources) {
  if (config.cases.empty()) return core::invalid_config("`switch` has no case");
  std::vector<Switch::Case> cases;
  for (const SwitchCase& one : config.cases) {
    Switch::Case made;
    if (!one.re_match_name.pattern.empty()) {
      made.name = std::make_shared<const RE2>(one.re_match_name.pattern, RE2::Quiet);
      if (!made.name->ok()) return core::invalid_config("`re_match_name`: " + made.name->error());
    }
    WEIR_TRY(made.scanner, one.scanner.make(resources));
    cases.push_back(std::move(made));
  }
  return std::make_unique<Switch>(std::move(cases));
}

}  // namespace

void add_switch(config::Registry& registry) {
  registry.add_scanner(switch_spec(), make_switch);
}

}  // namespace weir::scanners
