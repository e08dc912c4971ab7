#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/arena.h"
#include "core/result.h"
#include "core/value.h"

namespace weir::core {

/// Structural index (simdjson's stage 1) over a stretch of bytes that holds one or more documents,
/// and the walk that turns it into values.
///
/// The stretch is indexed once however many documents lie in it; where that fails or a document
/// does not stand on its own in it, the document is indexed alone, so one bad line never takes its
/// neighbours with it. Values made here borrow the bytes and the arena; the index must outlive them
/// while they are lazy. Not thread-safe.
class JsonIndex {
 public:
  /// `text` must be readable for Block::kPadding bytes behind its end, and be smaller than 4 GiB.
  JsonIndex(std::string_view text, Arena& arena);
  ~JsonIndex();
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  /// Validates one whole document, a slice of the text given to the constructor, and returns its
  /// value: scalars and the top level read, what is nested left lazy.
  ///
  /// Documents should be asked for in ascending order (any order works). Errors: kInvalidData with
  /// the offset and what is wrong there; kLimit past kMaxDepth or kMaxMembers.
  [[nodiscard]] Result<Value> parse(std::string_view document);

  /// Reads the entries of a lazy container of this index.
  void expand(Kind kind, Container& container);

 private:
  friend class JsonWalker;
  struct Engine;

  [[nodiscard]] Result<Value> parse_alone(std::string_view document);
  bool index_whole();

  std::string_view text_;
  Arena& arena_;
  std::unique_ptr<Engine> engine_;            // null until first use
  std::unique_ptr<JsonIndex> alone_;          // chain of indexes of single documents
  const std::uint32_t* positions_ = nullptr;  // offsets into text_
  std::uint32_t count_ = 0;
  std::uint32_t cursor_ = 0;  // first position not before the end of the latest document
  bool failed_ = false;       // the whole stretch cannot be indexed
  bool may_escape_ = false;   // the stretch holds a backslash
};

/// Parses one document that stands alone, e.g. a body or a test string. The text is copied into the
/// arena, as is the index's bookkeeping for lazy parts (everything is expanded).
[[nodiscard]] Result<Value> parse_json(std::string_view text, Arena& arena);

}  // namespace weir::core
