#pragma once

#include <string>
#include <string_view>

namespace weir::mapping::text {

/// Appends the text with `<`, `>`, `&`, `'`, `"` as `&lt;`, `&gt;`, `&amp;`, `&#39;`, `&#34;`.
void append_escaped_html(std::string& out, std::string_view text);

/// Appends the text with all character references of HTML resolved: the 2125 named ones (106 of
/// them also without `;`), decimal and hexadecimal ones. What is no reference stays as it is; code
/// points that are no characters become U+FFFD, those of 0x80 to 0x9F mean Windows-1252.
void append_unescaped_html(std::string& out, std::string_view text);

}  // namespace weir::mapping::text
