#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// The subcommands of the binary. Each returns the process exit code (docs/semantics.md).
namespace weir::cmd {

/// Flags that several commands share.
struct CommonOptions {
  std::string file;               ///< positional or `-c`; `-` is stdin; empty: the default paths
  std::vector<std::string> sets;  ///< `-s path=value`
  std::vector<std::string> resources;  ///< `-r glob`
  std::vector<std::string> env_files;  ///< `-e glob`
  std::string log_level;               ///< `--log.level`
  bool sandbox = false;
};

struct RunOptions {
  CommonOptions common;
  bool chilled = false;
  std::string data_dir;
  bool quiet = false;  ///< no summary, no progress line
};

struct LintOptions {
  CommonOptions common;
  std::vector<std::string> paths;
  std::string format = "text";
  std::string fail_on = "error";
  bool deprecated = false;
  bool labels = false;
  bool skip_env_check = false;
  bool verbose = false;
  bool list_rules = false;
  std::string explain;
};

struct TestOptions {
  CommonOptions common;
  std::vector<std::string> paths;
  std::string filter;  ///< a regular expression for names of cases
  std::string junit;   ///< file to write
  std::string format = "text";
  bool verbose = false;
};

struct ListOptions {
  std::vector<std::string> kinds;
  std::string format = "text";
  std::string status;
};

struct CreateOptions {
  std::string expression;
  bool small = false;
};

struct MapOptions {
  CommonOptions common;
  std::string mapping;
  std::string mapping_file;
  std::string input;
  bool has_input = false;
  bool raw = false;
  bool pretty = false;
  bool keep_going = false;
  std::size_t max_line = std::size_t{64} << 20;  ///< bytes
  std::string functions;                         ///< `--functions [name]`
  bool list_functions = false;
};

struct HealthcheckOptions {
  std::string url = "http://127.0.0.1:4195/readyz";
  unsigned timeout_seconds = 3;
};

struct DocsOptions {
  std::string directory = "docs/components";
  std::string mapping_directory = "docs/mapping";
  bool check = false;  ///< do not write, only say whether pages are stale
};

int run(const RunOptions& options);
int lint(const LintOptions& options);
int test(const TestOptions& options);
int echo(const CommonOptions& options);
int list(const ListOptions& options);
int create(const CreateOptions& options);
int map(const MapOptions& options);
int healthcheck(const HealthcheckOptions& options);
int version();
int docs(const DocsOptions& options);
int schema();

}  // namespace weir::cmd
