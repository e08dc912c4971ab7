#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/registry.h"

namespace weir::inputs {

struct FileSequenceOptions {
  std::vector<std::string> paths;  ///< with patterns
  /// A fresh one for each file.
  std::function<core::Result<std::unique_ptr<core::Scanner>>()> make_scanner;
  bool delete_on_finish = false;
  /// Messages per batch, exactly (fewer at the end of a file); 0: as they come.
  std::size_t batch_count = 0;
};

/// Reads files one after the other and ends: what `file` and `csv` are. A scanner is made at once,
/// so that lint hears what it says.
[[nodiscard]] core::Result<std::unique_ptr<core::Input>> make_file_sequence(
    FileSequenceOptions options, const config::Resources& resources);

}  // namespace weir::inputs
