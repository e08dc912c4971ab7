#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Between the text of a YAML document and its tree: a flat list of events in document order.
namespace weir::yaml {

/// How a scalar was written.
enum class ScalarStyle : std::uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kLiteral, kFolded };

/// What one text may cost. The defaults are far above any real configuration.
struct Limits {
  std::size_t max_bytes = 4U << 20U;        ///< of the text
  unsigned max_depth = 64;                  ///< nested mappings and sequences, aliases included
  std::size_t max_nodes = 250'000;          ///< values and keys written in the text
  std::size_t max_alias_nodes = 10'000;     ///< nodes that aliases repeat, in all
  std::size_t max_text_bytes = 16U << 20U;  ///< all scalars after aliases and variables
};

struct Event {
  enum class Kind : std::uint8_t {
    kNull,
    kScalar,
    kAlias,
    kSequence,  // ... items ... kEnd
    kMapping,   // ... key, value ... kEnd
    kEnd,
  };
  Kind kind = Kind::kNull;
  ScalarStyle style = ScalarStyle::kPlain;
  bool implicit = false;     ///< a null that is not written: its place is that of what follows
  std::uint32_t anchor = 0;  ///< of an alias: index into Events::anchors; otherwise 0
  std::uint32_t offset = 0;  ///< of the node's first byte: tag, anchor or text
  std::uint32_t line = 0;    ///< 1-based
  std::uint32_t column = 0;  ///< 1-based
  std::string text;          ///< of a scalar, references still covered
  std::string tag;           ///< full name (`tag:yaml.org,2002:int`), `!` or empty
};

struct Events {
  std::vector<Event> list;                ///< one node and what it holds; empty for no document
  std::vector<std::uint32_t> anchors{0};  ///< anchor number to the index of its node in `list`
};

/// Why a text has no events.
struct Failure {
  std::string_view rule;
  unsigned line = 0;
  unsigned column = 0;
  std::string message;
  std::string hint;
};

/// Parses the whole of YAML with yaml-cpp, within limits.max_depth and limits.max_nodes. `text` has
/// no byte that find_bad_byte would name and no byte order mark; offsets in events are offsets into
/// it.
[[nodiscard]] std::optional<Failure> parse_events(std::string_view text, const Limits& limits,
                                                  Events& events);

/// The same for the common part of YAML, some fifty times faster. False, and no events, when the
/// text holds anything else; an error is something else too.
[[nodiscard]] bool parse_events_quickly(std::string_view text, const Limits& limits,
                                        Events& events);

/// A place in the text of a document.
struct Place {
  std::size_t offset = 0;
  unsigned line = 1;    ///< 1-based
  unsigned column = 1;  ///< 1-based
};

/// The first byte of the node itself, behind the tag and the anchor that may precede it.
[[nodiscard]] Place skip_properties(std::string_view text, Place node);

/// Behind the quoted scalar whose opening quote stands at `open`; npos when it is never closed.
[[nodiscard]] std::size_t quoted_end(std::string_view text, std::size_t open);

/// Where the text of a scalar event stands: behind tag, anchor and opening quote; for block scalars
/// in the line after the header, at the text's indentation.
[[nodiscard]] Place text_place(std::string_view text, const Event& scalar);

}  // namespace weir::yaml
