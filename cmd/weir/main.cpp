#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "commands.h"
#include "core/time_zone.h"

namespace {

using namespace weir::cmd;

void add_common(CLI::App& app, CommonOptions& options, bool with_file) {
  if (with_file)
    app.add_option("file,-c,--config", options.file, "Configuration file; `-` is standard input");
  app.add_option("-s,--set", options.sets, "Set a field: path.to.field=value (repeatable)")
      ->allow_extra_args(false);
  app.add_option("-r,--resources", options.resources,
                 "Files with resources, as a glob (repeatable)")
      ->allow_extra_args(false);
  app.add_option("-e,--env-file", options.env_files,
                 ".env files with variables, as a glob (repeatable)")
      ->allow_extra_args(false);
  app.add_flag("--sandbox", options.sandbox,
               "Refuse what touches this machine: env(), file(), command, subprocess");
}

int dispatch(int argc, char** argv) {
  CLI::App app("weir runs a declarative pipeline: input -> buffer -> processors -> output", "weir");
  app.require_subcommand(0, 1);
  app.footer(
      "Examples:\n"
      "  weir run pipeline.yaml\n"
      "  weir lint configs/...\n"
      "  echo '{\"a\":1}' | weir map 'root.b = this.a + 1'\n"
      "Exit codes: 0 ok, 1 findings, 2 usage, 3 failed messages, 4 not drained, 5 cannot start, 6 "
      "refused, 70 internal.");

  RunOptions run_options;
  // A bare `weir -c file` runs it, as the family's binary does.
  app.add_option("-c,--config", run_options.common.file)->group("");

  auto* run_app =
      app.add_subcommand("run", "Run a pipeline until its input ends or a signal comes");
  add_common(*run_app, run_options.common, true);
  run_app->add_flag("--chilled", run_options.chilled, "Run in spite of lint warnings");
  run_app->add_option("--log.level,--log-level", run_options.common.log_level,
                      "Log level, over the configuration's");
  run_app->add_option("--data-dir", run_options.data_dir, "Folder for what must survive a restart");
  run_app->add_flag("-q,--quiet", run_options.quiet, "No progress line and no summary");
  run_app->footer("Example:\n  weir run -s input.generate.count=10 pipeline.yaml");

  LintOptions lint_options;
  auto* lint_app = app.add_subcommand(
      "lint", "Report every mistake in configurations, with its place and what to write");
  add_common(*lint_app, lint_options.common, false);
  lint_app->add_option("paths", lint_options.paths,
                       "Files, globs, `folder/...`; `-` is standard input");
  lint_app
      ->add_option("--format", lint_options.format,
                   "text, json, github, sarif, junit or checkstyle")
      ->check(CLI::IsMember({"text", "json", "github", "sarif", "junit", "checkstyle"}));
  lint_app
      ->add_option("--fail-on", lint_options.fail_on,
                   "error or warning: what makes the exit code 1")
      ->check(CLI::IsMember({"error", "warning"}));
  lint_app->add_flag("--deprecated", lint_options.deprecated,
                     "Also report deprecated fields and components");
  lint_app->add_flag("--labels", lint_options.labels, "Also report components without a label");
  lint_app->add_flag("--skip-env-check", lint_options.skip_env_check, "Variables need not be set");
  lint_app->add_flag("-v,--verbose", lint_options.verbose, "Say of each file whether it is fine");
  lint_app->add_flag("--list-rules", lint_options.list_rules, "List all rules and stop");
  lint_app->footer("Example:\n  weir lint --format github ./configs/...");

  TestOptions test_options;
  auto* test_app = app.add_subcommand("test", "Run the tests that stand in configurations");
  test_app->add_option("paths", test_options.paths,
                       "Files, globs, `folder/...`; `x_benthos_test.yaml` and `x_test.yaml` test "
                       "`x.yaml`");
  test_app
      ->add_option("-r,--resources", test_options.common.resources,
                   "Files with resources, as a glob (repeatable)")
      ->allow_extra_args(false);
  test_app
      ->add_option("-e,--env-file", test_options.common.env_files,
                   ".env files with variables, as a glob (repeatable)")
      ->allow_extra_args(false);
  test_app->add_flag("--sandbox", test_options.common.sandbox,
                     "Refuse what touches this machine: env(), file(), command, subprocess");
  test_app->add_option("--filter", test_options.filter,
                       "Only cases whose name matches this regular expression");
  test_app->add_option("--junit", test_options.junit, "Also write a JUnit report to this file");
  test_app->add_option("--format", test_options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  test_app->add_option("--log,--log-level", test_options.common.log_level,
                       "Show logs of the components from this level on");
  test_app->add_flag("-v,--verbose", test_options.verbose, "Say of each case how it ended");
  test_app->footer("Example:\n  weir test --filter 'bad rows' ./configs/...");

  CommonOptions echo_options;
  auto* echo_app = app.add_subcommand(
      "echo", "Print a configuration as it is understood: defaults added, secrets masked");
  add_common(*echo_app, echo_options, true);
  echo_app->footer("Example:\n  weir echo -s pipeline.threads=1 pipeline.yaml");

  ListOptions list_options;
  auto* list_app = app.add_subcommand(
      "list", "List components, and functions and methods of the mapping language");
  list_app->add_option(
      "kinds", list_options.kinds,
      "inputs, processors, outputs, buffers, caches, rate-limits, scanners, metrics, tracers, "
      "bloblang-functions, bloblang-methods");
  list_app->add_option("--format", list_options.format, "text, json or jsonschema")
      ->check(CLI::IsMember({"text", "json", "jsonschema"}));
  list_app->add_option("--status", list_options.status,
                       "Only of this status: stable, beta, experimental, deprecated");
  list_app->footer("Example:\n  weir list inputs outputs");

  CreateOptions create_options;
  auto* create_app = app.add_subcommand("create", "Print a configuration to start from");
  create_app->add_option("expression", create_options.expression,
                         "inputs/processors/outputs, comma separated");
  create_app->add_flag("-s,--small", create_options.small, "Leave advanced fields out");
  create_app->footer("Example:\n  weir create stdin/mapping,log/http_client");

  MapOptions map_options;
  auto* map_app = app.add_subcommand(
      "map", "Run a mapping over the lines of standard input; on a terminal, try mappings");
  map_app->alias("blobl");
  map_app->add_option("mapping", map_options.mapping, "The mapping");
  map_app->add_option("-f,--file", map_options.mapping_file, "Read the mapping from a file");
  auto* map_input = map_app->add_option("-i,--input", map_options.input,
                                        "One document to map, instead of standard input");
  map_app->add_flag("-r,--raw", map_options.raw, "Treat each line as raw text, not JSON");
  map_app->add_flag("-p,--pretty", map_options.pretty, "Indent the results");
  map_app->add_flag("-k,--keep-going", map_options.keep_going, "Go on after a line that fails");
  map_app->add_option("--max-token-length", map_options.max_line, "Longest line, in bytes")
      ->capture_default_str();
  auto* functions = map_app
                        ->add_option("--functions", map_options.functions,
                                     "The manual of a function or method; without a name, list all")
                        ->expected(0, 1);
  map_app->add_option("-e,--env-file", map_options.common.env_files, ".env files with variables")
      ->allow_extra_args(false);
  map_app->footer(
      "Example:\n  weir map 'root = this.items.map_each(i -> i.price).sum()' < orders.ndjson");

  HealthcheckOptions health_options;
  auto* health_app = app.add_subcommand(
      "healthcheck", "Ask a running weir whether it is ready; exit code 0 when it is");
  health_app->add_option("--url", health_options.url, "What to ask")->capture_default_str();
  health_app->add_option("--timeout", health_options.timeout_seconds, "Seconds to wait")
      ->capture_default_str();
  health_app->footer("Example:\n  HEALTHCHECK CMD [\"weir\", \"healthcheck\"]");

  auto* version_app = app.add_subcommand("version", "Print version and libraries");
  version_app->footer("Example:\n  weir version");

  auto* schema_app =
      app.add_subcommand("schema", "Print the JSON Schema of configurations, for editors");
  schema_app->footer("Example:\n  weir schema > weir.schema.json");

  DocsOptions docs_options;
  auto* docs_app =
      app.add_subcommand("docs", "Write the manual pages of all components, functions and methods");
  docs_app->add_option("directory", docs_options.directory, "Where to")->capture_default_str();
  docs_app
      ->add_option("--mapping", docs_options.mapping_directory,
                   "Where to, for the functions and methods of mappings")
      ->capture_default_str();
  docs_app->add_flag("--check", docs_options.check,
                     "Write nothing; exit code 1 when a page is stale");
  docs_app->footer("Example:\n  weir docs docs/components");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  map_options.has_input = map_input->count() > 0;
  map_options.list_functions = functions->count() > 0;
  if (*run_app) return run(run_options);
  if (*lint_app) return lint(lint_options);
  if (*test_app) return test(test_options);
  if (*echo_app) return echo(echo_options);
  if (*list_app) return list(list_options);
  if (*create_app) return create(create_options);
  if (*map_app) return map(map_options);
  if (*health_app) return healthcheck(health_options);
  if (*version_app) return version();
  if (*schema_app) return schema();
  if (*docs_app) return docs(docs_options);
  if (!run_options.common.file.empty()) return run(run_options);
  std::fputs(app.help().c_str(), stdout);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its limit is an error of the write, as a full disk
  try {
    const char* const tz = std::getenv("TZ");
    if (const auto zone = weir::core::zone_from_tz(tz)) {
      weir::core::set_local_zone(**zone);
    } else if (tz != nullptr) {
      std::fprintf(stderr, "weir: TZ: %s; times are shown in UTC\n", zone.error().message.c_str());
    }
    return dispatch(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "weir: internal error: %s\n", error.what());
    return 70;
  }
}
