#include "mapping/plan.h"

#include <set>
#include <string>

#include "mapping/nodes.h"

namespace weir::mapping {

std::string_view name(Plan plan) {
  switch (plan) {
    case Plan::kPassThrough: return "pass-through";
    case Plan::kAppendSplice: return "append-splice";
    case Plan::kOverlay: return "overlay";
    case Plan::kTree: return "tree";
  }
  return "tree";
}

namespace {

bool assigns_root(const Statement& s) {
  return s.kind == StatementKind::kAssign && s.path.empty();
}
bool assigns_below(const Statement& s) {
  return s.kind == StatementKind::kAssign && !s.path.empty();
}

/// What all statements, also those inside `if` blocks, do to root.
struct Survey {
  bool writes_below = false;       // root.a = ..
  bool only_members = true;        // .. and never deeper than one step
  bool other_root = false;         // root = something that is not the document
  bool document_in_block = false;  // root = this, but only under a condition
  std::set<std::string> members;   // first steps
};

void survey(const std::vector<Statement>& statements, bool nested, Survey& out) {
  for (const Statement& s : statements) {
    for (const auto& block : s.blocks) survey(block, true, out);
    if (assigns_root(s)) {
      const unsigned yields = s.value->yields();
      if ((yields & kYieldsOther) != 0) out.other_root = true;
      if (nested && (yields & kYieldsDocument) != 0) out.document_in_block = true;
    } else if (assigns_below(s)) {
      out.writes_below = true;
      out.members.insert(s.path[0].key);
      if (s.path.size() != 1 || s.path[0].key == "-") out.only_members = false;
    }
  }
}

bool is_document(const Statement& s) {
  return assigns_root(s) && s.value->yields() == kYieldsDocument;
}

// `root = this` once, at the top, before anything is written; afterwards only members of root are
// set, and nobody looks at what has been changed. Then the document itself may be changed.
bool may_change_in_place(const Program& program, const Survey& all) {
  if (all.other_root || all.document_in_block || !all.writes_below || !all.only_members)
    return false;
  if (program.reads_document_function || program.reads_batch || program.reads_root) return false;
  bool seen = false;
  for (const Statement& s : program.main.statements) {
    if (is_document(s)) {
      if (seen) return false;
      seen = true;
    } else if (assigns_root(s) && (s.value->yields() & kYieldsDocument) != 0) {
      return false;
    } else if (!seen && (assigns_below(s) || s.kind == StatementKind::kIf)) {
      return false;
    }
  }
  if (!seen || program.whole_document_reads > 1) return false;  // `root = this` is one
  for (const PathUse& use : program.reads) {
    if (!use.metadata && !use.segments.empty() && all.members.contains(use.segments[0]))
      return false;
  }
  return true;
}

// Members that cannot be there yet: root grows by assignments below it alone, and this is the first
// of its name.
void mark_fresh_members(Body& body, const Survey& all) {
  body.root_members =
      static_cast<std::uint32_t>(all.members.size() < 64 ? all.members.size() + 1 : 64);
  std::set<std::string> known;
  for (Statement& s : body.statements) {
    if (assigns_root(s)) return;
    if (assigns_below(s)) {
      s.fresh_member = s.path.size() == 1 && !known.contains(s.path[0].key);
      known.insert(s.path[0].key);
    }
    Survey inside;
    for (const auto& block : s.blocks) survey(block, true, inside);
    if (inside.other_root || inside.document_in_block) return;
    known.insert(inside.members.begin(), inside.members.end());
  }
}

void note_reads(Program& program) {
  for (const auto& node : program.nodes) {
    const auto* const field = dynamic_cast<const FieldNode*>(node.get());
    if (field == nullptr) continue;
    if (field->base() == FieldNode::Base::kRoot && field->steps().empty())
      program.reads_root = true;
    if (field->base() != FieldNode::Base::kDocument) continue;
    PathUse use;
    for (const PathStep& step : field->steps()) use.segments.push_back(step.key);
    if (use.segments.empty()) ++program.whole_document_reads;
    program.reads.push_back(std::move(use));
  }
  if (program.reads_document_function) program.reads.push_back({});
}

bool begins_with_document(const std::vector<Statement>& statements) {
  for (const Statement& s : statements) {
    if (is_document(s)) return true;
    if (assigns_below(s)) return false;
  }
  return false;
}

}  // namespace

void make_plan(Program& program) {
  const std::vector<Statement>& all = program.main.statements;
  if (all.size() == 1 && assigns_root(all[0])) {
    if (const core::Value* value = all[0].value->literal()) {
      program.is_constant = true;
      program.constant_value = *value;
    }
  }
  note_reads(program);
  Survey main;
  survey(all, false, main);
  mark_fresh_members(program.main, main);
  for (Body& body : program.bodies) {
    Survey inside;
    survey(body.statements, false, inside);
    mark_fresh_members(body, inside);
  }
  program.in_place = may_change_in_place(program, main);
  if (!main.writes_below && !main.other_root) {
    program.plan = Plan::kPassThrough;
  } else if (program.in_place) {
    program.plan = Plan::kAppendSplice;
  } else if (begins_with_document(all) && !main.other_root) {
    program.plan = Plan::kOverlay;
  }
}

namespace {

void forget_fresh_members(std::vector<Statement>& statements) {
  for (Statement& s : statements) s.fresh_member = false;
}

}  // namespace

void forget_plan(Program& program) {
  program.plan = Plan::kTree;
  program.in_place = false;
  forget_fresh_members(program.main.statements);
  for (Body& body : program.bodies) forget_fresh_members(body.statements);
}

}  // namespace weir::mapping
