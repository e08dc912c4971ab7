#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "mapping/context.h"
#include "mapping/mapping.h"

namespace weir::mapping {

/// A configuration string with `${! expression }` in it; `${{! text }}` stands for `${! text }`.
///
/// Immutable, cheap to copy, usable from many threads.
class Template {
 public:
  /// The empty constant text.
  Template();
  /// A constant: nothing in the text is interpreted.
  [[nodiscard]] static Template literal(std::string text);
  [[nodiscard]] static tl::expected<Template, ParseErrors> parse(
      std::string_view text, const CompileOptions& options = {});

  /// No expression: render() needs no message and cannot fail.
  [[nodiscard]] bool is_constant() const;
  /// The text in front of the first expression (all of a constant): what a file path must begin
  /// with.
  [[nodiscard]] std::string_view literal_prefix() const;
  [[nodiscard]] bool is_deterministic() const;
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const std::vector<PathUse>& reads() const;

  /// The text for the context's message, in its arena (or in this template when constant).
  [[nodiscard]] core::Result<std::string_view> render(Context& context) const;
  /// The text of a constant.
  [[nodiscard]] std::string_view constant() const { return literal_prefix(); }
  /// A template of exactly one expression and nothing around it keeps the value's kind; else a
  /// string as render().
  [[nodiscard]] core::Result<core::Value> value(Context& context) const;

 private:
  struct Parts;
  explicit Template(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
};

}  // namespace weir::mapping
