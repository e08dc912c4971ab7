#pragma once

#include <string>
#include <string_view>

namespace weir::config::yaml {

/// A scalar as YAML text.
struct ScalarText {
  std::string text;   ///< on one line; of a block: the header (`|`, `|-`, `|+`)
  bool exact = true;  ///< false when a reference cannot be written so that it reads back the same
  std::string block;  ///< of a block: the text, to be indented line by line; otherwise empty
};

struct ScalarWish {
  bool must_be_text = false;    ///< it was quoted: must not read as a number, bool or null
  bool has_references = false;  ///< the text is a reference as written; otherwise `${` is escaped
  bool one_line = false;        ///< no block: a key, which `:` follows
};

/// The plainest YAML that reads back as `text`.
[[nodiscard]] ScalarText scalar_text(std::string_view text, const ScalarWish& wish);

}  // namespace weir::config::yaml
