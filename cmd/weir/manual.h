#pragma once

#include <string>

#include "config/field.h"
#include "mapping/registry.h"

namespace weir::cmd {

/// `replace_all(old, new)`, with `?` and defaults.
[[nodiscard]] std::string signature(const mapping::Callable& callable);
/// The manual of a function or method, for the terminal.
[[nodiscard]] std::string function_manual(const mapping::Callable& callable);
/// The manual page of all functions, or of all methods, Markdown.
[[nodiscard]] std::string mapping_reference(bool methods);
/// The manual page of a component, Markdown.
[[nodiscard]] std::string component_page(const config::ComponentDoc& doc);
/// A type in words: `list of processors`, `duration`.
[[nodiscard]] std::string type_text(const config::FieldDoc& field);

}  // namespace weir::cmd
