#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/pipeline.h"
#include "core/log.h"
#include "testing/case.h"

namespace weir::testing {

struct CaseResult {
  std::string name;
  config::Location where;
  std::vector<std::string> failures;  ///< empty: passed
};

struct FileResult {
  std::string file;                          ///< the file that holds the tests
  std::vector<config::Diagnostic> findings;  ///< mistakes in the tests or in the target
  std::vector<CaseResult> cases;
  [[nodiscard]] bool passed() const;
};

struct RunSettings {
  const config::Registry* registry = nullptr;
  config::LoadRequest base;                          ///< resources, environment, sandbox
  std::function<bool(const std::string&)> selected;  ///< by name of the case; empty: all
  std::function<core::Result<std::string>(const std::string& path)> read_file;
  std::shared_ptr<core::LogSink> log;  ///< of the components; may be null
  bool colour = false;
};

/// Runs the tests that `test_file` holds against `target_file` (often the same). Each case has
/// processors and resources of its own. Nothing but files is touched, by reading, unless the
/// processors do so.
[[nodiscard]] FileResult run_file(const std::string& test_file, const std::string& target_file,
                                  const RunSettings& settings);

}  // namespace weir::testing
