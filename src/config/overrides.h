#pragma once

#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/node.h"

/// What is laid over the main file: resource files (`-r`), then settings (`-s`).
namespace weir::config {

/// Adds a resource file to a configuration: its lists of `*_resources` and `tests` are appended to
/// those of `root`; keys that start with `x-` are passed over. Anything else in the file is a
/// finding (E0114) and is left out. Labels are not compared here.
void merge_resources(Node& root, Node file, Diagnostics& diagnostics);

/// Sets values in a tree, in order: what `-s path=value` on the command line does, after all files.
///
/// A path is a row of keys and list indices between dots (`pipeline.processors.-1.log.level`): in a
/// list a number is an index, negative ones count from the end, and `-` appends; what is missing on
/// the way is created. In a key, `~1` stands for a dot and `~0` for `~`. The value is YAML, taken
/// literally: no `${}`. Findings (rule E0113, or those of read_yaml for the value) are placed at
/// `--set[n]:1:column`, n from 0; a setting with a finding changes nothing.
void apply_overrides(Node& root, const std::vector<std::string>& settings,
                     Diagnostics& diagnostics);

}  // namespace weir::config
