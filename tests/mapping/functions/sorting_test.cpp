#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "functions/cases.h"
#include "functions/world.h"

namespace weir::mapping::test {
namespace {

class Sorting : public testing::TestWithParam<Case> {};

TEST_P(Sorting, IsAsTheTableSays) {
  World world;
  EXPECT_EQ(world.run(GetParam().mapping, GetParam().input), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Sorting,
    testing::Values(
        Case{"numbers_across_kinds", "root = this.sort()", "[2,-1,1.5,1e0,-0.5]",
             "[-1,-0.5,1e0,1.5,2]"},
        Case{"large_integers_exactly", "root = this.sort()", "[9007199254740993,9007199254740992]",
             "[9007199254740992,9007199254740993]"},
        Case{"texts_by_bytes", "root = this.sort()", R"(["b","a","B","","ab","a\u0000"])",
             R"(["","B","a","a\u0000","ab","b"])"},
        Case{"long_common_prefixes", "root = this.sort()",
             R"(["prefix-long-b","prefix-long-a","prefix-l","prefix-"])",
             R"(["prefix-","prefix-l","prefix-long-a","prefix-long-b"])"},
        Case{"escaped_texts", "root = this.sort()", R"(["\u0062","a"])", R"(["a","\u0062"])"},
        Case{"equal_keys_stay", "root = this.sort_by(this.k)",
             R"([{"k":1,"i":0},{"k":0,"i":1},{"k":1.0,"i":2},{"k":0,"i":3}])",
             R"([{"i":1,"k":0},{"i":3,"k":0},{"i":0,"k":1},{"i":2,"k":1.0}])"},
        Case{"one_element_of_any_kind", "root = this.sort()", "[null]", "[null]"},
        Case{"null_then_a_number", "root = this.sort()", "[null,1]",
             "error: failed assignment (line 1): sort element 0: expected number value, got null"},
        Case{"a_number_then_null", "root = this.sort()", "[1,null]",
             "error: failed assignment (line 1): sort element 1: expected number or string value, "
             "got "
             "null"},
        Case{"a_number_then_a_text", "root = this.sort()", R"([3,2,"x"])",
             "error: failed assignment (line 1): sort element 1: expected string value, got number "
             "(2)"},
        Case{"a_text_then_a_number", "root = this.sort()", R"(["x",1])",
             "error: failed assignment (line 1): sort element 0: expected number value, got string "
             "(\"x\")"},
        Case{"beyond_a_double", "root = this.sort()", "[1,1e400]",
             "error: failed assignment (line 1): sort element 1: expected number value, got number "
             "(1e400)"},
        Case{"query_must_be_a_bool", "root = this.sort(5)", "[1,2]",
             "error: failed assignment (line 1): expected bool value, got number from sort "
             "argument (5)"},
        Case{"query_that_fails", "root = this.sort(throw(\"x\"))", "[1,2]",
             "error: failed assignment (line 1): x"},
        Case{"query_that_always_says_yes", "root = this.sort(true)", "[1,2,3,4,5]", "[5,4,3,2,1]"},
        Case{"query_that_always_says_no", "root = this.sort(false)", "[3,1,2]", "[3,1,2]"},
        Case{"query_keeps_equals_in_order", "root = this.sort(this.left.k < this.right.k)",
             R"([{"k":1,"i":0},{"k":0,"i":1},{"k":1,"i":2},{"k":0,"i":3},{"k":0,"i":4}])",
             R"([{"i":1,"k":0},{"i":3,"k":0},{"i":4,"k":0},{"i":0,"k":1},{"i":2,"k":1}])"},
        Case{"unique_across_kinds", "root = this.unique()", R"([1,1.0,"1",1e0,-0.0,0,"",""])",
             R"([1,"1",-0.0,""])"},
        Case{"unique_by_a_failing_query", "root = this.unique(throw(\"x\"))", "[1]",
             "error: failed assignment (line 1): index 0: x"},
        Case{"unique_of_bools", "root = this.unique()", "[1,true]",
             "error: failed assignment (line 1): field `this`: index 1: expected string or number "
             "value, "
             "got bool (true)"}),
    case_name);

std::string as_json(const std::vector<std::int64_t>& numbers) {
  std::string out = "[";
  for (const std::int64_t number : numbers) out += std::to_string(number) + ",";
  if (out.size() > 1) out.pop_back();
  return out + "]";
}

TEST(SortingManyElements, GivesTheSameByValueAndByQuery) {
  World world;
  std::mt19937_64 random(7);
  const auto by_value = world.compiled("root = this.sort()");
  const auto by_query = world.compiled("root = this.sort(this.left < this.right)");
  const auto uniques = world.compiled("root = this.unique().sort()");
  for (const std::size_t count : {0U, 1U, 2U, 3U, 31U, 32U, 33U, 1000U}) {
    std::vector<std::int64_t> numbers(count);
    for (std::int64_t& number : numbers) {
      number = static_cast<std::int64_t>(random() % 500) - 250;
    }
    const std::string input = as_json(numbers);
    std::sort(numbers.begin(), numbers.end());
    EXPECT_EQ(world.run(by_value, input), as_json(numbers)) << count;
    EXPECT_EQ(world.run(by_query, input), as_json(numbers)) << count;
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    EXPECT_EQ(world.run(uniques, input), as_json(numbers)) << count;
  }
}

TEST(SortingManyElements, EndsWhateverTheQueryAnswers) {
  World world;
  const std::string random_answers = "root = this.sort(random_int(min: 0, max: 1) == 0).sort()";
  std::vector<std::int64_t> numbers(500);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
  EXPECT_EQ(world.run(random_answers, as_json(numbers)), as_json(numbers));
}

}  // namespace
}  // namespace weir::mapping::test
