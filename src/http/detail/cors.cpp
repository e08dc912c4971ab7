#include "http/detail/cors.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace weir::http::detail {
namespace {

/// What to send as Access-Control-Allow-Origin; nothing when the origin is not allowed.
std::optional<std::string_view> allowed_origin(const CorsOptions& cors, const Request& request) {
  const auto origin = request.headers.get("Origin");
  if (!cors.enabled || !origin) return std::nullopt;
  const auto& allowed = cors.allowed_origins;
  if (std::find(allowed.begin(), allowed.end(), "*") != allowed.end()) return "*";
  if (std::find(allowed.begin(), allowed.end(), *origin) != allowed.end()) return origin;
  return std::nullopt;
}

}  // namespace

void add_cors_headers(const CorsOptions& cors, const Request& request, std::string& head) {
  if (!cors.enabled) return;
  const auto origin = allowed_origin(cors, request);
  if (origin) head.append("Access-Control-Allow-Origin: ").append(*origin).append("\r\n");
  // Also without a match: a cache must not hand one origin's answer to another.
  if (!origin || *origin != "*") head.append("Vary: Origin\r\n");
}

Response answer_preflight(const CorsOptions& cors, const Request& request,
                          const std::vector<std::string>& methods) {
  if (!allowed_origin(cors, request)) return Response::text(403, "this origin is not allowed");
  Response response;
  response.status = 204;
  std::string list;
  for (const std::string& method : methods) list.append(list.empty() ? "" : ", ").append(method);
  if (list.empty()) list = "GET, HEAD, POST, PUT, PATCH, DELETE";
  response.headers.add("Access-Control-Allow-Methods", list);
  response.headers.add("Access-Control-Allow-Headers", "Content-Type, Authorization");
  response.headers.add("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace weir::http::detail
