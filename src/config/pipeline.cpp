#include "config/pipeline.h"

#include <algorithm>

#include "config/input_child.h"
#include "config/output_child.h"
#include "config/overrides.h"
#include "config/resource_table.h"
#include "config/yaml_reader.h"

namespace weir::config {

const Spec<HttpConfig::Cors>& HttpConfig::Cors::spec() {
  static const auto made =
      Spec<Cors>()
          .field("enabled", &Cors::enabled, {.doc = "Answer cross-origin requests."})
          .field("allowed_origins", &Cors::allowed_origins,
                 {.doc = "Origins that may ask; `*` is all."});
  return made;
}

const Spec<HttpConfig::BasicAuth>& HttpConfig::BasicAuth::spec() {
  static const auto made =
      Spec<BasicAuth>()
          .field("enabled", &BasicAuth::enabled, {.doc = "Ask for a user name and password."})
          .field("realm", &BasicAuth::realm, {.doc = "Realm shown by browsers."})
          .field("username", &BasicAuth::username, {.doc = "User name."})
          .field("password_hash", &BasicAuth::password_hash,
                 {.doc = "Hash of the password, base64.", .secret = true})
          .field("algorithm", &BasicAuth::algorithm,
                 {.doc = "How the password was hashed.",
                  .options = {{"md5"}, {"sha256"}, {"bcrypt"}, {"scrypt"}}})
          .field("salt", &BasicAuth::salt, {.doc = "Salt for scrypt, base64.", .secret = true});
  return made;
}

const Spec<HttpConfig>& HttpConfig::spec() {
  static const auto made =
      Spec<HttpConfig>()
          .field("enabled", &HttpConfig::enabled, {.doc = "Whether the service listens at all."})
          .field("address", &HttpConfig::address,
                 {.doc = "Where it listens. Loopback unless you say otherwise."})
          .field("root_path", &HttpConfig::root_path,
                 {.doc = "Every endpoint is also found under this prefix.", .advanced = true})
          .field("debug_endpoints", &HttpConfig::debug_endpoints,
                 {.doc = "Serve `/debug/config/yaml`, `/debug/config/json` (secrets masked) and "
                         "`/debug/stack`: to loopback, or with `basic_auth`.",
                  .advanced = true})
          .field("allowed_hosts", &HttpConfig::allowed_hosts,
                 {.doc = "Names by which the service may be called while it listens on loopback, "
                         "besides `localhost` and addresses: what stops pages of other sites "
                         "from reaching it through a name they control.",
                  .advanced = true,
                  .examples = {"[ weir.internal ]"}})
          .field("cert_file", &HttpConfig::cert_file,
                 {.doc = "Certificate for TLS.", .advanced = true})
          .field("key_file", &HttpConfig::key_file, {.doc = "Key for TLS.", .advanced = true})
          .field("cors", &HttpConfig::cors, {.doc = "Cross-origin requests.", .advanced = true})
          .field("basic_auth", &HttpConfig::basic_auth,
                 {.doc = "Password protection of everything the service's listener serves.",
                  .advanced = true})
          .check([](const HttpConfig& http) -> core::Status {
            if (http.cert_file.empty() != http.key_file.empty())
              return core::invalid_config("`cert_file` and `key_file` go together");
            const BasicAuth& auth = http.basic_auth;
            if (auth.enabled && (auth.username.empty() || auth.password_hash.empty())) {
              return core::invalid_config("`basic_auth` needs `username` and `password_hash`");
            }
            return {};
          });
  return made;
}

const Spec<LoggerConfig::File>& LoggerConfig::File::spec() {
  static const auto made =
      Spec<File>()
          .field("path", &File::path, {.doc = "Also log to this file."})
          .field("rotate", &File::rotate, {.doc = "Start a new file each day."})
          .field("rotate_max_age_days", &File::rotate_max_age_days,
                 {.doc = "Delete rotated files older than this. 0 keeps all."});
  return made;
}

const Spec<LoggerConfig>& LoggerConfig::spec() {
  static const auto made =
      Spec<LoggerConfig>()
          .field("level", &LoggerConfig::level,
                 {.doc = "Least severe level that is logged. Upper or lower case.",
                  .options = {{"OFF"},
                              {"FATAL"},
                              {"ERROR"},
                              {"WARN"},
                              {"INFO"},
                              {"DEBUG"},
                              {"TRACE"},
                              {"ALL"},
                              {"NONE"},
                              {"off"},
                              {"fatal"},
                              {"error"},
                              {"warn"},
                              {"info"},
                              {"debug"},
                              {"trace"},
                              {"all"},
                              {"none"}}})
          .field("format", &LoggerConfig::format,
                 {.doc = "`logfmt` or `json`. Empty: logfmt on a terminal, JSON otherwise.",
                  .options = {{""}, {"logfmt"}, {"json"}}})
          .field("add_timestamp", &LoggerConfig::add_timestamp,
                 {.doc = "Begin records with the time."})
          .field("level_name", &LoggerConfig::level_name,
                 {.doc = "Name of the level's field.", .advanced = true})
          .field("timestamp_name", &LoggerConfig::timestamp_name,
                 {.doc = "Name of the time's field.", .advanced = true})
          .field("message_name", &LoggerConfig::message_name,
                 {.doc = "Name of the message's field.", .advanced = true})
          .field("static_fields", &LoggerConfig::static_fields,
                 {.doc = "Fields added to every record.", .advanced = true})
          .field("file", &LoggerConfig::file,
                 {.doc = "A log file besides stderr.", .advanced = true});
  return made;
}

const Spec<ErrorHandlingConfig>& ErrorHandlingConfig::spec() {
  static const auto made = Spec<ErrorHandlingConfig>()
                               .field("strict", &ErrorHandlingConfig::strict,
                                      {.doc = "Failed messages never reach the normal output. "
                                              "`false`: they flow on, flagged, as in the family."})
                               .field("dead_letter", &ErrorHandlingConfig::dead_letter,
                                      {.doc = "Output for failed messages: one JSON record each, "
                                              "written before the input is acknowledged.",
                                       .no_default = true})
                               .field("max_attempts", &ErrorHandlingConfig::max_attempts,
                                      {.doc = "How often a message of an endless replayable input "
                                              "is tried before it counts as failed.",
                                       .min = 1});
  return made;
}

const Spec<PipelineSection>& PipelineSection::spec() {
  static const auto made =
      Spec<PipelineSection>()
          .field("threads", &PipelineSection::threads,
                 {.doc = "Worker threads; -1 is as many as the CPU quota allows.",
                  .min = -1,
                  .max = 1024})
          .field("order", &PipelineSection::order,
                 {.doc = "Order that is kept at any number of threads.",
                  .options = {{"partition", "messages of one partition stay in order"},
                              {"none", "no order is kept"}}})
          .field("processors", &PipelineSection::processors,
                 {.doc = "What happens to each batch, in order."});
  return made;
}

const Spec<PipelineConfig>& PipelineConfig::spec() {
  using P = PipelineConfig;
  static const auto made =
      Spec<P>("pipeline")
          .field(
              "pipeline_id", &P::pipeline_id,
              {.doc = "Name of this pipeline in logs, metrics and paths. Default: the file's stem.",
               .advanced = true})
          .field("data_dir", &P::data_dir,
                 {.doc = "Folder for what must survive a restart. Default: the state directory of "
                         "the user.",
                  .advanced = true})
          .field("http", &P::http, {.doc = "The service's own HTTP server."})
          .field("input", &P::input,
                 {.doc = "Where messages come from. Default: `stdin`.", .no_default = true})
          .field("buffer", &P::buffer,
                 {.doc = "What stands between input and pipeline. Default: `none`.",
                  .no_default = true})
          .field("pipeline", &P::pipeline, {.doc = "What is done to the messages."})
          .field("output", &P::output,
                 {.doc = "Where messages go. Default: `stdout`.", .no_default = true})
          .field("input_resources", &P::input_resources,
                 {.doc = "Inputs that others refer to by label."})
          .field("processor_resources", &P::processor_resources,
                 {.doc = "Processors that others refer to by label."})
          .field("output_resources", &P::output_resources,
                 {.doc = "Outputs that others refer to by label."})
          .field("cache_resources", &P::cache_resources,
                 {.doc = "Caches that others refer to by label."})
          .field("rate_limit_resources", &P::rate_limit_resources,
                 {.doc = "Rate limits that others refer to by label."})
          .field("logger", &P::logger, {.doc = "Logs; they always go to stderr."})
          .field("metrics", &P::metrics,
                 {.doc = "How metrics are exposed. Default: `prometheus`.", .no_default = true})
          .field("tracer", &P::tracer,
                 {.doc = "Where traces go. Default: `none`.", .no_default = true})
          .field("shutdown_delay", &P::shutdown_delay,
                 {.doc = "Wait between the first signal and stopping, so that metrics can still be "
                         "scraped.",
                  .advanced = true})
          .field("shutdown_timeout", &P::shutdown_timeout,
                 {.doc = "Time to drain after a signal; what is left then is not delivered."})
          .field("error_handling", &P::error_handling, {.doc = "What happens to failed messages."})
          .field("memory_budget", &P::memory_budget,
                 {.doc = "Bytes of messages in flight at most. 0: a quarter of the memory ceiling, "
                         "at most 256 MiB.",
                  .advanced = true})
          .field("tests", &P::tests,
                 {.doc = "Unit tests of this configuration.", .no_default = true});
  return made;
}

FieldDoc pipeline_doc() {
  return PipelineConfig::spec().field_doc();
}

namespace {

template <class T>
void check_resources(const std::vector<Child<T>>& list, std::string_view section,
                     ReadState& state) {
  for (const Child<T>& child : list) {
    const Plan<T>& plan = child.plan();
    if (plan.label.empty()) {
      state.diagnostics.error(rule::kBadLabel, plan.where,
                              "an entry of `" + std::string(section) + "` needs a label",
                              "add `label: my_name`");
      continue;
    }
    const bool used = std::any_of(
        state.references.begin(), state.references.end(),
        [&](const ResourceReference& r) { return r.kind == kKindOf<T> && r.label == plan.label; });
    if (!used) {
      state.diagnostics.warning(rule::kUnusedResource, plan.where,
                                "resource `" + plan.label + "` is never used");
    }
  }
}

template <class T>
void add_labels(const std::vector<Child<T>>& list, std::vector<std::string_view>& names) {
  for (const Child<T>& child : list) names.push_back(child.plan().label);
}

void check_references(const PipelineConfig& config, ReadState& state) {
  for (const ResourceReference& reference : state.references) {
    std::vector<std::string_view> names;
    switch (reference.kind) {
      case ComponentKind::kInput: add_labels(config.input_resources, names); break;
      case ComponentKind::kProcessor: add_labels(config.processor_resources, names); break;
      case ComponentKind::kOutput: add_labels(config.output_resources, names); break;
      case ComponentKind::kCache: add_labels(config.cache_resources, names); break;
      case ComponentKind::kRateLimit: add_labels(config.rate_limit_resources, names); break;
      default: continue;
    }
    if (std::find(names.begin(), names.end(), reference.label) != names.end()) continue;
    const std::string_view near = nearest(reference.label, names);
    const std::string kind(name(reference.kind));
    state.diagnostics.error(rule::kUnknownResource, reference.where,
                            "there is no " + kind + " resource called `" + reference.label + "`",
                            near.empty() ? "define it under `" + kind + "_resources`"
                                         : "did you mean `" + std::string(near) + "`?");
  }
}

Node scalar_component(std::string type, const Location& where) {
  Node node;
  node.kind = Node::Kind::kMapping;
  node.where = where;
  Node value;
  value.kind = Node::Kind::kMapping;
  value.where = where;
  node.members.push_back({std::move(type), where, std::move(value)});
  return node;
}

}  // namespace

Loaded load_pipeline(const LoadRequest& request, const Registry& registry) {
  Loaded loaded;
  ReadState state;
  state.sandbox = request.sandbox;
  state.check_deprecated = request.check_deprecated;
  state.require_labels = request.require_labels;
  YamlOptions options;
  options.env = request.env;
  options.missing_env = request.skip_env_check ? MissingEnv::kAllow : MissingEnv::kError;

  std::vector<Suppression> suppressions;
  auto document = read_yaml(request.text, request.file, options, state.diagnostics);
  if (document) {
    loaded.lint_disabled = document->lint_disabled;
    suppressions = std::move(document->suppressions);
    Node root = std::move(document->root);
    if (root.is_null()) {
      root.kind = Node::Kind::kMapping;
      root.where = {request.file, 1, 1};
    }
    for (const auto& [name, text] : request.resources) {
      auto extra = read_yaml(text, name, options, state.diagnostics);
      if (!extra) continue;
      merge_resources(root, std::move(extra->root), state.diagnostics);
      for (Suppression& one : extra->suppressions) suppressions.push_back(std::move(one));
    }
    apply_overrides(root, request.overrides, state.diagnostics);

    // Defaults are components like any others, so that lint, echo and run see one truth.
    const Location nowhere{request.file, 0, 0};
    const auto add_default = [&](const char* section, const char* type) {
      if (root.is_mapping() && root.find(section) == nullptr) {
        root.members.push_back({section, nowhere, scalar_component(type, nowhere)});
      }
    };
    add_default("input", "stdin");
    add_default("buffer", "none");
    add_default("output", "stdout");
    add_default("metrics", "prometheus");
    add_default("tracer", "none");

    const ReadContext context(registry, state, "root");
    if (!root.is_mapping()) {
      detail::wrong_type(root, context, "a map with `input`, `pipeline`, `output`");
    } else {
      // `metrics.mapping` stands beside the exporter.
      if (Node* metrics = root.find("metrics"); metrics != nullptr && metrics->is_mapping()) {
        if (const Node* mapping = metrics->find("mapping")) {
          FieldType<MappingField>::read(*mapping, context.below("metrics").below("mapping"),
                                        loaded.config.metrics_mapping);
          if (metrics->members.size() == 1)
            metrics->members.push_back({"prometheus", metrics->where, Node()});
        }
      }
      PipelineConfig::spec().read(root, context, loaded.config);
      for (const ResourceReference& one : state.references) {
        if (one.kind == ComponentKind::kInput) ++loaded.config.input_references[one.label];
      }
      if (!state.diagnostics.has_errors()) {
        check_references(loaded.config, state);
        check_resources(loaded.config.input_resources, "input_resources", state);
        check_resources(loaded.config.processor_resources, "processor_resources", state);
        check_resources(loaded.config.output_resources, "output_resources", state);
        check_resources(loaded.config.cache_resources, "cache_resources", state);
        check_resources(loaded.config.rate_limit_resources, "rate_limit_resources", state);
      }
      if (loaded.config.pipeline_id.empty()) {
        std::string stem = request.file;
        if (const auto slash = stem.rfind('/'); slash != std::string::npos)
          stem.erase(0, slash + 1);
        if (const auto dot = stem.rfind('.'); dot != std::string::npos && dot > 0) stem.erase(dot);
        loaded.config.pipeline_id = stem.empty() || stem.front() == '<' ? "weir" : stem;
      }
    }
    loaded.root = std::move(root);
  }
  if (!state.diagnostics.has_errors() && document)
    check_by_making(loaded.config, state.diagnostics);
  for (const Diagnostic& found : state.diagnostics.sorted()) {
    if (is_suppressed(found, suppressions)) continue;
    if (found.severity == Severity::kError) {
      loaded.diagnostics.error(found.rule, found.where, found.message, found.hint);
    } else {
      loaded.diagnostics.warning(found.rule, found.where, found.message, found.hint);
    }
  }
  loaded.usable = document.has_value() && !state.diagnostics.has_errors();
  return loaded;
}

namespace {

class NoExecutor final : public core::Executor {
 public:
  void post(Work) override {}
  TimerId post_after(std::chrono::nanoseconds, Work) override { return 0; }
  bool cancel(TimerId) override { return true; }
};

template <class T>
void try_making(const Child<T>& child, const Resources& resources, Diagnostics& diagnostics) {
  if (!child) return;
  auto made = child.make(resources);
  if (!made) {
    diagnostics.error(
        rule::kBadComponent, child.plan().where,
        std::string(name(kKindOf<T>)) + " `" + child.plan().type + "`: " + made.error().message);
  }
  for (const auto& processor : child.plan().processors)
    try_making(processor, resources, diagnostics);
}

}  // namespace

void check_by_making(const PipelineConfig& config, Diagnostics& diagnostics) {
  NoExecutor executor;
  core::Metrics metrics;
  core::Interrupt interrupt;
  Resources::Shared shared;
  shared.clock = &core::system_clock();
  shared.executor = &executor;
  shared.metrics = &metrics;
  shared.interrupt = &interrupt;
  shared.pipeline_id = config.pipeline_id;
  shared.data_dir = config.data_dir;
  shared.strict_errors = config.error_handling.strict;
  shared.making_only = true;
  ResourceTable table(config);
  table.attach(shared);
  const Resources resources(shared, "", "root");
  for (const auto& child : config.input_resources) try_making(child, resources, diagnostics);
  for (const auto& child : config.processor_resources) try_making(child, resources, diagnostics);
  for (const auto& child : config.output_resources) try_making(child, resources, diagnostics);
  for (const auto& child : config.cache_resources) try_making(child, resources, diagnostics);
  for (const auto& child : config.rate_limit_resources) try_making(child, resources, diagnostics);
  try_making(config.input, resources, diagnostics);
  try_making(config.buffer, resources, diagnostics);
  for (const auto& child : config.pipeline.processors) try_making(child, resources, diagnostics);
  try_making(config.output, resources, diagnostics);
  try_making(config.error_handling.dead_letter, resources, diagnostics);
  try_making(config.metrics, resources, diagnostics);
  try_making(config.tracer, resources, diagnostics);
}

}  // namespace weir::config
