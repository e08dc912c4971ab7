#include <gtest/gtest.h>

#include "functions/cases.h"
#include "functions/world.h"

namespace weir::mapping::test {
namespace {

class Numbers : public testing::TestWithParam<Case> {};

TEST_P(Numbers, AreComputedAsTheTableSays) {
  World world;
  EXPECT_EQ(world.run(GetParam().mapping, GetParam().input), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Numbers,
    testing::Values(Case{"smallest_integer", "root = this.abs()", "-9223372036854775808",
                         "9223372036854775807"},
                    Case{"unsigned_stays", "root = this.uint64().abs()",
                         R"("18446744073709551615")", "18446744073709551615"},
                    Case{"beyond_a_double", "root = this.abs()", "1e400",
                         "error: failed assignment (line 1): expected number value, got number "
                         "from field `this` "
                         "(1e400)"},
                    Case{"floor_beyond_64_bits", "root = this.floor()", "1e30", "1e+30"},
                    Case{"floor_of_a_large_integer_text", "root = this.floor()",
                         "18446744073709551615", "18446744073709552000"},
                    Case{"round_half_away_up", "root = this.round()", "2.5", "3"},
                    Case{"round_half_away_down", "root = this.round()", "-2.5", "-3"},
                    Case{"round_keeps_integers", "root = this.round()", "9007199254740993",
                         "9007199254740993"},
                    Case{"ceil_of_minus_a_half", "root = this.ceil()", "-0.5", "0"},
                    Case{"log_of_a_negative_is_no_json", "root.a = this.log()", "-1",
                         "error: writing JSON: a number is not finite (NaN or infinity)"},
                    Case{"power", "root = this.pow(0.5)", "2", "1.4142135623730951"},
                    Case{"bits_of_a_fraction", "root = this.bitwise_and(2.7)", "3.9", "2"},
                    Case{"bits_of_a_negative", "root = this.bitwise_xor(-1)", "5", "-6"},
                    Case{"max_of_an_object", "root = this.max()", R"({"b":1})",
                         "error: failed assignment (line 1): expected array value, got object from "
                         "field `this`"},
                    Case{"min_of_one", "root = this.min()", "[5]", "5"},
                    Case{"max_is_a_float", "root = this.max().string()", "[1000000]", "1e+06"}),
    case_name);

}  // namespace
}  // namespace weir::mapping::test
