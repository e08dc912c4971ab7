#pragma once

#include <string_view>

namespace weir::cmd {

inline constexpr std::string_view kVersion = WEIR_VERSION;

}  // namespace weir::cmd
