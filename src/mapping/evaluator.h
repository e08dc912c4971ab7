#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/message.h"
#include "core/value.h"
#include "mapping/context.h"
#include "mapping/node.h"
#include "mapping/program.h"

namespace weir::mapping {

/// What one run of a body works on: the mapping's own, or that of a named map.
struct Frame {
  const Body* body = nullptr;
  core::Value* slots = nullptr;
  core::Value* variables = nullptr;  // kNothing: undefined
  core::Value own_root = core::Value::nothing();
  core::Value* root = nullptr;  // own_root, or the document that is changed in place
};

/// One evaluation: its input, what it has built so far, its budget. Lives on the stack.
class Evaluator {
 public:
  Evaluator(const Program& program, const Context& context);
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  // ---- input
  /// The document of the message, read on first use; `this` at statement level.
  [[nodiscard]] core::Value document(const Node& who) {
    return document_ready_ ? *document_ : load_document(who);
  }
  void set_document(core::Value value) {
    given_ = value;
    document_ = &given_;
    document_ready_ = true;
  }
  /// The message that `from` has selected, or the one being mapped; null when there is none.
  [[nodiscard]] core::Message* message() const {
    return index_ < context_.batch().size() ? &context_.batch()[index_] : nullptr;
  }
  [[nodiscard]] std::size_t index() const { return index_; }
  void select(std::size_t index) { index_ = index; }
  [[nodiscard]] const Context& context() const { return context_; }
  [[nodiscard]] const Program& program() const { return program_; }
  [[nodiscard]] core::Arena& arena() const { return arena_; }

  // ---- what is being built
  [[nodiscard]] Frame& frame() { return *frame_; }
  [[nodiscard]] core::Value slot(std::uint32_t number) const { return frame_->slots[number]; }
  /// Metadata of the message under construction: an object, or null when there is none.
  [[nodiscard]] core::Value metadata() const { return metadata_; }
  [[nodiscard]] bool metadata_changed() const { return metadata_changed_; }
  void start_metadata(core::Value object_or_null) { metadata_ = object_or_null; }

  /// Runs the statements of the current frame; nothing, or the failure of one (`failed assignment
  /// (line N): ..`).
  [[nodiscard]] core::Value run(const std::vector<Statement>& statements);
  /// Applies a named map.
  [[nodiscard]] core::Value apply(std::string_view map_name, core::Value target);

  // ---- budget
  /// Counts steps; false when the budget is used up: return over_budget().
  [[nodiscard]] bool spend(std::uint64_t steps) {
    steps_ += steps;
    return steps_ <= max_steps_ && arena_.footprint() <= max_footprint_;
  }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] std::uint64_t steps_left() const {
    return steps_ >= max_steps_ ? 0 : max_steps_ - steps_;
  }
  [[nodiscard]] core::Value over_budget();
  [[nodiscard]] std::size_t memory_left() const {
    const std::size_t used = arena_.footprint();
    return used >= max_footprint_ ? 0 : max_footprint_ - used;
  }

  // ---- failures
  [[nodiscard]] core::Value fail(const Failure& failure) {
    return core::Value::failure(arena_.create<Failure>(failure));
  }
  [[nodiscard]] core::Value fail_text(std::string_view text,
                                      core::ErrorCode code = core::ErrorCode::kInvalidData);
  [[nodiscard]] core::Value fail_from(const Node& origin, std::string_view text,
                                      core::ErrorCode code = core::ErrorCode::kInvalidData);
  [[nodiscard]] core::Value fail_type(std::string_view expected, core::Value got,
                                      const Node& origin);
  [[nodiscard]] core::Value wrap(std::string_view words, core::Value failure);
  /// The failure in words, in the arena.
  [[nodiscard]] std::string_view failure_text(core::Value failure);

  // ---- for Mapping
  /// Root is the target's document itself; changes go into it.
  void alias_root(core::Message& target);
  [[nodiscard]] bool root_is_aliased() const { return aliased_ != nullptr; }
  /// `root = this` may take the message's document itself, see Program::in_place.
  void allow_in_place() { in_place_allowed_ = true; }
  /// Takes back what was changed in the document.
  void undo_in_place();
  /// Root starts as nothing: members that are assigned for the first time are new.
  void start_fresh() { fresh_ = true; }

 private:
  core::Value load_document(const Node& who);
  core::Value run_one(const Statement& s);
  core::Value assign(const Statement& s, core::Value value);
  core::Value assign_root(core::Value value);
  core::Value set_root_member(const PathStep& step, core::Value value, bool fresh);
  core::Value assign_path(const Statement& s, core::Value value);
  core::Value assign_below(const Statement& s, core::Value* at, std::size_t step,
                           core::Value value);
  core::Value delete_path(const Statement& s);
  core::Value assign_metadata(const Statement& s, core::Value value);
  core::Value run_if(const Statement& s);

  const Program& program_;
  const Context& context_;
  core::Arena& arena_;
  Frame* frame_ = nullptr;
  const core::Value* document_ = nullptr;
  core::Value given_;
  bool document_ready_ = false;
  bool metadata_changed_ = false;
  bool in_place_allowed_ = false;
  bool fresh_ = false;
  unsigned map_depth_ = 0;
  std::size_t index_;
  core::Value metadata_;
  core::Message* aliased_ = nullptr;
  // The document while it is changed in place: how it was.
  struct Overwritten {
    std::uint32_t position;
    core::Value value;
    Overwritten* before;
  };
  core::Container* in_place_ = nullptr;
  core::Container saved_;
  Overwritten* overwritten_ = nullptr;
  std::uint64_t steps_ = 0;
  std::uint64_t max_steps_;
  std::size_t max_footprint_;
  Frame main_;
};

}  // namespace weir::mapping
