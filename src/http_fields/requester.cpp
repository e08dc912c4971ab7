#include "http_fields/requester.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "http/url.h"

namespace weir::http_fields {

using core::ErrorCode;
using http::ClientRequest;
using http::ClientResponse;

namespace {

constexpr std::size_t kExcerpt = 200;

// What may be shown of an address: neither credentials nor query.
std::string shown(const std::string& url) {
  auto parsed = http::parse_url(url);
  return parsed ? parsed->display() : "a broken address";
}

std::optional<core::LogLevel> dump_level(const std::string& name) {
  if (name == "TRACE") return core::LogLevel::kTrace;
  if (name == "DEBUG") return core::LogLevel::kDebug;
  if (name == "INFO") return core::LogLevel::kInfo;
  if (name == "WARN") return core::LogLevel::kWarn;
  if (name == "ERROR" || name == "FATAL") return core::LogLevel::kError;
  return std::nullopt;
}

bool secret_header(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* part :
       {"authorization", "cookie", "token", "secret", "password", "api-key", "apikey"}) {
    if (lower.find(part) != std::string::npos) return true;
  }
  return false;
}

std::string header_lines(const http::Headers& headers) {
  std::string text;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!text.empty()) text += "; ";
    text.append(headers[i].name).append(": ");
    text.append(secret_header(headers[i].name) ? std::string_view("(masked)") : headers[i].value);
  }
  return text;
}

struct Attempt {
  ClientRequest request;
  Requester::Done done;
  unsigned failed = 0;  // tries
  core::Executor::TimerId timer = 0;
};

}  // namespace

std::string describe(const ClientResponse& response) {
  std::string text = std::to_string(response.status);
  if (const std::string_view phrase = http::reason_phrase(response.status); !phrase.empty())
    text.append(" ").append(phrase);
  std::string_view body = response.body.view().substr(0, kExcerpt);
  while (!body.empty() && (body.back() == '\n' || body.back() == '\r' || body.back() == ' '))
    body.remove_suffix(1);
  if (body.empty()) return text;
  text += ": ";
  for (const char c : body)
    text += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f ? ' ' : c;
  if (response.body.size() > kExcerpt) text += "...";
  return text;
}

struct Requester::State : std::enable_shared_from_this<Requester::State> {
  State(const RequestFields& all, std::string method, const config::Resources& from)
      : fields(all),
        verb(std::move(method)),
        resources(from),
        policy(all.retry_policy()),
        metadata(all.metadata),
        extract(all.extract_headers),
        dump(dump_level(all.dump_request_log_level)) {}

  const RequestFields fields;
  const std::string verb;
  const config::Resources resources;
  const http::RetryPolicy policy;
  const NameFilter metadata;
  const NameFilter extract;
  const std::optional<core::LogLevel> dump;

  // The client goes first: what it cancels still asks for the rest.
  std::shared_ptr<http::RequestAuth> auth;
  std::unique_ptr<http::Client> client;

  std::mutex mutex;  // guards what follows
  std::condition_variable left;
  std::shared_ptr<core::RateLimit> limit;
  std::set<std::shared_ptr<Attempt>> waiting;  // for their timer
  unsigned inside = 0;                         // threads that use the client
  bool closed = false;

  bool enter() {
    const std::lock_guard lock(mutex);
    if (closed) return false;
    ++inside;
    return true;
  }
  void leave() {
    const std::lock_guard lock(mutex);
    if (--inside == 0) left.notify_all();
  }

  static void cancelled(Attempt& attempt) {
    attempt.done({0, core::fail(ErrorCode::kCancelled, "the request was given up: stopping")});
  }

  void start(const std::shared_ptr<Attempt>& attempt) {
    if (!enter()) {
      cancelled(*attempt);
      return;
    }
    auto wait = rate_limit();
    if (!wait) {
      attempt->done({0, core::fail(std::move(wait).error())});
    } else if (wait->count() > 0) {
      later(attempt, *wait);
    } else {
      auth->sign(attempt->request,
                 [self = shared_from_this(), attempt](core::Result<ClientRequest> ready) {
                   if (!ready) {
                     self->ended(attempt, core::fail(std::move(ready).error()));
                     return;
                   }
                   if (!self->enter()) {  // a token came late
                     cancelled(*attempt);
                     return;
                   }
                   self->client->send(*std::move(ready),
                                      [self, attempt](core::Result<ClientResponse> response) {
                                        self->ended(attempt, std::move(response));
                                      });
                   self->leave();
                 });
    }
    leave();
  }

  core::Result<std::chrono::nanoseconds> rate_limit() {
    if (fields.rate_limit.empty()) return std::chrono::nanoseconds(0);
    std::shared_ptr<core::RateLimit> used;
    {
      const std::lock_guard lock(mutex);
      used = limit;
    }
    if (used == nullptr) {
      if (!resources.shared().rate_limit)
        return core::invalid_config("there are no rate limits here");
      auto found = resources.shared().rate_limit(fields.rate_limit.label);
      if (!found) return core::fail(std::move(found).error());
      used = *std::move(found);
      const std::lock_guard lock(mutex);
      limit = used;
    }
    return used->access();
  }

  void later(const std::shared_ptr<Attempt>& attempt, std::chrono::nanoseconds wait) {
    std::unique_lock lock(mutex);
    if (closed) {
      lock.unlock();
      cancelled(*attempt);
      return;
    }
    waiting.insert(attempt);
    attempt->timer = resources.executor().post_after(wait, [weak = weak_from_this(), attempt] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      {
        const std::lock_guard inner(self->mutex);
        if (self->waiting.erase(attempt) == 0) return;  // given up meanwhile
      }
      self->start(attempt);
    });
  }

  void ended(const std::shared_ptr<Attempt>& attempt, core::Result<ClientResponse> response) {
    if (!response) {
      log_end(*attempt, response.error().message);
      if (response.error().code != ErrorCode::kUnavailable) {
        attempt->done({0, std::move(response)});
        return;
      }
      again_or(attempt, http::Verdict::kRetry, std::nullopt, {0, std::move(response)});
      return;
    }
    const int status = response->status;
    log_end(*attempt, std::to_string(status));
    const http::Verdict verdict = http::judge(policy, status);
    if (verdict == http::Verdict::kSuccess) {
      attempt->done({status, std::move(response)});
      return;
    }
    if (status == 401) auth->rejected();
    const auto asked =
        http::retry_after(response->headers, resources.clock().wall_nanos() / 1'000'000'000);
    // Where a try cannot help, being asked for a hundred of them does not either.
    const bool hopeless = verdict == http::Verdict::kDrop;
    Reply failure{status,
                  core::fail(!hopeless && http::may_pass_later(status) ? ErrorCode::kUnavailable
                                                                       : ErrorCode::kInvalidData,
                             verb + " " + shown(attempt->request.url) + " was answered " +
                                 describe(*response))};
    if (hopeless) {
      attempt->done(std::move(failure));
      return;
    }
    again_or(attempt, verdict, asked, std::move(failure));
  }

  void again_or(const std::shared_ptr<Attempt>& attempt, http::Verdict verdict,
                std::optional<std::chrono::milliseconds> asked, Reply failure) {
    ++attempt->failed;
    if (attempt->failed > policy.retries) {
      attempt->done(std::move(failure));
      return;
    }
    resources.log().debug("http_retry", "A request failed and will be sent again.",
                          {{"error", failure.response.error().message},
                           {"attempt", std::to_string(attempt->failed)}});
    later(attempt, http::retry_delay(policy, verdict, attempt->failed, asked));
  }

  void log_end(const Attempt& attempt, const std::string& outcome) const {
    if (!dump || !resources.log().enabled(*dump)) return;
    resources.log().write(*dump, "http_request", "A request was sent.",
                          {{"verb", verb},
                           {"url", shown(attempt.request.url)},
                           {"headers", header_lines(attempt.request.headers)},
                           {"body_bytes", std::to_string(attempt.request.body.size())},
                           {"answer", outcome}});
  }

  void close() {
    std::set<std::shared_ptr<Attempt>> given_up;
    {
      std::unique_lock lock(mutex);
      closed = true;
      given_up.swap(waiting);
      left.wait(lock, [&] { return inside == 0; });
      // Whoever was inside may have put something there just before.
      given_up.merge(waiting);
      waiting.clear();
    }
    for (const auto& attempt : given_up) {
      (void)resources.executor().cancel(attempt->timer);
      cancelled(*attempt);
    }
    client.reset();
  }
};

Requester::Requester(std::shared_ptr<State> state) : state_(std::move(state)) {}

Requester::~Requester() {
  close();
}

core::Result<std::unique_ptr<Requester>> Requester::make(const RequestFields& fields,
                                                         std::string verb,
                                                         const config::Resources& resources) {
  auto state = std::make_shared<State>(fields, std::move(verb), resources);
  // Lint runs on other machines too: files are looked at when there is work to do.
  http::ClientOptions options = fields.client_options();
  http::AuthOptions auth = fields.auth.options();
  if (resources.shared().making_only) {
    options.tls = {};
    auth = {};
  }
  auto client = http::Client::make(std::move(options));
  if (!client) return core::fail(std::move(client).error());
  state->client = *std::move(client);
  WEIR_TRY(state->auth, http::RequestAuth::make(*state->client, std::move(auth)));
  return std::unique_ptr<Requester>(new Requester(std::move(state)));
}

core::Result<ClientRequest> Requester::request(mapping::Context& context, std::string body,
                                               std::string_view content_type) {
  State& state = *state_;
  ClientRequest made;
  made.method = state.verb;
  auto url = state.fields.url.render(context);
  if (!url) return core::fail(std::move(url).error().with_context("evaluating `url`"));
  made.url = std::string(*url);
  if (!content_type.empty()) made.headers.set("Content-Type", content_type);
  if (state.metadata.enabled() && context.has_message()) {
    core::Message& message = context.message();
    if (message.metadata().is(core::Kind::kObject)) {
      for (const core::Member& member : core::members(message.metadata())) {
        const std::string_view key = member.key.text(message.arena());
        if (state.metadata.matches(key))
          made.headers.set(key, metadata_text(member.value, message.arena()));
      }
    }
  }
  for (const auto& [name, text] : state.fields.headers) {
    auto value = text.render(context);
    if (!value)
      return core::fail(
          std::move(value).error().with_context("evaluating the header `" + name + "`"));
    made.headers.set(name, *value);
  }
  made.body = std::move(body);
  if (!made.body.empty() && !made.headers.contains("Content-Type"))
    made.headers.set("Content-Type", "application/octet-stream");
  made.timeout = std::chrono::ceil<std::chrono::milliseconds>(state.fields.timeout);
  return made;
}

void Requester::send(ClientRequest request, Done done) {
  auto attempt = std::make_shared<Attempt>();
  attempt->request = std::move(request);
  attempt->done = std::move(done);
  state_->start(attempt);
}

Reply Requester::send_and_wait(ClientRequest request, const core::Interrupt* interrupt) {
  struct Wait {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<Reply> reply;
  };
  auto wait = std::make_shared<Wait>();
  send(std::move(request), [wait](Reply reply) {
    const std::lock_guard lock(wait->mutex);
    wait->reply = std::move(reply);
    wait->ended.notify_one();
  });
  std::unique_lock lock(wait->mutex);
  while (!wait->reply) {
    wait->ended.wait_for(lock, std::chrono::milliseconds(50));
    if (wait->reply || interrupt == nullptr || !interrupt->raised()) continue;
    lock.unlock();
    close();
    lock.lock();
    break;
  }
  wait->ended.wait(lock, [&] { return wait->reply.has_value(); });
  return *std::move(wait->reply);
}

void Requester::stream(ClientRequest request, http::StreamCallbacks callbacks,
                       std::function<void(core::Result<http::Call>)> ready) {
  if (!state_->enter()) {
    ready(core::fail(ErrorCode::kCancelled, "stopping"));
    return;
  }
  auto held = std::make_shared<http::StreamCallbacks>(std::move(callbacks));
  state_->auth->sign(std::move(request), [state = state_, held, ready = std::move(ready)](
                                             core::Result<ClientRequest> made) {
    if (!made) {
      ready(core::fail(std::move(made).error()));
      return;
    }
    if (!state->enter()) {
      ready(core::fail(ErrorCode::kCancelled, "stopping"));
      return;
    }
    http::Call call = state->client->stream(*std::move(made), std::move(*held));
    state->leave();
    ready(std::move(call));
  });
  state_->leave();
}

void Requester::close() {
  state_->close();
}

std::vector<std::pair<std::string, std::string>> Requester::metadata(
    const ClientResponse& response) const {
  std::vector<std::pair<std::string, std::string>> all;
  all.emplace_back("http_status_code", std::to_string(response.status));
  if (!state_->extract.enabled()) return all;
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    std::string name(response.headers[i].name);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (state_->extract.matches(name)) all.emplace_back(std::move(name), response.headers[i].value);
  }
  return all;
}

void Requester::add_metadata(core::Message& message, const ClientResponse& response) const {
  core::Arena& arena = message.arena();
  message.set_metadata("http_status_code", core::Value::integer(response.status));
  for (const auto& [name, value] : metadata(response)) {
    if (name == "http_status_code") continue;
    message.set_metadata(arena.copy(name), core::Value::string(arena.copy(value)));
  }
}

const http::RetryPolicy& Requester::policy() const {
  return state_->policy;
}

}  // namespace weir::http_fields
