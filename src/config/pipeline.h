#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/batching.h"
#include "config/env.h"
#include "config/registry.h"
#include "config/spec.h"

namespace weir::config {

/// `http`: the service's own listener.
struct HttpConfig {
  bool enabled = true;
  std::string address = "127.0.0.1:4195";
  std::string root_path = "/benthos";
  bool debug_endpoints = false;
  std::vector<std::string> allowed_hosts;
  std::string cert_file;
  std::string key_file;
  struct Cors {
    bool enabled = false;
    std::vector<std::string> allowed_origins;
    static const Spec<Cors>& spec();
  } cors;
  struct BasicAuth {
    bool enabled = false;
    std::string realm = "restricted";
    std::string username;
    std::string password_hash;
    std::string algorithm = "sha256";
    std::string salt;
    static const Spec<BasicAuth>& spec();
  } basic_auth;
  static const Spec<HttpConfig>& spec();
};

struct LoggerConfig {
  std::string level = "INFO";
  std::string format;  ///< empty: logfmt on a terminal, JSON otherwise
  bool add_timestamp = true;
  std::string level_name = "level";
  std::string timestamp_name = "time";
  std::string message_name = "msg";
  std::vector<std::pair<std::string, std::string>> static_fields = {{"@service", "weir"}};
  struct File {
    std::string path;
    bool rotate = false;
    std::int64_t rotate_max_age_days = 0;
    static const Spec<File>& spec();
  } file;
  static const Spec<LoggerConfig>& spec();
};

struct ErrorHandlingConfig {
  bool strict = true;
  Child<core::Output> dead_letter;
  std::uint32_t max_attempts = 3;
  static const Spec<ErrorHandlingConfig>& spec();
};

struct PipelineSection {
  std::int64_t threads = -1;  ///< -1: as many as the CPU quota allows
  std::string order = "partition";
  ProcessorList processors;
  static const Spec<PipelineSection>& spec();
};

/// A whole configuration, read and checked.
struct PipelineConfig {
  std::string pipeline_id;  ///< default: stem of the file
  std::string data_dir;
  HttpConfig http;
  Child<core::Input> input;
  Child<core::StreamBuffer> buffer;
  PipelineSection pipeline;
  Child<core::Output> output;
  std::vector<Child<core::Input>> input_resources;
  /// How many places refer to each of them, by label.
  std::map<std::string, unsigned, std::less<>> input_references;
  std::vector<Child<core::Processor>> processor_resources;
  std::vector<Child<core::Output>> output_resources;
  std::vector<Child<core::Cache>> cache_resources;
  std::vector<Child<core::RateLimit>> rate_limit_resources;
  LoggerConfig logger;
  Child<MetricsExporter> metrics;
  MappingField metrics_mapping;
  Child<Tracer> tracer;
  std::chrono::nanoseconds shutdown_delay{0};
  std::chrono::nanoseconds shutdown_timeout = std::chrono::seconds(20);
  ErrorHandlingConfig error_handling;
  ByteSize memory_budget;  ///< in-flight bytes; 0: chosen from the machine
  Any tests;

  static const Spec<PipelineConfig>& spec();
};

/// What to load, in the order of decisions: environment, file, resource files, overrides.
struct LoadRequest {
  std::string text;                                            ///< of the main file
  std::string file;                                            ///< its name in findings
  std::vector<std::pair<std::string, std::string>> resources;  ///< (name, text) of `-r` files
  std::vector<std::string> overrides;                          ///< `-s path=value`
  EnvLookup env;
  bool skip_env_check = false;
  bool sandbox = false;
  bool check_deprecated = false;
  bool require_labels = false;
};

struct Loaded {
  PipelineConfig config;
  Node root;                ///< the merged tree, for echo
  Diagnostics diagnostics;  ///< suppressed findings left out
  bool usable = false;      ///< no errors: the config may run
  bool lint_disabled = false;
};

/// Reads a configuration and reports every mistake in it. Nothing outside is touched.
[[nodiscard]] Loaded load_pipeline(const LoadRequest& request, const Registry& registry);

/// Makes everything of a loaded configuration once and throws it away, to find what only
/// constructors know. Findings carry the position of their component.
void check_by_making(const PipelineConfig& config, Diagnostics& diagnostics);

/// All fields of the top level, for docs, schema and create.
[[nodiscard]] FieldDoc pipeline_doc();

}  // namespace weir::config
