#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.h"

namespace weir::processors {

/// What a workflow did with one message, as it stands in the document at `meta_path`.
struct WorkflowRecord {
  std::set<std::string, std::less<>> succeeded;
  std::set<std::string, std::less<>> skipped;
  std::map<std::string, std::string, std::less<>> failed;

  /// Writes it into the message's document; what stood there becomes `previous`. Error: the
  /// document is no object, or something else stands in the way.
  [[nodiscard]] core::Status write(core::Message& message,
                                   const std::vector<std::string>& path) const;
};

/// Cuts `a.b~1c` into `a` and `b.c` (`~1` is a dot, `~0` a tilde).
[[nodiscard]] std::vector<std::string> split_document_path(std::string_view path);

/// The stages an earlier run says to leave out: not in its `apply`, or in `succeeded` or `skipped`.
[[nodiscard]] std::set<std::string, std::less<>> stages_to_skip(
    core::Message& message, const std::vector<std::string>& path,
    const std::vector<std::string>& stages);

}  // namespace weir::processors
