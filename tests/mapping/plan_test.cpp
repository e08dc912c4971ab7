// Plans only change the cost of a mapping, never its result.

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "mapping/mapping.h"
#include "support.h"

namespace weir::mapping {
namespace {

std::string plan_of(std::string_view mapping) {
  const auto compiled = Mapping::compile(mapping);
  return compiled ? std::string(compiled->plan()) : to_string(compiled.error());
}

TEST(Plan, FiltersAndCopiesPassThrough) {
  EXPECT_EQ(plan_of("root = if this.a > 5 { deleted() }"), "pass-through");
  EXPECT_EQ(plan_of("root = this"), "pass-through");
  EXPECT_EQ(plan_of("root = if this.a > 5 { deleted() } else { this }"), "pass-through");
  EXPECT_EQ(plan_of("root = match this.a { 1 => deleted(), _ => nothing() }"), "pass-through");
  EXPECT_EQ(plan_of("meta k = this.k"), "pass-through");
}

TEST(Plan, NewMembersAreSplicedIn) {
  EXPECT_EQ(plan_of("root = this\nroot.x = this.a + 1"), "append-splice");
  EXPECT_EQ(plan_of("let a = this.a\nroot = this\nroot.x = $a\nroot = if this.b { deleted() }"),
            "append-splice");
  EXPECT_EQ(plan_of("root = this\nif this.a { root.x = 1 } else { root.y = 2 }"), "append-splice");
}

TEST(Plan, WhatIsLookedAtIsNotChangedInPlace) {
  EXPECT_EQ(plan_of("root = this\nroot.a = this.a + 1"), "overlay");
  EXPECT_EQ(plan_of("root = this\nroot.x = 1\nroot.copy = this"), "overlay");
  EXPECT_EQ(plan_of("root = this\nroot.x = json(\"x\")"), "overlay");
  EXPECT_EQ(plan_of("root = this\nroot.x = content()"), "overlay");
  EXPECT_EQ(plan_of("root = this\nroot.x = root"), "overlay");
  EXPECT_EQ(plan_of("root = this\nroot.x.y = 1"), "overlay");
  EXPECT_EQ(plan_of("root = this\nroot = this\nroot.x = 1"), "overlay");
  EXPECT_EQ(plan_of("root.x = 1\nroot = this"), "tree");
  EXPECT_EQ(plan_of("root = this.a"), "tree");
}

TEST(Plan, APayloadThatPassesThroughKeepsItsBytes) {
  EXPECT_EQ(test::canonical("{}"), "{}");
  const auto compiled = Mapping::compile("root = this");
  core::Batch batch = core::Batch::of({" {\"a\" : 1.10} ", "{\"a\":\n1}"});
  const Environment environment = Environment::system();
  core::SeededRandom random(1);
  Context context(environment, random);
  for (core::Message& message : batch) {
    context.bind(message);
    ASSERT_TRUE(compiled->map(context, message));
  }
  EXPECT_EQ(*batch[0].payload(), " {\"a\" : 1.10} ");
  EXPECT_EQ(*batch[1].payload(), "{\"a\":1}");
}

// ---- random mappings on random documents: every plan against the plain tree

rc::Gen<std::string> key() {
  return rc::gen::element<std::string>("a", "b", "c", "o", "long_member_name", "0");
}

rc::Gen<std::string> json_value(int depth) {
  const auto scalar =
      rc::gen::element<std::string>("1", "-2.50", "1e3", "true", "false", "null", "\"text\"",
                                    "\"esc\\u0041\\n\"", "12345678901234567890", "\"\"");
  if (depth == 0) return scalar;
  return rc::gen::weightedOneOf<std::string>({
      {4, scalar},
      {1, rc::gen::map(rc::gen::container<std::vector<std::string>>(json_value(depth - 1)),
                       [](const std::vector<std::string>& items) {
                         std::string out = "[";
                         for (std::size_t i = 0; i < items.size() && i < 4; ++i) {
                           out += (i > 0 ? ", " : "") + items[i];
                         }
                         return out + "]";
                       })},
      {2, rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
                           rc::gen::pair(key(), json_value(depth - 1))),
                       [](const std::vector<std::pair<std::string, std::string>>& members) {
                         std::string out = "{";
                         for (std::size_t i = 0; i < members.size() && i < 6; ++i) {
                           out += (i > 0 ? ", \"" : "\"") + members[i].first +
                                  "\": " + members[i].second;
                         }
                         return out + "}";
                       })},
  });
}

rc::Gen<std::string> expression(int depth) {
  const auto path = rc::gen::map(rc::gen::container<std::vector<std::string>>(key()),
                                 [](const std::vector<std::string>& keys) {
                                   std::string out;
                                   for (std::size_t i = 0; i < keys.size() && i < 3; ++i)
                                     out += "." + keys[i];
                                   return out;
                                 });
  const auto leaf =
      rc::gen::oneOf(rc::gen::map(path, [](const std::string& p) { return "this" + p; }),
                     rc::gen::map(path, [](const std::string& p) { return "root" + p; }),
                     rc::gen::element<std::string>(
                         "1", "\"s\"", "null", "true", "deleted()", "nothing()", "@k", "$v",
                         "json(\"a\")", "json()", "content().string()", "throw(\"why\")",
                         "{\"n\": {\"m\": 1}}", "[1, 2]", "this.apply(\"m\")", "metadata(\"k\")"));
  if (depth == 0) return leaf;
  const auto inner = expression(depth - 1);
  return rc::gen::weightedOneOf<std::string>({
      {4, leaf},
      {1, rc::gen::map(rc::gen::tuple(inner, inner),
                       [](const std::tuple<std::string, std::string>& t) {
                         return "(" + std::get<0>(t) + " | " + std::get<1>(t) + ")";
                       })},
      {1, rc::gen::map(rc::gen::tuple(inner, inner),
                       [](const std::tuple<std::string, std::string>& t) {
                         return "if (" + std::get<0>(t) + ") == null { " + std::get<1>(t) + " }";
                       })},
      {1, rc::gen::map(rc::gen::tuple(inner, inner),
                       [](const std::tuple<std::string, std::string>& t) {
                         return "match { this.a == 1 => " + std::get<0>(t) + ", _ => " +
                                std::get<1>(t) + " }";
                       })},
      {1, rc::gen::map(inner, [](const std::string& e) { return "{\"x\": " + e + ", \"y\": 1}"; })},
      {1, rc::gen::map(inner, [](const std::string& e) { return "(" + e + ").catch(this)"; })},
      {1, rc::gen::map(inner, [](const std::string& e) { return "[" + e + "]"; })},
  });
}

rc::Gen<std::string> statement(int depth) {
  const auto value = expression(2);
  const auto member =
      rc::gen::map(rc::gen::tuple(key(), value), [](const std::tuple<std::string, std::string>& t) {
        return "root." + std::get<0>(t) + " = " + std::get<1>(t);
      });
  const auto nested = rc::gen::map(rc::gen::tuple(key(), key(), value),
                                   [](const std::tuple<std::string, std::string, std::string>& t) {
                                     return "root." + std::get<0>(t) + "." + std::get<1>(t) +
                                            " = " + std::get<2>(t);
                                   });
  const auto simple = rc::gen::weightedOneOf<std::string>({
      {6, member},
      {2, nested},
      {3, rc::gen::just<std::string>("root = this")},
      {1, rc::gen::just<std::string>("root = if this.a == 1 { deleted() }")},
      {1, rc::gen::map(value, [](const std::string& e) { return "root = " + e; })},
      {1, rc::gen::map(value, [](const std::string& e) { return "meta k = " + e; })},
      {1, rc::gen::map(value, [](const std::string& e) { return "let v = " + e; })},
      {1, rc::gen::map(key(), [](const std::string& k) { return "root." + k + " = deleted()"; })},
  });
  if (depth == 0) return simple;
  return rc::gen::weightedOneOf<std::string>(
      {{5, simple},
       {1, rc::gen::map(rc::gen::tuple(statement(depth - 1), statement(depth - 1)),
                        [](const std::tuple<std::string, std::string>& t) {
                          return "if this.b == null {\n  " + std::get<0>(t) + "\n} else {\n  " +
                                 std::get<1>(t) + "\n}";
                        })}});
}

struct Observed {
  std::string result;
  std::string metadata;
  std::string document;

  bool operator==(const Observed&) const = default;
};

void showValue(const Observed& o, std::ostream& os) {
  os << o.result << " meta " << o.metadata << " document " << o.document;
}

std::string json_of(core::Value value) {
  core::Buffer out;
  const auto done = core::write_json(value, out, {.sort_keys = true});
  return done ? std::string(out.view()) : done.error().message;
}

Observed observe(const Mapping& mapping, const std::string& input, bool mutation) {
  core::Batch batch = core::Batch::of({input});
  core::Message& message = batch[0];
  message.set_metadata("k", core::Value::string("v"));
  const Environment environment = Environment::system();
  core::SeededRandom random(1);
  Context context(environment, random);
  context.bind(message);
  const auto verdict = mutation ? mapping.mutate(context, message) : mapping.map(context, message);
  Observed seen;
  if (!verdict) {
    seen.result = "error: " + verdict.error().message;
  } else if (*verdict == Verdict::kDeleted) {
    seen.result = "deleted";
  }
  const auto payload = message.payload();
  seen.result += payload ? test::canonical(*payload) : payload.error().message;
  seen.metadata = json_of(message.metadata());
  // The document as the next processor sees it, read through the tree and from the payload.
  const auto root = message.root();
  seen.document = root ? json_of(*root) : root.error().message;
  return seen;
}

void expect_same(const std::string& text, const std::string& document) {
  const auto planned = Mapping::compile(text);
  CompileOptions options;
  options.plain_tree = true;
  const auto plain = Mapping::compile(text, options);
  RC_ASSERT(planned.has_value() == plain.has_value());
  if (!planned) {
    RC_LOG() << text << to_string(planned.error());
    RC_DISCARD("does not compile");
  }
  RC_TAG(std::string(planned->plan()));
  RC_LOG() << text << "\n" << document;
  RC_ASSERT(observe(*planned, document, false) == observe(*plain, document, false));
  RC_ASSERT(observe(*planned, document, true) == observe(*plain, document, true));
}

RC_GTEST_PROP(Plan, EveryPlanDoesWhatThePlainTreeDoes, ()) {
  const auto statements = *rc::gen::container<std::vector<std::string>>(statement(1));
  const auto document = *json_value(3);
  std::string text = "map m { root = this.a }\n";
  if (*rc::gen::arbitrary<bool>()) text += "root = this\n";
  for (std::size_t i = 0; i < statements.size() && i < 6; ++i) text += statements[i] + "\n";
  expect_same(text, document);
}

// Mappings of the kind that is changed in place: members are written that nobody reads.
RC_GTEST_PROP(Plan, SplicingDoesWhatThePlainTreeDoes, ()) {
  const auto written = rc::gen::element<std::string>("x", "y", "b", "long_member_name");
  const auto value = rc::gen::element<std::string>(
      "this.a", "this.c.a", "this.o", "1 + 1", "this.a + 1", "throw(\"x\")", "deleted()",
      "nothing()", "{\"n\": this.o}", "[this.o, this.o]", "@k", "root.a",
      "if this.a == 1 { this.c }", "\"text\"");
  const auto member =
      rc::gen::map(rc::gen::pair(written, value), [](const std::pair<std::string, std::string>& p) {
        return "root." + p.first + " = " + p.second;
      });
  const auto other = rc::gen::weightedOneOf<std::string>({
      {6, member},
      {1, rc::gen::just<std::string>("root = if this.a == 1 { deleted() }")},
      {1, rc::gen::just<std::string>("meta k = this.c")},
      {1, rc::gen::map(member,
                       [](const std::string& m) { return "if this.a == null {\n" + m + "\n}"; })},
  });
  const auto statements = *rc::gen::container<std::vector<std::string>>(other);
  std::string text = "root = this\n";
  for (std::size_t i = 0; i < statements.size() && i < 6; ++i) text += statements[i] + "\n";
  expect_same(text, *json_value(3));
}

}  // namespace
}  // namespace weir::mapping
