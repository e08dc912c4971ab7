#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "mapping/mapping.h"

namespace weir::cmd {

/// Runs a mapping over documents, one at a time.
class LineMapper {
 public:
  /// Borrows both. `pretty` indents results that are JSON.
  LineMapper(const mapping::Mapping& mapping, const mapping::Environment& environment, bool pretty);

  /// What a document becomes; nothing when it is dropped. The error is that of the mapping.
  [[nodiscard]] core::Result<std::optional<std::string>> line(std::string_view document);

 private:
  const mapping::Mapping& mapping_;
  const bool pretty_;
  core::SeededRandom random_;
  mapping::Context context_;
};

}  // namespace weir::cmd
