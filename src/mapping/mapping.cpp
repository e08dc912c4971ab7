#include "mapping/mapping.h"

#include <algorithm>
#include <cstring>

#include "mapping/compiler.h"
#include "mapping/evaluator.h"
#include "mapping/parser.h"
#include "mapping/plan.h"
#include "mapping/program.h"
#include "mapping/source.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Message;
using core::Result;
using core::Value;

namespace {

void sort_issues(std::vector<Issue>& issues) {
  std::stable_sort(issues.begin(), issues.end(), [](const Issue& a, const Issue& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
}

}  // namespace

tl::expected<std::shared_ptr<const Program>, ParseErrors> make_program(
    std::string_view text, const CompileOptions& options) {
  auto program = std::make_shared<Program>();
  program->text = text;
  AstStore store;
  Parser parser(program->text, store, program->arena);
  const AstMapping ast = parser.mapping();
  ParseErrors errors;
  for (const SyntaxError& error : parser.errors()) {
    errors.push_back(issue_at(program->text, error.at, 1, error.message, error.hint));
  }
  // What could be read is checked too, so that all mistakes are told at once.
  Compiler compiler(*program, options, program->text, errors);
  compiler.mapping(ast);
  if (!errors.empty()) {
    sort_issues(errors);
    return tl::unexpected<ParseErrors>(std::move(errors));
  }
  make_plan(*program);
  if (options.plain_tree) forget_plan(*program);
  sort_issues(program->warnings);
  return program;
}

tl::expected<Mapping, ParseErrors> Mapping::compile(std::string_view text,
                                                    const CompileOptions& options) {
  auto program = make_program(text, options);
  if (!program) return tl::unexpected<ParseErrors>(std::move(program).error());
  return Mapping(*std::move(program));
}

Result<Value> evaluate_within(const Program& program, Evaluator& outer, Value self) {
  const Context& around = outer.context();
  Context context(around.environment(), around.random());
  context.bind_arena(outer.arena());
  context.limits = around.limits;
  context.limits.max_steps = outer.steps_left();
  context.limits.max_memory = outer.memory_left();
  Evaluator e(program, context);
  e.set_document(self);
  const Value failure = e.run(program.main.statements);
  (void)outer.spend(e.steps());
  if (failure.is(Kind::kError)) return core::fail(to_error(failure));
  const Value root = *e.frame().root;
  // The program, whose constants it may hold, may go before the result does.
  return root.is_marker() ? Result<Value>(root) : core::deep_copy(root, outer.arena());
}

namespace {

bool has_line_break(std::string_view text) {
  return std::memchr(text.data(), '\n', text.size()) != nullptr ||
         std::memchr(text.data(), '\r', text.size()) != nullptr;
}

// The whole of a document whose text stands in the message still: nothing has to be written.
bool is_payload_of(const Message& target, Value root) {
  const Value* const document = target.root_if_read();
  const std::string_view* const payload = target.payload_if_written();
  if (document == nullptr || payload == nullptr || !document->is_container()) return false;
  const core::Container& c = root.as_container();
  if (&document->as_container() != &c || c.raw == nullptr) return false;
  if (root.is(Kind::kObject) && c.raw_members != c.size) return false;
  return !has_line_break(*payload);
}

void put_root(Message& target, Value root) {
  if (!root.is_container()) {
    target.set_root(root);
  } else if (!is_payload_of(target, root)) {
    target.adopt_root(root);
  }
}

}  // namespace

Result<Verdict> Mapping::map(Context& context, Message& target) const {
  target.storage().retain(program_);
  Evaluator e(*program_, context);
  e.start_metadata(target.metadata());
  e.start_fresh();
  if (program_->in_place && context.has_message() && &context.message() == &target)
    e.allow_in_place();
  const Value failure = e.run(program_->main.statements);
  if (failure.is(Kind::kError)) {
    e.undo_in_place();
    return core::fail(to_error(failure));
  }
  const Value root = *e.frame().root;
  if (root.is(Kind::kDelete)) {
    e.undo_in_place();
    return Verdict::kDeleted;
  }
  if (e.metadata_changed()) target.replace_metadata(e.metadata());
  if (!root.is(Kind::kNothing)) put_root(target, root);
  return Verdict::kKept;
}

Result<Verdict> Mapping::mutate(Context& context, Message& target) const {
  target.storage().retain(program_);
  Evaluator e(*program_, context);
  e.start_metadata(target.metadata());
  e.alias_root(target);
  const Value failure = e.run(program_->main.statements);
  const bool in_place = context.has_message() && &context.message() == &target;
  if (failure.is(Kind::kError)) {
    if (in_place && e.metadata_changed()) target.replace_metadata(e.metadata());
    return core::fail(to_error(failure));
  }
  const Value root = *e.frame().root;
  if (root.is(Kind::kDelete)) return Verdict::kDeleted;
  if (e.metadata_changed()) target.replace_metadata(e.metadata());
  if (!e.root_is_aliased() && !root.is(Kind::kNothing)) put_root(target, root);
  return Verdict::kKept;
}

namespace {

Result<Value> run_for_value(const Program& program, Context& context, const Value* self) {
  Evaluator e(program, context);
  if (self != nullptr) e.set_document(*self);
  if (context.has_message()) e.start_metadata(context.message().metadata());
  const Value failure = e.run(program.main.statements);
  if (failure.is(Kind::kError)) return core::fail(to_error(failure));
  return *e.frame().root;
}

Result<bool> as_condition(const Result<Value>& value) {
  if (!value) return core::fail(value.error());
  if (!value->is(Kind::kBool))
    return core::invalid_data(type_error("bool", *value, "the condition"));
  return value->as_bool();
}

}  // namespace

Result<Value> Mapping::evaluate(Context& context) const {
  if (context.has_message()) context.message().storage().retain(program_);
  return run_for_value(*program_, context, nullptr);
}
Result<Value> Mapping::evaluate(Context& context, Value self) const {
  if (context.has_message()) context.message().storage().retain(program_);
  return run_for_value(*program_, context, &self);
}
Result<bool> Mapping::check(Context& context) const {
  return as_condition(evaluate(context));
}
Result<bool> Mapping::check(Context& context, Value self) const {
  return as_condition(evaluate(context, self));
}

bool Mapping::is_deterministic() const {
  return program_->is_deterministic;
}
bool Mapping::reads_batch() const {
  return program_->reads_batch;
}
const Value* Mapping::constant() const {
  return program_->is_constant ? &program_->constant_value : nullptr;
}
std::string_view Mapping::plan() const {
  return name(program_->plan);
}
const std::vector<PathUse>& Mapping::reads() const {
  return program_->reads;
}
const std::vector<PathUse>& Mapping::writes() const {
  return program_->writes;
}
const std::vector<Issue>& Mapping::warnings() const {
  return program_->warnings;
}
const std::string& Mapping::text() const {
  return program_->text;
}

}  // namespace weir::mapping
