#pragma once

#include <string>
#include <vector>

#include "http/message.h"
#include "http/server.h"

namespace weir::http::detail {

/// Adds what a browser needs to let the page at the request's Origin read the answer. Nothing for
/// requests without Origin, other origins, or when off.
void add_cors_headers(const CorsOptions& cors, const Request& request, std::string& head);

/// The answer to an OPTIONS request that asks whether `methods` (empty: any) may be used. 403 for
/// other origins.
[[nodiscard]] Response answer_preflight(const CorsOptions& cors, const Request& request,
                                        const std::vector<std::string>& methods);

}  // namespace weir::http::detail
