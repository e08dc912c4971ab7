#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/value.h"
#include "mapping/call.h"
#include "mapping/node.h"
#include "mapping/registry.h"

namespace weir::mapping {

/// A call of a function or method, with everything about it that is known beforehand.
class CallNode final : public Node {
 public:
  /// One argument, in the order of the parameters (variadic ones follow).
  struct Argument {
    const Parameter* parameter;
    const Node* node = nullptr;  // null: `value` holds it, converted
    core::Value value = core::Value::nothing();
    bool is_query = false;  // not evaluated here
  };

  CallNode(const Callable& callable, const Node* target, std::vector<Argument> arguments);

  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override;
  unsigned yields() const override { return callable_.yields; }
  KindSet result_kinds() const override { return callable_.result_kinds; }

  [[nodiscard]] const Callable& callable() const { return callable_; }
  [[nodiscard]] const Node* target() const { return target_; }
  [[nodiscard]] const std::vector<Argument>& arguments() const { return arguments_; }
  [[nodiscard]] bool has_constant_arguments() const { return constant_; }
  [[nodiscard]] CallState& state() const { return *state_; }
  void set_prepared(Prepared prepared) { prepared_ = std::move(prepared); }
  void set_directory(std::string directory) { directory_ = std::move(directory); }

 private:
  core::Value call(Evaluator& e, std::span<const core::Value> arguments,
                   const void* prepared) const;
  core::Value call_dynamic(Evaluator& e) const;

  const Callable& callable_;
  const Node* target_;
  std::vector<Argument> arguments_;
  std::vector<core::Value> constants_;  // one per argument
  bool constant_ = true;                // all of them are
  Prepared prepared_;
  std::unique_ptr<CallState> state_;
  std::string directory_;
};

/// Converts a value for a typed parameter, or says what is wrong ("expected number value, got ..").
[[nodiscard]] core::Result<core::Value> convert_argument(ArgKind kind, core::Value value,
                                                         core::Arena& arena);

}  // namespace weir::mapping
