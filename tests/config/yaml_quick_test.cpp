#include <gtest/gtest.h>

#include "config/references.h"
#include "config/yaml_names.h"
#include "config/yaml_support.h"

namespace weir::config {
namespace {

std::string outline(const yaml::Events& events) {
  std::string out;
  for (const yaml::Event& event : events.list) {
    out += std::to_string(static_cast<int>(event.kind));
    if (event.implicit) {
      out += "implicit";
    } else if (event.kind != yaml::Event::Kind::kEnd) {
      out += " " + std::to_string(event.line) + ":" + std::to_string(event.column) + "@" +
             std::to_string(event.offset) + " " + std::to_string(static_cast<int>(event.style)) +
             " (" + event.text + ")" + event.tag;
    }
    out += "\n";
  }
  return out;
}

constexpr const char* kUsual = R"(# a pipeline
input:
  kafka_franz:
    seed_brokers: [ localhost:9092, "b:1" ]
    topics: [orders]   # one
    options: {a: 1, "b":2, c, d: [], e: {}, }
    empty:
    tls: { enabled: false }
pipeline:
  threads: -1
  processors:
  - label: clean
    mapping: |
      root = this

      root.x = "y: #"
        root.z = 1
  -
    log: {message: 'it''s'}
  - mapping: >-
      root = this
      .x
  - - nested
    - ~
    -
  - "a\tb\"\\"
  - catch: []

# the end
output:
  file:
    path: /tmp/out-${! json("x") }.jsonl
    url: http://h:80/?a=b#c
    word: null
"quoted key": 'x'
last: |-
  text
)";

TEST(QuickYaml, TakesTheUsualConfiguration) {
  const YamlLimits limits;
  const auto masked = yaml::mask_references(kUsual);
  yaml::Events quick;
  ASSERT_TRUE(yaml::parse_events_quickly(masked->text, limits, quick));
  yaml::Events whole;
  ASSERT_FALSE(yaml::parse_events(masked->text, limits, whole));
  EXPECT_EQ(outline(quick), outline(whole));
}

TEST(QuickYaml, LeavesWhatItDoesNotKnow) {
  for (const char* text : {
           "a: &x 1\nb: *x\n",
           "a: !!int 1\n",
           "%YAML 1.2\n---\na: 1\n",
           "---\na: 1\n",
           "a: 1\n---\nb: 1\n",
           "a: b\n  c\n",
           "a: 'b\n  c'\n",
           "a: [b,\n c]\n",
           "? a\n: b\n",
           "a:\t1\n",
           "a: 1\r\n",
           "a: |2\n  b\n",
           "a: |+\n  b\n\n",
           "a: b: c\n",
           "a: 1\n b: 2\n",
           "a: 1\n- b\n",
           "[a]\n",
           "text\n",
           "a: \"\\x41\"\n",
           "a: [b: c]\n",
           "a: 'b\n",
           "a: [b\n",
           "a: >\n  b\n\n  c\n",
           "a: |\n  b\n c\n",
           "a: - b\n",
           "a: @b\n",
           "a: 'b'c\n",
       }) {
    yaml::Events events;
    EXPECT_FALSE(yaml::parse_events_quickly(text, {}, events)) << text;
    EXPECT_TRUE(events.list.empty()) << text;
  }
}

TEST(QuickYaml, KeepsTheLimits) {
  YamlLimits limits;
  limits.max_depth = 2;
  limits.max_nodes = 5;
  yaml::Events events;
  EXPECT_TRUE(yaml::parse_events_quickly("a: [1, 2]\n", limits, events));
  EXPECT_FALSE(yaml::parse_events_quickly("a: [[1]]\n", limits, events));
  EXPECT_FALSE(yaml::parse_events_quickly("a:\n  b:\n    c: 1\n", limits, events));
  EXPECT_FALSE(yaml::parse_events_quickly("a: [1, 2, 3]\n", limits, events));
}

}  // namespace
}  // namespace weir::config
