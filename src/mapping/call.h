#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/message.h"
#include "core/result.h"
#include "core/time.h"
#include "core/value.h"
#include "mapping/context.h"
#include "mapping/values.h"

namespace weir::mapping {

class Evaluator;
class Node;
class CallNode;

/// What a prepare hook makes of constant arguments: a compiled pattern, a parsed layout, a zone.
/// Immutable; may be used by several threads at once.
using Prepared = std::shared_ptr<const void>;

/// What one call site remembers between messages (`counter`, `random_int`). Threads share it: lock
/// `mutex` around every use, but not while a Query runs.
struct CallState {
  virtual ~CallState() = default;
  std::mutex mutex;
};

/// An argument of kind kQuery (evaluated with a `this` that the callee chooses) or kQueryOrValue
/// (evaluated in the caller's context): an expression to evaluate as often as needed.
///
/// A result may be a failure (core::Kind::kError): return it at once, or drop it to swallow the
/// error. It may be a marker: decide what deletion and nothing mean.
class Query {
 public:
  Query(Evaluator& evaluator, const Node& node) : evaluator_(evaluator), node_(node) {}
  /// kQueryOrValue: in the caller's context.
  [[nodiscard]] core::Value operator()() const;
  /// kQuery: with `this` = self.
  [[nodiscard]] core::Value operator()(core::Value self) const;
  /// kQuery: with `this` = an object of two members, e.g. {key, value} or {left, right}.
  [[nodiscard]] core::Value operator()(std::string_view first_name, core::Value first,
                                       std::string_view second_name, core::Value second) const;
  /// The argument is a literal: the result is always the same.
  [[nodiscard]] bool is_constant() const;

 private:
  Evaluator& evaluator_;
  const Node& node_;
};

/// One call of a function or method: what it is called on, with what, and how to answer.
///
/// Arguments are numbered as declared. Typed ones have been checked and converted: text() of a
/// kString is decoded, integer() of a kInt truncated. A method's target is of one of its declared
/// kinds and never a failure. Answer with a Value; failures are values too, made by the fail_*
/// family.
class Call {
 public:
  Call(Evaluator& evaluator, const CallNode& site, core::Value target,
       std::span<const core::Value> arguments, const void* prepared)
      : evaluator_(evaluator),
        site_(site),
        target_(target),
        arguments_(arguments),
        prepared_(prepared) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // ---- the target (methods)
  [[nodiscard]] core::Value target() const { return target_; }
  /// Evaluates the target of a method that was declared takes_lazily(): maybe a failure, of any
  /// kind.
  [[nodiscard]] core::Value evaluate_target() const;
  /// Text of a string or bytes target, decoded.
  [[nodiscard]] std::string_view target_text() { return target_.text(arena()); }

  // ---- arguments
  /// An optional argument without default was given.
  [[nodiscard]] bool has(std::size_t i) const {
    return i < arguments_.size() && !arguments_[i].is(core::Kind::kNothing);
  }
  /// kAny, kArray, kObject, and any other kind as a value.
  [[nodiscard]] core::Value value(std::size_t i) const { return arguments_[i]; }
  [[nodiscard]] std::string_view text(std::size_t i) const { return arguments_[i].stored(); }
  [[nodiscard]] std::int64_t integer(std::size_t i) const { return arguments_[i].as_int(); }
  [[nodiscard]] double number(std::size_t i) const { return arguments_[i].as_double(); }
  [[nodiscard]] bool flag(std::size_t i) const { return arguments_[i].as_bool(); }
  [[nodiscard]] const core::Timestamp& timestamp(std::size_t i) const {
    return arguments_[i].as_timestamp();
  }
  /// kQuery and kQueryOrValue (a value then is a query that always yields it). Check has_query()
  /// first when it is optional.
  [[nodiscard]] Query query(std::size_t i) const;
  [[nodiscard]] bool has_query(std::size_t i) const;
  /// The arguments of a variadic callable, from number `from` on.
  [[nodiscard]] std::span<const core::Value> rest(std::size_t from = 0) const {
    return arguments_.subspan(from < arguments_.size() ? from : arguments_.size());
  }
  /// What the prepare hook returned; the T must be the same type.
  template <class T>
  [[nodiscard]] const T& prepared() const {
    return *static_cast<const T*>(prepared_);
  }
  /// What this call site remembers, made by the state hook.
  template <class T>
  [[nodiscard]] T& state() const {
    return static_cast<T&>(call_state());
  }

  // ---- answers; text is borrowed: it lies in the arena, in an argument, or is static
  /// Text of the target's kind: bytes stay bytes, everything else becomes a string.
  [[nodiscard]] core::Value like_target(std::string_view text) const {
    return target_.is(core::Kind::kBytes) ? core::Value::bytes(text) : core::Value::string(text);
  }
  /// Room for text to be made, in the arena; null past the budget: return too_big() then.
  [[nodiscard]] char* room(std::size_t bytes);
  /// The same for values, to be counted before an array is built.
  [[nodiscard]] bool may_build(std::size_t elements);
  /// Counts work that loops do without calling a Query; false: the budget is used up, return
  /// too_long().
  [[nodiscard]] bool spend(std::uint64_t steps);
  [[nodiscard]] core::Value too_big();
  [[nodiscard]] core::Value too_long();

  // ---- failures
  /// `<origin of the target>: text` for methods ("field `this.a`: value is null"); for functions
  /// the text alone.
  [[nodiscard]] core::Value fail(std::string_view text);
  /// The text alone.
  [[nodiscard]] core::Value fail_plain(std::string_view text);
  /// `expected array or string value, got number from field `this.a` (5)`.
  [[nodiscard]] core::Value wrong_target(std::string_view expected);
  /// The same for a target evaluated by evaluate_target().
  [[nodiscard]] core::Value wrong_target(std::string_view expected, core::Value target);
  /// The text of a failure that a Query returned.
  [[nodiscard]] std::string_view failure_text(core::Value failure);
  /// A Query's failure with words in front: `failed to process element 3: ...`.
  [[nodiscard]] core::Value wrap(std::string_view words, core::Value failure);
  /// fail() with a Status' or Result's error.
  [[nodiscard]] core::Value fail(const core::Error& error) { return fail(error.message); }

  // ---- surroundings
  [[nodiscard]] core::Arena& arena() const;
  [[nodiscard]] const Context& context() const;
  [[nodiscard]] const Environment& environment() const { return context().environment(); }
  [[nodiscard]] const core::Clock& clock() const { return *environment().clock; }
  [[nodiscard]] core::Random& random() const { return context().random(); }
  /// The message that `from` has selected, else the one being mapped; null when there is none.
  [[nodiscard]] core::Message* message() const;
  [[nodiscard]] Evaluator& evaluator() const { return evaluator_; }
  [[nodiscard]] const CallNode& site() const { return site_; }

 private:
  [[nodiscard]] CallState& call_state() const;
  [[nodiscard]] std::string_view callable_name() const;

  Evaluator& evaluator_;
  const CallNode& site_;
  core::Value target_;
  std::span<const core::Value> arguments_;
  const void* prepared_;
};

/// Builds text whose size is not known beforehand, within the budget of the call: what goes past it
/// is dropped and finish() answers with the failure.
class TextBuilder {
 public:
  explicit TextBuilder(Call& call);
  ~TextBuilder();
  TextBuilder(const TextBuilder&) = delete;
  TextBuilder& operator=(const TextBuilder&) = delete;

  void append(std::string_view text) {
    if (buffer_->size() + text.size() > limit_) {
      over_ = true;
    } else {
      buffer_->append(text);
    }
  }
  void push(char c) { append({&c, 1}); }
  /// The value as `string()` shows it; false: it cannot be shown, finish() answers with the
  /// failure.
  bool append_value(core::Value value);
  /// For writers that take a core::Buffer; finish() checks the size afterwards.
  [[nodiscard]] core::Buffer& buffer() { return *buffer_; }
  [[nodiscard]] std::string_view view() const { return buffer_->view(); }

  [[nodiscard]] core::Value finish_string();
  [[nodiscard]] core::Value finish_bytes();
  /// Of the target's kind.
  [[nodiscard]] core::Value finish_like_target();

 private:
  [[nodiscard]] core::Value finish(core::Kind kind);

  Call& call_;
  core::Buffer* buffer_;  // one of a few kept per thread
  std::size_t limit_;
  bool over_ = false;
  core::Value failure_;
};

[[nodiscard]] inline bool failed(core::Value value) {
  return value.is(core::Kind::kError);
}

}  // namespace weir::mapping
