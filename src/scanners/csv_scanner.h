#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codecs/csv.h"
#include "core/component.h"

namespace weir::scanners {

struct CsvScannerOptions {
  codecs::CsvOptions csv;
  bool parse_header_row = true;
  /// A malformed row becomes a failed message; otherwise it ends the stream.
  bool continue_on_error = false;
  /// Not empty: the header row must be exactly this, or the stream cannot be read.
  std::vector<std::string> expected_headers;
};

/// Rows as objects (or arrays, without a header), with the metadata `csv_row`: what the scanner
/// `csv` and the input `csv` have in common.
[[nodiscard]] core::Result<std::unique_ptr<core::Scanner>> make_csv_scanner(
    CsvScannerOptions options);

}  // namespace weir::scanners
