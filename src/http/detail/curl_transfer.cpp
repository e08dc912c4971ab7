#include "http/detail/curl_transfer.h"

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::http::detail {
namespace {

constexpr int kMaxRedirects = 10;
constexpr std::size_t kMaxHeaderBytes = 256 << 10;

/// Loopback, private, link-local, unspecified, and what maps to them (RFC 1918, 3927, 4193, 4291,
/// 6598).
bool is_private(const sockaddr* address) {
  std::uint32_t v4 = 0;
  if (address->sa_family == AF_INET) {
    v4 = ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
  } else if (address->sa_family == AF_INET6) {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (!IN6_IS_ADDR_V4MAPPED(&v6)) {
      return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6) ||
             IN6_IS_ADDR_LINKLOCAL(&v6) || (v6.s6_addr[0] & 0xfe) == 0xfc;
    }
    std::memcpy(&v4, v6.s6_addr + 12, sizeof v4);
    v4 = ntohl(v4);
  } else {
    return true;
  }
  return (v4 >> 24) == 127 || (v4 >> 24) == 10 || (v4 >> 24) == 0 || (v4 >> 20) == 0xac1 ||
         (v4 >> 16) == 0xc0a8 || (v4 >> 16) == 0xa9fe || (v4 >> 22) == (0x64400000U >> 22);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

Transfer::Transfer(std::shared_ptr<const ClientShared> shared, ClientRequest request,
                   ResponseCallback callback)
    : shared_(std::move(shared)), request_(std::move(request)), callback_(std::move(callback)) {}

Transfer::Transfer(std::shared_ptr<const ClientShared> shared, ClientRequest request,
                   StreamCallbacks callbacks)
    : shared_(std::move(shared)),
      request_(std::move(request)),
      stream_(std::move(callbacks)),
      streaming_(true) {}

core::Error Transfer::failure(core::ErrorCode code, std::string_view why) const {
  return {code, "requesting `" + request_.method + ' ' + url_.display() + "`: " + std::string(why)};
}

core::Status Transfer::start(Easy easy) {
  easy_ = std::move(easy);
  deadline_ = request_.timeout.count() > 0 ? std::chrono::steady_clock::now() + request_.timeout
                                           : std::chrono::steady_clock::time_point::max();
  WEIR_TRY(url_, parse_url(request_.url));
  if (url_.scheme != "http" && url_.scheme != "https") {
    return core::fail(failure(core::ErrorCode::kInvalidConfig, "the scheme must be http or https"));
  }
  const bool token = !request_.method.empty() &&
                     std::all_of(request_.method.begin(), request_.method.end(), [](char c) {
                       return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
                     });
  if (!token) {
    return core::fail(failure(core::ErrorCode::kInvalidConfig, "the method is malformed"));
  }
  return set_up();
}

core::Status Transfer::set_up() {
  CURL* const easy = easy_.get();
  curl_easy_reset(easy);
  const ClientOptions& options = shared_->options;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());
  error_text_[0] = '\0';
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // done here: see follow()
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   options.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  // Better to share one HTTP/2 connection than to open one for each of a burst of requests.
  if (options.http2 && url_.scheme == "https") curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN,
                   std::max<long>(1, options.idle_timeout.count() / 1000));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  if (!options.proxy_url.empty()) {
    curl_easy_setopt(easy, CURLOPT_PROXY, options.proxy_url.c_str());
  }
  if (options.deny_private_addresses) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_callback);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  }
  if (!streaming_ && deadline_ != std::chrono::steady_clock::time_point::max()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline_ - std::chrono::steady_clock::now());
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, std::max<long>(1, left.count()));
  }
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_callback);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_callback);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  set_tls();
  set_method();
  if (!set_headers()) return core::fail(core::ErrorCode::kInternal, "out of memory");
  response_ = {};
  header_bytes_ = 0;
  return {};
}

void Transfer::set_tls() {
  CURL* const easy = easy_.get();
  const net::TlsOptions& tls = shared_->options.tls;
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.skip_cert_verify ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.skip_cert_verify ? 0L : 2L);
  if (!tls.root_cas.empty() || !tls.root_cas_file.empty()) {
    // Ours only, put there by the callback; not the system's as well.
    curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, tls_callback);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, this);
}

void Transfer::set_method() {
  CURL* const easy = easy_.get();
  const std::string& method = request_.method;
  if (method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  const bool wants_body = method == "POST" || method == "PUT" || method == "PATCH";
  if (wants_body || !request_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    if (method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    if (method != "GET") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
  }
}

bool Transfer::set_headers() {
  header_list_.reset();
  const auto add = [this](const std::string& line) {
    curl_slist* const longer = curl_slist_append(header_list_.get(), line.c_str());
    if (longer == nullptr) return false;
    (void)header_list_.release();
    header_list_.reset(longer);
    return true;
  };
  bool ok = true;
  for (std::size_t i = 0; i < request_.headers.size(); ++i) {
    const Headers::Line line = request_.headers[i];
    // To curl `Name:` means without it; an empty value is spelled with a semicolon.
    ok = ok && add(line.value.empty() ? std::string(line.name) + ';'
                                      : std::string(line.name) + ": " + std::string(line.value));
  }
  if (!request_.headers.contains("User-Agent")) ok = ok && add("User-Agent: weir");
  if (!request_.headers.contains("Content-Type")) ok = ok && add("Content-Type:");  // no guess
  if (!request_.headers.contains("Expect")) ok = ok && add("Expect:");  // would wait for a second
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, header_list_.get());
  return ok;
}

CURLcode Transfer::tls_callback(CURL*, void* context, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const core::Status applied = transfer.shared_->tls->apply_to(static_cast<ssl_ctx_st*>(context));
  if (applied) return CURLE_OK;
  transfer.own_error_ = transfer.failure(applied.error().code, applied.error().message);
  return CURLE_SSL_CERTPROBLEM;
}

curl_socket_t Transfer::open_callback(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (is_private(&address->addr)) {
    transfer.own_error_ =
        transfer.failure(core::ErrorCode::kInvalidData, "the address is private, which is denied");
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Transfer::header_callback(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Transfer*>(self)->on_header({data, size * count});
}

std::size_t Transfer::write_callback(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Transfer*>(self)->on_body({data, size * count});
}

bool Transfer::is_redirect(long status) const {
  return shared_->options.follow_redirects && response_.headers.contains("Location") &&
         (status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
}

std::size_t Transfer::on_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    own_error_ = failure(core::ErrorCode::kLimit, "the headers of the answer are longer than " +
                                                      std::to_string(kMaxHeaderBytes) + " bytes");
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    response_.headers.clear();  // what came before was a 1xx
    return line.size();
  }
  const std::string_view text = trim(line);
  if (!text.empty()) {
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos) {
      response_.headers.add(text.substr(0, colon), trim(text.substr(colon + 1)));
    }
    return line.size();
  }
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (!streaming_ || head_told_ || status < 200 || is_redirect(status)) return line.size();
  head_told_ = true;
  response_.status = static_cast<int>(status);
  response_.url = request_.url;
  if (stream_.on_head && !stream_.on_head(response_)) {
    own_error_ = failure(core::ErrorCode::kCancelled, "given up");
    return 0;
  }
  return line.size();
}

std::size_t Transfer::on_body(std::string_view bytes) {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (is_redirect(status)) return bytes.size();
  if (streaming_) {
    if (paused_) return CURL_WRITEFUNC_PAUSE;
    if (stream_.on_data && !stream_.on_data(bytes)) paused_ = true;
    return bytes.size();
  }
  if (response_.body.size() + bytes.size() > request_.max_response_bytes) {
    own_error_ = failure(
        core::ErrorCode::kLimit,
        "the answer is longer than " + std::to_string(request_.max_response_bytes) + " bytes");
    return 0;
  }
  response_.body.append(bytes);
  return bytes.size();
}

void Transfer::resume() {
  paused_ = false;
  if (easy_ != nullptr && !done_) curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
}

bool Transfer::head_overdue(std::chrono::steady_clock::time_point now) const {
  return streaming_ && !head_told_ && now >= deadline_;
}

bool Transfer::follow(CURLcode code) {
  if (code != CURLE_OK || cancelled.load()) return false;
  long status = 0;
  char* target = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &target);
  if (!is_redirect(status) || target == nullptr) return false;
  if (++redirects_ > kMaxRedirects) {
    own_error_ = failure(core::ErrorCode::kUnavailable, "more than 10 redirects");
    return false;
  }
  std::string next(target);
  auto url = parse_url(next);
  if (!url || (url->scheme != "http" && url->scheme != "https")) {
    own_error_ = failure(core::ErrorCode::kUnavailable,
                         "the server redirects to something that is "
                         "not an http or https URL");
    return false;
  }
  // Credentials stay with the host they were meant for.
  if (url->host != url_.host || url->port != url_.port || url->scheme != url_.scheme) {
    request_.headers.remove("Authorization");
    request_.headers.remove("Cookie");
  }
  // As browsers do: 307 and 308 repeat the request, the others turn it into a GET.
  if (status != 307 && status != 308 && request_.method != "GET" && request_.method != "HEAD") {
    request_.method = "GET";
    request_.body.clear();
    request_.headers.remove("Content-Type");
    request_.headers.remove("Content-Encoding");
  }
  request_.url = std::move(next);
  url_ = *std::move(url);
  return set_up().has_value();
}

void Transfer::complete(CURLcode code) {
  if (own_error_ || code != CURLE_OK) {
    finish(own_error_ ? *std::move(own_error_) : explain(code));
    return;
  }
  if (std::exchange(done_, true)) return;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  response_.url = request_.url;
  if (streaming_) {
    if (stream_.on_done) stream_.on_done({});
  } else if (callback_) {
    callback_(std::move(response_));
  }
}

void Transfer::finish(core::Error error) {
  if (std::exchange(done_, true)) return;
  if (streaming_) {
    if (stream_.on_done) stream_.on_done(core::fail(std::move(error)));
  } else if (callback_) {
    callback_(core::fail(std::move(error)));
  }
}

core::Error Transfer::explain(CURLcode code) const {
  using core::ErrorCode;
  const std::string said =
      error_text_[0] != '\0' ? std::string(error_text_.data()) : curl_easy_strerror(code);
  long system_error = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &system_error);
  const std::string system =
      system_error != 0 ? std::system_category().message(static_cast<int>(system_error)) : said;
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
      // What curl says to an answer that does not begin like one.
      if (said.find("HTTP/0.9") != std::string::npos)
        return failure(ErrorCode::kUnavailable, "the answer is not HTTP");
      return failure(ErrorCode::kInvalidConfig, said);
    case CURLE_URL_MALFORMAT: return failure(ErrorCode::kInvalidConfig, said);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return failure(ErrorCode::kUnavailable, "the host of the proxy is not known");
    case CURLE_COULDNT_RESOLVE_HOST:
      return failure(ErrorCode::kUnavailable, "the host is not known (" + said + ")");
    case CURLE_COULDNT_CONNECT: return failure(ErrorCode::kUnavailable, "connecting: " + system);
    case CURLE_OPERATION_TIMEDOUT:
      return failure(ErrorCode::kUnavailable, "timed out (" + said + ")");
    case CURLE_GOT_NOTHING:
      return failure(ErrorCode::kUnavailable, "the server closed the connection without an answer");
    case CURLE_PARTIAL_FILE:
      return failure(ErrorCode::kUnavailable, "the answer was cut short (" + said + ")");
    case CURLE_WEIRD_SERVER_REPLY:
      return failure(ErrorCode::kUnavailable, "the answer is not HTTP (" + said + ")");
    case CURLE_PEER_FAILED_VERIFICATION:
      return failure(ErrorCode::kUnavailable, "the server's certificate is not accepted: " + said);
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return failure(ErrorCode::kInvalidConfig, "loading certificates: " + said);
    case CURLE_OUT_OF_MEMORY: return failure(ErrorCode::kInternal, said);
    default: {
      // curl quotes the oldest OpenSSL error, which need not be the one that decided.
      long verified = 0;
      curl_easy_getinfo(easy_.get(), CURLINFO_SSL_VERIFYRESULT, &verified);
      if (code == CURLE_SSL_CONNECT_ERROR && verified != 0)
        return failure(ErrorCode::kUnavailable,
                       "the server's certificate is not accepted: " + said);
      return failure(ErrorCode::kUnavailable, said);
    }
  }
}

}  // namespace weir::http::detail
