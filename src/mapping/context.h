#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/arena.h"
#include "core/clock.h"
#include "core/message.h"
#include "core/result.h"

namespace weir::mapping {

/// What one evaluation may use before it ends in an error on its message (kLimit).
struct Limits {
  std::uint64_t max_steps = 200'000'000;            ///< expressions evaluated, elements visited
  std::size_t max_memory = std::size_t{256} << 20;  ///< arena bytes taken by one evaluation
  std::size_t max_text = std::size_t{128} << 20;    ///< bytes of one string or byte array made
  unsigned max_map_depth = 5000;                    ///< named maps inside named maps
};

/// The outside world as mappings may see it. Immutable once in use, shared between threads.
///
/// A hook that is empty is switched off: the function behind it is refused when a mapping is
/// compiled, with a message that says so.
struct Environment {
  const core::Clock* clock = &core::system_clock();
  /// `env`: the value of an environment variable, or nothing when it is unset.
  std::function<std::optional<std::string>(const std::string& name)> env;
  /// `file`, `file_rel`: a file's content. Error kNotFound, kUnavailable.
  std::function<core::Result<std::string>(const std::string& path)> read_file;
  /// `import`, `from`: the text of another mapping file.
  std::function<core::Result<std::string>(const std::string& path)> read_import;
  /// `hostname`.
  std::function<core::Result<std::string>()> hostname;

  /// The machine we run on, everything allowed.
  [[nodiscard]] static Environment system();
  /// The system's clock and nothing else.
  [[nodiscard]] static Environment sandboxed();
};

/// What evaluations on one thread see: the batch, the position in it, the world, the budget.
///
/// Make one per thread and reuse it for message after message. Borrows everything it is given.
class Context {
 public:
  Context(const Environment& environment, core::Random& random)
      : environment_(&environment), random_(&random) {}

  /// The messages that batch functions see, and the one to evaluate for. Values made go to the
  /// arena of that message.
  void bind(std::span<core::Message> batch, std::size_t index) {
    batch_ = batch;
    index_ = index;
  }
  void bind(core::Message& message) { bind({&message, 1}, 0); }
  void select(std::size_t index) { index_ = index; }

  [[nodiscard]] std::span<core::Message> batch() const { return batch_; }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] core::Message& message() const { return batch_[index_]; }

  /// Evaluates without any message: values go to this arena, message functions fail.
  void bind_arena(core::Arena& arena) {
    batch_ = {};
    index_ = 0;
    arena_ = &arena;
  }
  [[nodiscard]] bool has_message() const { return index_ < batch_.size(); }
  [[nodiscard]] core::Arena& arena() const { return has_message() ? message().arena() : *arena_; }

  [[nodiscard]] const Environment& environment() const { return *environment_; }
  [[nodiscard]] core::Random& random() const { return *random_; }

  Limits limits;

 private:
  const Environment* environment_;
  core::Random* random_;
  std::span<core::Message> batch_;
  std::size_t index_ = 0;
  core::Arena* arena_ = nullptr;
};

}  // namespace weir::mapping
