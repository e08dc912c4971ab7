#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/batching.h"
#include "config/registry.h"

namespace weir::config {

/// An input inside another (`sequence`, `read_until`, ...): reads it, and runs the `processors`
/// that stand beside it on what it reads.
class InputChild {
 public:
  /// For the engine and for inputs that give their children to it (MergedInput).
  [[nodiscard]] static core::Result<InputChild> make(const Child<core::Input>& child,
                                                     const Resources& resources);
  /// For inputs that read their children themselves: a child that merges others is read here too,
  /// one of them after the other. Error kInvalidConfig: it wants to form batches.
  [[nodiscard]] static core::Result<InputChild> make_nested(const Child<core::Input>& child,
                                                            const Resources& resources);

  [[nodiscard]] core::InputTraits traits() const;
  [[nodiscard]] core::Status connect(core::ReadContext& context);
  /// As Input::read, but what comes is always admitted (ReadResult::admitted), and kIdle is also
  /// said when nothing of a batch is left.
  [[nodiscard]] core::Result<core::ReadResult> read(core::ReadContext& context);
  void close();
  /// For the engine: takes it apart.
  [[nodiscard]] std::unique_ptr<core::Input> take_input() { return std::move(input_); }
  [[nodiscard]] ProcessorChain take_processors() { return std::move(processors_); }
  [[nodiscard]] Resources resources(const Resources& base) const {
    return base.for_component(label_, path_);
  }

 private:
  core::Status nest();
  core::Result<core::ReadResult> read_merged(core::ReadContext& context);

  std::string label_;
  std::string path_;
  std::string type_;
  std::unique_ptr<core::Input> input_;
  ProcessorChain processors_;
  std::vector<InputChild> merged_;  // of an input that merges, when it is read here
  std::size_t next_ = 0;            // of merged_, to be read next
  bool connected_ = false;          // as one of another's merged_
  bool ended_ = false;
};

/// An input that only merges others (`broker`, `batched`): the engine runs each child on its own
/// and joins what they read, in a batcher when there is a policy.
class MergedInput : public core::Input {
 public:
  [[nodiscard]] core::InputTraits traits() const override { return {}; }
  [[nodiscard]] core::Status connect(core::ReadContext&) override { return {}; }
  [[nodiscard]] core::Result<core::ReadResult> read(core::ReadContext&) override {
    return core::ReadResult::end();
  }
  /// Gives the children away: each with the processors that stand beside it.
  [[nodiscard]] virtual std::vector<InputChild> take_children() = 0;
  /// Policy for all children together; not enabled() when there is none.
  [[nodiscard]] virtual const BatchPolicyConfig& batching() const = 0;
};

}  // namespace weir::config
