#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/buffer.h"
#include "core/result.h"
#include "core/value.h"
#include "mapping/formats/arena_budget.h"

namespace weir::mapping {

/// An object with the root element as its only member, made of the first element of an XML text.
///
/// An element is its text, white space at both ends cut off; with attributes or elements inside it
/// is an object: `-name` for attributes, `#text` for text that is not empty, the names of elements,
/// whose value is an array when there are several of one name. Prefixes of names are left out;
/// comments and processing instructions too. With `cast` texts that are numbers or bools become
/// such. Errors: kInvalidData with line and column for what is not well-formed, has its own
/// entities, or has an encoding other than UTF-8, UTF-16, ISO-8859-1, US-ASCII; kLimit past
/// core::kMaxDepth or the budget.
[[nodiscard]] core::Result<core::Value> parse_xml(std::string_view text, bool cast,
                                                  const ArenaBudget& budget);

struct XmlStyle {
  std::optional<std::string_view> indent;  ///< per level; none: everything on one line
  std::string_view root_tag;  ///< empty: the object's only key, `doc` when that cannot be the root
  std::size_t max_size = std::size_t{128} << 20;
};

/// Writes an object as parse_xml reads it; keys are sorted, null and empty things are empty
/// elements. Errors: kInvalidData for keys that are no XML names and for attributes that are no
/// scalars; kLimit.
[[nodiscard]] core::Status write_xml(core::Value object, const XmlStyle& style,
                                     core::Arena& scratch, core::Buffer& out);

}  // namespace weir::mapping
