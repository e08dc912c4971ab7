#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace re2 {
class RE2;
}

namespace weir::mapping {

/// A regular expression with the meaning it has in Go: RE2 syntax, leftmost-first matches, `$` only
/// at the end of the text, `\C` refused. Matching takes time linear in the text. Thread-safe.
class GoRegexp {
 public:
  /// Error kInvalidConfig, with Go's words: "error parsing regexp: missing closing ): `a(`".
  [[nodiscard]] static core::Result<GoRegexp> compile(std::string_view pattern);

  GoRegexp(GoRegexp&&) noexcept;
  GoRegexp& operator=(GoRegexp&&) noexcept;
  ~GoRegexp();

  /// Capturing groups, the whole match (number 0) included.
  [[nodiscard]] std::size_t groups() const { return names_.size(); }
  /// The name of each group; its number where it has none.
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }

  [[nodiscard]] bool matches(std::string_view text) const;

  /// The part of a text that a group matched; no data: the group took no part.
  using Parts = std::span<std::string_view>;

  /// The first match that begins at `from` or behind; `parts` takes that many groups, at least one.
  [[nodiscard]] bool find(std::string_view text, std::size_t from, Parts parts) const;

  /// Walks through all matches as Go's FindAll does: none overlap, and an empty one never follows
  /// immediately behind another.
  class Finder {
   public:
    Finder(const GoRegexp& regexp, std::string_view text)
        : regexp_(regexp), text_(text.data() == nullptr ? std::string_view("") : text) {}
    [[nodiscard]] bool next(Parts parts);

   private:
    const GoRegexp& regexp_;
    std::string_view text_;
    std::size_t at_ = 0;
    const char* previous_end_ = nullptr;
  };

  /// What to put in place of a match: text with `$1`, `${1}`, `$name`, `${name}`; `$$` is a dollar.
  /// A name is as long as it can be, so `$1x` is the group `1x`; groups that do not exist are
  /// empty.
  class Template {
   public:
    struct Piece {
      std::string text;
      std::vector<std::uint32_t> groups;  ///< behind the text: the first of these that took part
    };
    [[nodiscard]] std::span<const Piece> pieces() const { return pieces_; }
    /// How many groups find() must be asked for.
    [[nodiscard]] std::size_t groups() const { return groups_; }

   private:
    friend class GoRegexp;
    std::vector<Piece> pieces_;
    std::size_t groups_ = 1;
  };
  [[nodiscard]] Template parse_template(std::string_view text) const;

  /// Calls `append(std::string_view)` with the pieces of `text` in which every match is replaced,
  /// until one of the calls returns false. `parts` takes replacement.groups().
  template <class Append>
  void replace(std::string_view text, const Template& replacement, Parts parts,
               Append&& append) const;

 private:
  GoRegexp();

  std::unique_ptr<re2::RE2> re_;
  std::vector<std::string> names_;
  std::vector<std::string> keys_;
};

/// Bytes of the first character of `text` at `at`; 1 for a byte that is not UTF-8, 0 at the end.
[[nodiscard]] std::size_t character_size(std::string_view text, std::size_t at);

template <class Append>
void GoRegexp::replace(std::string_view text, const Template& replacement, Parts parts,
                       Append&& append) const {
  if (text.data() == nullptr) text = "";
  std::size_t copied = 0;
  std::size_t at = 0;
  while (at <= text.size() && find(text, at, parts)) {
    const auto begin = static_cast<std::size_t>(parts[0].data() - text.data());
    const std::size_t end = begin + parts[0].size();
    if (!append(text.substr(copied, begin - copied))) return;
    if (end > copied || begin == 0) {  // else: an empty match right behind the last one
      for (const Template::Piece& piece : replacement.pieces()) {
        if (!append(std::string_view(piece.text))) return;
        for (const std::uint32_t group : piece.groups) {
          if (parts[group].data() == nullptr) continue;
          if (!append(parts[group])) return;
          break;
        }
      }
    }
    copied = end;
    const std::size_t width = character_size(text, at);
    if (at + width > end) {
      at += width;
    } else if (at + 1 > end) {
      ++at;
    } else {
      at = end;
    }
  }
  append(text.substr(copied));
}

}  // namespace weir::mapping
