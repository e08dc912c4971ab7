#include "core/json_text.h"

#include <string>

#include <gtest/gtest.h>

namespace weir::core {
namespace {

std::string written(double number) {
  Buffer out;
  EXPECT_TRUE(write_json(Value::number(number), out));
  return std::string(out.view());
}

TEST(JsonText, DoublesHaveTheirShortestDigitsAlsoWhenTheyAreBig) {
  EXPECT_EQ(written(12345678901234567890.0), "12345678901234567000");
  EXPECT_EQ(written(1e20), "100000000000000000000");
  EXPECT_EQ(written(1e21), "1e+21");
  EXPECT_EQ(written(1e-7), "1e-7");
  EXPECT_EQ(written(-0.0), "-0");
}

}  // namespace
}  // namespace weir::core
