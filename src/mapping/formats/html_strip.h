#pragma once

#include <set>
#include <string>
#include <string_view>

namespace weir::mapping {

/// Appends the text of an HTML fragment without its tags, comments and declarations, escaped so
/// that it is safe in HTML again. Elements named in `keep` (lower case) keep their tags, without
/// attributes; those that mean nothing without attributes, such as `a` and `img`, lose them all the
/// same. Scripts, styles, titles, frames and objects go with their content; scripts and styles
/// always. Any text is taken; time is linear in it.
void append_stripped_html(std::string& out, std::string_view html,
                          const std::set<std::string, std::less<>>& keep);

}  // namespace weir::mapping
