#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "admin/all.h"
#include "admin/listener.h"
#include "buffers/all.h"
#include "config/pipeline.h"
#include "engine/runtime.h"
#include "engine/stream.h"
#include "http/client.h"
#include "http/raw_client.h"
#include "inputs/all.h"
#include "outputs/all.h"
#include "processors/all.h"
#include "scanners/all.h"

namespace weir::test {

using http::test::soon;

/// Keeps log records; others may wait for one.
class LogBook final : public core::LogSink {
 public:
  void write(const core::LogRecord& record) override {
    const std::lock_guard lock(mutex_);
    Entry entry{std::string(record.id), std::string(record.path), {}};
    for (const auto& [name, value] : *record.fields) entry.fields.emplace_back(name, value);
    entries_.push_back(std::move(entry));
    written_.notify_all();
  }
  core::LogLevel level() const override { return core::LogLevel::kDebug; }

  /// The field of the first record of that id (of a component, when `path` is given); waits.
  std::string wait_for(std::string_view id, std::string_view field, std::string_view path = {}) {
    std::unique_lock lock(mutex_);
    std::string found;
    const bool came = written_.wait_until(lock, soon(), [&] {
      for (const Entry& entry : entries_) {
        if (entry.id != id || (!path.empty() && entry.path != path)) continue;
        for (const auto& [name, value] : entry.fields) {
          if (name == field) found = value;
        }
        return true;
      }
      return false;
    });
    EXPECT_TRUE(came) << "no record `" << id << "`";
    return found;
  }

 private:
  struct Entry {
    std::string id;
    std::string path;
    std::vector<std::pair<std::string, std::string>> fields;
  };
  std::mutex mutex_;
  std::condition_variable written_;
  std::vector<Entry> entries_;
};

/// A whole pipeline, as the daemon runs it, in this process.
class Pipeline {
 public:
  explicit Pipeline(const std::string& yaml, std::uint64_t budget = 64 << 20) {
    inputs::add_all(registry_);
    buffers::add_all(registry_);
    processors::add_all(registry_);
    outputs::add_all(registry_);
    scanners::add_all(registry_);
    admin::add_all(registry_);
    config::LoadRequest request;
    request.text = (yaml.find("http:\n") == 0 ? "" : "http: { enabled: false }\n") + yaml;
    request.file = "test.yaml";
    loaded_ = config::load_pipeline(request, registry_);
    for (const auto& finding : loaded_.diagnostics.sorted()) mistakes += finding.message + "\n";
    if (!loaded_.usable) return;
    runtime_ = engine::make_thread_runtime(2);
    shared_.clock = &runtime_->clock();
    shared_.executor = &runtime_->executor();
    shared_.metrics = &metrics_;
    shared_.log = core::Log(log_, "", "");
    shared_.pipeline_id = "test";
    shared_.threads = 2;
    auto listener = admin::Listener::make(loaded_.config.http, shared_);
    if (!listener) {
      mistakes += listener.error().message;
      return;
    }
    listener_ = *std::move(listener);
    auto stream = engine::Stream::make(loaded_.config, shared_, *runtime_, budget);
    if (!stream) {
      mistakes += stream.error().message;
      return;
    }
    stream_ = *std::move(stream);
    auto exporter = loaded_.config.metrics.make(config::Resources(shared_, "", "root"));
    if (exporter) exporter_ = *std::move(exporter);
    admin::Views views;
    views.ready = [this] { return stream_->ready(); };
    views.connections = [] { return std::vector<admin::Views::Connection>(); };
    views.version = "test";
    views.config_yaml = [] { return std::string("a: 1\n"); };
    views.config_json = [] { return std::string("{\"a\":1}"); };
    if (core::Status status = listener_->start(*exporter_, std::move(views)); !status)
      mistakes += status.error().message;
    thread_ = std::thread([this] { code_ = stream_->run(); });
  }
  ~Pipeline() {
    if (thread_.joinable()) (void)stop();
    if (listener_ != nullptr) listener_->stop();
    if (runtime_ != nullptr) runtime_->join();
    stream_.reset();
  }

  engine::ExitCode stop() {
    stream_->stop();
    return wait();
  }
  /// For finite inputs.
  engine::ExitCode wait() {
    thread_.join();
    return code_;
  }
  [[nodiscard]] bool running() const { return thread_.joinable(); }
  /// `127.0.0.1:4567` of a component with an address of its own.
  std::string address(std::string_view path = {}) {
    return log_->wait_for("http_listening", "address", path);
  }
  std::uint16_t port(std::string_view path = {}) {
    const std::string where = address(path);
    return static_cast<std::uint16_t>(std::stoi(where.substr(where.rfind(':') + 1)));
  }
  [[nodiscard]] std::string admin_address() const { return listener_->address(); }
  [[nodiscard]] const engine::Totals& totals() const { return stream_->totals(); }
  [[nodiscard]] LogBook& log() { return *log_; }

  std::string mistakes;

 private:
  std::shared_ptr<LogBook> log_ = std::make_shared<LogBook>();
  config::Registry registry_;
  config::Loaded loaded_;
  core::Metrics metrics_;
  config::Resources::Shared shared_;
  std::unique_ptr<engine::Runtime> runtime_;
  std::unique_ptr<admin::Listener> listener_;
  std::unique_ptr<config::MetricsExporter> exporter_;
  std::unique_ptr<engine::Stream> stream_;
  engine::ExitCode code_ = engine::ExitCode::kOk;
  std::thread thread_;
};

struct Answer {
  int status = 0;
  std::string body;
  http::Headers headers;
};

/// One request by a real client; status 0 and the reason when it fails.
inline Answer request(const std::string& url, std::string method = "GET", std::string body = {},
                      http::Headers headers = {}) {
  auto client = http::Client::make({});
  if (!client) return {0, client.error().message, {}};
  http::ClientRequest wanted;
  wanted.method = std::move(method);
  wanted.url = url;
  wanted.body = std::move(body);
  wanted.headers = std::move(headers);
  wanted.timeout = std::chrono::seconds(60);
  auto response = (*client)->send_and_wait(std::move(wanted));
  if (!response) return {0, response.error().message, {}};
  return {response->status, std::string(response->body.view()), response->headers};
}

}  // namespace weir::test
