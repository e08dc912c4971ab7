#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <unistd.h>

#include "commands.h"
#include "core/buffer.h"
#include "core/json_text.h"
#include "files.h"
#include "log_sink.h"
#include "mapping/formats/go_regexp.h"
#include "registry.h"
#include "testing/runner.h"

namespace weir::cmd {

namespace {

namespace fs = std::filesystem;
using testing::CaseResult;
using testing::FileResult;

struct Job {
  std::string tests;
  std::string target;
  bool operator<(const Job& other) const {
    return std::tie(tests, target) < std::tie(other.tests, other.target);
  }
};

// `a_benthos_test.yaml` and `a_test.yaml` test `a.yaml` beside them.
std::string target_of(const std::string& file) {
  const fs::path path(file);
  const std::string stem = path.stem().string();
  for (const std::string_view suffix : {"_benthos_test", "_test"}) {
    if (!stem.ends_with(suffix)) continue;
    const std::string base = stem.substr(0, stem.size() - suffix.size());
    for (const std::string& extension : {path.extension().string(), std::string(".yaml"),
                                         std::string(".yml"), std::string(".json")}) {
      fs::path target = path;
      target.replace_filename(base + extension);
      std::error_code ignored;
      if (fs::exists(target, ignored)) return target.string();
    }
  }
  return file;
}

std::vector<Job> find_jobs(const std::vector<std::string>& paths) {
  std::set<Job> jobs;
  for (const std::string& file : paths) {
    jobs.insert({file, target_of(file)});
    const fs::path path(file);
    for (const char* suffix : {"_benthos_test", "_test"}) {
      fs::path sibling = path;
      sibling.replace_filename(path.stem().string() + suffix + path.extension().string());
      std::error_code ignored;
      if (fs::exists(sibling, ignored)) jobs.insert({sibling.string(), file});
    }
  }
  return {jobs.begin(), jobs.end()};
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default:
        // Other control characters cannot stand in XML at all.
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line;
    if (!text.ends_with('\n')) text += '\n';
  }
  return text;
}

std::string finding_text(const config::Diagnostic& found) {
  return found.where.to_string() + ": " + found.message +
         (found.hint.empty() ? "" : " (" + found.hint + ")");
}

std::string junit(const std::vector<FileResult>& results) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const FileResult& file : results) {
    std::size_t failed = 0;
    for (const CaseResult& one : file.cases) failed += one.failures.empty() ? 0U : 1U;
    out += "  <testsuite name=\"" + xml_text(file.file) + "\" tests=\"" +
           std::to_string(file.cases.size()) + "\" failures=\"" + std::to_string(failed) +
           "\" errors=\"" + std::to_string(file.findings.size()) + "\">\n";
    for (const auto& found : file.findings) {
      out += "    <testcase name=\"read\"><error>" + xml_text(finding_text(found)) +
             "</error></testcase>\n";
    }
    for (const CaseResult& one : file.cases) {
      out += "    <testcase name=\"" + xml_text(one.name) + "\" file=\"" +
             xml_text(one.where.file) + "\" line=\"" + std::to_string(one.where.line) + "\"";
      out += one.failures.empty()
                 ? "/>\n"
                 : "><failure>" + xml_text(joined(one.failures)) + "</failure></testcase>\n";
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

std::string json(const std::vector<FileResult>& results) {
  core::Buffer out;
  const auto text = [&](std::string_view value) { core::write_json_string(value, out); };
  out.append("{\"files\":[");
  for (std::size_t f = 0; f < results.size(); ++f) {
    const FileResult& file = results[f];
    out.append(f > 0 ? ",{\"file\":" : "{\"file\":");
    text(file.file);
    out.append(file.passed() ? ",\"passed\":true,\"findings\":["
                             : ",\"passed\":false,\"findings\":[");
    for (std::size_t i = 0; i < file.findings.size(); ++i) {
      if (i > 0) out.push(',');
      text(finding_text(file.findings[i]));
    }
    out.append("],\"cases\":[");
    for (std::size_t i = 0; i < file.cases.size(); ++i) {
      const CaseResult& one = file.cases[i];
      out.append(i > 0 ? ",{\"name\":" : "{\"name\":");
      text(one.name);
      out.append(",\"line\":" + std::to_string(one.where.line));
      out.append(one.failures.empty() ? ",\"passed\":true,\"failures\":["
                                      : ",\"passed\":false,\"failures\":[");
      for (std::size_t k = 0; k < one.failures.size(); ++k) {
        if (k > 0) out.push(',');
        text(one.failures[k]);
      }
      out.append("]}");
    }
    out.append("]}");
  }
  out.append("]}\n");
  return std::string(out.view());
}

void print_text(const std::vector<FileResult>& results, bool verbose) {
  for (const FileResult& file : results) {
    std::printf("Test '%s' %s\n", file.file.c_str(), file.passed() ? "succeeded" : "failed");
    if (!verbose) continue;
    for (const CaseResult& one : file.cases)
      std::printf("  %s: %s\n", one.name.c_str(), one.failures.empty() ? "ok" : "failed");
  }
  bool any = false;
  for (const FileResult& file : results) {
    if (file.passed()) continue;
    if (!any) std::printf("\nFailures:\n");
    any = true;
    std::printf("\n--- %s ---\n", file.file.c_str());
    for (const auto& found : file.findings) std::printf("\n%s\n", finding_text(found).c_str());
    for (const CaseResult& one : file.cases) {
      if (one.failures.empty()) continue;
      std::printf("\n%s [line %u]:\n%s", one.name.c_str(), one.where.line,
                  joined(one.failures).c_str());
    }
  }
}

}  // namespace

int test(const TestOptions& options) {
  const std::vector<std::string> paths = expand_paths(options.paths);
  if (paths.empty()) {
    std::fprintf(stderr, options.paths.empty()
                             ? "weir: name the files to test, e.g. `weir test pipeline.yaml` or "
                               "`weir test configs/...`\n"
                             : "weir: no file matches\n");
    return options.paths.empty() ? 2 : 5;
  }
  testing::RunSettings settings;
  settings.registry = &all_components();
  settings.read_file = [](const std::string& path) { return read_file(path); };
  settings.colour =
      options.format == "text" && isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  auto env = make_env(options.common.env_files);
  if (!env) {
    std::fprintf(stderr, "weir: %s\n", env.error().message.c_str());
    return exit_code(env.error());
  }
  settings.base.env = *std::move(env);
  settings.base.sandbox = options.common.sandbox;
  for (const std::string& path : expand_paths(options.common.resources)) {
    auto text = read_file(path);
    if (!text) {
      std::fprintf(stderr, "weir: %s\n", text.error().message.c_str());
      return exit_code(text.error());
    }
    settings.base.resources.emplace_back(path, *std::move(text));
  }
  if (!options.common.log_level.empty())
    settings.log = make_log_sink(config::LoggerConfig{}, options.common.log_level);
  if (!options.filter.empty()) {
    auto pattern = mapping::GoRegexp::compile(options.filter);
    if (!pattern) {
      std::fprintf(stderr, "weir: --filter: %s\n", pattern.error().message.c_str());
      return 2;
    }
    auto shared = std::make_shared<mapping::GoRegexp>(*std::move(pattern));
    settings.selected = [shared](const std::string& name) { return shared->matches(name); };
  }

  std::vector<FileResult> results;
  std::size_t cases = 0;
  for (const Job& job : find_jobs(paths)) {
    FileResult one = testing::run_file(job.tests, job.target, settings);
    cases += one.cases.size();
    if (one.cases.empty() && one.findings.empty()) continue;  // holds no tests
    results.push_back(std::move(one));
  }
  if (options.format == "json") {
    std::fputs(json(results).c_str(), stdout);
  } else {
    print_text(results, options.verbose);
  }
  if (!options.junit.empty()) {
    std::ofstream out(options.junit, std::ios::trunc);
    out << junit(results);
    out.close();
    if (!out) {
      std::fprintf(stderr, "weir: writing `%s` failed\n", options.junit.c_str());
      return 5;
    }
  }
  for (const FileResult& file : results) {
    if (!file.passed()) return 1;
  }
  if (cases == 0) {
    std::fprintf(stderr, "weir: no tests were found\n");
    return 1;
  }
  return 0;
}

}  // namespace weir::cmd
