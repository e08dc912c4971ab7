#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/message.h"

namespace weir::http {

struct Part {
  Headers headers;
  std::string body;
};
struct PartView {
  Headers headers;
  std::string_view body;  ///< a slice of the body that was parsed
};

/// The media type of a Content-Type value, lower case, without parameters: `multipart/form-data`.
[[nodiscard]] std::string media_type(std::string_view content_type);
/// A parameter of a header value, unquoted: (`...; boundary="x"`, `boundary`) gives `x`; else
/// empty.
[[nodiscard]] std::string header_parameter(std::string_view value, std::string_view name);

/// The parts of a multipart body (RFC 2046), in order. Error kInvalidData: no boundary, no end
/// marker, broken part headers; kLimit: more than `max_parts`.
[[nodiscard]] core::Result<std::vector<PartView>> parse_multipart(std::string_view content_type,
                                                                  std::string_view body,
                                                                  std::size_t max_parts = 10'000);

/// A multipart body and its Content-Type. The boundary is random and occurs in no part.
struct Multipart {
  std::string content_type;
  std::string body;
};
[[nodiscard]] Multipart make_multipart(const std::vector<Part>& parts,
                                       std::string_view subtype = "mixed");

}  // namespace weir::http
