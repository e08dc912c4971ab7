#include "support/stream_world.h"

#include <chrono>

#include "admin/all.h"
#include "buffers/all.h"
#include "core/json_text.h"
#include "inputs/all.h"
#include "outputs/all.h"
#include "processors/all.h"
#include "scanners/all.h"

namespace weir::test {
namespace {

using State = StreamWorld::State;

struct CollectConfig {
  std::string name = "out";
  std::uint64_t unavailable = 0;
  std::string refuse;
  bool hold = false;
};

class Collect final : public core::Output {
 public:
  Collect(CollectConfig config, std::shared_ptr<State> state)
      : config_(std::move(config)), state_(std::move(state)) {}

  void write(core::Batch batch, core::WriteDone done) override {
    if (config_.unavailable > 0) {
      --config_.unavailable;
      done(core::WriteResult::all_failed(std::move(batch),
                                         {core::ErrorCode::kUnavailable, "collect: not now"}));
      return;
    }
    auto result = std::make_shared<core::WriteResult>();
    result->keep_alive = batch.sibling();
    core::Batch good = batch.sibling();
    {
      const std::lock_guard lock(state_->mutex);
      for (core::Message& message : batch) {
        const auto payload = message.payload();
        if (!payload ||
            (!config_.refuse.empty() && payload->find(config_.refuse) != std::string_view::npos)) {
          result->failed.push_back(
              {std::move(message), {core::ErrorCode::kInvalidData, "collect: refused"}});
          continue;
        }
        state_->collected[config_.name].push_back({std::string(*payload), metadata_of(message)});
        good.push(std::move(message));
      }
      result->delivered = std::move(good);
      if (config_.hold && !state_->released) {
        state_->held.push_back([result, done = std::move(done)] { done(std::move(*result)); });
        state_->changed.notify_all();
        return;
      }
    }
    state_->changed.notify_all();
    done(std::move(*result));
  }

 private:
  static std::map<std::string, std::string> metadata_of(core::Message& message) {
    std::map<std::string, std::string> all;
    const core::Value object = message.metadata();
    if (object.is_null()) return all;
    core::Buffer text;
    if (core::write_json(object, text)) all["*"] = std::string(text.view());
    return all;
  }

  CollectConfig config_;
  std::shared_ptr<State> state_;
};

class CaptureSink final : public core::LogSink {
 public:
  explicit CaptureSink(std::shared_ptr<State> state) : state_(std::move(state)) {}
  void write(const core::LogRecord& record) override {
    StreamWorld::Record kept;
    kept.id = std::string(record.id);
    for (const auto& [key, value] : *record.fields) kept.fields[std::string(key)] = value;
    {
      const std::lock_guard lock(state_->mutex);
      state_->log.push_back(std::move(kept));
    }
    state_->changed.notify_all();
  }
  [[nodiscard]] core::LogLevel level() const override { return core::LogLevel::kDebug; }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace

StreamWorld::StreamWorld() : state_(std::make_shared<State>()) {
  inputs::add_all(registry_);
  buffers::add_all(registry_);
  processors::add_all(registry_);
  outputs::add_all(registry_);
  scanners::add_all(registry_);
  admin::add_all(registry_);
  auto spec = config::Spec<CollectConfig>("collect")
                  .field("name", &CollectConfig::name, {})
                  .field("unavailable", &CollectConfig::unavailable, {})
                  .field("refuse", &CollectConfig::refuse, {})
                  .field("hold", &CollectConfig::hold, {});
  registry_.add_output(
      std::move(spec),
      [state = state_](CollectConfig config,
                       const config::Resources&) -> core::Result<std::unique_ptr<core::Output>> {
        return std::make_unique<Collect>(std::move(config), state);
      });
}

StreamWorld::~StreamWorld() {
  if (thread_.joinable()) {
    release();
    (void)stop();
  }
}

bool StreamWorld::start(const std::string& yaml) {
  config::LoadRequest request;
  request.text = yaml;
  request.file = "test.yaml";
  loaded_ = std::make_unique<config::Loaded>(config::load_pipeline(request, registry_));
  for (const auto& found : loaded_->diagnostics.all()) {
    if (!loaded_->usable) mistakes += found.where.to_string() + ": " + found.message + "\n";
  }
  if (!loaded_->usable) return false;
  runtime_ = engine::make_thread_runtime(1);
  shared_ = std::make_unique<config::Resources::Shared>();
  shared_->clock = &runtime_->clock();
  shared_->executor = &runtime_->executor();
  shared_->metrics = &metrics_;
  shared_->log = core::Log(std::make_shared<CaptureSink>(state_), "", "");
  shared_->data_dir = data_dir;
  auto made = engine::Stream::make(loaded_->config, *shared_, *runtime_, 64 << 20);
  if (!made) {
    mistakes = made.error().message;
    return false;
  }
  stream_ = *std::move(made);
  thread_ = std::thread([this] { code_ = stream_->run(); });
  return true;
}

engine::ExitCode StreamWorld::wait() {
  if (thread_.joinable()) thread_.join();
  if (stream_ == nullptr) return code_;
  if (!stream_->failure().empty()) mistakes = stream_->failure();
  runtime_->join();
  stream_.reset();
  runtime_.reset();
  return code_;
}

engine::ExitCode StreamWorld::stop() {
  if (stream_ != nullptr) stream_->stop();
  return wait();
}

engine::ExitCode StreamWorld::run(const std::string& yaml) {
  if (!start(yaml)) return engine::ExitCode::kInternal;
  return wait();
}

bool StreamWorld::until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_for(lock, std::chrono::milliseconds(5));
    if (std::chrono::steady_clock::now() > end) return false;
  }
  return true;
}

std::vector<std::string> StreamWorld::got(const std::string& name) {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::string> all;
  for (const Kept& one : state_->collected[name]) all.push_back(one.payload);
  return all;
}

std::vector<std::map<std::string, std::string>> StreamWorld::metadata(const std::string& name) {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::map<std::string, std::string>> all;
  for (const Kept& one : state_->collected[name]) all.push_back(one.metadata);
  return all;
}

std::size_t StreamWorld::count(const std::string& name) {
  const std::lock_guard lock(state_->mutex);
  return state_->collected[name].size();
}

void StreamWorld::release() {
  std::vector<std::function<void()>> held;
  {
    const std::lock_guard lock(state_->mutex);
    state_->released = true;
    held = std::move(state_->held);
    state_->held.clear();
  }
  for (const auto& end : held) end();
}

std::string StreamWorld::logged(const std::string& id, const std::string& field) {
  const std::lock_guard lock(state_->mutex);
  for (const Record& one : state_->log) {
    if (one.id != id) continue;
    const auto found = one.fields.find(field);
    if (found != one.fields.end()) return found->second;
  }
  return {};
}

std::size_t StreamWorld::times_logged(const std::string& id) {
  const std::lock_guard lock(state_->mutex);
  std::size_t times = 0;
  for (const Record& one : state_->log) times += one.id == id ? 1U : 0U;
  return times;
}

}  // namespace weir::test
