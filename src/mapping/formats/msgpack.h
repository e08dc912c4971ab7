#pragma once

#include <string_view>

#include "core/buffer.h"
#include "core/result.h"
#include "core/value.h"
#include "mapping/formats/arena_budget.h"

namespace weir::mapping {

/// The first MessagePack value of some bytes; what follows it is ignored. Strings and byte arrays
/// are borrowed from the bytes. Timestamps (extension -1) are read, other extensions refused.
/// Errors: kInvalidData for data that ends too early or has keys that are no strings; kLimit past
/// core::kMaxDepth, core::kMaxMembers or the budget.
[[nodiscard]] core::Result<core::Value> parse_msgpack(std::string_view bytes,
                                                      const ArenaBudget& budget);

/// Appends the value as MessagePack: every number in its shortest form, document numbers as
/// integers where they are some and fit, keys sorted. Error kInvalidData: markers; kLimit past
/// core::kMaxDepth.
[[nodiscard]] core::Status write_msgpack(core::Value value, core::Arena& scratch,
                                         core::Buffer& out);

}  // namespace weir::mapping
