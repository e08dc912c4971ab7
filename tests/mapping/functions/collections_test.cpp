#include <gtest/gtest.h>

#include "functions/cases.h"
#include "functions/world.h"

namespace weir::mapping::test {
namespace {

class Collections : public testing::TestWithParam<Case> {};

TEST_P(Collections, BehaveAsTheTableSays) {
  World world;
  EXPECT_EQ(world.run(GetParam().mapping, GetParam().input), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Iteration, Collections,
    testing::Values(
        Case{"map_each_keeps_null", "root = this.map_each(null)", "[1,2]", "[null,null]"},
        Case{"map_each_of_nothing_keeps_all", "root = this.map_each(nothing())", R"([1,{"a":2}])",
             R"([1,{"a":2}])"},
        Case{"map_each_of_an_object_drops", "root = this.map_each(if this.value > 1 { deleted() })",
             R"({"a":1,"b":2})", R"({"a":1})"},
        Case{"map_each_of_a_number", "root = this.a.map_each(this)", R"({"a":5})",
             "error: failed assignment (line 1): expected array value, got number from field "
             "`this.a` "
             "(5)"},
        Case{"map_each_names_the_key", "root = this.a.map_each(throw(\"x\"))", R"({"a":{"b":1}})",
             "error: failed assignment (line 1): failed to process element b: x"},
        Case{"map_each_may_nest_the_whole_document", "root = this.map_each(_ -> this)", "[1,2]",
             "[[1,2],[1,2]]"},
        Case{"map_each_key_collides", "root = this.map_each_key(\"x\")", R"({"b":1,"c":2})",
             R"({"x":2})"},
        Case{"map_each_key_escaped", "root = this.map_each_key(this + \"\\n\")", R"({"a\tb":1})",
             R"({"a\tb\n":1})"},
        Case{"map_each_key_wants_strings", "root = this.map_each_key(deleted())", R"({"b":1})",
             "error: failed assignment (line 1): field `this`: unexpected result from key mapping: "
             "expected string value, got delete"},
        Case{"filter_ignores_other_kinds", "root = this.filter(this)", R"([1,true,"true",null])",
             "[true]"},
        Case{"filter_of_all", "root = this.filter(true)", "[1,2]", "[1,2]"},
        Case{"filter_of_none", "root = this.filter(false)", "[1,2]", "[]"},
        Case{"filter_keeps_order", "root = this.filter(this != 2)", "[1,2,3,2,4]", "[1,3,4]"},
        Case{"filter_fails_with_its_query", "root = this.filter(this.uppercase_it)", "5",
             "error: failed assignment (line 1): expected array or object value, got number from "
             "field "
             "`this` (5)"},
        Case{"filter_shares_nothing", "root.a = this.filter(true)\nroot.a.0 = 9\nroot.b = this",
             "[1,2]", R"({"a":[9,2],"b":[1,2]})"},
        Case{"fold_passes_deletions_on", "root = this.fold(0, deleted())", "[1]", "deleted"},
        Case{"fold_of_none_is_its_start", "root = [].fold({\"a\": 1}, this)", "{}", R"({"a":1})"},
        Case{"fold_start_is_not_changed",
             "let start = {\"n\": 0}\nroot.a = this.fold($start, this.tally.assign({\"n\": "
             "this.value}))\n"
             "root.b = $start",
             "[1,2]", R"({"a":{"n":2},"b":{"n":0}})"},
        Case{"any_stops_at_the_first",
             "root = this.any(if this == 1 { true } else { throw(\"no\") })", "[1,2]", "true"},
        Case{"all_stops_at_the_first",
             "root = this.all(if this == 1 { false } else { throw(\"no\") })", "[1,2]", "false"},
        Case{"any_wants_bools", "root = this.any(deleted())", "[1]",
             "error: failed assignment (line 1): field `this`: element 0: expected bool value, got "
             "delete"},
        Case{"find_by_of_none", "root = this.find_by(false)", "[1]", "-1"},
        Case{"find_all_by_of_none", "root = this.find_all_by(false)", "[1]", "[]"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Arrays, Collections,
    testing::Values(
        Case{"append_of_markers", "root = this.append(null, deleted(), nothing(), [1])", "[1]",
             "[1,null,null,null,[1]]"},
        Case{"append_of_none", "root = this.append()", "[1]", "[1]"},
        Case{"append_does_not_change_its_target", "root.a = this.append(2)\nroot.b = this", "[1]",
             R"({"a":[1,2],"b":[1]})"},
        Case{"index_from_the_end", "root = this.index(-2)", "[1,2]", "1"},
        Case{"index_too_far_back", "root = this.index(-3)", "[1,2]",
             "error: failed assignment (line 1): field `this`: index '-1' was out of bounds for "
             "array "
             "size: 2"},
        Case{"index_of_a_string", "root = this.a.index(0)", R"({"a":"abc"})",
             "error: failed assignment (line 1): expected array value, got string from field "
             "`this.a` "
             "(\"abc\")"},
        Case{"index_of_the_smallest_integer", "root = this.index(-9223372036854775808)", "[1]",
             "error: failed assignment (line 1): field `this`: index '-9223372036854775807' was "
             "out of "
             "bounds for array size: 1"},
        Case{"find_takes_a_bool_on_the_left", "root = this.find(true)", "[1,true]", "0"},
        Case{"find_does_not_take_it_on_the_right", "root = this.find(1)", "[true,1.0]", "1"},
        Case{"find_compares_deeply", "root = this.find({\"a\": [1]})", R"([{"a":[2]},{"a":[1.0]}])",
             "1"},
        Case{"sum_of_none", "root = this.sum()", "[]", "0"},
        Case{"sum_of_a_number_keeps_its_text", "root = this.sum()", "12345678901234567890",
             "12345678901234567890"},
        Case{"sum_of_a_string", "root = this.a.sum()", R"({"a":"x"})",
             "error: failed assignment (line 1): expected array value, got string from field "
             "`this.a` "
             "(\"x\")"},
        Case{"zip_of_one", "root = this.zip()", "[1]",
             "error: failed assignment (line 1): field `this`: zip requires at least one argument"},
        Case{"flatten_of_empty_arrays", "root = this.flatten()", "[[],[[]],1]", "[[],1]"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Objects, Collections,
    testing::Values(
        Case{"keys_are_sorted_by_their_meaning", "root = this.keys()",
             R"({"b":1,"\u0061":2,"B":3})", R"(["B","a","b"])"},
        Case{"values_in_order", "root = this.values()", R"({"b":1,"a":2})", "[1,2]"},
        Case{"get_of_the_empty_path", "root = this.get(\"\")", R"({"":5})", "5"},
        Case{"get_of_an_escaped_path", "root = this.get(\"a~1b.c~0d\")", R"({"a.b":{"c~d":1}})",
             "1"},
        Case{"get_within_an_array", "root = this.get(\"a.1\")", R"({"a":[1,2]})", "2"},
        Case{"exists_of_a_scalar", "root = this.exists(\"a\")", "5", "false"},
        Case{"exists_beyond_an_array", "root = this.exists(\"a.2\")", R"({"a":[1,2]})", "false"},
        Case{"explode_within_an_array", "root = this.explode(\"x.0.y\")",
             R"({"x":[{"y":[1,2]},3]})", R"([{"x":[{"y":1},3]},{"x":[{"y":2},3]}])"},
        Case{"explode_keeps_the_original", "root.a = this.explode(\"v\")\nroot.b = this",
             R"({"v":[1,2]})", R"({"a":[{"v":1},{"v":2}],"b":{"v":[1,2]}})"},
        Case{"explode_copies_are_apart", "root = this.explode(\"v\")\nroot.0.o.x = 9",
             R"({"v":[1,2],"o":{"x":1}})", R"([{"o":{"x":9},"v":1},{"o":{"x":1},"v":2}])"},
        Case{"without_of_the_empty_path", "root = this.without(\"\")", R"({"":1,"b":2})",
             R"({"b":2})"},
        Case{"without_of_none", "root = this.without()", R"({"a":1})", R"({"a":1})"},
        Case{"without_leaves_arrays", "root = this.without(\"a.0\")", R"({"a":[1]})",
             R"({"a":[1]})"},
        Case{"without_an_escaped_key", "root = this.without(\"a\")", R"({"\u0061":1,"b":2})",
             R"({"b":2})"},
        Case{"without_wants_strings", "root = this.without(this.x)", R"({"a":1})",
             "error: failed assignment (line 1): field paths: expected string value, got null"},
        Case{"with_of_the_longer_path", "root = this.with(\"b.c\",\"b\")", R"({"b":{"c":1,"d":2}})",
             R"({"b":{"c":1}})"},
        Case{"with_an_array_whole", "root = this.with(\"b.c\")", R"({"b":[1]})", R"({"b":[1]})"},
        Case{"with_of_none", "root = this.with()", R"({"b":[1]})", "{}"},
        Case{"collapse_of_dots", "root = this.collapse(true)",
             R"({"b.c":{"d":1},"":{"x":1},"e":null})", R"({"b.c.d":1,"e":null,"x":1})"},
        Case{"collapse_of_equal_paths", "root = this.collapse()", R"({"a.b":1,"a":{"b":2}})",
             R"({"a.b":2})"},
        Case{"collapse_of_an_empty_object", "root = this.collapse(true)", "{}", R"({"":{}})"},
        Case{
            "collapse_of_long_arrays", "root = this.map_each([this]).collapse()",
            "[1,2,3,4,5,6,7,8,9,10,11]",
            R"({"0.0":1,"1.0":2,"10.0":11,"2.0":3,"3.0":4,"4.0":5,"5.0":6,"6.0":7,"7.0":8,"8.0":9,"9.0":10})"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Merging, Collections,
    testing::Values(Case{"merge_of_null", "root = this.merge({\"b\": null})", R"({"b":[1]})",
                         R"({"b":[1,null]})"},
                    Case{"merge_of_object_and_scalar", "root = this.merge({\"b\": 5})",
                         R"({"b":{"c":1}})", R"({"b":[{"c":1},5]})"},
                    Case{"merge_of_scalar_and_object", "root = this.merge({\"b\": {\"c\": 1}})",
                         R"({"b":5})", R"({"b":[5,{"c":1}]})"},
                    Case{"merge_with_a_number", "root = this.merge(5)", R"({"b":5})", R"({"b":5})"},
                    Case{"merge_with_a_marker", "root = this.merge(deleted())", R"({"b":5})",
                         R"({"b":5})"},
                    Case{"merge_changes_neither", "root.a = this.x.merge(this.y)\nroot.b = this",
                         R"({"x":{"o":{"p":1}},"y":{"o":{"q":2}}})",
                         R"({"a":{"o":{"p":1,"q":2}},"b":{"x":{"o":{"p":1}},"y":{"o":{"q":2}}}})"},
                    Case{"merge_with_itself", "root = this.merge(this)", R"({"a":{"b":1},"c":2})",
                         R"({"a":{"b":[1,1]},"c":[2,2]})"},
                    Case{"assign_of_null", "root = this.assign({\"b\": null})", R"({"b":[1]})",
                         R"({"b":null})"},
                    Case{"assign_to_a_number", "root = this.a.assign({})", R"({"a":5})",
                         "error: failed assignment (line 1): expected object or array value, got "
                         "number from field "
                         "`this.a` (5)"},
                    Case{"assign_to_an_array", "root = this.assign(5)", "[1]", "[1,5]"},
                    Case{"squash_skips_others", "root = this.squash()",
                         R"([{"b":1},5,{"b":2},{"b":3}])", R"({"b":[1,2,3]})"},
                    Case{"squash_of_none", "root = this.squash()", "[]", "{}"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Changelogs, Collections,
    testing::Values(
        Case{"diff_of_null", "root = this.a.diff({})", "{}", "null"},
        Case{"diff_of_equals", "root = this.diff({\"a\": 1.0})", R"({"a":1})", "[]"},
        Case{"diff_across_kinds", "root = this.diff({\"a\": true})", R"({"a":1})",
             R"([{"From":1,"Path":["a"],"To":true,"Type":"update"}])"},
        Case{"diff_of_moved_elements", "root = this.diff([3,2,1])", "[1,2,3]", "[]"},
        Case{"diff_of_a_repeated_element", "root = this.diff([1])", "[1,1]",
             R"([{"From":1,"Path":["1"],"To":null,"Type":"delete"}])"},
        Case{"diff_into_elements", "root = this.diff([{\"a\": 2}])", R"([{"a":1}])",
             R"([{"From":1,"Path":["0","a"],"To":2,"Type":"update"}])"},
        Case{"patch_of_null", "root = this.a.patch([])", "{}", "null"},
        Case{"patch_deletes_before_it_inserts", "root = this.a.patch(this.a.diff(this.b))",
             R"({"a":[1,2],"b":[2,3]})", "[2,3]"},
        Case{"patch_inserts_in_front", "root = this.a.patch(this.a.diff(this.b))",
             R"({"a":[1],"b":[2,1]})", "[2,1]"},
        Case{"patch_within_elements", "root = this.a.patch(this.a.diff(this.b))",
             R"({"a":[{"x":[1,2]},5],"b":[{"x":[2]},5]})", R"([{"x":[2]},5])"},
        Case{"patch_leaves_the_original", "root.a = this.o.patch(this.c)\nroot.b = this.o",
             R"({"o":{"k":{"x":1}},"c":[{"Type":"update","Path":["k","x"],"To":2}]})",
             R"({"a":{"k":{"x":2}},"b":{"k":{"x":1}}})"},
        Case{"patch_of_a_lost_path",
             "root = this.patch([{\"Type\":\"update\",\"Path\":[\"a\",\"b\"],\"To\":1}])",
             R"({"a":5})",
             "error: failed assignment (line 1): field `this`: change 0: its path leads nowhere"},
        Case{"patch_of_the_root", "root = this.patch([{\"Type\":\"update\",\"Path\":[],\"To\":1}])",
             "{}",
             "error: failed assignment (line 1): field `this`: change 0: `Path` must have 1 to 128 "
             "segments"},
        Case{"patch_beyond_an_array", "root = this.patch([{\"Type\":\"delete\",\"Path\":[\"7\"]}])",
             "[1]", "[1]"}),
    case_name);

}  // namespace
}  // namespace weir::mapping::test
