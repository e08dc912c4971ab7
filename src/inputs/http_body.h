#pragma once

#include <cstddef>
#include <string>

#include "core/message.h"
#include "core/result.h"
#include "http/message.h"

namespace weir::inputs {

/// How a request's body becomes messages.
enum class BodySplit : unsigned char {
  kAuto,  ///< lines when the Content-Type says NDJSON, else whole
  kWhole,
  kLines,
  kJsonArray,  ///< the elements of an array; anything else whole
};

struct BodyLimits {
  std::size_t bytes = 16 << 20;  ///< after decompression
  std::size_t messages = 100'000;
};

/// A refusal with the status that says why.
struct BodyRefusal {
  int status = 400;
  std::string text;
};

/// The messages of a request: parts of a multipart body, lines, array elements or the whole body,
/// decompressed as Content-Encoding says, each with the request's metadata. Takes the body.
[[nodiscard]] tl::expected<core::Batch, BodyRefusal> read_request(http::Request& request,
                                                                  BodySplit split,
                                                                  const BodyLimits& limits);

}  // namespace weir::inputs
