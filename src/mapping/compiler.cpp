#include "mapping/compiler.h"

#include <algorithm>

#include "core/clock.h"
#include "mapping/evaluator.h"
#include "mapping/source.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Value;

namespace {

const Environment& system_environment() {
  static const Environment environment = Environment::system();
  return environment;
}

bool is_plain_key(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x20 && u < 0x7f && c != '"' && c != '\\';
  });
}

}  // namespace

Compiler::Compiler(Program& program, const CompileOptions& options, std::string_view text,
                   std::vector<Issue>& issues)
    : program_(program),
      options_(options),
      environment_(options.environment == nullptr ? system_environment() : *options.environment),
      registry_(options.registry == nullptr ? Registry::standard() : *options.registry),
      text_(text),
      issues_(issues) {}

void Compiler::issue(std::size_t offset, std::size_t length, std::string message,
                     std::string hint) {
  issues_.push_back(issue_at(text_, offset, length, std::move(message), std::move(hint)));
}

void Compiler::warn(std::size_t offset, std::size_t length, std::string code, std::string message,
                    std::string hint) {
  if (in_import_) return;  // positions are those of another file
  Issue made = issue_at(text_, offset, length, std::move(message), std::move(hint));
  made.code = std::move(code);
  program_.warnings.push_back(std::move(made));
}

const Node* Compiler::lone_expression(const Ast& ast) {
  Scope scope;
  scope.body = &program_.main;
  scope_ = &scope;
  const Node* const node = expression(ast);
  scope_ = nullptr;
  return node;
}

std::uint32_t Compiler::new_slot() {
  const std::uint32_t slot = scope_->next_slot++;
  scope_->body->slots = std::max(scope_->body->slots, scope_->next_slot);
  return slot;
}

const Node* Compiler::with_this(std::uint32_t slot, const Ast& ast) {
  scope_->contexts.push_back(slot);
  const Node* const node = expression(ast);
  scope_->contexts.pop_back();
  return node;
}

const Node* Compiler::literal(Value value) {
  freeze(value);
  return program_.add<LiteralNode>(value);
}

PathStep Compiler::step(std::string_view segment, core::Arena& arena) {
  PathStep made;
  made.key = segment;
  const std::string_view text = arena.copy(segment);
  made.key_value = is_plain_key(text) ? Value::json_string(text, false) : Value::string(text);
  made.star = segment == "*";
  if (!segment.empty() && segment.size() <= 9 &&
      std::all_of(segment.begin(), segment.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    made.index = std::stoll(made.key);
  }
  return made;
}

const Node* Compiler::expression(const Ast& ast) {
  const std::uint32_t slots = scope_->next_slot;
  const Node* made = nullptr;
  switch (ast.kind) {
    case AstKind::kLiteral: made = program_.add<LiteralNode>(ast.value); break;
    case AstKind::kArray: made = array(ast); break;
    case AstKind::kObject: made = object(ast); break;
    case AstKind::kName: made = name(ast); break;
    case AstKind::kSegment: made = segment(ast); break;
    case AstKind::kMeta:
      program_.reads.push_back(
          {ast.flag ? std::vector<std::string>{} : std::vector{ast.text}, true});
      made = program_.add<MetaNode>(ast.text, ast.flag);
      break;
    case AstKind::kVariable: made = variable(ast); break;
    case AstKind::kFunction:
    case AstKind::kMethod: made = call(ast); break;
    case AstKind::kMapTail: made = map_tail(ast); break;
    case AstKind::kNot: made = program_.add<NotNode>(expression(*ast.children[0])); break;
    case AstKind::kNegate: made = negate(ast); break;
    case AstKind::kChain: made = chain(ast); break;
    case AstKind::kIf: made = if_expression(ast); break;
    case AstKind::kMatch: made = match_expression(ast); break;
    case AstKind::kLambda: made = lambda(ast); break;
  }
  scope_->next_slot = slots;
  return made;
}

const Node* Compiler::context(std::uint32_t slot, std::string_view base_name) {
  const bool is_document = slot == 0 && !scope_->body->is_map;
  return program_.add<FieldNode>(is_document ? FieldNode::Base::kDocument : FieldNode::Base::kSlot,
                                 std::string(base_name), slot, nullptr);
}

const Node* Compiler::name(const Ast& ast) {
  if (ast.text == "this") return context(scope_->contexts.back(), "this");
  if (ast.text == "root") {
    return program_.add<FieldNode>(FieldNode::Base::kRoot, "root", 0U, nullptr);
  }
  for (const auto& [capture, slot] : scope_->captures) {
    if (capture == ast.text) return context(slot, capture);
  }
  auto* const field = const_cast<Node*>(context(scope_->contexts.back(), "this"));
  static_cast<FieldNode*>(field)->add_step(step(ast.text, program_.arena));
  return field;
}

const Node* Compiler::segment(const Ast& ast) {
  const Node* const target = expression(*ast.target);
  const bool extends = ast.target->kind == AstKind::kName || ast.target->kind == AstKind::kSegment;
  FieldNode* field = nullptr;
  if (extends) {
    field = static_cast<FieldNode*>(const_cast<Node*>(target));  // made just now, for us alone
  } else {
    const bool is_meta = ast.target->kind == AstKind::kMeta;
    field = program_.add<FieldNode>(is_meta ? FieldNode::Base::kMeta : FieldNode::Base::kNode,
                                    std::string(), 0U, target);
  }
  field->add_step(step(ast.text, program_.arena));
  return field;
}

const Node* Compiler::array(const Ast& ast) {
  std::vector<const Node*> items;
  bool constant = true;
  for (const Ast* child : ast.children) {
    items.push_back(expression(*child));
    constant = constant && items.back()->literal() != nullptr;
  }
  if (!constant) return program_.add<ArrayNode>(std::move(items));
  Value value = Value::array(program_.arena, static_cast<std::uint32_t>(items.size()));
  for (const Node* item : items) core::append_item(value, *item->literal(), program_.arena);
  return literal(value);
}

const Node* Compiler::object(const Ast& ast) {
  std::vector<ObjectNode::Entry> entries;
  std::unordered_set<std::string_view> seen;
  bool constant = true;
  bool distinct = true;
  for (std::size_t i = 0; i < ast.children.size(); i += 2) {
    ObjectNode::Entry entry{expression(*ast.children[i]), {}, expression(*ast.children[i + 1])};
    const Value* const key = entry.key->literal();
    if (key != nullptr && !key->is(Kind::kString)) {
      issue(ast.children[i]->begin, ast.children[i]->end - ast.children[i]->begin,
            "object keys must be strings, received: " + std::string(type_name(*key)));
      continue;
    }
    if (key != nullptr) {
      const std::string_view text = key->stored();
      entry.fixed_key = is_plain_key(text) ? Value::json_string(text, false) : *key;
      entry.key = nullptr;
      if (!seen.insert(text).second) {
        distinct = false;
        warn(ast.children[i]->begin, ast.children[i]->end - ast.children[i]->begin, "duplicate-key",
             "key \"" + std::string(text) + "\" stands twice in this object; the last one wins");
      }
    } else {
      distinct = false;
    }
    constant = constant && entry.key == nullptr && entry.value->literal() != nullptr;
    entries.push_back(entry);
  }
  if (!constant) return program_.add<ObjectNode>(std::move(entries), distinct);
  Value value = Value::object(program_.arena, static_cast<std::uint32_t>(entries.size()));
  for (const ObjectNode::Entry& entry : entries) {
    core::set_member(value, entry.fixed_key, *entry.value->literal(), program_.arena);
  }
  return literal(value);
}

const Node* Compiler::fold(const Ast& at, std::size_t offset, std::size_t length,
                           const Node& node) {
  core::SeededRandom random(0);
  Context no_message(environment_, random);
  no_message.limits.max_steps = 1'000'000;
  no_message.limits.max_memory = std::size_t{16} << 20;
  no_message.bind_arena(program_.arena);
  Evaluator evaluator(program_, no_message);
  const Value value = node.eval(evaluator);
  if (value.is(Kind::kError)) {
    (void)at;
    issue(offset, length, std::string(evaluator.failure_text(value)));
    return program_.add<RefusedNode>();
  }
  return literal(value);
}

const Node* Compiler::negate(const Ast& ast) {
  const Node* const inner = expression(*ast.children[0]);
  const Node* const made = program_.add<NegateNode>(inner);
  if (const Value* value = inner->literal()) {
    if (!value->is_number()) {
      issue(ast.begin, ast.end - ast.begin,
            "cannot subtract types number (from number literal) and " +
                std::string(type_name(*value)) + " (from " + std::string(type_name(*value)) +
                " literal)");
      return inner;
    }
    return fold(ast, ast.begin, ast.end - ast.begin, *made);
  }
  return made;
}

const Node* Compiler::chain(const Ast& ast) {
  std::vector<const Node*> operands;
  std::vector<Op> ops;
  operands.push_back(expression(*ast.children[0]));
  for (std::size_t i = 0; i < ast.ops.size(); ++i) {
    const Op op = ast.ops[i];
    const Ast& right = *ast.children[i + 1];
    const Node* const node = expression(right);
    const KindSet left_kinds = ops.empty() ? operands[0]->result_kinds() : result_kinds(ops.back());
    if ((op == Op::kEqual || op == Op::kNotEqual) && !may_equal(left_kinds, node->result_kinds())) {
      warn(ast.begin, right.end - ast.begin, "never-equal",
           op == Op::kEqual ? "this is always false: the two sides are never of the same kind"
                            : "this is always true: the two sides are never of the same kind");
    }
    const bool folds = op != Op::kCoalesce && op != Op::kAnd && op != Op::kOr;
    if (folds && ops.empty() && operands[0]->literal() != nullptr && node->literal() != nullptr) {
      const ChainNode pair({operands[0], node}, {op});
      operands[0] = fold(ast, ast.begin, right.end - ast.begin, pair);
      continue;
    }
    operands.push_back(node);
    ops.push_back(op);
  }
  if (ops.empty()) return operands[0];
  return program_.add<ChainNode>(std::move(operands), std::move(ops));
}

const Node* Compiler::if_expression(const Ast& ast) {
  std::vector<IfNode::Branch> branches;
  for (std::size_t i = 0; i < ast.children.size(); i += 2) {
    if (i + 1 < ast.children.size()) {
      const Node* const condition = expression(*ast.children[i]);
      if (const Value* value = condition->literal(); value != nullptr) {
        warn(ast.children[i]->begin, ast.children[i]->end - ast.children[i]->begin,
             "constant-condition", "this condition is always the same");
      }
      branches.push_back({condition, expression(*ast.children[i + 1])});
    } else {
      branches.push_back({nullptr, expression(*ast.children[i])});
    }
  }
  return program_.add<IfNode>(std::move(branches));
}

const Node* Compiler::match_expression(const Ast& ast) {
  std::uint32_t slot = MatchNode::kNoSlot;
  const Node* subject = nullptr;
  if (ast.target != nullptr) {
    subject = expression(*ast.target);
    slot = new_slot();
    scope_->contexts.push_back(slot);
  }
  const Node* self = nullptr;
  std::vector<MatchNode::Case> cases;
  bool closed = false;
  for (std::size_t i = 0; i < ast.children.size(); i += 2) {
    const Ast* const condition = ast.children[i];
    const Ast& value = *ast.children[i + 1];
    if (closed) {
      const Ast& first = condition == nullptr ? value : *condition;
      warn(first.begin, first.end - first.begin, "unreachable-case",
           "this case is never reached: `_` before it matches everything");
    }
    closed = closed || condition == nullptr;
    const Node* const test = condition == nullptr ? nullptr : expression(*condition);
    if (subject != nullptr && test != nullptr && test->literal() != nullptr &&
        !may_equal(subject->result_kinds(), test->result_kinds())) {
      warn(condition->begin, condition->end - condition->begin, "never-equal",
           "this case never matches: the subject is never of that kind");
    }
    if (subject == nullptr && self == nullptr && test != nullptr && test->literal() != nullptr) {
      self = context(scope_->contexts.back(), "this");
    }
    cases.push_back({test, expression(value)});
  }
  if (subject != nullptr) scope_->contexts.pop_back();
  return program_.add<MatchNode>(subject, slot, self, std::move(cases));
}

const Node* Compiler::lambda(const Ast& ast) {
  for (const auto& [capture, slot] : scope_->captures) {
    if (capture == ast.text) {
      issue(ast.begin, ast.text.size(),
            "context label `" + ast.text + "` would shadow a parent context");
      return literal(Value::null());
    }
  }
  const std::uint32_t captured = scope_->contexts.back();
  const bool restores = scope_->contexts.size() > 1;
  if (restores) scope_->contexts.pop_back();
  if (ast.text != "_") scope_->captures.emplace_back(ast.text, captured);
  const Node* const body = expression(*ast.children[0]);
  if (ast.text != "_") scope_->captures.pop_back();
  if (restores) scope_->contexts.push_back(captured);
  return body;
}

const Node* Compiler::map_tail(const Ast& ast) {
  const Node* const target = expression(*ast.target);
  const std::uint32_t slot = new_slot();
  const Node* const body = with_this(slot, *ast.children[0]);
  return program_.add<MapTailNode>(target, slot, body);
}

const Node* Compiler::variable(const Ast& ast) {
  const auto known = scope_->variables.find(ast.text);
  if (known != scope_->variables.end()) {
    scope_->used_variables.insert(known->second);
    return program_.add<VariableNode>(ast.text, known->second);
  }
  Nearest nearest(ast.text);
  for (const auto& [declared, number] : scope_->variables) nearest.offer(declared);
  warn(ast.begin, ast.end - ast.begin, "undefined-variable",
       "variable `$" + ast.text + "` is never defined here", nearest.hint());
  return program_.add<VariableNode>(ast.text, VariableNode::kUnknown);
}

}  // namespace weir::mapping
