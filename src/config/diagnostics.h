#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

/// A place in one of the files of a configuration. Lines and columns are 1-based, columns count
/// bytes; line 0 means "the whole file".
struct Location {
  std::string file;  ///< as the user named it; `--set[n]` for overrides, `<stdin>` for `-`
  unsigned line = 0;
  unsigned column = 0;

  /// `file:line:column`, without the parts that are unknown.
  [[nodiscard]] std::string to_string() const;
};

enum class Severity : std::uint8_t { kWarning, kError };

/// One finding of lint. `rule` is stable and documented in docs/lint/ (`E0101`, `W0203`, ...).
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string rule;
  Location where;
  std::string message;  ///< what is wrong
  std::string hint;     ///< what to write instead; may be empty
};

/// Collects findings; reading goes on after an error so that all are reported at once.
class Diagnostics {
 public:
  void error(std::string_view rule, Location where, std::string message, std::string hint = "");
  void warning(std::string_view rule, Location where, std::string message, std::string hint = "");

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return found_; }
  /// Sorted by file (in order of first mention), line, column; equal findings once.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> found_;
  std::size_t errors_ = 0;
};

/// The entry of `candidates` nearest to `word` by Damerau-Levenshtein distance, when near enough to
/// be a slip of the fingers (at most a third of the length); empty otherwise.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       const std::vector<std::string_view>& candidates);

}  // namespace weir::config
