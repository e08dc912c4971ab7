#pragma once

#include <string>

#include "windowing/row.h"

namespace weir::windowing {

/// A row that an operator keeps: document, metadata, time, place in order.
struct StoredRow {
  Micros ts = 0;
  std::string rank;
  std::string source;
  std::int64_t position = 0;
  std::string document;
  std::string metadata;

  /// Error: the payload is not a document, or too deep.
  [[nodiscard]] static core::Result<StoredRow> of(const Row& row);
  /// Gives it out again.
  core::Message& emit(Output& out) const;
  void encode(Writer& out) const;
  void decode(Reader& in);
};

}  // namespace weir::windowing
