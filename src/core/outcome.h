#pragma once

#include <cstdint>
#include <string_view>

namespace weir::core {

/// How a received message ended. Ascending: of a message with several descendants the greatest
/// wins.
enum class Outcome : std::uint8_t {
  kFiltered = 1,   ///< deleted by the user's own logic
  kDelivered = 2,  ///< an output accepted it
  kAbsorbed = 3,   ///< lives in state
  kLate = 4,       ///< came after its windows had closed
  kFailed = 5,     ///< ended with an error (dead letter, or counted and logged)
  kRetry = 6,      ///< not an end: nobody took it, the input has to hand it out again
};

[[nodiscard]] constexpr std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFiltered: return "filtered";
    case Outcome::kDelivered: return "delivered";
    case Outcome::kAbsorbed: return "absorbed";
    case Outcome::kLate: return "late";
    case Outcome::kFailed: return "failed";
    case Outcome::kRetry: return "retry";
  }
  return "retry";
}

}  // namespace weir::core
