#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/listener.h"
#include "commands.h"
#include "config/render.h"
#include "engine/stream.h"
#include "files.h"
#include "log_sink.h"
#include "machine.h"
#include "masking.h"
#include "progress.h"
#include "registry.h"
#include "version.h"

namespace weir::cmd {

namespace {

std::string default_data_dir(const std::string& id) {
  if (const char* dir = std::getenv("STATE_DIRECTORY"); dir != nullptr && *dir != 0) return dir;
  if (geteuid() == 0) return "/var/lib/weir/" + id;
  if (const char* dir = std::getenv("XDG_STATE_HOME"); dir != nullptr && *dir != 0)
    return std::string(dir) + "/weir/" + id;
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + "/.local/state/weir/" + id;
}

// As written, so that no page shows what a variable holds.
void show_references(config::Node& node) {
  if (node.from_env) {
    node.scalar = node.original;
    node.quoted = true;
  }
  for (config::Node& item : node.items) show_references(item);
  for (config::Node::Member& member : node.members) show_references(member.value);
}

/// Turns signals into calls: the first stops, the second aborts. Signals are blocked in all
/// threads.
class SignalWatch {
 public:
  SignalWatch() {
    sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void start(std::function<void(int count)> on_signal) {
    fd_ = signalfd(-1, &set_, SFD_CLOEXEC);
    thread_ = std::thread([this, on_signal = std::move(on_signal)] {
      int count = 0;
      while (end_.wait_readable(fd_, std::chrono::milliseconds(-1)) ==
             core::Interrupt::Wait::kReady) {
        signalfd_siginfo info{};
        if (read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) on_signal(++count);
      }
    });
  }
  ~SignalWatch() {
    end_.raise();
    if (thread_.joinable()) thread_.join();
    if (fd_ >= 0) close(fd_);
  }

 private:
  sigset_t set_{};
  int fd_ = -1;
  core::Interrupt end_;
  std::thread thread_;
};

}  // namespace

int run(const RunOptions& options) {
  SignalWatch signals;  // before any thread, so that all inherit the mask
  auto request = make_request(options.common);
  if (!request) {
    std::fprintf(stderr, "weir: %s\n", request.error().message.c_str());
    return exit_code(request.error());
  }
  config::Loaded loaded = config::load_pipeline(*request, all_components());
  print_findings(loaded.diagnostics, *request);
  if (!loaded.usable) return 1;
  const config::PipelineConfig& config = loaded.config;

  core::Log log(make_log_sink(config.logger, options.common.log_level), "", "");
  const unsigned quota = cpu_quota();
  const unsigned threads =
      config.pipeline.threads < 1 ? quota : static_cast<unsigned>(config.pipeline.threads);
  const std::uint64_t budget =
      config.memory_budget.bytes > 0 ? config.memory_budget.bytes : default_budget();
  auto runtime = engine::make_thread_runtime(threads);
  core::Metrics metrics;
  config::Resources::Shared shared;
  shared.clock = &runtime->clock();
  shared.executor = &runtime->executor();
  shared.metrics = &metrics;
  shared.log = log;
  shared.pipeline_id = config.pipeline_id;
  shared.data_dir =
      !options.data_dir.empty()
          ? options.data_dir
          : (!config.data_dir.empty() ? config.data_dir : default_data_dir(config.pipeline_id));
  shared.sandbox = options.common.sandbox;
  shared.threads = threads;

  auto listener = admin::Listener::make(config.http, shared);
  if (!listener) {
    log.error("cannot_start", "Cannot start.", {{"error", listener.error().message}});
    return 5;
  }
  auto stream = engine::Stream::make(config, shared, *runtime, budget);
  if (!stream) {
    log.error("cannot_start", "Cannot start.", {{"error", stream.error().message}});
    return stream.error().code == core::ErrorCode::kInvalidConfig ? 1 : 5;
  }
  engine::Stream& running = **stream;
  const config::Resources root(shared, "", "root");
  auto exporter = config.metrics.make(root);
  if (!exporter) {
    log.error("cannot_start", "Cannot start.", {{"error", exporter.error().message}});
    return 5;
  }
  (*exporter)->start();
  std::atomic<bool> finished{false};
  admin::Views views;
  views.ready = [&running] { return running.ready(); };
  views.connections = [&running] {
    std::vector<admin::Views::Connection> all;
    for (const auto& one : running.connections())
      all.push_back({one.label, one.path, one.connected});
    return all;
  };
  views.version = std::string(kVersion);
  if (config.http.debug_endpoints) {
    config::Node masked = loaded.root;
    complete(masked, all_components());
    show_references(masked);
    views.config_yaml = [text = config::to_yaml(masked)] { return text; };
    views.config_json = [text = config::to_json(masked)] { return text; };
  }
  if (core::Status status = (*listener)->start(**exporter, std::move(views)); !status) {
    log.error("cannot_start", "Cannot start.", {{"error", status.error().message}});
    return 5;
  }

  log.info("starting", "Starting.",
           {{"version", std::string(kVersion)},
            {"pipeline", config.pipeline_id},
            {"threads", std::to_string(threads)},
            {"budget_bytes", std::to_string(budget)},
            {"listening", (*listener)->address()}});
  signals.start([&](int count) {
    if (count == 1) {
      log.info(
          "stopping",
          "Stopping: inputs end, what is in flight is delivered. A second signal stops at once.");
      if (config.shutdown_delay.count() > 0) {
        std::thread([&running, delay = config.shutdown_delay] {
          std::this_thread::sleep_for(delay);
          running.stop();
        }).detach();
      } else {
        running.stop();
      }
    } else {
      running.abort();
    }
  });
  engine::ExitCode code;
  {
    const bool terminal = isatty(STDERR_FILENO) != 0 && !options.quiet;
    ProgressLine progress(running, terminal);
    code = running.run();
  }
  finished = true;
  (*exporter)->stop();
  const engine::Totals& totals = running.totals();
  core::LogFields fields = {{"received", std::to_string(totals.received())}};
  for (const core::Outcome outcome :
       {core::Outcome::kDelivered, core::Outcome::kFiltered, core::Outcome::kFailed,
        core::Outcome::kAbsorbed, core::Outcome::kLate}) {
    fields.emplace_back(core::name(outcome), std::to_string(totals.ended(outcome)));
  }
  fields.emplace_back("in_flight", std::to_string(totals.in_flight()));
  if (totals.recovered() > 0) fields.emplace_back("recovered", std::to_string(totals.recovered()));
  if (!running.failure().empty()) fields.emplace_back("error", running.failure());
  switch (code) {
    case engine::ExitCode::kOk:
      log.info("stopped", "Stopped; everything is delivered.", fields);
      break;
    case engine::ExitCode::kFailedMessages:
      log.error("stopped", "Stopped with failed messages.", fields);
      break;
    case engine::ExitCode::kNotDrained:
      log.error("stopped", "Stopped before everything was delivered.", fields);
      break;
    default: log.error("stopped", "Stopped by an error.", fields); break;
  }
  if (totals.in_flight() > 0) {
    // Somebody may still be stuck in a write; what is not acknowledged is safe to leave.
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(code));
  }
  (*listener)->stop();
  runtime->join();
  stream->reset();
  return static_cast<int>(code);
}

}  // namespace weir::cmd
