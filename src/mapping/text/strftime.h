#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace weir::mapping::text {

/// Appends the time as a strftime format says; text outside directives stands for itself.
///
/// Directives: %Y %y %C %G %g year (G, g of the ISO week), %m %B %b %h month, %d %e %j day,
/// %A %a %w %u weekday, %V %U %W week, %H %k %I %l hour, %p %P AM/PM, %M %S minute and second,
/// %s unix seconds, %f microseconds, %Z %z %:z %::z %:::z zone, %t %n %% tab, line break, percent
/// sign, %c %+ %v %r %F %D %x %T %X %R combinations. Between % and letter: `-` no padding, `_`
/// blanks, `0` zeros, `^` upper case, `#` swapped case, a width (at most 1024). An unknown
/// directive is written as it stands. Error kLimit: paddings that add up to more than 64 KiB.
[[nodiscard]] core::Status append_strftime(std::string& out, const core::Timestamp& time,
                                           std::string_view format);

/// Parses a text along a strftime format. Missing parts are those of 1900-01-01T00:00:00Z; a day
/// that its month does not have runs over into the next. Flags and widths are not for parsing.
/// Error kInvalidData: `failed to parse "X" with "FORMAT": expected 'I'` and the like.
[[nodiscard]] core::Result<core::Timestamp> parse_strptime(std::string_view text,
                                                           std::string_view format);

}  // namespace weir::mapping::text
