#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/pipeline.h"
#include "config/registry.h"
#include "engine/stream.h"

namespace weir::test {

/// Runs whole configurations with the real components, on threads, inside the test process: for
/// what only shows in a running engine (combinators, sockets, acknowledgements).
///
/// Besides the real outputs there is `collect: { name, unavailable, refuse, hold }`: keeps what it
/// gets under `name`; the first `unavailable` writes fail for now, payloads that contain `refuse`
/// are never accepted, and with `hold` writes wait for release().
class StreamWorld {
 public:
  StreamWorld();
  ~StreamWorld();

  /// Runs to its end.
  engine::ExitCode run(const std::string& yaml);
  /// Starts; false: `mistakes` says why.
  bool start(const std::string& yaml);
  /// stop() and the end of the run.
  engine::ExitCode stop();
  /// Waits for the end that comes by itself.
  engine::ExitCode wait();

  /// Waits (up to 20 s) until the condition holds; asked whenever something arrives or is logged,
  /// and now and then.
  bool until(const std::function<bool()>& condition);
  /// Payloads collected under a name, in order.
  std::vector<std::string> got(const std::string& name = "out");
  /// Metadata of what was collected, as text by key.
  std::vector<std::map<std::string, std::string>> metadata(const std::string& name = "out");
  std::size_t count(const std::string& name = "out");
  /// Lets held writes of `collect` end.
  void release();
  /// The first value of a field in log records with this id; empty: none yet.
  std::string logged(const std::string& id, const std::string& field);
  std::size_t times_logged(const std::string& id);

  [[nodiscard]] engine::Stream& stream() { return *stream_; }
  std::string mistakes;
  std::string data_dir;

  struct Record {
    std::string id;
    std::map<std::string, std::string> fields;
  };
  struct Kept {
    std::string payload;
    std::map<std::string, std::string> metadata;
  };
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, std::vector<Kept>> collected;
    std::vector<Record> log;
    bool released = false;
    std::vector<std::function<void()>> held;
  };

 private:
  std::shared_ptr<State> state_;
  config::Registry registry_;
  std::unique_ptr<config::Loaded> loaded_;
  core::Metrics metrics_;
  std::unique_ptr<config::Resources::Shared> shared_;
  std::unique_ptr<engine::Runtime> runtime_;
  std::unique_ptr<engine::Stream> stream_;
  std::thread thread_;
  engine::ExitCode code_ = engine::ExitCode::kInternal;
};

}  // namespace weir::test
