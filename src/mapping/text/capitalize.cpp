// append_capitalized of unicode_text.h: title case by the word boundaries of UAX 29, simplified.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include <utf8proc.h>

#include "core/quote.h"
#include "mapping/text/unicode_text.h"

namespace weir::mapping::text {
namespace {

using core::decode_utf8;
using core::Utf8Step;

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool in_ranges(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& r) { return c >= r.first && c <= r.last; });
}

/// Letters of scripts that do not put blanks between words: each ends the word before it.
/// Thai and Lao, Myanmar, Khmer, Tai, kana, Han, Yi-like and Tangut blocks.
constexpr std::array<Range, 16> kScriptsWithoutBlanks = {{{0x0E00, 0x0EFF},
                                                          {0x1000, 0x109F},
                                                          {0x1780, 0x17FF},
                                                          {0x1950, 0x19DF},
                                                          {0x1A20, 0x1AAF},
                                                          {0x3006, 0x3007},
                                                          {0x3021, 0x3035},
                                                          {0x3038, 0x30FF},
                                                          {0x31F0, 0x31FF},
                                                          {0x3400, 0x9FFF},
                                                          {0xA9E0, 0xA9FF},
                                                          {0xAA60, 0xAADF},
                                                          {0xF900, 0xFAFF},
                                                          {0xFF66, 0xFF9D},
                                                          {0x11700, 0x1174F},
                                                          {0x17000, 0x3FFFF}}};

/// Signs that count as part of a word although their category says otherwise.
constexpr std::array<Range, 14> kWordSigns = {{{0x2C2, 0x2C5},
                                               {0x2D2, 0x2D7},
                                               {0x2DE, 0x2DF},
                                               {0x2E5, 0x2FF},
                                               {0x55A, 0x55C},
                                               {0x55E, 0x55E},
                                               {0x5F3, 0x5F3},
                                               {0x66B, 0x66B},
                                               {0x202F, 0x202F},
                                               {0x24B6, 0x24E9},
                                               {0xA708, 0xA721},
                                               {0xA789, 0xA78A},
                                               {0x1F130, 0x1F189},
                                               {0x1F3FB, 0x1F3FF}}};

/// Letters with case although they are modifiers.
constexpr std::array<Range, 12> kCasedModifiers = {{{0xAA, 0xAA},
                                                    {0xBA, 0xBA},
                                                    {0x2B0, 0x2B8},
                                                    {0x2C0, 0x2C1},
                                                    {0x2E0, 0x2E4},
                                                    {0x37A, 0x37A},
                                                    {0x10FC, 0x10FC},
                                                    {0x1D2C, 0x1D6A},
                                                    {0x1D78, 0x1D78},
                                                    {0x1D9B, 0x1DBF},
                                                    {0x2071, 0x209C},
                                                    {0x2C7C, 0x2C7D}}};

/// MidLetter, MidNumLet and Single_Quote: inside a word when they stand alone between letters.
bool is_mid(char32_t c) {
  switch (c) {
    case U'\'':
    case U'.':
    case U':':
    case 0xB7:
    case 0x387:
    case 0x55F:
    case 0x5F4:
    case 0x2018:
    case 0x2019:
    case 0x2024:
    case 0x2027:
    case 0xFE13:
    case 0xFE52:
    case 0xFE55:
    case 0xFF07:
    case 0xFF0E:
    case 0xFF1A: return true;
    default: return false;
  }
}

utf8proc_int32_t raw(char32_t c) {
  return static_cast<utf8proc_int32_t>(c);
}

char32_t lower(char32_t c) {
  return static_cast<char32_t>(utf8proc_tolower(raw(c)));
}
char32_t title(char32_t c) {
  return c == 0xDF ? c : static_cast<char32_t>(utf8proc_totitle(raw(c)));
}

bool is_cased(char32_t c) {
  if (c < 0x80) return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  switch (utf8proc_category(raw(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT: return true;
    default: return lower(c) != c || title(c) != c || in_ranges(kCasedModifiers, c);
  }
}

bool ends_word(char32_t c) {
  if (c < 0x80) return !(is_cased(c) || (c >= U'0' && c <= U'9') || c == U'_');
  switch (utf8proc_category(raw(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC: return false;
    case UTF8PROC_CATEGORY_CF: return c == 0x200B;
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_NL: return in_ranges(kScriptsWithoutBlanks, c);
    default: return !in_ranges(kWordSigns, c);
  }
}

/// Does not end a search for a letter around a sigma.
bool is_case_ignorable(char32_t c) {
  if (is_mid(c)) return true;
  switch (utf8proc_category(raw(c))) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return false;
  }
}

bool letter_follows(std::string_view rest) {
  constexpr int kLookAhead = 30;  // ignorable characters
  for (int i = 0; i <= kLookAhead && !rest.empty(); ++i) {
    const Utf8Step step = decode_utf8(rest);
    if (!is_case_ignorable(step.code_point)) return step.valid && is_cased(step.code_point);
    rest.remove_prefix(step.size);
  }
  return false;
}

void append_lower(std::string& out, char32_t c, std::string_view rest) {
  if (c == 0x3A3) {
    core::append_utf8(out, letter_follows(rest) ? 0x3C3 : 0x3C2);
  } else if (c == 0x130) {
    out.append("i\u0307");
  } else {
    core::append_utf8(out, lower(c));
  }
}

/// Title case, with the few letters that become several: `ß` is `Ss`, the ligature `ﬁ` is `Fi`.
void append_title(std::string& out, std::string_view character, char32_t c) {
  const char32_t mapped = title(c);
  if (mapped != c || c < 0x80 || utf8proc_category(raw(c)) != UTF8PROC_CATEGORY_LL) {
    core::append_utf8(out, mapped);
    return;
  }
  utf8proc_uint8_t* folded = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(character.data()),
                                 static_cast<utf8proc_ssize_t>(character.size()), &folded,
                                 static_cast<utf8proc_option_t>(UTF8PROC_CASEFOLD));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(folded, &std::free);
  if (size <= 0) {
    out.append(character);
    return;
  }
  std::string_view text(reinterpret_cast<const char*>(folded), static_cast<std::size_t>(size));
  // U+0149 folds to an apostrophe and a letter; the letter is what has case.
  if (Utf8Step first = decode_utf8(text); !is_cased(first.code_point) && text.size() > first.size) {
    out.append(text.substr(0, first.size));
    text.remove_prefix(first.size);
  }
  const Utf8Step step = decode_utf8(text);
  core::append_utf8(out, title(step.code_point));
  out.append(text.substr(step.size));
}

}  // namespace

void append_capitalized(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size());
  bool in_word = false;
  bool after_mid = false;
  while (!text.empty()) {
    const Utf8Step step = decode_utf8(text);
    const std::string_view character = text.substr(0, step.size);
    const char32_t c = step.code_point;
    text.remove_prefix(step.size);
    const bool mid = step.valid && is_mid(c);
    if (mid && after_mid) in_word = false;
    after_mid = mid;
    if (!step.valid) {
      out.append(character);
      in_word = false;
    } else if (is_cased(c)) {
      if (in_word) {
        append_lower(out, c, text);
      } else {
        append_title(out, character, c);
      }
      in_word = true;
    } else {
      out.append(character);
      if (!mid && ends_word(c)) in_word = false;
    }
  }
}

}  // namespace weir::mapping::text
