#pragma once

#include "mapping/program.h"

namespace weir::mapping {

/// Looks over a finished program: chooses how it is run, and notes what is known about it.
void make_plan(Program& program);
/// Back to the plain tree.
void forget_plan(Program& program);

}  // namespace weir::mapping
