#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/value.h"
#include "mapping/node.h"
#include "mapping/program.h"

namespace weir::mapping {

class LiteralNode final : public Node {
 public:
  explicit LiteralNode(core::Value value) : value_(value) {}
  core::Value eval(Evaluator&) const override { return value_; }
  void describe(std::string& out) const override;
  const core::Value* literal() const override { return &value_; }
  KindSet result_kinds() const override { return kinds(value_.kind()); }

 private:
  core::Value value_;
};

/// Stands where an issue was reported, so that nothing around it is folded or said again.
class RefusedNode final : public Node {
 public:
  core::Value eval(Evaluator&) const override { return core::Value::null(); }
  void describe(std::string& out) const override { out += "expression"; }
};

/// Marks a value of the program's arena, and all below it, as shared: never changed in place.
void freeze(core::Value value);

class ArrayNode final : public Node {
 public:
  explicit ArrayNode(std::vector<const Node*> items) : items_(std::move(items)) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override { out += "array literal"; }
  KindSet result_kinds() const override { return kinds(core::Kind::kArray); }

 private:
  std::vector<const Node*> items_;
};

class ObjectNode final : public Node {
 public:
  struct Entry {
    const Node* key;  // null: fixed
    core::Value fixed_key;
    const Node* value;
  };
  /// `distinct`: all keys are fixed and different.
  ObjectNode(std::vector<Entry> entries, bool distinct)
      : entries_(std::move(entries)), distinct_(distinct) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override { out += "object literal"; }
  KindSet result_kinds() const override { return kinds(core::Kind::kObject); }

 private:
  std::vector<Entry> entries_;
  bool distinct_;
};

/// A value and a path below it.
class FieldNode final : public Node {
 public:
  enum class Base : std::uint8_t { kDocument, kSlot, kRoot, kVariable, kMeta, kNode };

  FieldNode(Base base, std::string base_name, std::uint32_t number, const Node* target)
      : base_(base), number_(number), target_(target), base_name_(std::move(base_name)) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override;
  unsigned yields() const override {
    return base_ == Base::kDocument && steps_.empty() ? kYieldsDocument : kYieldsOther;
  }
  void add_step(PathStep step) { steps_.push_back(std::move(step)); }
  [[nodiscard]] Base base() const { return base_; }
  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] const std::vector<PathStep>& steps() const { return steps_; }
  /// `this.a.b`, for messages about the document.
  [[nodiscard]] std::string path_text() const;

 private:
  [[nodiscard]] core::Value base_value(Evaluator& e) const;

  Base base_;
  std::uint32_t number_;  // slot or variable
  const Node* target_;    // kNode
  std::string base_name_;
  std::vector<PathStep> steps_;
};

/// `@key` or all of `@`.
class MetaNode final : public Node {
 public:
  MetaNode(std::string key, bool whole) : key_(std::move(key)), whole_(whole) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override;

 private:
  std::string key_;
  bool whole_;
};

/// `$name`; `number` is kUnknown when no `let` of that name exists.
class VariableNode final : public Node {
 public:
  static constexpr std::uint32_t kUnknown = ~0U;
  VariableNode(std::string name, std::uint32_t number) : name_(std::move(name)), number_(number) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override;

 private:
  std::string name_;
  std::uint32_t number_;
};

class NotNode final : public Node {
 public:
  explicit NotNode(const Node* inner) : inner_(inner) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override { inner_->describe(out); }
  KindSet result_kinds() const override { return kinds(core::Kind::kBool); }

 private:
  const Node* inner_;
};

class NegateNode final : public Node {
 public:
  explicit NegateNode(const Node* inner) : inner_(inner) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override { out += "arithmetic"; }
  KindSet result_kinds() const override { return kNumberKinds; }

 private:
  const Node* inner_;
};

/// Operands joined by operators of one precedence, from the left.
class ChainNode final : public Node {
 public:
  ChainNode(std::vector<const Node*> operands, std::vector<Op> ops)
      : operands_(std::move(operands)), ops_(std::move(ops)) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override { out += "arithmetic"; }
  KindSet result_kinds() const override;

 private:
  std::vector<const Node*> operands_;
  std::vector<Op> ops_;
};

/// Kinds that an operator may return.
[[nodiscard]] KindSet result_kinds(Op op);
/// Whether a value of one of the kinds on the left may equal one of those on the right.
[[nodiscard]] bool may_equal(KindSet left, KindSet right);

/// One operator on two values (not coalesce, and, or).
[[nodiscard]] core::Value apply_operator(Evaluator& e, Op op, core::Value left, core::Value right,
                                         const Node& left_node, const Node& right_node);

class IfNode final : public Node {
 public:
  struct Branch {
    const Node* condition;  // null: else
    const Node* value;
  };
  explicit IfNode(std::vector<Branch> branches) : branches_(std::move(branches)) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override { out += "if expression"; }
  unsigned yields() const override;

 private:
  std::vector<Branch> branches_;
};

class MatchNode final : public Node {
 public:
  struct Case {
    const Node* condition;  // null: `_`; a literal is compared with the subject
    const Node* value;
  };
  static constexpr std::uint32_t kNoSlot = ~0U;
  /// The subject goes to `slot`; without one, literal cases compare with `self` (null when there
  /// are none).
  MatchNode(const Node* subject, std::uint32_t slot, const Node* self, std::vector<Case> cases)
      : subject_(subject), slot_(slot), self_(self), cases_(std::move(cases)) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override { out += "match expression"; }
  unsigned yields() const override;

 private:
  const Node* subject_;
  std::uint32_t slot_;
  const Node* self_;
  std::vector<Case> cases_;
};

/// `target.(body)`: the target becomes `this`.
class MapTailNode final : public Node {
 public:
  MapTailNode(const Node* target, std::uint32_t slot, const Node* body)
      : target_(target), slot_(slot), body_(body) {}
  core::Value eval(Evaluator& e) const override;
  void describe(std::string& out) const override { body_->describe(out); }

 private:
  const Node* target_;
  std::uint32_t slot_;
  const Node* body_;
};

/// An argument that the callee evaluates with a `this` of its own, in `slot`.
class QueryNode final : public Node {
 public:
  QueryNode(std::uint32_t slot, const Node* body) : slot_(slot), body_(body) {}
  core::Value eval(Evaluator& e) const override { return body_->eval(e); }
  void describe(std::string& out) const override { body_->describe(out); }
  const core::Value* literal() const override { return body_->literal(); }
  [[nodiscard]] std::uint32_t slot() const { return slot_; }
  [[nodiscard]] const Node& body() const { return *body_; }

 private:
  std::uint32_t slot_;
  const Node* body_;
};

/// The member or element a step leads to; null when there is none. Not for `*`.
[[nodiscard]] core::Value step_into(core::Value from, const PathStep& step);

}  // namespace weir::mapping
