#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/value.h"
#include "mapping/call.h"

namespace weir::mapping {

// What the families that work on arrays and objects have in common.

/// An array in the arena with room for exactly `count` elements, to be filled by push(). Null when
/// that is past the budget: `array` then is the failure to answer with.
[[nodiscard]] core::Container* make_array(Call& call, std::uint64_t count, core::Value& array);

/// Appends to an array that has room. Markers, which no container holds, become null.
inline void push(core::Container& array, core::Value element) {
  array.items[array.size++] = element.is_marker() ? core::Value::null() : core::share(element);
}

/// An object of two members, e.g. `{index, value}`. The names are static text.
[[nodiscard]] core::Value make_pair(core::Arena& arena, std::string_view first_name,
                                    core::Value first, std::string_view second_name,
                                    core::Value second);
/// Values that one make_pair() takes of the budget.
inline constexpr std::uint64_t kPairSize = 8;

/// The index that a segment of a path stands for within an array: digits only.
[[nodiscard]] std::optional<std::uint32_t> index_in(std::string_view segment);

/// Where one segment of a path leads from a container; null when it leads nowhere.
[[nodiscard]] core::Value* child_at(core::Value from, std::string_view segment);

/// Number of values in a value, itself included, but no more than `most`: what comparing with it
/// costs.
[[nodiscard]] std::uint64_t weight(core::Value value, std::uint64_t most = 1U << 20);

}  // namespace weir::mapping
