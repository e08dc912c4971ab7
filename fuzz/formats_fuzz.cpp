// The readers behind the parse_ methods. The first byte chooses; what can be written again must
// read back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_index.h"
#include "core/json_text.h"
#include "mapping/formats/go_regexp.h"
#include "mapping/formats/html_strip.h"
#include "mapping/formats/json_doubles.h"
#include "mapping/formats/json_extent.h"
#include "mapping/formats/msgpack.h"
#include "mapping/formats/xml.h"
#include "mapping/formats/yaml.h"
#include "mapping/unicode/segments.h"

namespace {

namespace core = weir::core;
using namespace weir::mapping;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kMemory = std::size_t{64} << 20;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_json(std::string_view input) {
  core::Arena arena;
  const auto end = first_json_value(input);
  auto whole = core::parse_json(input, arena);
  if (whole) {
    require(end.has_value());
    require(input.find_first_not_of(" \t\r\n", *end) == std::string_view::npos);
    (void)numbers_to_doubles(*whole);
  } else if (end) {
    // What the scanner takes, the parser takes, but for its limits and bytes that are not UTF-8.
    const auto first = core::parse_json(input.substr(0, *end), arena);
    require(first || first.error().code == core::ErrorCode::kLimit ||
            first.error().message.find("UTF-8") != std::string::npos);
  }
}

void check_msgpack(std::string_view input) {
  core::Arena arena;
  const auto value = parse_msgpack(input, ArenaBudget(arena, kMemory));
  if (!value) return;
  core::Buffer packed;
  if (!write_msgpack(*value, arena, packed)) return;
  const auto again = parse_msgpack(packed.view(), ArenaBudget(arena, kMemory));
  require(again.has_value());
  core::Buffer repacked;
  require(write_msgpack(*again, arena, repacked).has_value());
  require(repacked.view() == packed.view());
}

void check_xml(std::string_view input) {
  core::Arena arena;
  const bool cast = !input.empty() && (input.front() & 1) != 0;
  const auto value =
      parse_xml(input.substr(input.empty() ? 0 : 1), cast, ArenaBudget(arena, kMemory));
  if (!value) return;
  core::Buffer text;
  if (!write_xml(*value, {}, arena, text)) return;
  require(parse_xml(text.view(), false, ArenaBudget(arena, kMemory)).has_value());
}

void check_regexp(std::string_view input) {
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos || line > 64) return;
  const auto regexp = GoRegexp::compile(input.substr(0, line));
  if (!regexp) return;
  const std::string_view text = input.substr(line + 1, 256);
  std::vector<std::string_view> parts(regexp->groups());
  GoRegexp::Finder finder(*regexp, text);
  std::size_t found = 0;
  while (finder.next(parts)) require(++found <= text.size() + 1);
  const auto replacement = regexp->parse_template(text);
  std::vector<std::string_view> groups(replacement.groups());
  std::size_t size = 0;
  regexp->replace(text, replacement, groups, [&](std::string_view piece) {
    size += piece.size();
    return size < 1 << 16;
  });
  // `$0` everywhere changes nothing.
  std::string same;
  const auto identity = regexp->parse_template("$0");
  regexp->replace(text, identity, groups, [&](std::string_view piece) {
    same += piece;
    return true;
  });
  require(same == text);
}

void check_yaml(std::string_view input) {
  core::Arena arena;
  const auto value = parse_yaml(input, ArenaBudget(arena, kMemory));
  if (!value) return;
  core::Buffer written;
  if (!write_yaml(*value, kMemory, arena, written)) return;
  const auto again = parse_yaml(written.view(), ArenaBudget(arena, kMemory));
  if (!again) {
    require(again.error().code == core::ErrorCode::kLimit ||
            again.error().message.find("nested") != std::string::npos);
    return;
  }
  core::Buffer rewritten;
  require(write_yaml(*again, kMemory, arena, rewritten).has_value());
  require(rewritten.view() == written.view());
}

void check_html(std::string_view input) {
  std::string text;
  append_stripped_html(text, input, {});
  require(text.find_first_of("<>") == std::string::npos);
  std::string kept;
  append_stripped_html(kept, input, {"b", "script", "a"});
  require(kept.find("<script") == std::string::npos && kept.find("<a") == std::string::npos);
}

void check_segments(std::string_view input) {
  for (const SegmentKind kind :
       {SegmentKind::kGrapheme, SegmentKind::kWord, SegmentKind::kSentence}) {
    for (std::string_view rest = input; !rest.empty();) {
      const std::size_t size = first_segment(rest, kind);
      require(size > 0 && size <= rest.size());
      rest.remove_prefix(size);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch ((data[0] - '0' + 256) % 7) {
    case 0: check_json(input); break;
    case 1: check_msgpack(input); break;
    case 2: check_xml(input); break;
    case 3: check_regexp(input); break;
    case 4: check_yaml(input); break;
    case 5: check_html(input); break;
    default: check_segments(input); break;
  }
  return 0;
}
