#pragma once

#include <cstddef>
#include <memory>

#include "config/registry.h"

namespace weir::scanners {

inline constexpr std::size_t kDefaultMaxWholeBytes = std::size_t{128} << 20;

/// The whole stream as one message: what `to_the_end` is.
[[nodiscard]] core::Result<std::unique_ptr<core::Scanner>> make_whole_scanner(
    std::size_t max_bytes);

/// The scanner of an `into` field; `to_the_end` when it is absent.
[[nodiscard]] core::Result<std::unique_ptr<core::Scanner>> make_child_scanner(
    const config::Child<core::Scanner>& child, const config::Resources& resources);

}  // namespace weir::scanners
