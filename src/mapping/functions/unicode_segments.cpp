#include <memory>
#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/unicode/segments.h"

namespace weir::mapping {

namespace {

using core::Value;

core::Result<Prepared> choose_kind(const PrepareCall& call) {
  const std::string_view name = call.text(0);
  auto kind = std::make_shared<SegmentKind>();
  if (name == "grapheme") {
    *kind = SegmentKind::kGrapheme;
  } else if (name == "word") {
    *kind = SegmentKind::kWord;
  } else if (name == "sentence") {
    *kind = SegmentKind::kSentence;
  } else {
    return core::invalid_config("unknown segmentation type `" + std::string(name) +
                                "`, expected grapheme, word or sentence");
  }
  return Prepared(std::move(kind));
}

Value unicode_segments(Call& call) {
  const auto kind = call.prepared<SegmentKind>();
  std::string_view text = call.target_text();
  ArrayBuilder made(call);
  while (!text.empty()) {
    const std::size_t size = first_segment(text, kind);
    if (!call.spend(1 + size / 8)) return call.too_long();
    if (!made.append(call.like_target(text.substr(0, size)))) return call.too_big();
    text.remove_prefix(size);
  }
  return made.finish();
}

}  // namespace

void add_unicode_segments(Registry& registry) {
  registry.method("unicode_segments")
      .in(Category::kString)
      .says(
          "The string in pieces, as an array: what a reader takes for one character (`grapheme`), "
          "words "
          "and what stands between them (`word`), or sentences (`sentence`), by the rules of "
          "Unicode.")
      .on(kOnText, "string")
      .arg("segmentation_type", ArgKind::kString, "`grapheme`, `word` or `sentence`.")
      .costs(Cost::kLinear)
      .example("root.sentences = this.text.unicode_segments(\"sentence\")",
               R"({"text":"Hello world. How are you?"})",
               R"({"sentences":["Hello world. ","How are you?"]})")
      .example("root.words = this.text.unicode_segments(\"word\")", R"({"text":"what's up?"})",
               R"({"words":["what's"," ","up","?"]})")
      .example("root.graphemes = this.text.unicode_segments(\"grapheme\")",
               R"({"text":"👨‍👩‍👧‍👦❤️"})",
               R"({"graphemes":["👨‍👩‍👧‍👦","❤️"]})")
      .example("root = this.text.unicode_segments(this.kind)", R"({"text":"a","kind":"line"})",
               "error: unknown segmentation type `line`")
      .prepared_by(choose_kind)
      .evaluates(unicode_segments);
}

}  // namespace weir::mapping
