#include "mapping/plan.h"

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

void make_plan(Program& program) {
  const std::vector<Statement>& all = program.main.statements;
  if (all.size() == 1 && all[0].kind == StatementKind::kAssign && all[0].path.empty()) {
    if (const core::Value* value = all[0].value->literal()) {
      program.is_constant = true;
      program.constant_value = *value;
    }
  }
}

}  // namespace weir::mapping
