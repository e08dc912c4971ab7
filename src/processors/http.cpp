#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/multipart.h"
#include "http_fields/requester.h"
#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;
using http_fields::Reply;

struct HttpConfig {
  http_fields::RequestFields request;
  std::string verb = "POST";
  bool batch_as_multipart = false;
  bool parallel = false;
  std::uint32_t max_in_flight = 64;
};

config::Spec<HttpConfig> http_spec() {
  return config::Spec<HttpConfig>("http")
      .summary("Sends each message by HTTP and goes on with the answer.")
      .description(
          "The content is the request's body and is replaced by the answer's; metadata stays, "
          "`http_status_code` and `extract_headers` are added. Wrap it in `branch` to keep the "
          "message and add to it; an empty content (`root = \"\"`) sends no body. A request that "
          "fails after all tries flags the message, which keeps its content.")
      .category("integration")
      .group(&HttpConfig::request, http_fields::RequestFields::fields())
      .field("verb", &HttpConfig::verb, {.doc = "The verb.", .examples = {"GET"}})
      .field("batch_as_multipart", &HttpConfig::batch_as_multipart,
             {.doc = "Send each batch as one multipart request. The parts of a multipart answer "
                     "become the messages.",
              .advanced = true})
      .field("parallel", &HttpConfig::parallel,
             {.doc = "Send the requests of a batch at the same time; the order of messages stays."})
      .field(
          "max_in_flight", &HttpConfig::max_in_flight,
          {.doc = "With `parallel`: requests at a time.", .advanced = true, .min = 1, .max = 10000})
      .check([](const HttpConfig& config) -> core::Status {
        if (config.verb.empty()) return core::invalid_config("`verb` is empty");
        return {};
      })
      .example(
          "Ask a service about each message",
          "pipeline:\n  processors:\n    - http:\n        url: https://api.example/score\n        "
          "verb: POST\n        parallel: true\n");
}

class Http final : public core::Processor {
 public:
  Http(HttpConfig config, std::unique_ptr<http_fields::Requester> requester,
       const config::Resources& resources)
      : config_(std::move(config)),
        requester_(std::move(requester)),
        evaluator_(resources),
        interrupt_(resources.shared().interrupt),
        label_(resources.label()),
        path_(resources.path()) {}

  Batches process(Batch batch) override {
    if (config_.batch_as_multipart) return as_multipart(std::move(batch));
    std::vector<std::optional<Reply>> replies(batch.size());
    exchange(batch, replies);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (replies[i]) settle(batch[i], *replies[i]);
    }
    return Batches(std::move(batch));
  }

  void close() override { requester_->close(); }

 private:
  void flag(Message& message, const core::Error& error) const {
    message.fail(error.code, error.message, "http", label_, path_);
  }

  void settle(Message& message, const Reply& reply) const {
    if (reply.response) {
      message.set_payload(reply.response->body.view());
      requester_->add_metadata(message, *reply.response);
      return;
    }
    if (reply.status != 0)
      message.set_metadata("http_status_code", core::Value::integer(reply.status));
    flag(message, reply.response.error());
  }

  // Requests are made on this thread, one after the other, and sent up to a few at a time. A
  // message whose request cannot be made is flagged and gets no reply.
  void exchange(Batch& batch, std::vector<std::optional<Reply>>& replies) {
    struct Shared {
      std::mutex mutex;
      std::condition_variable changed;
      std::size_t open = 0;
    };
    auto shared = std::make_shared<Shared>();
    const std::size_t most = config_.parallel ? config_.max_in_flight : 1;
    std::unique_lock lock(shared->mutex);
    const auto wait_below = [&](std::size_t limit) {
      while (shared->open >= limit) {
        shared->changed.wait_for(lock, std::chrono::milliseconds(50));
        if (shared->open < limit || interrupt_ == nullptr || !interrupt_->raised()) continue;
        lock.unlock();
        requester_->close();  // ends them all
        lock.lock();
      }
    };
    for (std::size_t i = 0; i < batch.size(); ++i) {
      wait_below(most);
      lock.unlock();
      auto request = make_request(batch, i);
      if (!request) {
        flag(batch[i], request.error());
        lock.lock();
        continue;
      }
      lock.lock();
      ++shared->open;
      lock.unlock();
      requester_->send(*std::move(request), [shared, slot = &replies[i]](Reply reply) {
        const std::lock_guard inner(shared->mutex);
        *slot = std::move(reply);
        --shared->open;
        shared->changed.notify_one();
      });
      lock.lock();
    }
    wait_below(1);
  }

  core::Result<http::ClientRequest> make_request(Batch& batch, std::size_t i) {
    evaluator_.context().bind(batch.messages(), i);
    WEIR_TRY(const std::string_view payload, batch[i].payload());
    return requester_->request(evaluator_.context(), std::string(payload));
  }

  Batches as_multipart(Batch batch) {
    std::vector<http::Part> parts;
    for (Message& message : batch) {
      auto payload = message.payload();
      http::Part part;
      part.headers.set("Content-Type", "application/octet-stream");
      if (payload) part.body = std::string(*payload);
      parts.push_back(std::move(part));
    }
    http::Multipart body = http::make_multipart(parts);
    evaluator_.context().bind(batch.messages(), 0);
    auto request =
        requester_->request(evaluator_.context(), std::move(body.body), body.content_type);
    if (!request) {
      for (Message& message : batch) flag(message, request.error());
      return Batches(std::move(batch));
    }
    request->headers.set("Content-Type", body.content_type);
    const Reply reply = requester_->send_and_wait(*std::move(request), interrupt_);
    if (!reply.response) {
      for (Message& message : batch) settle(message, reply);
      return Batches(std::move(batch));
    }
    return Batches(take_parts(std::move(batch), *reply.response));
  }

  // As many messages as the answer has parts: the first ones replace ours, of too few the last
  // stands for the rest, of too many the last of ours has several.
  Batch take_parts(Batch batch, const http::ClientResponse& response) {
    std::vector<std::string_view> contents;
    const std::string_view type = response.headers.get("Content-Type").value_or("");
    if (http::media_type(type).starts_with("multipart/")) {
      auto parts = http::parse_multipart(type, response.body.view());
      if (!parts) {
        for (Message& message : batch) flag(message, parts.error());
        return batch;
      }
      for (const http::PartView& part : *parts) contents.push_back(part.body);
    }
    if (contents.empty()) contents.push_back(response.body.view());
    Batch made = batch.sibling();
    for (std::size_t i = 0; i < contents.size(); ++i) {
      Message message =
          i < batch.size() ? Message(std::move(batch[i])) : made[made.size() - 1].share_copy();
      message.set_payload(contents[i]);
      requester_->add_metadata(message, response);
      made.push(std::move(message));
    }
    for (std::size_t i = contents.size(); i < batch.size(); ++i)
      made[made.size() - 1].lineage().merge(std::move(batch[i].lineage()));
    return made;
  }

  const HttpConfig config_;
  const std::unique_ptr<http_fields::Requester> requester_;
  config::Evaluator evaluator_;
  const core::Interrupt* interrupt_;
  const std::string label_;
  const std::string path_;
};

core::Result<std::unique_ptr<core::Processor>> make_http(HttpConfig config,
                                                         const config::Resources& resources) {
  WEIR_TRY(auto requester, http_fields::Requester::make(config.request, config.verb, resources));
  return std::make_unique<Http>(std::move(config), std::move(requester), resources);
}

}  // namespace

void add_http(config::Registry& registry) {
  registry.add_processor(http_spec(), make_http);
}

}  // namespace weir::processors
