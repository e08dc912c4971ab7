#pragma once

#include <string_view>

namespace weir::mapping::text {

/// The directives and marks that a combined directive stands for; empty when it is none.
[[nodiscard]] constexpr std::string_view composition(char letter) {
  switch (letter) {
    case 'c': return "a b e H:M:S Y";
    case '+': return "a b e H:M:S Z Y";
    case 'F': return "Y-m-d";
    case 'D':
    case 'x': return "m/d/y";
    case 'v': return "e-b-Y";
    case 'T':
    case 'X': return "H:M:S";
    case 'r': return "I:M:S p";
    case 'R': return "H:M";
    default: return {};
  }
}

}  // namespace weir::mapping::text
