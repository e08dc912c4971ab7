#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.h"
#include "core/result.h"
#include "core/value.h"
#include "mapping/context.h"

namespace weir::mapping {

class Program;
class Registry;

/// Something wrong (or doubtful) in a mapping text, at a place in it.
struct Issue {
  unsigned line = 1;    ///< 1-based, in the text that was compiled
  unsigned column = 1;  ///< 1-based, in characters (code points)
  unsigned length = 1;  ///< characters to underline, on that line
  std::string message;  ///< "expected a closing bracket"
  std::string hint;     ///< "did you mean `uppercase`?", or empty
  std::string code;     ///< of warnings: stable, lower case, e.g. `unused-variable`
};

/// `line 3 char 7: message (hint)`, then the line itself with a caret when `text` is given.
[[nodiscard]] std::string to_string(const Issue& issue, std::string_view text = {});
/// All of them, one per paragraph.
[[nodiscard]] std::string to_string(const std::vector<Issue>& issues, std::string_view text = {});

using ParseErrors = std::vector<Issue>;

struct CompileOptions {
  /// Resolves `env`, `file`, imports; its switches decide what is refused. Must outlive the
  /// mapping.
  const Environment* environment = nullptr;  ///< null: Environment::system()
  /// Functions and methods; null: all of ours.
  const Registry* registry = nullptr;
  /// Folder that relative imports and `file_rel` start from; empty: the working directory.
  std::string directory;
  /// The text may only be one expression (checks, keys): statements are refused.
  bool expression_only = false;
  /// Refuses functions that touch the world or the message (the `bloblang` method).
  bool pure_only = false;
  /// Leaves all plans but the plain tree out: what the others are compared with in tests.
  bool plain_tree = false;
};

/// One use of a document path by a mapping, for lint and for scheduling.
struct PathUse {
  std::vector<std::string> segments;  ///< empty: the whole document
  bool metadata = false;
  bool operator==(const PathUse&) const = default;
};

enum class Verdict : std::uint8_t {
  kKept,
  kDeleted,  ///< `root = deleted()`: the message is to be dropped
};

/// A compiled mapping: immutable, cheap to copy, usable from many threads at once (each with its
/// own Context). What `counter` and its like remember is synchronised inside and lives as long as
/// the mapping.
class Mapping {
 public:
  /// Compiles a text. The errors are all that can be soundly told at once, in order of place.
  [[nodiscard]] static tl::expected<Mapping, ParseErrors> compile(
      std::string_view text, const CompileOptions& options = {});

  /// Runs as the `mapping` processor: a new document is built and put into `target`.
  ///
  /// `this`, `content()`, ... are the context's message; `@` and `meta` the target's metadata,
  /// which is changed. A target whose root nobody assigned keeps its payload. Usually the target is
  /// the context's message itself (or a share_copy() of it where the batch must stay unmodified,
  /// see reads_batch()). On error the target is as it was; the text begins `failed assignment (line
  /// N): `.
  [[nodiscard]] core::Result<Verdict> map(Context& context, core::Message& target) const;

  /// Runs as the `mutation` processor, or as a branch's `result_map`: root starts as the target's
  /// own document (as nothing when its payload is not JSON). When the target is the context's
  /// message, `this` sees the changes until root is wholly replaced. After an error the changes
  /// made before it remain.
  [[nodiscard]] core::Result<Verdict> mutate(Context& context, core::Message& target) const;

  /// The value of root for the context's message; markers (deletion, nothing) are handed out.
  [[nodiscard]] core::Result<core::Value> evaluate(Context& context) const;
  /// The same with `this` given; the context may have no message then.
  [[nodiscard]] core::Result<core::Value> evaluate(Context& context, core::Value self) const;

  /// evaluate() for conditions: anything but a bool is an error.
  [[nodiscard]] core::Result<bool> check(Context& context) const;
  [[nodiscard]] core::Result<bool> check(Context& context, core::Value self) const;

  /// The same input always gives the same result (no time, randomness, counters, environment).
  [[nodiscard]] bool is_deterministic() const;
  /// Looks at other messages of the batch (`from`, `from_all`, ...): the processor must keep the
  /// batch unmodified while it maps.
  [[nodiscard]] bool reads_batch() const;
  /// Cannot be anything but this value: known without a message.
  [[nodiscard]] const core::Value* constant() const;

  /// How map() works on it: `pass-through`, `append-splice`, `overlay`, `tree`.
  [[nodiscard]] std::string_view plan() const;
  /// Paths read and written, as far as they are known; a dynamic path counts as its static parent.
  [[nodiscard]] const std::vector<PathUse>& reads() const;
  [[nodiscard]] const std::vector<PathUse>& writes() const;
  /// What lint says about it.
  [[nodiscard]] const std::vector<Issue>& warnings() const;
  [[nodiscard]] const std::string& text() const;

 private:
  explicit Mapping(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

}  // namespace weir::mapping
