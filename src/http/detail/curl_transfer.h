#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "http/client.h"
#include "http/detail/curl_handles.h"
#include "http/url.h"
#include "net/tls.h"

namespace weir::http::detail {

/// What all transfers of a client share. Immutable.
struct ClientShared {
  ClientOptions options;
  std::shared_ptr<const net::TlsContext> tls;
};

/// One request on its way: redirects included. Lives on the client's thread once started.
class Transfer {
 public:
  /// Whole answers.
  Transfer(std::shared_ptr<const ClientShared> shared, ClientRequest request,
           ResponseCallback callback);
  /// Streamed answers.
  Transfer(std::shared_ptr<const ClientShared> shared, ClientRequest request,
           StreamCallbacks callbacks);

  /// Sets `easy` up for the request. An error ends the transfer: call finish().
  [[nodiscard]] core::Status start(Easy easy);
  /// curl is done with the handle. True when a redirect is to be followed: the handle is set up
  /// again.
  [[nodiscard]] bool follow(CURLcode code);
  /// Calls back with what curl said.
  void complete(CURLcode code);
  void finish(core::Error error);
  void resume();
  /// For streamed answers, whose time runs until the headers only.
  [[nodiscard]] bool awaits_head() const { return streaming_ && !head_told_; }
  [[nodiscard]] bool head_overdue(std::chrono::steady_clock::time_point now) const;

  [[nodiscard]] CURL* easy() const { return easy_.get(); }
  [[nodiscard]] Easy take_easy() { return std::move(easy_); }
  /// A failure of this request: `requesting `POST http://host/path`: why`.
  [[nodiscard]] core::Error failure(core::ErrorCode code, std::string_view why) const;

  std::atomic<bool> cancelled{false};
  std::atomic<bool> resumed{false};

 private:
  [[nodiscard]] core::Status set_up();
  void set_method();
  [[nodiscard]] bool set_headers();
  void set_tls();
  [[nodiscard]] std::size_t on_header(std::string_view line);
  [[nodiscard]] std::size_t on_body(std::string_view bytes);
  [[nodiscard]] bool is_redirect(long status) const;
  [[nodiscard]] core::Error explain(CURLcode code) const;

  static std::size_t header_callback(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t write_callback(char* data, std::size_t size, std::size_t count, void* self);
  static CURLcode tls_callback(CURL* easy, void* context, void* self);
  static curl_socket_t open_callback(void* self, curlsocktype purpose, curl_sockaddr* address);

  const std::shared_ptr<const ClientShared> shared_;
  ClientRequest request_;
  ResponseCallback callback_;
  StreamCallbacks stream_;
  bool streaming_ = false;
  bool done_ = false;

  Easy easy_;
  List header_list_;
  Url url_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  std::chrono::steady_clock::time_point deadline_;
  int redirects_ = 0;
  ClientResponse response_;
  std::size_t header_bytes_ = 0;
  bool head_told_ = false;
  bool paused_ = false;
  std::optional<core::Error> own_error_;  // why one of our callbacks stopped the transfer
};

}  // namespace weir::http::detail
