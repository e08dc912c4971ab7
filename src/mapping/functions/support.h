#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/value.h"
#include "mapping/call.h"
#include "mapping/registry.h"

/// What several families of functions need.
namespace weir::mapping {

/// What escapes, parsers and other conversions of text are called on; in errors: "string".
inline constexpr TargetKinds kOnTextForm = kOnText | kOnTimestamp;

/// The text of such a target; a timestamp as RFC 3339.
[[nodiscard]] std::string_view text_form(Call& call);

/// The text of a string or byte array that is an element of something, else nothing.
[[nodiscard]] std::optional<std::string_view> element_text(core::Value element, core::Arena& arena);

/// Where `what` first begins in `in`, at or behind `from`; npos when nowhere. Linear for any text.
[[nodiscard]] std::size_t find_text(std::string_view in, std::string_view what,
                                    std::size_t from = 0);

/// How often `what`, which is not empty, occurs without overlap.
[[nodiscard]] std::size_t count_text(std::string_view in, std::string_view what);

/// Characters, where each byte that is not UTF-8 counts as one.
[[nodiscard]] std::size_t count_characters(std::string_view text);

/// An empty string for writers that want one. The thread keeps its memory, unless it has become
/// large. One at a time.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string& text() { return text_; }

 private:
  std::string& text_;
};

/// The text, copied to where results live; too_big() when it does not fit.
[[nodiscard]] core::Value made_text(Call& call, std::string_view text, core::Kind kind);

/// An array whose size is not known beforehand. It asks for its share of the budget as it grows.
class ArrayBuilder {
 public:
  explicit ArrayBuilder(Call& call) : call_(call), made_(core::Value::array(call.arena())) {}

  /// False: the budget is used up.
  [[nodiscard]] bool append(core::Value item) {
    if (size_ == granted_) {
      granted_ = granted_ == 0 ? 16 : granted_ * 2;
      if (!call_.may_build(granted_)) return false;
    }
    ++size_;
    core::append_item(made_, item, call_.arena());
    return true;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] core::Value finish() const { return made_; }

 private:
  Call& call_;
  core::Value made_;
  std::size_t size_ = 0;
  std::size_t granted_ = 0;
};

}  // namespace weir::mapping
