#pragma once

#include <string>

#include <gtest/gtest.h>

namespace weir::mapping::test {

/// A row of a table of tests; the name is part of the test's.
struct Case {
  const char* name;
  const char* mapping;
  const char* input;
  const char* expected;  ///< as run() gives it
};

inline std::string case_name(const testing::TestParamInfo<Case>& tested) {
  return tested.param.name;
}

}  // namespace weir::mapping::test
