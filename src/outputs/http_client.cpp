#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "config/output_child.h"
#include "http/multipart.h"
#include "http_fields/requester.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;
using http_fields::Reply;

struct PartFields {
  config::TemplateField content_type;
  config::TemplateField content_disposition;
  config::TemplateField body;
  static const config::Spec<PartFields>& spec();
};

const config::Spec<PartFields>& PartFields::spec() {
  static const config::Spec<PartFields> made =
      config::Spec<PartFields>()
          .field("content_type", &PartFields::content_type, {.doc = "Type of the part."})
          .field("content_disposition", &PartFields::content_disposition,
                 {.doc = "Its header.",
                  .examples = {R"('form-data; name="file"; filename="a.json"')"}})
          .field("body", &PartFields::body,
                 {.doc = "Its content.", .examples = {"${! content() }"}});
  return made;
}

struct HttpClientConfig {
  http_fields::RequestFields request;
  std::string verb = "POST";
  bool batch_as_multipart = false;
  bool propagate_response = false;
  std::vector<PartFields> multipart;
  std::uint32_t max_in_flight = 64;
  config::BatchPolicyConfig batching;
};

config::Spec<HttpClientConfig> http_client_spec() {
  using C = HttpClientConfig;
  return config::Spec<C>("http_client")
      .summary("Sends messages by HTTP.")
      .description(
          "Each message is a request, or each batch one multipart request. It is delivered when "
          "the server answers with 200 to 299 (or `successful_on`). Other answers are tried again "
          "`retries` times; after that a message whose answer says that it may pass later (408, "
          "425, 429, 5xx) is written again for ever, unless an output around this one decides, and "
          "any other counts as refused. Retry-After is kept to. With `max_in_flight: 1` messages "
          "arrive in order.")
      .category("network")
      .group(&C::request, http_fields::RequestFields::fields())
      .field("verb", &C::verb, {.doc = "The verb.", .examples = {"PUT"}})
      .field(
          "batch_as_multipart", &C::batch_as_multipart,
          {.doc = "Send each batch as one multipart request; set `batching` to say how much that "
                  "is.",
           .advanced = true})
      .field(
          "propagate_response", &C::propagate_response,
          {.doc = "Answer the client of the input with what the server answers.", .advanced = true})
      .field("multipart", &C::multipart,
             {.doc = "Send each message as these parts of a form.", .advanced = true})
      .field("max_in_flight", &C::max_in_flight,
             {.doc = "Requests at a time.", .min = 1, .max = 10000})
      .field("batching", &C::batching, {.doc = "How messages are collected first."})
      .check([](const C& config) -> core::Status {
        if (config.batch_as_multipart && !config.multipart.empty())
          return core::invalid_config("`batch_as_multipart` and `multipart` exclude each other");
        if (config.verb.empty()) return core::invalid_config("`verb` is empty");
        return {};
      })
      .example(
          "One request per message",
          "output:\n  http_client:\n    url: https://api.example/items/${! this.id }\n    verb: "
          "PUT\n    headers: { Content-Type: application/json }\n");
}

/// A batch being written: its messages wait for their answers.
struct Job {
  Batch batch;
  WriteDone done;
  WriteResult result;
  std::vector<unsigned char> good;  // by message
  std::size_t open = 0;
  std::vector<core::Error> errors;
};

class HttpClient final : public core::Output {
 public:
  HttpClient(HttpClientConfig config, std::unique_ptr<http_fields::Requester> requester,
             const config::Resources& resources)
      : config_(std::move(config)), requester_(std::move(requester)), evaluator_(resources) {}
  ~HttpClient() override { close(); }

  std::size_t max_in_flight() const override { return config_.max_in_flight; }

  void write(Batch batch, WriteDone done) override {
    auto job = std::make_shared<Job>();
    const std::size_t size = batch.size();
    job->good.assign(size, 0);
    job->errors.resize(size);
    job->batch = std::move(batch);
    job->done = std::move(done);
    std::vector<Entry> made;
    if (config_.batch_as_multipart) {
      auto request = whole(job->batch);
      if (!request) {
        finish_with(*job, request.error());
        return;
      }
      made.push_back({job, 0, size, *std::move(request)});
    } else {
      for (std::size_t i = 0; i < size; ++i) {
        auto request = single(job->batch, i);
        if (!request) {
          job->errors[i] = std::move(request).error();
          continue;
        }
        made.push_back({job, i, 1, *std::move(request)});
      }
    }
    job->open = made.size();
    if (made.empty()) {
      finish(*job);
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      for (Entry& entry : made) queue_.push_back(std::move(entry));
    }
    pump();
  }

  void close() override { requester_->close(); }

 private:
  struct Entry {
    std::shared_ptr<Job> job;
    std::size_t first;
    std::size_t count;
    http::ClientRequest request;
  };

  core::Result<http::ClientRequest> single(Batch& batch, std::size_t i) {
    mapping::Context& context = evaluator_.context();
    context.bind(batch.messages(), i);
    if (config_.multipart.empty()) {
      WEIR_TRY(const std::string_view payload, batch[i].payload());
      return requester_->request(context, std::string(payload));
    }
    std::vector<http::Part> parts;
    for (const PartFields& fields : config_.multipart) {
      http::Part part;
      WEIR_TRY(const std::string_view type, fields.content_type.render(context));
      WEIR_TRY(const std::string_view disposition, fields.content_disposition.render(context));
      WEIR_TRY(const std::string_view body, fields.body.render(context));
      if (!type.empty()) part.headers.set("Content-Type", type);
      if (!disposition.empty()) part.headers.set("Content-Disposition", disposition);
      part.body = std::string(body);
      parts.push_back(std::move(part));
    }
    http::Multipart body = http::make_multipart(parts, "form-data");
    auto request = requester_->request(context, std::move(body.body), body.content_type);
    if (request) request->headers.set("Content-Type", body.content_type);
    return request;
  }

  core::Result<http::ClientRequest> whole(Batch& batch) {
    std::vector<http::Part> parts;
    for (core::Message& message : batch) {
      http::Part part;
      WEIR_TRY(const std::string_view payload, message.payload());
      part.headers.set("Content-Type", "application/octet-stream");
      part.body = std::string(payload);
      parts.push_back(std::move(part));
    }
    http::Multipart body = http::make_multipart(parts);
    evaluator_.context().bind(batch.messages(), 0);
    auto request =
        requester_->request(evaluator_.context(), std::move(body.body), body.content_type);
    if (request) request->headers.set("Content-Type", body.content_type);
    return request;
  }

  void pump() {
    std::unique_lock lock(mutex_);
    if (pumping_) return;  // whoever pumps looks again
    pumping_ = true;
    while (!queue_.empty() && in_flight_ < config_.max_in_flight) {
      Entry entry = std::move(queue_.front());
      queue_.pop_front();
      ++in_flight_;
      lock.unlock();
      requester_->send(std::move(entry.request),
                       [this, job = entry.job, first = entry.first, count = entry.count](
                           Reply reply) { ended(job, first, count, std::move(reply)); });
      lock.lock();
    }
    pumping_ = false;
  }

  void ended(const std::shared_ptr<Job>& job, std::size_t first, std::size_t count, Reply reply) {
    if (reply.response && config_.propagate_response) respond(*job, first, *reply.response);
    std::size_t given_up = 0;
    bool last = false;
    {
      const std::lock_guard lock(mutex_);
      --in_flight_;
      for (std::size_t i = first; i < first + count; ++i) {
        job->good[i] = reply.response ? 1 : 0;
        if (!reply.response) job->errors[i] = reply.response.error();
      }
      // In order means: nothing younger may overtake what will be written again.
      if (!reply.response && config_.max_in_flight == 1 &&
          reply.response.error().code == core::ErrorCode::kUnavailable) {
        while (!queue_.empty() && queue_.front().job == job) {
          job->errors[queue_.front().first] = {core::ErrorCode::kUnavailable,
                                               "not sent: a message before it failed"};
          queue_.pop_front();
          ++given_up;
        }
      }
      job->open -= 1 + given_up;
      last = job->open == 0;
    }
    if (last) finish(*job);
    pump();
  }

  void respond(Job& job, std::size_t index, const http::ClientResponse& response) const {
    const core::Lineage& lineage = job.batch[index].lineage();
    if (lineage.delivery() == nullptr) return;
    lineage.delivery()->add_response(
        lineage.slot(), {std::string(response.body.view()), requester_->metadata(response)});
  }

  static void finish(Job& job) {
    WriteResult result;
    result.keep_alive = job.batch.sibling();
    Batch good = job.batch.sibling();
    for (std::size_t i = 0; i < job.batch.size(); ++i) {
      if (job.good[i] != 0) {
        good.push(std::move(job.batch[i]));
      } else {
        result.failed.push_back({std::move(job.batch[i]), std::move(job.errors[i])});
      }
    }
    job.batch = Batch();
    result.delivered = std::move(good);
    const WriteDone done = std::move(job.done);
    done(std::move(result));
  }

  static void finish_with(Job& job, const core::Error& error) {
    const WriteDone done = std::move(job.done);
    done(WriteResult::all_failed(std::move(job.batch), error));
  }

  const HttpClientConfig config_;
  const std::unique_ptr<http_fields::Requester> requester_;
  config::Evaluator evaluator_;
  std::mutex mutex_;  // guards what follows, and jobs
  std::deque<Entry> queue_;
  std::size_t in_flight_ = 0;
  bool pumping_ = false;
};

core::Result<std::unique_ptr<core::Output>> make_http_client(HttpClientConfig config,
                                                             const config::Resources& resources) {
  WEIR_TRY(auto requester, http_fields::Requester::make(config.request, config.verb, resources));
  const config::BatchPolicyConfig batching = config.batching;
  auto output = std::make_unique<HttpClient>(std::move(config), std::move(requester), resources);
  return config::batched_output(std::move(output), batching, resources);
}

}  // namespace

void add_http_client(config::Registry& registry) {
  registry.add_output(http_client_spec(), make_http_client);
}

}  // namespace weir::outputs
