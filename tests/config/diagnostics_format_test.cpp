#include "config/diagnostics_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/yaml_support.h"

namespace weir::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

FindingsReport two_findings() {
  FindingsReport report;
  report.findings = {
      {Severity::kError, "E0106", {"a.yaml", 2, 3}, "the key `x` is given twice", "remove one"},
      {Severity::kWarning, "W0201", {"b c.yaml", 0, 0}, "50% <odd>, \"quoted\": yes", ""},
  };
  report.files = {"clean.yaml", "a.yaml"};
  report.rules = yaml_rules();
  report.version = "1.2.3";
  report.source_line = [](const std::string& file, unsigned line) -> std::optional<std::string> {
    return file == "a.yaml" && line == 2 ? std::optional<std::string>("é\tx: 1") : std::nullopt;
  };
  return report;
}

std::string shown(FindingsFormat format) {
  return format_findings(two_findings(), format);
}

TEST(FindingsFormat, KnowsItsNames) {
  for (const std::string_view name : findings_format_names()) {
    EXPECT_TRUE(findings_format(name)) << name;
  }
  EXPECT_EQ(findings_format("sarif"), FindingsFormat::kSarif);
  EXPECT_EQ(findings_format("checkstyle"), FindingsFormat::kCheckstyle);
  EXPECT_EQ(findings_format("xml"), std::nullopt);
}

TEST(TextFindings, ShowTheLineAndACaret) {
  EXPECT_EQ(shown(FindingsFormat::kText),
            "a.yaml:2:3: error E0106: the key `x` is given twice\n"
            "  2 | é\tx: 1\n"
            "    |  ^\n"
            "  hint: remove one\n"
            "b c.yaml: warning W0201: 50% <odd>, \"quoted\": yes\n");
}

TEST(TextFindings, CanBeColoured) {
  auto report = two_findings();
  report.colour = true;
  EXPECT_THAT(format_findings(report, FindingsFormat::kText), HasSubstr("\x1b[1;31merror\x1b[0m"));
}

TEST(TextFindings, CutLongLinesAroundThePlace) {
  FindingsReport report;
  report.findings = {{Severity::kError, "E1", {"f", 1, 5001}, "m", ""}};
  report.source_line = [](const std::string&, unsigned) {
    return std::string(5000, 'a') + "X" + std::string(5000, 'b');
  };
  const std::string out = format_findings(report, FindingsFormat::kText);
  EXPECT_LT(out.size(), 500U);
  const std::size_t mark = out.find('X');
  const std::size_t line = out.rfind('\n', mark);
  const std::size_t caret = out.find('^');
  EXPECT_EQ(mark - line, caret - out.rfind('\n', caret)) << "the caret stands under it";
}

TEST(TextFindings, NothingFromAFileReachesTheTerminalRaw) {
  FindingsReport report;
  report.findings = {{Severity::kError, "E1", {"f\x1b[2J", 1, 2}, "m\x1b]0;x\a\n::error::", "h\r"}};
  report.source_line = [](const std::string&, unsigned) { return "\x1b[31m\xC2\x9B\xFF"; };
  const std::string text = format_findings(report, FindingsFormat::kText);
  EXPECT_EQ(text,
            "f\\x1b[2J:1:2: error E1: m\\x1b]0;x\\x07\\n::error::\n"
            "  1 | \\x1b[31m\xEF\xBF\xBD\xEF\xBF\xBD\n"
            "    |     ^\n"
            "  hint: h\\x0d\n");
  EXPECT_THAT(format_findings(report, FindingsFormat::kGithub), Not(HasSubstr("\n::")));
}

TEST(TextFindings, AColumnBehindTheLineIsNotShown) {
  FindingsReport report;
  report.findings = {{Severity::kError, "E1", {"f", 1, 50}, "m", ""}};
  report.source_line = [](const std::string&, unsigned) { return "short"; };
  EXPECT_EQ(format_findings(report, FindingsFormat::kText), "f:1:50: error E1: m\n  1 | short\n");
}

TEST(JsonFindings, HoldEverything) {
  EXPECT_EQ(shown(FindingsFormat::kJson), R"({
  "findings": [
    {"file": "a.yaml", "line": 2, "column": 3, "severity": "error", "rule": "E0106", "message": "the key `x` is given twice", "hint": "remove one"},
    {"file": "b c.yaml", "line": 0, "column": 0, "severity": "warning", "rule": "W0201", "message": "50% <odd>, \"quoted\": yes"}
  ],
  "files": 2,
  "errors": 1,
  "warnings": 1
}
)");
  EXPECT_EQ(format_findings({}, FindingsFormat::kJson),
            "{\n  \"findings\": [],\n  \"files\": 0,\n  \"errors\": 0,\n  \"warnings\": 0\n}\n");
}

TEST(GithubFindings, AreWorkflowCommands) {
  EXPECT_EQ(
      shown(FindingsFormat::kGithub),
      "::error file=a.yaml,line=2,col=3,title=E0106::the key `x` is given twice (remove one)\n"
      "::warning file=b c.yaml,title=W0201::50%25 <odd>, \"quoted\": yes\n");
  FindingsReport report;
  report.findings = {{Severity::kError, "E1", {"a,b:c%", 1, 1}, "l1\nl2", ""}};
  EXPECT_EQ(format_findings(report, FindingsFormat::kGithub),
            "::error file=a%2Cb%3Ac%25,line=1,col=1,title=E1::l1%0Al2\n");
}

TEST(SarifFindings, FollowTheStandard) {
  const std::string sarif = shown(FindingsFormat::kSarif);
  const Reading read(sarif);  // JSON is YAML
  ASSERT_TRUE(read.document) << read.found();
  EXPECT_EQ(read.root().find("version")->scalar, "2.1.0");
  const Node& run = read.root().find("runs")->items[0];
  EXPECT_EQ(run.find("columnKind")->scalar, "unicodeCodePoints");
  const Node& driver = *run.find("tool")->find("driver");
  EXPECT_EQ(driver.find("version")->scalar, "1.2.3");
  ASSERT_EQ(driver.find("rules")->items.size(), 2U);
  EXPECT_EQ(outline(driver.find("rules")->items[0]),
            R"({id: "E0106", shortDescription: {text: "A key is given twice"}, )"
            R"(defaultConfiguration: {level: "error"}})");
  const auto& results = run.find("results")->items;
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(outline(results[0]),
            R"({ruleId: "E0106", ruleIndex: 0, level: "error", )"
            R"x(message: {text: "the key `x` is given twice (remove one)"}, )x"
            R"(locations: [{physicalLocation: {artifactLocation: {uri: "a.yaml"}, )"
            R"(region: {startLine: 2, startColumn: 2}}}]})")
      << "the column in characters: byte 3 is behind a two-byte letter";
  EXPECT_THAT(outline(results[1]), HasSubstr(R"(artifactLocation: {uri: "b%20c.yaml"}}}])"));
  EXPECT_TRUE(Reading(format_findings({}, FindingsFormat::kSarif)).document);
}

TEST(JunitFindings, HaveACaseForEveryFindingAndForCleanFiles) {
  EXPECT_EQ(shown(FindingsFormat::kJunit), R"x(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="weir lint" tests="3" failures="2">
  <testsuite name="clean.yaml" tests="1" failures="0">
    <testcase classname="lint" name="clean.yaml"/>
  </testsuite>
  <testsuite name="a.yaml" tests="1" failures="1">
    <testcase classname="lint" name="E0106 a.yaml:2:3">
      <failure type="error" message="the key `x` is given twice">a.yaml:2:3: the key `x` is given twice (remove one)</failure>
    </testcase>
  </testsuite>
  <testsuite name="b c.yaml" tests="1" failures="1">
    <testcase classname="lint" name="W0201 b c.yaml">
      <failure type="warning" message="50% &lt;odd&gt;, &quot;quoted&quot;: yes">b c.yaml: 50% &lt;odd&gt;, &quot;quoted&quot;: yes</failure>
    </testcase>
  </testsuite>
</testsuites>
)x");
}

TEST(CheckstyleFindings, AreGroupedByFile) {
  EXPECT_EQ(shown(FindingsFormat::kCheckstyle), R"x(<?xml version="1.0" encoding="UTF-8"?>
<checkstyle version="8.0">
  <file name="a.yaml">
    <error line="2" column="3" severity="error" message="the key `x` is given twice (remove one)" source="weir.E0106"/>
  </file>
  <file name="b c.yaml">
    <error line="0" severity="warning" message="50% &lt;odd&gt;, &quot;quoted&quot;: yes" source="weir.W0201"/>
  </file>
</checkstyle>
)x");
}

TEST(XmlFindings, CannotBeBrokenByControlCharacters) {
  FindingsReport report;
  report.findings = {{Severity::kError, "E1", {"f\x01", 1, 1}, "a\x1b\xFF\n\xEF\xBF\xBF", ""}};
  EXPECT_THAT(format_findings(report, FindingsFormat::kCheckstyle),
              HasSubstr("message=\"a\xEF\xBF\xBD\xEF\xBF\xBD&#10;\xEF\xBF\xBD\""));
}

TEST(YamlRules, AreAscendingAndUnique) {
  const auto& rules = yaml_rules();
  for (std::size_t i = 1; i < rules.size(); ++i) {
    EXPECT_LT(rules[i - 1].id, rules[i].id);
  }
}

}  // namespace
}  // namespace weir::config
