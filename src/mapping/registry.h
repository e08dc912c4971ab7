#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "mapping/call.h"
#include "mapping/node.h"

namespace weir::mapping {

enum class Category : std::uint8_t {
  kGeneral,
  kMessage,
  kEnvironment,
  kCoercion,
  kString,
  kNumber,
  kTime,
  kRegexp,
  kEncoding,
  kCollection,
  kParsing,
  kSql,
  kFake,
  kDeprecated,
};
enum class Support : std::uint8_t { kStable, kBeta, kExperimental, kDeprecated, kHidden };
enum class Cost : std::uint8_t {
  kConstant,  ///< a few nanoseconds
  kLinear,    ///< in the size of the target or arguments
  kHeavy,     ///< cryptography, compression, parsing of whole documents
};

/// Kinds of an argument. Typed ones: a literal is checked when the mapping is compiled, an
/// expression when it is evaluated; numbers are converted as the name says; null is never accepted.
enum class ArgKind : std::uint8_t {
  kAny,
  kString,     ///< strings and bytes: Call::text()
  kInt,        ///< any number, fraction cut off: Call::integer()
  kFloat,      ///< any number: Call::number()
  kBool,       ///< bools and numbers: Call::flag()
  kTimestamp,  ///< timestamps, unix seconds, RFC 3339 text: Call::timestamp()
  kArray,
  kObject,
  kQuery,         ///< evaluated by the callee as often as it likes, with the `this` it gives:
                  ///< Call::query()
  kQueryOrValue,  ///< evaluated by the callee in the caller's context, if at all: Call::query()()
};

/// Kinds a method may be called on.
using TargetKinds = KindSet;
inline constexpr TargetKinds kOnString = kinds(core::Kind::kString);
inline constexpr TargetKinds kOnBytes = kinds(core::Kind::kBytes);
inline constexpr TargetKinds kOnText = kTextKinds;
inline constexpr TargetKinds kOnNumber = kNumberKinds;
inline constexpr TargetKinds kOnBool = kinds(core::Kind::kBool);
inline constexpr TargetKinds kOnTimestamp = kinds(core::Kind::kTimestamp);
inline constexpr TargetKinds kOnArray = kinds(core::Kind::kArray);
inline constexpr TargetKinds kOnObject = kinds(core::Kind::kObject);
inline constexpr TargetKinds kOnNull = kinds(core::Kind::kNull);
/// Anything, also markers; a failure of the target still ends the call.
inline constexpr TargetKinds kOnAnything = kAnyKind;

/// The value of an argument that was left out.
struct Default {
  enum class Is : std::uint8_t { kAbsent, kText, kInt, kFloat, kBool } is = Is::kAbsent;
  std::string_view text;
  std::int64_t integer = 0;
  double number = 0;
  bool flag = false;
};

struct Parameter {
  std::string_view name;
  ArgKind kind = ArgKind::kAny;
  std::string_view doc;
  bool optional = false;      ///< may be left out; Call::has() tells when there is no default
  bool literal_only = false;  ///< an expression is refused when the mapping is compiled
  Default default_value;
};

/// Runs as a test and is printed in the manual.
struct Example {
  std::string_view mapping;
  std::string_view input;  ///< payload; empty: no payload
  std::string_view
      expected;          ///< payload as JSON; or `error: substring`; or `deleted`; or `raw: text`
  std::string_view doc;  ///< one line above it, or empty
};

/// What a prepare hook gets.
struct PrepareCall {
  /// Values of all arguments, converted as for the call; left-out ones are kNothing.
  std::span<const core::Value> arguments;
  const Environment& environment;
  /// Folder of the mapping text, for relative paths.
  std::string_view directory;
  /// The arguments are literals: what is made now stays as long as the mapping.
  bool is_constant = false;

  [[nodiscard]] bool has(std::size_t i) const {
    return i < arguments.size() && !arguments[i].is(core::Kind::kNothing);
  }
  [[nodiscard]] std::string_view text(std::size_t i) const { return arguments[i].stored(); }
  [[nodiscard]] std::int64_t integer(std::size_t i) const { return arguments[i].as_int(); }
  [[nodiscard]] bool flag(std::size_t i) const { return arguments[i].as_bool(); }
};

using EvalFn = core::Value (*)(Call& call);
/// Makes of the arguments what every call needs: compiles a pattern, parses a layout, finds a zone.
/// With literal arguments it runs once, when the mapping is compiled, and its error is a parse
/// error; with dynamic ones it runs per call (the latest results are kept) and its error is a
/// run-time one. What it returns must not borrow the arguments.
using PrepareFn = core::Result<Prepared> (*)(const PrepareCall& call);
/// For calls whose arguments are all literals.
using DescribeFn = void (*)(std::span<const core::Value> arguments, std::string& out);
using StateFn = std::unique_ptr<CallState> (*)();

/// A function or method: everything the compiler, the manual and the tests need to know.
///
/// Filled in fluently, see functions/README.md. Texts are static.
class Callable {
 public:
  Callable(std::string_view the_name, bool method) : name(the_name), is_method(method) {}

  Callable& in(Category c) {
    category = c;
    return *this;
  }
  /// What it does, one or two sentences, Markdown.
  Callable& says(std::string_view text) {
    doc = text;
    return *this;
  }
  Callable& status(Support s) {
    support = s;
    return *this;
  }
  /// Methods: kinds it is called on; `words` as they stand in the error ("array or string").
  Callable& on(TargetKinds accepted, std::string_view words) {
    target_kinds = accepted;
    target_words = words;
    return *this;
  }
  Callable& arg(std::string_view arg_name, ArgKind kind, std::string_view text) {
    parameters.push_back({arg_name, kind, text, false, false, {}});
    return *this;
  }
  Callable& optional(std::string_view arg_name, ArgKind kind, std::string_view text) {
    parameters.push_back({arg_name, kind, text, true, false, {}});
    return *this;
  }
  Callable& defaulted(std::string_view arg_name, ArgKind kind, std::string_view text,
                      const char* value) {
    parameters.push_back(
        {arg_name, kind, text, true, false, {Default::Is::kText, value, 0, 0, false}});
    return *this;
  }
  Callable& defaulted(std::string_view arg_name, ArgKind kind, std::string_view text,
                      std::int64_t value) {
    parameters.push_back({arg_name,
                          kind,
                          text,
                          true,
                          false,
                          {Default::Is::kInt, {}, value, static_cast<double>(value), false}});
    return *this;
  }
  Callable& defaulted(std::string_view arg_name, ArgKind kind, std::string_view text, int value) {
    return defaulted(arg_name, kind, text, std::int64_t{value});
  }
  Callable& defaulted(std::string_view arg_name, ArgKind kind, std::string_view text,
                      double value) {
    parameters.push_back(
        {arg_name, kind, text, true, false, {Default::Is::kFloat, {}, 0, value, false}});
    return *this;
  }
  Callable& defaulted(std::string_view arg_name, ArgKind kind, std::string_view text, bool value) {
    parameters.push_back(
        {arg_name, kind, text, true, false, {Default::Is::kBool, {}, 0, 0, value}});
    return *this;
  }
  /// The latest argument must be a literal.
  Callable& literal_only() {
    parameters.back().literal_only = true;
    return *this;
  }
  /// Any number of further positional arguments of this kind (Call::rest()).
  Callable& variadic(std::string_view arg_name, ArgKind kind, std::string_view text) {
    is_variadic = true;
    return arg(arg_name, kind, text);
  }
  Callable& example(std::string_view mapping, std::string_view input, std::string_view expected,
                    std::string_view text = {}) {
    examples.push_back({mapping, input, expected, text});
    return *this;
  }
  /// Touches the outside world: dropped where only pure functions are allowed.
  Callable& impure() {
    is_pure = false;
    return *this;
  }
  /// The same call may answer differently: time, randomness, counters, environment.
  Callable& nondeterministic() {
    is_deterministic = false;
    return *this;
  }
  /// Depends on the message (content, metadata, error flag, position in its batch).
  Callable& reads_message() {
    uses_message = true;
    return *this;
  }
  /// Looks at the message's document or payload by itself, not through `this`.
  Callable& reads_document() {
    uses_document = true;
    return reads_message();
  }
  /// Looks at other messages of the batch.
  Callable& reads_batch() {
    uses_batch = true;
    return *this;
  }
  Callable& costs(Cost c) {
    cost = c;
    return *this;
  }
  Callable& prepared_by(PrepareFn hook) {
    prepare = hook;
    return *this;
  }
  Callable& remembers(StateFn hook) {
    state = hook;
    return *this;
  }
  /// Evaluated when the mapping is compiled if target and arguments are literals, so that its
  /// failure is a parse error (the time methods).
  Callable& folds() {
    folds_literals = true;
    return *this;
  }
  /// The target is evaluated by the code, if at all: it may be a failure, or wanted several times.
  Callable& takes_lazily() {
    lazy_target = true;
    return *this;
  }
  /// Always this marker.
  Callable& yields_only(Yield what) {
    yields = what;
    return *this;
  }
  /// Kinds of its results, when they are known: lint then sees what can never be equal or called.
  Callable& returns(KindSet what) {
    result_kinds = what;
    return *this;
  }
  /// How errors name a value that comes from here; default "method NAME" or "function NAME".
  Callable& described_by(DescribeFn hook) {
    describe = hook;
    return *this;
  }
  /// Last: the code.
  Callable& evaluates(EvalFn function) {
    eval = function;
    return *this;
  }

  std::string_view name;
  bool is_method;
  Category category = Category::kGeneral;
  Support support = Support::kStable;
  std::string_view doc;
  TargetKinds target_kinds = kOnAnything;
  std::string_view target_words;
  std::vector<Parameter> parameters;
  bool is_variadic = false;  ///< the last parameter repeats
  std::vector<Example> examples;
  bool is_pure = true;
  bool is_deterministic = true;
  bool uses_message = false;
  bool uses_batch = false;
  bool uses_document = false;
  bool folds_literals = false;
  bool lazy_target = false;
  unsigned yields = kYieldsOther;
  KindSet result_kinds = kAnyKind;
  Cost cost = Cost::kConstant;
  DescribeFn describe = nullptr;
  PrepareFn prepare = nullptr;
  StateFn state = nullptr;
  EvalFn eval = nullptr;
  std::string_view alias_of;         ///< same behaviour under an older name
  std::string_view refused_because;  ///< known in the family, not here: the reason
};

/// The functions and methods a mapping may call. Built once; immutable afterwards.
class Registry {
 public:
  /// All of ours.
  [[nodiscard]] static const Registry& standard();

  /// Adds one; a name taken already ends the process (a mistake of ours).
  Callable& function(std::string_view name);
  Callable& method(std::string_view name);
  /// An older name for the same thing.
  void function_alias(std::string_view alias, std::string_view name, Support support);
  void method_alias(std::string_view alias, std::string_view name, Support support);
  /// Known in the family, left out here: a mapping that calls it gets the reason.
  void refuse_function(std::string_view name, std::string_view reason);
  void refuse_method(std::string_view name, std::string_view reason);

  [[nodiscard]] const Callable* find_function(std::string_view name) const;
  [[nodiscard]] const Callable* find_method(std::string_view name) const;
  /// Sorted by name; refused ones included.
  [[nodiscard]] std::vector<const Callable*> functions() const;
  [[nodiscard]] std::vector<const Callable*> methods() const;

 private:
  using Table = std::unordered_map<std::string_view, std::unique_ptr<Callable>>;
  static Callable& add(Table& table, std::string_view name, bool is_method);
  static void alias(Table& table, std::string_view alias, std::string_view name, Support support);
  Table functions_;
  Table methods_;
};

}  // namespace weir::mapping
