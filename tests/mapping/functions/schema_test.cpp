#include <string>

#include <gtest/gtest.h>

#include "mapping/functions/calls.h"

namespace weir::mapping {
namespace {

TEST(Schema, NamesWhereItCannotBeInferred) {
  EXPECT_EQ(
      test::run("root = this.infer_schema()", R"({"a":[],"b":null,"c":[[1],[2]]})"),
      R"({"children":[{"name":"a","type":"ARRAY"},{"name":"b","type":"NULL"},)"
      R"({"children":[{"children":[{"type":"INT64"}],"type":"ARRAY"}],"name":"c","type":"ARRAY"}],"type":"OBJECT"})");
}

}  // namespace
}  // namespace weir::mapping
