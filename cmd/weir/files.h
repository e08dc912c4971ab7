#pragma once

#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "config/pipeline.h"
#include "core/result.h"

namespace weir::cmd {

/// A whole file, or standard input for `-`. Error kNotFound, kUnavailable with the reason.
[[nodiscard]] core::Result<std::string> read_file(const std::string& path);

/// Files matching a glob, sorted; `folder/...` is every `.yaml` and `.yml` below it. A path without
/// wildcards stands for itself, also when it does not exist.
[[nodiscard]] std::vector<std::string> expand_paths(const std::vector<std::string>& patterns);

/// The request for load_pipeline: reads the main file (or the first default path that exists), the
/// resource and .env files. Errors: kNotFound and kUnavailable (exit 5), kInvalidConfig (exit 1).
[[nodiscard]] core::Result<config::LoadRequest> make_request(const CommonOptions& options);

/// The variables of .env files over those of the process.
[[nodiscard]] core::Result<config::EnvLookup> make_env(const std::vector<std::string>& files);

/// Exit code for an Error of the functions above.
[[nodiscard]] int exit_code(const core::Error& error);

/// Prints findings as text to stderr, coloured on a terminal, with the lines they are about.
void print_findings(const config::Diagnostics& diagnostics, const config::LoadRequest& request);

}  // namespace weir::cmd
