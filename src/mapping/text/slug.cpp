#include "mapping/text/slug.h"

#include <algorithm>
#include <array>

#include <utf8proc.h>

#include "core/quote.h"
#include "mapping/text/unicode_text.h"

namespace weir::mapping::text {
namespace {

using core::decode_utf8;
using core::Utf8Step;

struct Letter {
  char32_t letter;
  std::string_view latin;
};

/// How one language reads `&` and `@` (empty: as a separator), and its own letters, lower case.
struct Language {
  std::string_view codes;  // separated by blanks
  std::string_view ampersand;
  std::string_view at_sign;
  std::string_view letters;  // letter=latin, separated by blanks
};

constexpr std::array<Language, 21> kLanguages = {{
    {"en eng", "and", "at", ""},
    {"bg bgr", "", "", "х=h щ=sht ъ=a ь=y ю=yu я=ya й=y"},
    {"cs ces", "a", "zavinac", ""},
    {"de deu", "und", "an", "ä=ae ö=oe ü=ue"},
    {"el ell gr", "kai", "", "β=v η=i ή=i ι=i ί=i ϊ=i ΐ=i ξ=x υ=y ύ=y ϋ=y ΰ=y φ=f χ=ch ω=o ώ=o"},
    {"es spa", "y", "en", ""},
    {"fi fin", "ja", "at", ""},
    {"fr fra", "et", "arobase", ""},
    {"hu hun", "", "", ""},
    {"id idn ind", "dan", "", ""},
    {"it ita", "e", "chiocciola", ""},
    {"kk kaz kz", "jane", "", "ә=a ғ=g қ=q ң=n ө=o ұ=u"},
    {"nb nob", "og", "at", "æ=ae ø=oe å=aa"},
    {"nl nld", "en", "at", ""},
    {"nn nno", "og", "at", "æ=ae ø=oe å=aa"},
    {"pl pol", "i", "na", ""},
    {"pt prt pt-br br bra por", "e", "em", ""},
    {"ro rou", "si", "", ""},
    {"sl slv", "in", "", "đ=dz"},
    {"sv swe", "och", "snabel a", ""},
    {"tr tur", "ve", "et", ""},
}};

/// Letters and signs that do not become ASCII by losing their accents. Lower case, sorted.
constexpr std::array<Letter, 147> kLetters = {{
    {0xA2, "c-"},  {0xA3, "ps"},   {0xA5, "y-"},   {0xA7, "ss"},    {0xA9, "-c-"}, {0xAE, "-r-"},
    {0xB0, "deg"}, {0xB5, "u"},    {0xBC, "1-4"},  {0xBD, "1-2"},   {0xBE, "3-4"}, {0xD7, "x"},
    {0xDF, "ss"},  {0xE6, "ae"},   {0xF0, "d"},    {0xF8, "o"},     {0xFE, "th"},  {0x111, "d"},
    {0x127, "h"},  {0x131, "i"},   {0x138, "k"},   {0x140, "l"},    {0x142, "l"},  {0x149, "-n"},
    {0x14B, "ng"}, {0x153, "oe"},  {0x167, "t"},   {0x180, "b"},    {0x183, "b"},  {0x188, "c"},
    {0x18C, "d"},  {0x192, "f"},   {0x195, "hv"},  {0x199, "k"},    {0x19A, "l"},  {0x19E, "n"},
    {0x1A3, "oi"}, {0x1A5, "p"},   {0x1AB, "t"},   {0x1AD, "t"},    {0x1B4, "y"},  {0x1B6, "z"},
    {0x1BF, "w"},  {0x1E3, "ae"},  {0x1E5, "g"},   {0x1FD, "ae"},   {0x1FF, "o"},  {0x21D, "y"},
    {0x221, "d"},  {0x223, "ou"},  {0x225, "z"},   {0x234, "l"},    {0x235, "n"},  {0x236, "t"},
    {0x237, "j"},  {0x23C, "c"},   {0x247, "e"},   {0x249, "j"},    {0x24D, "r"},  {0x24F, "y"},
    {0x253, "b"},  {0x254, "o"},   {0x256, "d"},   {0x257, "d"},    {0x25B, "e"},  {0x260, "g"},
    {0x268, "i"},  {0x26B, "l"},   {0x272, "n"},   {0x275, "o"},    {0x280, "r"},  {0x288, "t"},
    {0x289, "u"},  {0x28B, "v"},   {0x3B1, "a"},   {0x3B2, "b"},    {0x3B3, "g"},  {0x3B4, "d"},
    {0x3B5, "e"},  {0x3B6, "z"},   {0x3B7, "e"},   {0x3B8, "th"},   {0x3B9, "i"},  {0x3BA, "k"},
    {0x3BB, "l"},  {0x3BC, "m"},   {0x3BD, "n"},   {0x3BE, "x"},    {0x3BF, "o"},  {0x3C0, "p"},
    {0x3C1, "r"},  {0x3C2, "s"},   {0x3C3, "s"},   {0x3C4, "t"},    {0x3C5, "u"},  {0x3C6, "ph"},
    {0x3C7, "kh"}, {0x3C8, "ps"},  {0x3C9, "o"},   {0x430, "a"},    {0x431, "b"},  {0x432, "v"},
    {0x433, "g"},  {0x434, "d"},   {0x435, "e"},   {0x436, "zh"},   {0x437, "z"},  {0x438, "i"},
    {0x43A, "k"},  {0x43B, "l"},   {0x43C, "m"},   {0x43D, "n"},    {0x43E, "o"},  {0x43F, "p"},
    {0x440, "r"},  {0x441, "s"},   {0x442, "t"},   {0x443, "u"},    {0x444, "f"},  {0x445, "kh"},
    {0x446, "ts"}, {0x447, "ch"},  {0x448, "sh"},  {0x449, "shch"}, {0x44A, "-"},  {0x44B, "y"},
    {0x44C, "-"},  {0x44D, "e"},   {0x44E, "iu"},  {0x44F, "ia"},   {0x450, "ie"}, {0x451, "io"},
    {0x452, "dj"}, {0x453, "gj"},  {0x454, "ie"},  {0x455, "dz"},   {0x456, "i"},  {0x457, "yi"},
    {0x458, "j"},  {0x459, "lj"},  {0x45A, "nj"},  {0x45B, "tsh"},  {0x45C, "kj"}, {0x45F, "dzh"},
    {0x491, "g-"}, {0x20AC, "eu"}, {0x2122, "tm"},
}};

bool has_word(std::string_view words, std::string_view word) {
  for (std::string_view rest = words; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, end) == word) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

const Language& language(std::string_view code) {
  std::string lower;
  append_lowercase(lower, code.substr(0, 8));
  const auto* const found =
      std::find_if(kLanguages.begin(), kLanguages.end(),
                   [&](const Language& l) { return has_word(l.codes, lower); });
  return found == kLanguages.end() ? kLanguages.front() : *found;
}

/// How the language itself writes the letter; empty when it has no rule.
std::string_view own_letter(const Language& lang, std::string_view letter) {
  const std::size_t at = lang.letters.find(letter);
  if (at == std::string_view::npos) return {};
  const std::string_view latin = lang.letters.substr(at + letter.size() + 1);
  return latin.substr(0, latin.find(' '));
}

std::string_view common_letter(char32_t c) {
  const auto* const found = std::find_if(kLetters.begin(), kLetters.end(),
                                         [c](const Letter& l) { return l.letter == c; });
  return found == kLetters.end() ? std::string_view() : found->latin;
}

class Slug {
 public:
  Slug(std::string& out, const Language& lang) : out_(out), lang_(lang) {}

  void add(std::string_view text) {
    while (!text.empty()) {
      const Utf8Step step = decode_utf8(text);
      if (step.code_point < 0x80) {
        ascii(text.front());
      } else {
        character(text.substr(0, step.size), step.code_point);
      }
      text.remove_prefix(step.size);
    }
  }

 private:
  /// A letter stays, anything else separates. Separators and `_` wait until a letter follows, so
  /// that none ends up last.
  void put(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      if (any_) out_.append(waiting_);
      waiting_.clear();
      out_.push_back(c);
      any_ = true;
    } else if (c == '_' || waiting_.empty() || waiting_.back() != '-') {
      waiting_.push_back(c == '_' ? '_' : '-');
    }
  }

  void put(std::string_view text) {
    for (const char c : text) put(c);
  }

  void ascii(char c) {
    switch (c) {
      case '"':
      case '\'': break;
      case '&': put(lang_.ampersand.empty() ? "-" : lang_.ampersand); break;
      case '@': put(lang_.at_sign.empty() ? "-" : lang_.at_sign); break;
      default: put(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
  }

  void character(std::string_view bytes, char32_t c) {
    if (c == 0x2019) return;  // the typographic apostrophe
    std::string lower;
    append_lowercase(lower, bytes);
    const Utf8Step step = decode_utf8(lower);
    if (step.code_point < 0x80) return ascii(static_cast<char>(step.code_point));
    if (const std::string_view own = own_letter(lang_, lower); !own.empty()) return put(own);
    if (const std::string_view latin = common_letter(step.code_point); !latin.empty()) {
      return put(latin);
    }
    without_accents(step.code_point);
  }

  /// Symbols (emoji among them), marks and invisible characters leave no trace.
  static bool vanishes(char32_t c) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
      case UTF8PROC_CATEGORY_SO:
      case UTF8PROC_CATEGORY_SK:
      case UTF8PROC_CATEGORY_MN:
      case UTF8PROC_CATEGORY_ME:
      case UTF8PROC_CATEGORY_CF:
      case UTF8PROC_CATEGORY_CC:
      case UTF8PROC_CATEGORY_CN:
      case UTF8PROC_CATEGORY_CO: return true;
      default: return false;
    }
  }

  /// The letters that remain when the character is taken apart and its marks are dropped.
  void without_accents(char32_t c) {
    constexpr utf8proc_ssize_t kMost = 32;
    std::array<utf8proc_int32_t, kMost> parts{};
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                                        UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
    const utf8proc_ssize_t count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c),
                                                           parts.data(), kMost, options, nullptr);
    if (count < 0 || count > kMost) return put('-');
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
      const auto part = static_cast<char32_t>(parts[static_cast<std::size_t>(i)]);
      if (part < 0x80) {
        ascii(static_cast<char>(part));
        continue;
      }
      std::string letter;
      core::append_utf8(letter, part);
      const std::string_view own = own_letter(lang_, letter);
      const std::string_view latin = own.empty() ? common_letter(part) : own;
      if (!latin.empty()) {
        put(latin);
      } else if (!vanishes(part)) {
        put('-');
      }
    }
  }

  std::string& out_;
  const Language& lang_;
  std::string waiting_;
  bool any_ = false;
};

}  // namespace

void append_slug(std::string& out, std::string_view text, std::string_view lang) {
  Slug(out, language(lang)).add(trimmed(text));
}

}  // namespace weir::mapping::text
