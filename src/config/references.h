#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostics.h"
#include "config/yaml_names.h"
#include "config/yaml_reader.h"
#include "core/result.h"

/// `${...}` in configuration texts. YAML's own grammar gives braces, colons and `#` a meaning, so
/// the references are covered by placeholders of the same width before parsing and put back,
/// replaced, inside the scalars afterwards.
namespace weir::config::yaml {

struct Reference {
  enum class Kind : std::uint8_t {
    kVariable,       ///< `${NAME}`, `${NAME:default}`, `${NAME|transform}`
    kEscaped,        ///< `${{NAME}}`: the text `${NAME}`
    kInterpolation,  ///< `${! ... }`, `${{! ... }}`: kept as it stands
  };
  Kind kind = Kind::kVariable;
  std::size_t offset = 0;
  std::size_t length = 0;
  unsigned line = 0;    ///< 1-based
  unsigned column = 0;  ///< 1-based, in bytes
};

struct MaskedText {
  std::string text;  ///< same length and lines as the source; empty when there are no references
  char marker = 0;   ///< the byte that starts every placeholder
  std::vector<Reference> references;
};

/// Finds the references of `source` and covers them. References stay within one line; what does not
/// follow their grammar is left alone. The source must hold no control characters but tab, CR and
/// LF. Error kLimit: more than 262,144 references.
[[nodiscard]] core::Result<MaskedText> mask_references(std::string_view source);

struct Expanded {
  std::string text;
  std::string original;  ///< with the references as written, when from_env
  bool from_env = false;
  bool missing = false;  ///< a variable had no value, and that was allowed or reported
  bool quoted = false;   ///< a plain scalar that is nothing but a quoted default: `${A:"x"}`
  bool trimmed = false;  ///< blanks or quotes of a default were dropped, as around plain scalars
};

/// Puts the references back into scalars and replaces variables.
class ReferenceExpander {
 public:
  /// All arguments are borrowed and must outlive the expander.
  ReferenceExpander(std::string_view source, const MaskedText& masked, const std::string& file,
                    const YamlOptions& options, Diagnostics& diagnostics);

  /// True when the scalar holds placeholders.
  [[nodiscard]] bool applies_to(std::string_view scalar) const {
    return masked_.marker != 0 && scalar.find(masked_.marker) != std::string_view::npos;
  }
  /// `repeated`: the scalar was expanded before (an alias); its findings and uses are known.
  [[nodiscard]] Expanded expand(std::string_view scalar, ScalarStyle style, bool repeated);

  [[nodiscard]] std::vector<EnvUse> take_uses() { return std::move(uses_); }
  /// The texts outgrew limits.max_text_bytes: what expand gave back is cut off.
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  struct Piece;

  void expand_text(std::string_view text, const Location& place, Piece& out);
  void expand_variable(std::string_view token, const Location& place, Piece& out);
  void append(Piece& out, std::string_view text);
  void report(std::string_view rule, const Location& place, std::string message,
              std::string hint = "");

  std::string_view source_;
  const MaskedText& masked_;
  const std::string& file_;
  const YamlOptions& options_;
  Diagnostics& diagnostics_;
  std::vector<EnvUse> uses_;
  std::size_t expanded_bytes_ = 0;
  bool overflowed_ = false;
  bool repeated_ = false;
};

/// Text as it must be written so that mask_references and ReferenceExpander give it back.
struct EscapedText {
  std::string text;  ///< with every `${NAME...}` as `${{NAME...}}`
  /// False when that cannot express the text (it already holds `${{NAME}}`): quote the `$` instead.
  bool faithful = true;
  /// A line holds a reference that is not closed: it would go on in what follows on the same line.
  bool open_ended = false;
};
[[nodiscard]] EscapedText escape_references(std::string_view text);

}  // namespace weir::config::yaml
