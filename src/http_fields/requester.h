#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "config/mapping_fields.h"
#include "config/resources.h"
#include "core/component.h"
#include "http_fields/request_fields.h"

namespace weir::http_fields {

/// How a request ended after all its tries.
struct Reply {
  int status = 0;  ///< of the last answer; 0 when there was none
  /// Errors: kUnavailable (may pass later), kInvalidData (the server refuses it for good), kLimit
  /// (answer too big), kInvalidConfig (credentials), kCancelled.
  core::Result<http::ClientResponse> response;
};

/// Makes requests from messages and sends them as RequestFields says: rate limit, credentials,
/// tries with back-off, logs. One per component instance.
class Requester {
 public:
  /// Error kInvalidConfig: certificates, keys, proxy. Opens no connection.
  [[nodiscard]] static core::Result<std::unique_ptr<Requester>> make(
      const RequestFields& fields, std::string verb, const config::Resources& resources);
  /// close()
  ~Requester();
  Requester(const Requester&) = delete;
  Requester& operator=(const Requester&) = delete;

  /// URL and headers for the context's message, with this body. `content_type` (may be empty)
  /// stands unless the headers set one. By one thread at a time. Errors: of the templates, with the
  /// field's name.
  [[nodiscard]] core::Result<http::ClientRequest> request(mapping::Context& context,
                                                          std::string body,
                                                          std::string_view content_type = {});

  using Done = std::function<void(Reply)>;
  /// `done` is called exactly once, from any thread, also before this returns; it must not block.
  void send(http::ClientRequest request, Done done);
  /// Waits for the end. When `interrupt` (may be null) is raised, everything is given up.
  [[nodiscard]] Reply send_and_wait(http::ClientRequest request, const core::Interrupt* interrupt);
  /// One streamed answer, without tries; `ready` gets the call or why there is none. The callbacks
  /// of `stream` come from the client's thread.
  void stream(http::ClientRequest request, http::StreamCallbacks callbacks,
              std::function<void(core::Result<http::Call>)> ready);
  /// Gives up what is under way (kCancelled) and refuses everything after that. Not from `done`.
  void close();

  /// Puts status and extracted headers of an answer on a message.
  void add_metadata(core::Message& message, const http::ClientResponse& response) const;
  /// The same as text.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> metadata(
      const http::ClientResponse& response) const;
  [[nodiscard]] const http::RetryPolicy& policy() const;

 private:
  struct State;
  Requester(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

/// What an answer says about why, for messages: `500 Internal Server Error: first words`.
[[nodiscard]] std::string describe(const http::ClientResponse& response);

}  // namespace weir::http_fields
