#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/pipeline.h"
#include "config/resource_table.h"
#include "engine/buffer_stage.h"
#include "engine/failure_router.h"
#include "engine/input_port.h"
#include "engine/output_stage.h"
#include "engine/pipeline_stage.h"
#include "engine/runtime.h"
#include "engine/totals.h"

namespace weir::engine {

/// How a run ended: the process exit codes of decisions.
enum class ExitCode : int {
  kOk = 0,
  kFailedMessages = 3,  ///< ended, or stopped, with failed messages
  kNotDrained = 4,      ///< not everything was delivered within shutdown_timeout
  kCannotStart = 5,     ///< I/O, port, unreadable file
  kInternal = 70,
};

/// A running pipeline: inputs, buffer, processors, output, wired from a configuration.
///
///   input ports -> [processors] -> [batcher] -> [buffer] -> pipeline stage -> output stage
///                                                                    failed -> failure router
///
/// Later stages (keyed shards, epochs) go between pipeline and output stage; watermarks and epoch
/// markers will travel with the batches, through Order and OutputStage, in the same sequence.
class Stream {
 public:
  /// `shared` has clock, executor and so on of the runtime; resolvers are attached here.
  [[nodiscard]] static core::Result<std::unique_ptr<Stream>> make(
      const config::PipelineConfig& config, config::Resources::Shared& shared, Runtime& runtime,
      std::uint64_t budget_bytes);
  ~Stream();

  /// Connects and runs until the inputs have ended and everything is delivered, or until stop() and
  /// the drain, or something fatal. To be called once.
  ExitCode run();
  /// Stops the inputs and drains, for shutdown_timeout at most. From any thread.
  void stop();
  /// Gives up at once what is not delivered. From any thread.
  void abort();

  [[nodiscard]] const Totals& totals() const { return totals_; }
  [[nodiscard]] const Budget& budget() const { return budget_; }
  /// All inputs connected (or ended), outputs made, not stopping.
  [[nodiscard]] bool ready() const;
  struct ConnectionState {
    std::string label;
    std::string path;
    bool connected;
  };
  [[nodiscard]] std::vector<ConnectionState> connections() const;
  /// Bytes read and in all over the finite inputs that know.
  [[nodiscard]] std::optional<std::pair<std::uint64_t, std::uint64_t>> progress() const;
  /// Why run() ended otherwise than well; empty when it did not.
  [[nodiscard]] std::string failure() const;

 private:
  Stream(const config::PipelineConfig& config, config::Resources::Shared& shared, Runtime& runtime,
         std::uint64_t budget_bytes);
  core::Status build();
  core::Status add_inputs(std::unique_ptr<core::Input> input, config::ProcessorChain processors,
                          const config::Resources& resources,
                          std::function<void(core::Batch, Order*)> next);
  void fatal(const core::Error& error, int code);
  [[nodiscard]] bool all(bool (InputPort::*state)() const) const;
  /// Of the inputs that are not fed by ourselves; all of them when there are no others.
  [[nodiscard]] bool sources(bool (InputPort::*state)() const) const;
  [[nodiscard]] bool drained() const;

  const config::PipelineConfig& config_;
  config::Resources::Shared& shared_;
  Runtime& runtime_;
  config::ResourceTable table_;
  config::Resources resources_;
  Budget budget_;
  // Of what was read back from the buffer: it must flow on while inputs wait for the buffer.
  Budget buffered_budget_;
  Totals totals_;
  core::Interrupt everything_;  // raised when nothing more is waited for
  std::unique_ptr<core::StreamBuffer> buffer_;
  std::unique_ptr<BufferWriter> buffer_writer_;
  std::unique_ptr<FailureRouter> failures_;
  std::unique_ptr<OutputStage> output_;
  std::unique_ptr<PipelineStage> pipeline_;
  std::vector<std::shared_ptr<config::Batcher>> batchers_;
  std::vector<std::unique_ptr<Order>> orders_;
  std::vector<std::unique_ptr<InputPort>> ports_;
  std::unique_ptr<InputPort> buffer_port_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> aborting_{false};
  std::atomic<bool> running_{false};
  mutable std::mutex mutex_;  // guards what follows
  std::string failure_;
  int fatal_code_ = 0;
};

}  // namespace weir::engine
