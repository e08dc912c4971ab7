#pragma once

#include <string>
#include <string_view>

namespace weir::mapping::text {

/// Appends the text as it may stand in a URL: lower-case ASCII letters, digits, `_`, and single `-`
/// for everything else, none of them at the ends. `Café & Restaurant` is `cafe-et-restaurant` in
/// French.
///
/// Latin letters lose their accents (`ß` is `ss`, `æ` is `ae`); Greek and Cyrillic letters are
/// written in Latin ones; quotes and apostrophes disappear. Other scripts have no Latin form here
/// and count as separators. `lang` (an ISO 639 code: bg cs de el en es fi fr hu id it kk nb nl nn
/// pl pt ro sl sv tr, or its three-letter form; any other means en) says how `&` and `@` are read
/// and how some letters are written (`ä` is `ae` in German).
void append_slug(std::string& out, std::string_view text, std::string_view lang = "en");

}  // namespace weir::mapping::text
