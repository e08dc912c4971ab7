#include <cstdio>
#include <cstdlib>
#include <map>

#include <unistd.h>

#include "commands.h"
#include "config/diagnostics_format.h"
#include "files.h"
#include "registry.h"
#include "rules.h"
#include "version.h"

namespace weir::cmd {

int lint(const LintOptions& options) {
  if (options.list_rules) {
    for (const config::RuleInfo& rule : all_rules()) {
      std::printf("%s  %-7s  %s\n", std::string(rule.id).c_str(),
                  rule.severity == config::Severity::kError ? "error" : "warning",
                  std::string(rule.title).c_str());
    }
    return 0;
  }
  std::vector<std::string> paths = expand_paths(options.paths);
  if (paths.empty()) {
    if (!options.paths.empty()) {
      std::fprintf(stderr, "weir: no file matches\n");
      return 5;
    }
    std::fprintf(stderr,
                 "weir: name the files to lint, e.g. `weir lint pipeline.yaml` or `weir lint "
                 "configs/...`\n");
    return 2;
  }
  config::FindingsReport report;
  report.rules = all_rules();
  report.version = std::string(kVersion);
  report.colour =
      options.format == "text" && isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  std::map<std::string, std::string> texts;
  bool unreadable = false;
  for (const std::string& path : paths) {
    CommonOptions common = options.common;
    common.file = path;
    auto request = make_request(common);
    if (!request) {
      std::fprintf(stderr, "weir: %s\n", request.error().message.c_str());
      unreadable = true;
      continue;
    }
    request->check_deprecated = options.deprecated;
    request->require_labels = options.labels;
    request->skip_env_check = options.skip_env_check;
    const config::Loaded loaded = config::load_pipeline(*request, all_components());
    report.files.push_back(request->file);
    texts.emplace(request->file, request->text);
    for (const auto& [name, text] : request->resources) texts.emplace(name, text);
    if (loaded.lint_disabled) continue;
    const auto found = loaded.diagnostics.sorted();
    if (options.verbose)
      std::fprintf(stderr, "%s: %s\n", path.c_str(), found.empty() ? "OK" : "FAILED");
    report.findings.insert(report.findings.end(), found.begin(), found.end());
  }
  report.source_line = [&texts](const std::string& file,
                                unsigned line) -> std::optional<std::string> {
    const auto text = texts.find(file);
    if (text == texts.end()) return std::nullopt;
    std::size_t start = 0;
    for (unsigned i = 1; i < line; ++i) {
      start = text->second.find('\n', start);
      if (start == std::string::npos) return std::nullopt;
      ++start;
    }
    return text->second.substr(start, text->second.find('\n', start) - start);
  };
  const std::string out = config::format_findings(report, *config::findings_format(options.format));
  std::fwrite(out.data(), 1, out.size(), stdout);
  if (unreadable) return 5;
  for (const config::Diagnostic& found : report.findings) {
    if (found.severity == config::Severity::kError || options.fail_on == "warning") return 1;
  }
  return 0;
}

}  // namespace weir::cmd
