#include "http_fields/request_fields.h"

#include "http/url.h"
#include "net_fields/net_fields.h"

namespace weir::http_fields {

namespace {

using F = RequestFields;

core::Status check_codes(const std::vector<int>& codes, std::string_view field) {
  for (const int code : codes) {
    if (code < 100 || code > 599) {
      return core::invalid_config("`" + std::string(field) + "` wants HTTP status codes, got " +
                                  std::to_string(code));
    }
  }
  return {};
}

core::Status check_url(const F& fields) {
  if (!fields.url.is_constant() || fields.url.constant().empty()) return {};
  auto url = http::parse_url(fields.url.constant());
  if (!url) return core::fail(url.error().with_context("field `url`"));
  if (url->scheme != "http" && url->scheme != "https")
    return core::invalid_config("field `url` wants `http://` or `https://`, got `" + url->scheme +
                                "://`");
  return {};
}

core::Status check_all(const F& fields) {
  WEIR_CHECK_OK(check_url(fields));
  WEIR_CHECK_OK(check_codes(fields.backoff_on, "backoff_on"));
  WEIR_CHECK_OK(check_codes(fields.drop_on, "drop_on"));
  WEIR_CHECK_OK(check_codes(fields.successful_on, "successful_on"));
  if (!fields.proxy_url.empty()) {
    if (auto proxy = http::parse_url(fields.proxy_url); !proxy)
      return core::fail(proxy.error().with_context("field `proxy_url`"));
  }
  return {};
}

std::chrono::milliseconds milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time);
}

}  // namespace

const config::Spec<F>& F::fields() {
  static const config::Spec<F> made =
      config::Spec<F>()
          .field("url", &F::url,
                 {.doc = "Where to send requests.",
                  .required = true,
                  .examples = {"https://api.example/items",
                               R"("http://localhost:4195/${! this.kind }")"}})
          .field("headers", &F::headers,
                 {.doc = "Headers of each request.",
                  .examples = {"{ Content-Type: application/json, X-Id: '${! this.id }' }"}})
          .field("metadata", &F::metadata,
                 {.doc = "Metadata that is sent as headers.", .advanced = true})
          .field("dump_request_log_level", &F::dump_request_log_level,
                 {.doc = "Log each request and its answer at this level (credentials masked). "
                         "Empty: never.",
                  .advanced = true,
                  .options = {{"", ""},
                              {"TRACE", ""},
                              {"DEBUG", ""},
                              {"INFO", ""},
                              {"WARN", ""},
                              {"ERROR", ""},
                              {"FATAL", ""}}})
          .field("extract_headers", &F::extract_headers,
                 {.doc = "Headers of answers that become metadata; names are in lower case.",
                  .advanced = true})
          .field("rate_limit", &F::rate_limit, {.doc = "A rate limit that each request waits for."})
          .field("timeout", &F::timeout,
                 {.doc = "How long one try may take in all. 0: for ever.", .min = 0})
          .field("retry_period", &F::retry_period,
                 {.doc = "How long to wait before a failed request is tried again.",
                  .advanced = true,
                  .min = 0})
          .field("max_retry_backoff", &F::max_retry_backoff,
                 {.doc = "Longest wait where waits double (`backoff_on`) or the server names one "
                         "(Retry-After).",
                  .advanced = true,
                  .min = 0})
          .field("retries", &F::retries, {.doc = "Tries after the first.", .advanced = true})
          .field("follow_redirects", &F::follow_redirects,
                 {.doc = "Follow answers that point elsewhere, ten at most.", .advanced = true})
          .field("backoff_on", &F::backoff_on,
                 {.doc = "Statuses after which waits double from try to try.", .advanced = true})
          .field("drop_on", &F::drop_on,
                 {.doc = "Statuses after which the request is not tried again.", .advanced = true})
          .field("successful_on", &F::successful_on,
                 {.doc = "Statuses that are fine besides 200 to 299.", .advanced = true})
          .field("proxy_url", &F::proxy_url,
                 {.doc = "A proxy. Empty: as `http_proxy`, `https_proxy`, `no_proxy` of the "
                         "environment say.",
                  .advanced = true})
          .field("disable_http2", &F::disable_http2,
                 {.doc = "Speak HTTP/1.1 only.", .advanced = true})
          .field("tls", &F::tls, {.doc = "TLS of `https`.", .advanced = true})
          .group(&F::auth, AuthFields::fields())
          .check(check_all);
  return made;
}

http::ClientOptions F::client_options() const {
  http::ClientOptions options;
  options.tls = tls;
  options.proxy_url = proxy_url;
  options.follow_redirects = follow_redirects;
  options.http2 = !disable_http2;
  return options;
}

http::RetryPolicy F::retry_policy() const {
  http::RetryPolicy policy;
  policy.successful_on = successful_on;
  policy.backoff_on = backoff_on;
  policy.drop_on = drop_on;
  policy.retries = retries;
  policy.retry_period = milliseconds(retry_period);
  policy.max_retry_backoff = milliseconds(max_retry_backoff);
  return policy;
}

}  // namespace weir::http_fields
