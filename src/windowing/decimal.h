#pragma once

#include <optional>
#include <string>

#include "core/int128.h"
#include "core/value.h"

namespace weir::windowing {

/// An exact decimal number: `coefficient * 10^-scale`.
struct Decimal {
  core::Int128 coefficient = 0;
  int scale = 0;  ///< may be negative: trailing zeros left out

  /// Without trailing zeros in the coefficient; zero has scale 0.
  void normalise();
};

/// The exact value of a number, normalised: integers, number texts; doubles as their shortest
/// digits. Empty: not a number, NaN or infinite, or more than 36 digits.
[[nodiscard]] std::optional<Decimal> decimal_of(core::Value number);
/// The nearest double of any number; NaN when it is none.
[[nodiscard]] double double_of(core::Value number);
[[nodiscard]] double to_double(const Decimal& number);
/// `a + b`; empty when it leaves 127 bits or 36 digits of scale.
[[nodiscard]] std::optional<Decimal> sum(const Decimal& a, const Decimal& b);
[[nodiscard]] std::optional<Decimal> difference(const Decimal& a, const Decimal& b);
/// `12.5`, `-3`, `1e+40` for scales far below zero.
[[nodiscard]] std::string to_text(Decimal number);
/// As an integer when it is one that fits, else as number text in the arena.
[[nodiscard]] core::Value to_value(Decimal number, core::Arena& arena);

/// Total order of numbers by exact value where both are decimals, else as doubles; NaN is lowest.
[[nodiscard]] int compare_numbers(core::Value a, core::Value b);

/// The total order of values that min, max, sets and sorting use: null < false < true < numbers <
/// timestamps < strings < bytes < arrays < objects; strings and bytes bytewise, arrays element by
/// element, objects by their sorted keys, then values.
[[nodiscard]] int compare_values(core::Value a, core::Value b, core::Arena& scratch);

}  // namespace weir::windowing
