#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/message.h"
#include "testing/case.h"

namespace weir::testing {

/// Reads a file named in a case; paths are from the test file's folder.
using ReadFile = std::function<core::Result<std::string>(const std::string& path)>;

/// What of the conditions does not hold for message `index` of a batch; empty: all hold.
[[nodiscard]] std::vector<std::string> check_conditions(const Conditions& wanted,
                                                        core::Batch& batch, std::size_t index,
                                                        mapping::Context& context,
                                                        const ReadFile& read_file, bool colour);

}  // namespace weir::testing
