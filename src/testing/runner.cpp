#include "testing/runner.h"

#include <map>

#include "config/render.h"
#include "config/resource_table.h"
#include "config/yaml_reader.h"
#include "core/json_text.h"
#include "testing/conditions.h"

namespace weir::testing {

using config::Node;
using core::Batch;
using core::Batches;
using core::Message;

bool FileResult::passed() const {
  if (!findings.empty()) return false;
  for (const CaseResult& one : cases) {
    if (!one.failures.empty()) return false;
  }
  return true;
}

namespace {

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

std::string beside(const std::string& file, const std::string& path) {
  return path.starts_with('/') ? path : folder_of(file) + path;
}

std::vector<std::string> pointer_steps(const std::string& pointer) {
  std::vector<std::string> steps;
  std::string step;
  for (std::size_t i = 1; i <= pointer.size(); ++i) {
    if (i == pointer.size() || pointer[i] == '/') {
      steps.push_back(std::move(step));
      step.clear();
    } else if (pointer[i] == '~' && i + 1 < pointer.size()) {
      step += pointer[++i] == '1' ? '/' : '~';
    } else {
      step += pointer[i];
    }
  }
  return steps;
}

const Node* step_into(const Node& node, const std::string& step) {
  if (node.is_mapping()) return node.find(step);
  if (!node.is_sequence() || step.empty() || step.size() > 6 ||
      step.find_first_not_of("0123456789") != std::string::npos) {
    return nullptr;
  }
  const std::size_t index = std::stoul(step);
  return index < node.items.size() ? &node.items[index] : nullptr;
}

const Node* at_steps(const Node& root, const std::vector<std::string>& steps) {
  const Node* at = &root;
  for (const std::string& step : steps) {
    at = step_into(*at, step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

// The steps to the component with a label.
bool find_label(const Node& node, const std::string& label, std::vector<std::string>& steps) {
  if (node.is_mapping()) {
    const Node* const own = node.find("label");
    if (own != nullptr && own->is_scalar() && own->scalar == label) return true;
    for (const Node::Member& member : node.members) {
      if (steps.empty() && member.key == "tests") continue;
      steps.push_back(member.key);
      if (find_label(member.value, label, steps)) return true;
      steps.pop_back();
    }
  } else if (node.is_sequence()) {
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      steps.push_back(std::to_string(i));
      if (find_label(node.items[i], label, steps)) return true;
      steps.pop_back();
    }
  }
  return false;
}

core::Result<std::vector<std::string>> resolve(const Node& root, const std::string& target) {
  std::vector<std::string> steps;
  if (target.starts_with('/')) {
    steps = pointer_steps(target);
  } else if (!find_label(root, target, steps)) {
    return core::invalid_config("nothing has the label `" + target + "`");
  }
  if (at_steps(root, steps) == nullptr)
    return core::invalid_config("there is nothing at `" + target + "`");
  return steps;
}

Node text_node(const std::string& text, const config::Location& where) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.quoted = true;
  node.scalar = text;
  node.where = where;
  return node;
}

class NoExecutor final : public core::Executor {
 public:
  void post(Work work) override { work(); }
  TimerId post_after(std::chrono::nanoseconds, Work) override { return 0; }
  bool cancel(TimerId) override { return true; }
};

/// One case: its target read anew, its processors and resources made anew.
class CaseRun {
 public:
  CaseRun(const Case& one, const std::string& test_file, std::string target_file,
          const RunSettings& settings)
      : case_(one),
        test_file_(test_file),
        target_file_(std::move(target_file)),
        settings_(settings) {
    read_file_ = [this](const std::string& path) {
      return settings_.read_file(beside(test_file_, path));
    };
  }

  CaseResult run() {
    const core::Status done = prepare();
    if (!done) result_.failures.insert(result_.failures.begin(), done.error().message);
    if (result_.failures.empty()) send();
    result_.name = case_.name;
    result_.where = case_.where;
    return std::move(result_);
  }

 private:
  core::Status prepare() {
    request_ = settings_.base;
    const std::map<std::string, std::string, std::less<>> own(case_.environment.begin(),
                                                              case_.environment.end());
    request_.env =
        [own, outer = settings_.base.env](std::string_view name) -> std::optional<std::string> {
      const auto found = own.find(name);
      if (found != own.end()) return found->second;
      return outer ? outer(name) : std::nullopt;
    };
    request_.skip_env_check = true;
    std::string target = case_.target_processors;
    const std::size_t hash = target.find("#/");
    if (hash != std::string::npos) {
      if (hash > 0) target_file_ = beside(test_file_, target.substr(0, hash));
      target = target.substr(hash + 1);
    }
    WEIR_TRY(request_.text, settings_.read_file(target_file_));
    request_.file = target_file_;
    WEIR_CHECK_OK(add_mocks());
    loaded_ = config::load_pipeline(request_, *settings_.registry);
    for (const auto& found : loaded_.diagnostics.sorted()) {
      if (found.severity == config::Severity::kError)
        result_.failures.push_back(found.where.to_string() + ": " + found.message);
    }
    if (!result_.failures.empty() || !loaded_.usable) return {};

    shared_.clock = &core::system_clock();
    shared_.executor = &executor_;
    shared_.metrics = &metrics_;
    shared_.log = core::Log(settings_.log, "", "");
    shared_.pipeline_id = "test";
    shared_.sandbox = request_.sandbox;
    shared_.interrupt = &interrupt_;
    table_ = std::make_unique<config::ResourceTable>(loaded_.config);
    table_->attach(shared_);

    config::ReadState state;
    state.sandbox = request_.sandbox;
    config::ProcessorList list;
    if (!case_.target_mapping.empty()) {
      WEIR_TRY(const std::string text, read_file_(case_.target_mapping));
      Node node;
      node.kind = Node::Kind::kMapping;
      node.where = {beside(test_file_, case_.target_mapping), 1, 1};
      node.members.push_back({"mapping", node.where, text_node(text, node.where)});
      node.members.back().value.text_start = node.where;
      read_into(list, node, config::ReadContext(*settings_.registry, state, "root"));
    } else {
      WEIR_TRY(const std::vector<std::string> steps, resolve(loaded_.root, target));
      std::string path = "root";
      for (const std::string& step : steps) path += "." + step;
      const Node& node = *at_steps(loaded_.root, steps);
      const config::ReadContext context(*settings_.registry, state, path);
      if (node.is_sequence()) {
        for (std::size_t i = 0; i < node.items.size(); ++i)
          read_into(list, node.items[i], context.below(std::to_string(i)));
      } else {
        read_into(list, node, context);
      }
    }
    for (const auto& found : state.diagnostics.sorted()) {
      if (found.severity == config::Severity::kError)
        result_.failures.push_back(found.where.to_string() + ": " + found.message);
    }
    if (!result_.failures.empty()) return {};
    auto chain = config::ProcessorChain::make(list, config::Resources(shared_, "", "root"));
    if (!chain) return core::fail(std::move(chain).error());
    chain_ = *std::move(chain);
    return {};
  }

  static void read_into(config::ProcessorList& list, const Node& node,
                        const config::ReadContext& context) {
    auto plan = context.registry().read<core::Processor>(node, context);
    if (plan != nullptr) list.emplace_back(std::move(plan));
  }

  // As settings over the target: `path=value`.
  core::Status add_mocks() {
    if (case_.mocks.empty()) return {};
    config::Diagnostics ignored;  // load_pipeline reports them
    config::YamlOptions options;
    options.env = request_.env;
    options.missing_env = config::MissingEnv::kAllow;
    auto document = config::read_yaml(request_.text, request_.file, options, ignored);
    if (!document) return {};
    Node root = std::move(document->root);
    for (const auto& [target, mock] : case_.mocks) {
      WEIR_TRY(const std::vector<std::string> steps, resolve(root, target));
      Node put = mock.node;
      const Node* const label = at_steps(root, steps)->find("label");
      if (label != nullptr && put.is_mapping() && put.find("label") == nullptr)
        put.members.insert(put.members.begin(), {"label", label->where, *label});
      std::string setting;
      for (const std::string& step : steps) {
        if (!setting.empty()) setting += '.';
        for (const char c : step) setting += c == '.' ? "~1" : c == '~' ? "~0" : std::string(1, c);
      }
      request_.overrides.push_back(setting + "=" + config::to_json(put));
    }
    return {};
  }

  core::Result<Batch> make_batch(const std::vector<InputMessage>& messages) {
    Batch batch = Batch::fresh();
    for (const InputMessage& one : messages) {
      std::string payload = one.content.value_or("");
      if (one.json_content) payload = config::to_json(one.json_content->node);
      if (one.file_content) {
        WEIR_TRY(payload, read_file_(*one.file_content));
      }
      Message& message = batch.add(payload);
      core::Arena& arena = message.arena();
      for (const auto& [key, value] : one.metadata) {
        WEIR_TRY(const core::Value made,
                 core::parse_json(arena.copy(config::to_json(value.node)), arena));
        message.set_metadata(arena.copy(key), made);
      }
    }
    return batch;
  }

  void send() {
    std::vector<std::vector<InputMessage>> inputs;
    if (!case_.input_batch.empty()) inputs.push_back(case_.input_batch);
    inputs.insert(inputs.end(), case_.input_batches.begin(), case_.input_batches.end());
    std::vector<Batch> outputs;
    for (const auto& input : inputs) {
      auto batch = make_batch(input);
      if (!batch) {
        result_.failures.push_back(batch.error().message);
        return;
      }
      Batches made = chain_.run(*std::move(batch));
      for (std::size_t i = 0; i < made.size(); ++i) outputs.push_back(std::move(made[i]));
    }
    check(outputs);
    outputs.clear();
    chain_.close();
    table_->close();
  }

  void check(std::vector<Batch>& outputs) {
    const auto& wanted = *case_.output_batches;
    if (outputs.size() != wanted.size()) {
      result_.failures.push_back("wrong number of batches: expected " +
                                 std::to_string(wanted.size()) + ", got " +
                                 std::to_string(outputs.size()));
    }
    config::Evaluator evaluator(config::Resources(shared_, "", "root"));
    for (std::size_t b = 0; b < std::min(outputs.size(), wanted.size()); ++b) {
      if (outputs[b].size() != wanted[b].size()) {
        result_.failures.push_back(
            "batch " + std::to_string(b) + ": wrong number of messages: expected " +
            std::to_string(wanted[b].size()) + ", got " + std::to_string(outputs[b].size()));
      }
      for (std::size_t m = 0; m < std::min(outputs[b].size(), wanted[b].size()); ++m) {
        for (std::string& failure : check_conditions(
                 wanted[b][m], outputs[b], m, evaluator.context(), read_file_, settings_.colour)) {
          result_.failures.push_back("batch " + std::to_string(b) + " message " +
                                     std::to_string(m) + ": " + std::move(failure));
        }
      }
    }
  }

  const Case& case_;
  const std::string& test_file_;
  std::string target_file_;
  const RunSettings& settings_;
  ReadFile read_file_;
  CaseResult result_;
  config::LoadRequest request_;
  config::Loaded loaded_;
  NoExecutor executor_;
  core::Metrics metrics_;
  core::Interrupt interrupt_;
  config::Resources::Shared shared_;
  std::unique_ptr<config::ResourceTable> table_;
  config::ProcessorChain chain_;
};

}  // namespace

FileResult run_file(const std::string& test_file, const std::string& target_file,
                    const RunSettings& settings) {
  FileResult result;
  result.file = test_file;
  config::Diagnostics diagnostics;
  std::vector<Case> cases;
  const auto text = settings.read_file(test_file);
  if (!text) {
    diagnostics.error("E0100", {test_file, 0, 0}, text.error().message);
  } else {
    config::YamlOptions options;
    options.env = settings.base.env;
    options.missing_env = config::MissingEnv::kAllow;
    const auto document = config::read_yaml(*text, test_file, options, diagnostics);
    const Node* const tests = document ? document->root.find("tests") : nullptr;
    if (tests != nullptr) cases = read_cases(*tests, *settings.registry, diagnostics);
  }
  for (const config::Diagnostic& found : diagnostics.sorted()) {
    if (found.severity == config::Severity::kError) result.findings.push_back(found);
  }
  for (const Case& one : cases) {
    if (settings.selected && !settings.selected(one.name)) continue;
    result.cases.push_back(CaseRun(one, test_file, target_file, settings).run());
  }
  return result;
}

}  // namespace weir::testing
