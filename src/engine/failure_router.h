#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "config/resources.h"
#include "core/message.h"
#include "engine/output_stage.h"

namespace weir::engine {

/// Decides what becomes of a message that ended with an error: dead letter, an answer to its
/// client, another attempt, or counted and logged. Thread-safe.
class FailureRouter {
 public:
  struct Options {
    std::unique_ptr<core::Output> dead_letter;  ///< null: none is configured
    bool strict = true;
    std::uint32_t max_attempts = 3;
    /// An endless input cannot go past a record: stop with exit code 3.
    std::function<void(const core::Error&)> on_stuck;
    /// The output is broken for good (kInternal, e.g. standard output was closed): stop with exit
    /// code 5.
    std::function<void(const core::Error&)> on_broken;
  };

  FailureRouter(Options options, const config::Resources& resources, Budget& budget);

  [[nodiscard]] core::Status connect(const core::Interrupt& interrupt);
  /// Ends the message's lineage, now or when its dead letter has been written.
  void route(core::Message message, const core::Error& error);
  void drain();
  void abandon();
  [[nodiscard]] bool idle() const;
  /// Messages that failed and went nowhere: neither to a dead letter output nor to a client.
  [[nodiscard]] std::uint64_t unrouted() const { return lost_.load(); }
  void close();

 private:
  void count(core::Message& message, const core::Error& error);

  Options options_;
  config::Resources resources_;
  std::unique_ptr<OutputStage> dead_letters_;
  std::atomic<std::uint64_t> lost_{0};
  core::Counter& to_dead_letter_;
  core::Counter& unrouted_;
};

/// The dead letter of a message: one JSON object of a fixed form (docs/semantics.md), as bytes.
[[nodiscard]] std::string dead_letter_record(core::Message& message, const core::Error& error,
                                             std::int64_t wall_nanos, std::string_view partition,
                                             std::uint32_t attempts);

}  // namespace weir::engine
