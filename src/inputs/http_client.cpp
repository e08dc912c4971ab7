#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "core/backoff.h"
#include "http/multipart.h"
#include "http_fields/requester.h"
#include "inputs/all.h"
#include "inputs/scanned_stream.h"

namespace weir::inputs {
namespace {

using core::Batch;
using core::Message;
using core::ReadResult;

// Of a stream, not scanned yet: beyond, the server is held up.
constexpr std::size_t kQueueBytes = 1 << 20;
constexpr std::size_t kMaxMessages = 256;

struct StreamFields {
  bool enabled = false;
  bool reconnect = true;
  config::Child<core::Scanner> scanner;
  static const config::Spec<StreamFields>& spec();
};

const config::Spec<StreamFields>& StreamFields::spec() {
  static const config::Spec<StreamFields> made =
      config::Spec<StreamFields>()
          .field("enabled", &StreamFields::enabled,
                 {.doc = "Take the answer as an endless stream that a scanner cuts."})
          .field("reconnect", &StreamFields::reconnect,
                 {.doc = "Ask again when the stream ends; otherwise the input ends."})
          .field("scanner", &StreamFields::scanner,
                 {.doc = "How the stream is cut into messages. Default: `lines`.",
                  .no_default = true});
  return made;
}

struct HttpClientConfig {
  http_fields::RequestFields request;
  std::string verb = "GET";
  config::TemplateField payload;
  bool drop_empty_bodies = true;
  StreamFields stream;
};

config::Spec<HttpClientConfig> http_client_spec() {
  using C = HttpClientConfig;
  return config::Spec<C>("http_client")
      .summary("Asks an HTTP server for messages, again and again or as a stream.")
      .description(
          "Each answer is a message, a multipart answer a batch. The next request goes out when "
          "the answer has been handed on; a `rate_limit` says how often. `url`, `headers` and "
          "`payload` are evaluated against the message before (an empty one at first), so that an "
          "answer can name the next page. Metadata: `http_status_code` and `extract_headers`.\n\n"
          "Messages cannot be asked for again: what is in flight when the process dies is lost, "
          "unless the server keeps it.")
      .category("network")
      .group(&C::request, http_fields::RequestFields::fields())
      .field("verb", &C::verb, {.doc = "The verb."})
      .field("payload", &C::payload, {.doc = "Body of each request. Empty: none."})
      .field("drop_empty_bodies", &C::drop_empty_bodies,
             {.doc = "Leave out answers without content.", .advanced = true})
      .field("stream", &C::stream, {.doc = "Streams.", .advanced = true})
      .ignored("auto_replay_nacks",
               "Messages that come back undelivered are always handed out again.")
      .example("Page after page",
               "input:\n  http_client:\n    url: 'https://api.example/items?after=${! "
               "this.last.or(\"\").catch(\"\") }'\n    verb: GET\n");
}

/// What the client's thread brings of one stream and the reader takes. Shared by both.
struct Flow {
  std::mutex mutex;  // guards all
  std::condition_variable changed;
  std::deque<std::string> pieces;
  std::size_t bytes = 0;
  std::optional<http::Call> call;
  bool paused = false;
  std::optional<core::Status> end;
  std::optional<http::ClientResponse> refused;  // an answer with a bad status
  std::vector<std::pair<std::string, std::string>> metadata;
};

class HttpClient final : public core::Input {
 public:
  HttpClient(HttpClientConfig config, std::unique_ptr<http_fields::Requester> requester,
             const config::Resources& resources)
      : config_(std::move(config)),
        requester_(std::move(requester)),
        resources_(resources),
        evaluator_(resources),
        backoff_(std::chrono::milliseconds(100), std::chrono::seconds(30)),
        last_(Batch::of({""})) {}
  ~HttpClient() override { close(); }

  core::InputTraits traits() const override {
    return {.finite = config_.stream.enabled && !config_.stream.reconnect};
  }

  core::Status connect(core::ReadContext& context) override {
    if (wait_.count() > 0) {  // after a failure
      if (!context.interrupt().wait_for(std::exchange(wait_, std::chrono::milliseconds(0))))
        return core::fail(core::ErrorCode::kCancelled, "stopping");
    }
    if (!config_.stream.enabled) return {};
    return open_stream(context.interrupt());
  }

  core::Result<ReadResult> read(core::ReadContext& context) override {
    return config_.stream.enabled ? read_stream(context) : poll(context);
  }

  void close() override {
    requester_->close();
    flow_.reset();
  }

 private:
  core::Result<http::ClientRequest> make_request() {
    mapping::Context& context = evaluator_.context();
    context.bind(last_.messages(), 0);
    auto body = config_.payload.render(context);
    if (!body) return core::fail(std::move(body).error().with_context("evaluating `payload`"));
    return requester_->request(context, std::string(*body));
  }

  core::Error failed(core::Error error) {
    if (error.code == core::ErrorCode::kCancelled) return error;
    // Nothing else will mend a source but time; who writes a wrong address sees it in the log.
    wait_ =
        std::chrono::ceil<std::chrono::milliseconds>(backoff_.next(resources_.shared().random()));
    error.code = core::ErrorCode::kUnavailable;
    return error;
  }

  // ---- one answer after the other

  core::Result<ReadResult> poll(core::ReadContext& context) {
    if (context.interrupt().raised()) return ReadResult::idle();
    auto request = make_request();
    if (!request) return core::fail(failed(std::move(request).error()));
    http_fields::Reply reply = requester_->send_and_wait(*std::move(request), &context.interrupt());
    if (!reply.response) return core::fail(failed(std::move(reply.response).error()));
    backoff_.reset();
    http::ClientResponse& response = *reply.response;
    if (response.body.empty() && config_.drop_empty_bodies) return ReadResult::idle();
    core::ReadBatch read;
    WEIR_TRY(read.batch, batch_of(response));
    if (read.batch.empty()) return ReadResult::idle();
    remember(read.batch[read.batch.size() - 1]);
    return ReadResult::of(std::move(read));
  }

  core::Result<Batch> batch_of(http::ClientResponse& response) {
    Batch batch = Batch::fresh();
    const std::string type(response.headers.get("Content-Type").value_or(""));
    const bool multipart = http::media_type(type).starts_with("multipart/");
    const std::shared_ptr<const core::Block> block = response.body.release();
    const std::uint32_t number = batch.storage().add_block(block);
    if (multipart) {
      auto parts = http::parse_multipart(type, block->view());
      if (!parts) {
        batch.push(Message(batch.storage(), number, block->view()));
        batch[0].fail(parts.error());
      } else {
        for (const http::PartView& part : *parts)
          batch.push(Message(batch.storage(), number, part.body));
      }
    } else {
      batch.push(Message(batch.storage(), number, block->view()));
    }
    for (Message& message : batch) requester_->add_metadata(message, response);
    return batch;
  }

  // The batch goes to other threads; the next request is made from a copy.
  void remember(Message& message) {
    Batch copy = Batch::fresh();
    auto made = message.copy_to(copy.storage());
    if (!made) return;
    copy.push(*std::move(made));
    last_ = std::move(copy);
  }

  // ---- a stream

  core::Status open_stream(const core::Interrupt& interrupt) {
    auto scanner = make_scanner(config_.stream.scanner, resources_);
    if (!scanner) return core::fail(std::move(scanner).error());
    auto request = make_request();
    if (!request) return core::fail(failed(std::move(request).error()));
    scanner_ = *std::move(scanner);
    scanner_->begin(request->url);
    need_data_ = true;
    auto flow = std::make_shared<Flow>();
    std::optional<bool> opened;
    http::StreamCallbacks callbacks;
    callbacks.on_head = [flow, requester = requester_.get()](const http::ClientResponse& head) {
      const bool good = http::judge(requester->policy(), head.status) == http::Verdict::kSuccess;
      const std::lock_guard lock(flow->mutex);
      flow->metadata = requester->metadata(head);
      if (!good) {
        flow->end = core::unavailable("the server answered " + std::to_string(head.status));
      }
      flow->changed.notify_one();
      return good;
    };
    callbacks.on_data = [flow](std::string_view piece) {
      const std::lock_guard lock(flow->mutex);
      flow->pieces.emplace_back(piece);
      flow->bytes += piece.size();
      flow->paused = flow->bytes >= kQueueBytes;
      flow->changed.notify_one();
      return !flow->paused;
    };
    callbacks.on_done = [flow](core::Status status) {
      const std::lock_guard lock(flow->mutex);
      if (!flow->end) flow->end = std::move(status);
      flow->changed.notify_one();
    };
    requester_->stream(*std::move(request), std::move(callbacks),
                       [flow](core::Result<http::Call> call) {
                         const std::lock_guard lock(flow->mutex);
                         if (call) {
                           flow->call = *call;
                         } else {
                           flow->end = core::fail(std::move(call).error());
                         }
                         flow->changed.notify_one();
                       });
    std::unique_lock lock(flow->mutex);
    while (flow->metadata.empty() && !flow->end && !interrupt.raised())
      flow->changed.wait_for(lock, std::chrono::milliseconds(50));
    if (interrupt.raised()) return core::fail(core::ErrorCode::kCancelled, "stopping");
    if (flow->end && !*flow->end && flow->pieces.empty()) {
      core::Error error = flow->end->error();
      lock.unlock();
      return core::fail(failed(std::move(error)));
    }
    lock.unlock();
    flow_ = std::move(flow);
    return {};
  }

  core::Result<ReadResult> read_stream(core::ReadContext& context) {
    if (flow_ == nullptr) return core::unavailable("the stream has ended");
    core::ReadBatch read;
    read.batch = Batch::fresh();
    while (true) {
      if (!need_data_) {
        auto more = scanner_->next(read.batch, kMaxMessages);
        if (!more) {
          flow_.reset();
          return core::fail(failed(std::move(more).error()));
        }
        if (*more == core::Scanner::More::kNeedData) need_data_ = true;
        if (!read.batch.empty()) {
          label(read.batch);
          return ReadResult::of(std::move(read));
        }
        if (*more == core::Scanner::More::kEnd) return ended();
        continue;
      }
      std::optional<std::string> piece;
      {
        std::unique_lock lock(flow_->mutex);
        if (flow_->pieces.empty() && !flow_->end && context.wait_limit().count() > 0)
          flow_->changed.wait_for(lock, context.wait_limit());
        if (!flow_->pieces.empty()) {
          piece = std::move(flow_->pieces.front());
          flow_->pieces.pop_front();
          flow_->bytes -= piece->size();
          if (flow_->paused && flow_->bytes < kQueueBytes / 2 && flow_->call) {
            flow_->paused = false;
            flow_->call->resume();
          }
        } else if (!flow_->end) {
          return ReadResult::idle();
        }
      }
      if (piece) {
        char* const to = scanner_->prepare(piece->size());
        piece->copy(to, piece->size());
        scanner_->commit(piece->size());
        backoff_.reset();
      } else {
        scanner_->end();
      }
      need_data_ = false;
    }
  }

  void label(Batch& batch) {
    const std::lock_guard lock(flow_->mutex);
    for (Message& message : batch) {
      core::Arena& arena = message.arena();
      for (const auto& [name, value] : flow_->metadata)
        message.set_metadata(arena.copy(name), core::Value::string(arena.copy(value)));
    }
    remember(batch[batch.size() - 1]);
  }

  core::Result<ReadResult> ended() {
    core::Status end = *flow_->end;  // nobody writes it any more
    flow_.reset();
    if (!config_.stream.reconnect) {
      if (end) return ReadResult::end();
      resources_.log().warn("http_stream_cut", "The stream was cut off.",
                            {{"error", end.error().message}});
      return ReadResult::end();
    }
    return core::fail(failed(
        end ? core::Error{core::ErrorCode::kUnavailable, "the stream has ended"} : end.error()));
  }

  const HttpClientConfig config_;
  const std::unique_ptr<http_fields::Requester> requester_;
  const config::Resources resources_;
  config::Evaluator evaluator_;
  core::Backoff backoff_;
  std::chrono::milliseconds wait_{0};
  Batch last_;
  std::shared_ptr<Flow> flow_;
  std::unique_ptr<core::Scanner> scanner_;
  bool need_data_ = true;
};

}  // namespace

void add_http_client(config::Registry& registry) {
  registry.add_input(
      http_client_spec(),
      [](HttpClientConfig config,
         const config::Resources& resources) -> core::Result<std::unique_ptr<core::Input>> {
        WEIR_TRY(auto requester,
                 http_fields::Requester::make(config.request, config.verb, resources));
        return std::make_unique<HttpClient>(std::move(config), std::move(requester), resources);
      });
}

}  // namespace weir::inputs
