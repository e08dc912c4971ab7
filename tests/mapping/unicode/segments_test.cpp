#include "mapping/unicode/segments.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace weir::mapping {
namespace {

std::vector<std::string> cut(std::string_view text, SegmentKind kind) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t size = first_segment(text, kind);
    if (size == 0 || size > text.size()) {
      ADD_FAILURE() << "a piece of " << size << " bytes";
      break;
    }
    pieces.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return pieces;
}

using Pieces = std::vector<std::string>;

TEST(Segments, WordsKeepWhatBelongsToThem) {
  const auto words = [](std::string_view text) { return cut(text, SegmentKind::kWord); };
  EXPECT_EQ(words("what's up?"), (Pieces{"what's", " ", "up", "?"}));
  EXPECT_EQ(words("a'b' 'c"), (Pieces{"a'b", "'", " ", "'", "c"}));
  EXPECT_EQ(words("3.14, 1,000.5 a1b2_c"), (Pieces{"3.14", ",", " ", "1,000.5", " ", "a1b2_c"}));
  EXPECT_EQ(words("a.b a..b a:b"), (Pieces{"a.b", " ", "a", ".", ".", "b", " ", "a:b"}));
  EXPECT_EQ(words("one  two\r\nthree"), (Pieces{"one", "  ", "two", "\r\n", "three"}));
  EXPECT_EQ(words("カタカナ漢字"), (Pieces{"カタカナ", "漢", "字"}));
  EXPECT_EQ(words("e\u0301e\u0301"), (Pieces{"e\u0301e\u0301"}));
  EXPECT_EQ(words("🇩🇪🇫🇷🇮"), (Pieces{"🇩🇪", "🇫🇷", "🇮"}));
  EXPECT_EQ(words("👨‍👩‍👧 x"), (Pieces{"👨‍👩‍👧", " ", "x"}));
  EXPECT_EQ(words("א\"א א'"), (Pieces{"א\"א", " ", "א'"}));
}

TEST(Segments, SentencesEndWhereAReaderEndsThem) {
  const auto sentences = [](std::string_view text) { return cut(text, SegmentKind::kSentence); };
  EXPECT_EQ(sentences("Hello world. How are you?"), (Pieces{"Hello world. ", "How are you?"}));
  EXPECT_EQ(sentences("This is sentence 1.0. This is 2.0!"),
            (Pieces{"This is sentence 1.0. ", "This is 2.0!"}));
  EXPECT_EQ(sentences("He said \"no.\" Then he left."),
            (Pieces{"He said \"no.\" ", "Then he left."}));
  EXPECT_EQ(sentences("etc. and so on. Next"), (Pieces{"etc. and so on. ", "Next"}));
  EXPECT_EQ(sentences("U.S. is big"), (Pieces{"U.S. is big"}));
  EXPECT_EQ(sentences("a\nb"), (Pieces{"a\n", "b"}));
  EXPECT_EQ(sentences("what?! really"), (Pieces{"what?! ", "really"}));
}

TEST(Segments, GraphemesAreWhatAReaderSees) {
  const auto graphemes = [](std::string_view text) { return cut(text, SegmentKind::kGrapheme); };
  EXPECT_EQ(graphemes("foo❤️‍🔥"), (Pieces{"f", "o", "o", "❤️‍🔥"}));
  EXPECT_EQ(graphemes("e\u0301x\r\n"), (Pieces{"e\u0301", "x", "\r\n"}));
  EXPECT_EQ(graphemes("🇩🇪🇫🇷"), (Pieces{"🇩🇪", "🇫🇷"}));
}

TEST(Segments, BytesThatAreNotUtf8AreKept) {
  for (const SegmentKind kind :
       {SegmentKind::kGrapheme, SegmentKind::kWord, SegmentKind::kSentence}) {
    std::string joined;
    for (const std::string& piece : cut("a\xff\xc3 b.\xe2\x82", kind)) joined += piece;
    EXPECT_EQ(joined, "a\xff\xc3 b.\xe2\x82");
  }
}

TEST(Segments, LongHostileTextsTakeLinearTime) {
  for (const char* const piece :
       {"a'", "1.", "\u0301", "a\u0301'\u0301", ". ", ".1", "🇩", "\u200d", "a.)"}) {
    std::string text;
    while (text.size() < 500'000) text += piece;
    for (const SegmentKind kind :
         {SegmentKind::kGrapheme, SegmentKind::kWord, SegmentKind::kSentence}) {
      std::size_t size = 0;
      for (std::string_view rest = text; !rest.empty();) {
        const std::size_t first = first_segment(rest, kind);
        size += first;
        rest.remove_prefix(first);
      }
      EXPECT_EQ(size, text.size());
    }
  }
}

}  // namespace
}  // namespace weir::mapping
