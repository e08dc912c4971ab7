#pragma once

#include <cstddef>
#include <string_view>

#include "core/buffer.h"
#include "core/result.h"
#include "core/value.h"
#include "mapping/formats/arena_budget.h"

namespace weir::mapping {

/// The value of a YAML text with one document; null for none.
///
/// Plain scalars are resolved as Go's yaml.v3 does: `yes` is a string, `017` and `0o17` are octal,
/// dates are timestamps. Keys are the text as it is written. Aliases and `<<` are resolved.
/// Errors: kInvalidData with the line; kLimit past 4 MiB of text, 250,000 nodes, core::kMaxDepth,
/// 100,000 nodes repeated by aliases, or the budget.
[[nodiscard]] core::Result<core::Value> parse_yaml(std::string_view text,
                                                   const ArenaBudget& budget);

/// What a plain scalar stands for: null, bool, number, timestamp or string.
[[nodiscard]] core::Value resolve_yaml_scalar(std::string_view text, core::Arena& arena);

/// Appends the value as YAML in block style, indented by four, keys sorted. What reads as something
/// else is quoted; bytes and strings that are not UTF-8 become `!!binary`.
/// Errors: kInvalidData for markers, kLimit past `max_size` bytes.
[[nodiscard]] core::Status write_yaml(core::Value value, std::size_t max_size, core::Arena& scratch,
                                      core::Buffer& out);

}  // namespace weir::mapping
