#include "mapping/unicode/segments.h"

#include <utf8proc.h>

#include "core/quote.h"
#include "mapping/unicode/break_properties.h"

namespace weir::mapping {

namespace {

std::size_t first_grapheme(std::string_view text) {
  core::Utf8Step step = core::decode_utf8(text);
  std::size_t size = step.size;
  utf8proc_int32_t state = 0;
  while (size < text.size()) {
    const core::Utf8Step next = core::decode_utf8(text.substr(size));
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(step.code_point),
                                         static_cast<utf8proc_int32_t>(next.code_point), &state)) {
      break;
    }
    size += next.size;
    step = next;
  }
  return size;
}

// ---- words; the names of the rules are those of the annex

using W = WordBreak;

bool is_line_end(W w) {
  return w == W::kNewline || w == W::kCr || w == W::kLf;
}
bool is_absorbed(W w) {
  return w == W::kExtend || w == W::kFormat || w == W::kZwj;
}
bool is_letter(W w) {
  return w == W::kLetter || w == W::kHebrewLetter;
}
bool is_mid_num_let(W w) {
  return w == W::kMidNumLet || w == W::kSingleQuote;
}
bool is_mid_letter(W w) {
  return w == W::kMidLetter || is_mid_num_let(w);
}
bool is_mid_number(W w) {
  return w == W::kMidNum || is_mid_num_let(w);
}

class WordFinder {
 public:
  explicit WordFinder(std::string_view text) : text_(text) {}

  std::size_t first() {
    core::Utf8Step step = core::decode_utf8(text_);
    at_ = step.size;
    raw_ = word_break(step.code_point);
    last_ = raw_;
    indicators_ = raw_ == W::kRegionalIndicator ? 1 : 0;
    for (; at_ < text_.size(); at_ += step.size) {
      step = core::decode_utf8(text_.substr(at_));
      const W w = word_break(step.code_point);
      if (breaks_before(w, step)) break;
      if (!is_absorbed(w)) {  // WB4
        before_last_ = last_;
        last_ = w;
        indicators_ = w == W::kRegionalIndicator ? indicators_ + 1 : 0;
      }
      raw_ = w;
    }
    return at_;
  }

 private:
  [[nodiscard]] bool breaks_before(W w, const core::Utf8Step& step) const {
    if (raw_ == W::kCr && w == W::kLf) return false;                        // WB3
    if (is_line_end(raw_) || is_line_end(w)) return true;                   // WB3a, b
    if (raw_ == W::kZwj && is_pictographic(step.code_point)) return false;  // WB3c
    if (raw_ == W::kSpace && w == W::kSpace) return false;                  // WB3d
    if (is_absorbed(w)) return false;                                       // WB4
    if (is_letter(last_)) {
      if (is_letter(w) || w == W::kNumeric || w == W::kExtendNumLet) return false;  // WB5, 9, 13a
      if (is_mid_letter(w) && is_letter(next(step.size))) return false;             // WB6
      if (last_ == W::kHebrewLetter && w == W::kSingleQuote) return false;          // WB7a
      if (last_ == W::kHebrewLetter && w == W::kDoubleQuote) {
        return next(step.size) != W::kHebrewLetter;  // WB7b
      }
      return true;
    }
    if (is_letter(w)) {
      if (is_mid_letter(last_) && is_letter(before_last_)) return false;  // WB7
      if (last_ == W::kDoubleQuote && before_last_ == W::kHebrewLetter && w == W::kHebrewLetter) {
        return false;  // WB7c
      }
      return last_ != W::kNumeric && last_ != W::kExtendNumLet;  // WB10, 13b
    }
    if (w == W::kNumeric) {
      if (is_mid_number(last_) && before_last_ == W::kNumeric) return false;  // WB11
      return last_ != W::kNumeric && last_ != W::kExtendNumLet;               // WB8, 13b
    }
    if (last_ == W::kNumeric && is_mid_number(w)) return next(step.size) != W::kNumeric;  // WB12
    if (w == W::kKatakana) return last_ != W::kKatakana && last_ != W::kExtendNumLet;  // WB13, 13b
    if (w == W::kExtendNumLet) {
      return last_ != W::kNumeric && last_ != W::kKatakana && last_ != W::kExtendNumLet;  // WB13a
    }
    if (w == W::kRegionalIndicator && last_ == W::kRegionalIndicator)
      return indicators_ % 2 == 0;  // WB15, 16
    return true;
  }

  /// The property of what follows the character at hand, of `size` bytes.
  [[nodiscard]] W next(std::size_t size) const {
    for (std::size_t at = at_ + size; at < text_.size();) {
      const core::Utf8Step step = core::decode_utf8(text_.substr(at));
      const W w = word_break(step.code_point);
      if (!is_absorbed(w)) return w;
      at += step.size;
    }
    return W::kOther;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  W raw_ = W::kOther;          // of the character before
  W last_ = W::kOther;         // the same, passing over what WB4 absorbs
  W before_last_ = W::kOther;  // and the one before that
  std::size_t indicators_ = 0;
};

// ---- sentences

using S = SentenceBreak;

bool is_paragraph_end(S s) {
  return s == S::kSeparator || s == S::kCr || s == S::kLf;
}
bool is_absorbed(S s) {
  return s == S::kExtend || s == S::kFormat;
}
bool is_terminator(S s) {
  return s == S::kATerm || s == S::kSTerm;
}

class SentenceFinder {
 public:
  explicit SentenceFinder(std::string_view text) : text_(text) {}

  std::size_t first() {
    core::Utf8Step step = core::decode_utf8(text_);
    at_ = step.size;
    raw_ = sentence_break(step.code_point);
    take(raw_);
    for (; at_ < text_.size(); at_ += step.size) {
      step = core::decode_utf8(text_.substr(at_));
      const S s = sentence_break(step.code_point);
      if (breaks_before(s)) break;
      if (!is_absorbed(s)) take(s);  // SB5
      raw_ = s;
    }
    return at_;
  }

 private:
  enum class Stage : std::uint8_t { kNone, kTerminator, kClose, kSpace };

  [[nodiscard]] bool breaks_before(S s) const {
    if (raw_ == S::kCr && s == S::kLf) return false;  // SB3
    if (is_paragraph_end(raw_)) return true;          // SB4
    if (is_absorbed(s)) return false;                 // SB5
    if (stage_ == Stage::kNone) return false;         // SB998
    if (is_abbreviation_ && stage_ == Stage::kTerminator) {
      if (s == S::kNumeric) return false;                  // SB6
      if (s == S::kUpper && behind_letter_) return false;  // SB7
    }
    if (s == S::kContinue || is_terminator(s)) return false;      // SB8a
    if (is_paragraph_end(s) || s == S::kSpace) return false;      // SB9, 10
    if (s == S::kClose && stage_ != Stage::kSpace) return false;  // SB9
    return !(is_abbreviation_ && goes_on_in_lower_case());  // SB8, 11; last: it looks far ahead
  }

  /// SB8: a small letter follows before anything that could begin a sentence.
  [[nodiscard]] bool goes_on_in_lower_case() const {
    for (std::size_t at = at_; at < text_.size();) {
      const core::Utf8Step step = core::decode_utf8(text_.substr(at));
      const S s = sentence_break(step.code_point);
      if (s == S::kLower) return true;
      if (s == S::kLetter || s == S::kUpper || is_paragraph_end(s) || is_terminator(s))
        return false;
      at += step.size;
    }
    return false;
  }

  void take(S s) {
    if (is_terminator(s)) {
      behind_letter_ = last_ == S::kUpper || last_ == S::kLower;
      is_abbreviation_ = s == S::kATerm;
      stage_ = Stage::kTerminator;
    } else if (stage_ != Stage::kNone && s == S::kClose && stage_ != Stage::kSpace) {
      stage_ = Stage::kClose;
    } else if (stage_ != Stage::kNone && s == S::kSpace) {
      stage_ = Stage::kSpace;
    } else if (!is_paragraph_end(s)) {
      stage_ = Stage::kNone;
    }
    last_ = s;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  S raw_ = S::kOther;
  S last_ = S::kOther;
  Stage stage_ = Stage::kNone;
  bool is_abbreviation_ = false;  // the terminator is one that also ends abbreviations
  bool behind_letter_ = false;    // a letter stood before it
};

}  // namespace

std::size_t first_segment(std::string_view text, SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kGrapheme: return first_grapheme(text);
    case SegmentKind::kWord: return WordFinder(text).first();
    case SegmentKind::kSentence: return SentenceFinder(text).first();
  }
  return text.size();
}

}  // namespace weir::mapping
