#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "mapping/ast.h"

namespace weir::mapping {

class Evaluator;

/// Kinds of values, as a set.
using KindSet = std::uint16_t;
[[nodiscard]] constexpr KindSet kinds(core::Kind kind) {
  return static_cast<KindSet>(1U << static_cast<unsigned>(kind));
}
inline constexpr KindSet kAnyKind = 0xffff;
inline constexpr KindSet kNumberKinds = kinds(core::Kind::kInt) | kinds(core::Kind::kUInt) |
                                        kinds(core::Kind::kDouble) | kinds(core::Kind::kNumber);
inline constexpr KindSet kTextKinds = kinds(core::Kind::kString) | kinds(core::Kind::kBytes);

enum Yield : unsigned {
  kYieldsDocument = 1,  ///< the whole document, unchanged
  kYieldsDeletion = 2,
  kYieldsNothing = 4,
  kYieldsOther = 8,
};

/// A compiled expression: immutable, shared between threads, owned by its Program.
class Node {
 public:
  Node() = default;
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// A value, a marker, or a failure.
  [[nodiscard]] virtual core::Value eval(Evaluator& e) const = 0;
  /// Where a value comes from, as errors name it: "field `this.a`", "string literal", "method
  /// trim".
  virtual void describe(std::string& out) const = 0;
  /// What eval() may return, as a set of Yield.
  [[nodiscard]] virtual unsigned yields() const { return kYieldsOther; }
  /// Kinds that eval() may return, failures aside; for lint.
  [[nodiscard]] virtual KindSet result_kinds() const { return kAnyKind; }
  /// The value of a literal; null for everything else.
  [[nodiscard]] virtual const core::Value* literal() const { return nullptr; }
};

/// Why an evaluation failed; lives in the arena, becomes text when somebody asks.
struct Failure {
  enum class Form : std::uint8_t {
    kText,      // text
    kFrom,      // origin: text
    kType,      // expected TEXT value, got KIND from ORIGIN (left)
    kMismatch,  // cannot VERB types KIND (from ORIGIN) and KIND (from OTHER)
    kWrapped,   // text: cause
    kNotBool,   // ORIGIN resolved to a non-boolean value LEFT (KIND)
    kDocument,  // unable to reference message as structured (with 'ORIGIN'): text
  };
  Form form = Form::kText;
  core::ErrorCode code = core::ErrorCode::kInvalidData;
  std::string_view text;
  const Node* origin = nullptr;
  const Node* other = nullptr;
  core::Value left;
  core::Value right;
  const Failure* cause = nullptr;
  unsigned line = 0;  // of a failed assignment
};

[[nodiscard]] inline const Failure& failure_of(core::Value value) {
  return *static_cast<const Failure*>(value.as_failure());
}
/// The failure in words.
void append_failure(const Failure& failure, std::string& out);
[[nodiscard]] core::Error to_error(core::Value failure);

}  // namespace weir::mapping
