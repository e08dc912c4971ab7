#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "config/mapping_fields.h"
#include "config/spec.h"
#include "http/client.h"
#include "http/retry.h"
#include "http_fields/auth_fields.h"
#include "http_fields/metadata_filter.h"
#include "net/tls.h"

namespace weir::http_fields {

/// What all components that send HTTP requests have in common, but `verb`, whose default differs.
struct RequestFields {
  config::TemplateField url;
  std::vector<std::pair<std::string, config::TemplateField>> headers;
  MetadataFilter metadata;
  std::string dump_request_log_level;
  MetadataFilter extract_headers;
  config::RateLimitLabel rate_limit;
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::chrono::nanoseconds retry_period = std::chrono::seconds(1);
  std::chrono::nanoseconds max_retry_backoff = std::chrono::seconds(300);
  unsigned retries = 3;
  bool follow_redirects = true;
  std::vector<int> backoff_on = {429};
  std::vector<int> drop_on;
  std::vector<int> successful_on;
  std::string proxy_url;
  bool disable_http2 = false;
  net::TlsOptions tls;
  AuthFields auth;

  [[nodiscard]] http::ClientOptions client_options() const;
  [[nodiscard]] http::RetryPolicy retry_policy() const;
  /// To be grouped into a component's spec.
  static const config::Spec<RequestFields>& fields();
};

}  // namespace weir::http_fields
