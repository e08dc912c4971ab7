// Every example in a registration runs here; the manual prints the same ones.

#include <gtest/gtest.h>

#include "core/time_zone.h"
#include "mapping/registry.h"
#include "support.h"

namespace weir::mapping {
namespace {

void run_examples(const Callable& callable) {
  for (const Example& example : callable.examples) {
    const std::string got = test::run(example.mapping, example.input);
    const std::string_view expected = example.expected;
    const std::string where = std::string(callable.name) + ": " + std::string(example.mapping);
    if (expected.starts_with("error: ")) {
      EXPECT_TRUE(got.find("error: ") != std::string::npos) << where << "\n  got " << got;
      EXPECT_TRUE(got.find(expected.substr(7)) != std::string::npos) << where << "\n  got " << got;
    } else if (expected.starts_with("raw: ")) {
      EXPECT_EQ(got, expected.substr(5)) << where;
    } else if (expected == "deleted") {
      EXPECT_EQ(got, "deleted") << where;
    } else {
      EXPECT_EQ(got, test::canonical(expected)) << where;
    }
  }
}

void check(const Callable& callable) {
  const std::string name(callable.name);
  if (!callable.refused_because.empty()) {
    EXPECT_EQ(callable.eval, nullptr) << name;
    return;
  }
  EXPECT_NE(callable.eval, nullptr) << name << " has no code";
  EXPECT_FALSE(callable.doc.empty()) << name << " has no doc";
  if (callable.alias_of.empty()) {
    EXPECT_FALSE(callable.examples.empty()) << name << " has no example";
  }
  for (const Parameter& parameter : callable.parameters) {
    EXPECT_FALSE(parameter.doc.empty())
        << name << ", parameter " << parameter.name << " has no doc";
  }
  if (callable.is_method && callable.target_kinds != kOnAnything) {
    EXPECT_FALSE(callable.target_words.empty()) << name;
  }
  run_examples(callable);
}

TEST(Examples, EveryFunctionDoesWhatItsExamplesSay) {
  core::set_local_zone(core::utc_zone());
  for (const Callable* callable : Registry::standard().functions()) check(*callable);
}

TEST(Examples, EveryMethodDoesWhatItsExamplesSay) {
  core::set_local_zone(core::utc_zone());
  for (const Callable* callable : Registry::standard().methods()) check(*callable);
}

}  // namespace
}  // namespace weir::mapping
