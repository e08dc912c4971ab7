#include "config/diagnostics_format.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>

#include "config/text_escape.h"

namespace weir::config {
namespace {

constexpr std::size_t kWidestExcerpt = 120;  // of a source line shown below a finding

std::string_view name(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

std::size_t count(const FindingsReport& report, Severity severity) {
  return static_cast<std::size_t>(
      std::count_if(report.findings.begin(), report.findings.end(),
                    [severity](const Diagnostic& found) { return found.severity == severity; }));
}

bool is_tail(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

// How the columns before byte `column` (1-based) look: one blank a character, tabs kept.
std::string blanks_before(std::string_view line, std::size_t column) {
  std::string blanks;
  for (std::size_t at = 0; at + 1 < column && at < line.size(); ++at) {
    if (!is_tail(line[at])) {
      blanks += line[at] == '\t' ? '\t' : ' ';
    }
  }
  return blanks;
}

std::optional<std::string> source_of(const FindingsReport& report, const Location& where) {
  if (!report.source_line || where.line == 0) {
    return std::nullopt;
  }
  return report.source_line(where.file, where.line);
}

// --- text ---

struct Colours {
  std::string_view bold, red, yellow, blue, off;
};
constexpr Colours kColours{"\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[34m", "\x1b[0m"};
constexpr Colours kNoColours{};

void text_excerpt(const Colours& colours, const Location& where, std::string_view line,
                  std::string& out) {
  std::size_t column = where.column;
  if (column > line.size() + 1) {
    column = 0;  // the file changed since
  }
  if (line.size() > kWidestExcerpt) {
    std::size_t begin = column > kWidestExcerpt / 2 ? column - kWidestExcerpt / 2 : 0;
    while (begin > 0 && begin < line.size() && is_tail(line[begin])) {
      --begin;
    }
    std::size_t end = std::min(begin + kWidestExcerpt, line.size());
    while (end < line.size() && is_tail(line[end])) {
      ++end;
    }
    line = line.substr(begin, end - begin);
    column = column > begin ? column - begin : 0;
  }
  const std::string number = std::to_string(where.line);
  out.append("  ").append(colours.blue).append(number).append(" |").append(colours.off);
  out.append(" ").append(printable(line)).append("\n");
  if (column > 0) {
    out.append(2 + number.size(), ' ').append(colours.blue).append(" |").append(colours.off);
    // The blanks stand under the printable form of the line.
    const std::string shown = printable(line.substr(0, column - 1));
    out.append(" ").append(blanks_before(shown, shown.size() + 1));
    out.append(colours.bold).append("^").append(colours.off).append("\n");
  }
}

std::string text(const FindingsReport& report) {
  const Colours& colours = report.colour ? kColours : kNoColours;
  std::string out;
  for (const Diagnostic& found : report.findings) {
    const bool error = found.severity == Severity::kError;
    out.append(colours.bold).append(printable(found.where.to_string())).append(colours.off);
    out.append(": ").append(error ? colours.red : colours.yellow).append(name(found.severity));
    out.append(colours.off).append(" ").append(found.rule).append(": ");
    out.append(printable(found.message)).append("\n");
    if (const auto line = source_of(report, found.where)) {
      text_excerpt(colours, found.where, *line, out);
    }
    if (!found.hint.empty()) {
      out.append("  hint: ").append(printable(found.hint)).append("\n");
    }
  }
  return out;
}

// --- json ---

std::string json(const FindingsReport& report) {
  std::string out = "{\n  \"findings\": [";
  for (const Diagnostic& found : report.findings) {
    out.append(&found == report.findings.data() ? "\n" : ",\n");
    out.append("    {\"file\": ").append(json_string(found.where.file));
    out.append(", \"line\": ").append(std::to_string(found.where.line));
    out.append(", \"column\": ").append(std::to_string(found.where.column));
    out.append(", \"severity\": ").append(json_string(name(found.severity)));
    out.append(", \"rule\": ").append(json_string(found.rule));
    out.append(", \"message\": ").append(json_string(found.message));
    if (!found.hint.empty()) {
      out.append(", \"hint\": ").append(json_string(found.hint));
    }
    out.append("}");
  }
  out.append(report.findings.empty() ? "],\n" : "\n  ],\n");
  out.append("  \"files\": ").append(std::to_string(report.files.size()));
  out.append(",\n  \"errors\": ").append(std::to_string(count(report, Severity::kError)));
  out.append(",\n  \"warnings\": ").append(std::to_string(count(report, Severity::kWarning)));
  return out.append("\n}\n");
}

// --- github ---

// Workflow commands end at a line break; properties also at `,` and `:`.
std::string github_escaped(std::string_view value, bool property) {
  std::string out;
  for (const char c : value) {
    switch (c) {
      case '%': out += "%25"; break;
      case '\r': out += "%0D"; break;
      case '\n': out += "%0A"; break;
      case ':':
      case ',':
        if (property) {
          out += c == ':' ? "%3A" : "%2C";
          break;
        }
        [[fallthrough]];
      default: out += c;
    }
  }
  return printable(out);
}

std::string github(const FindingsReport& report) {
  std::string out;
  for (const Diagnostic& found : report.findings) {
    out.append("::").append(name(found.severity));
    out.append(" file=").append(github_escaped(found.where.file, true));
    if (found.where.line != 0) {
      out.append(",line=").append(std::to_string(found.where.line));
    }
    if (found.where.column != 0) {
      out.append(",col=").append(std::to_string(found.where.column));
    }
    out.append(",title=").append(github_escaped(found.rule, true)).append("::");
    out.append(github_escaped(found.message, false));
    if (!found.hint.empty()) {
      out.append(" (").append(github_escaped(found.hint, false)).append(")");
    }
    out += '\n';
  }
  return out;
}

// --- sarif ---

// A relative or absolute path as a URI reference.
std::string uri(std::string_view path) {
  constexpr std::string_view unreserved = "-._~/";
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (alphanumeric || unreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append("%").append(1, hex[byte >> 4U]).append(1, hex[byte & 0xFU]);
    }
  }
  return out;
}

std::string sarif_region(const FindingsReport& report, const Location& where) {
  if (where.line == 0) {
    return "";
  }
  std::string out = ", \"region\": {\"startLine\": " + std::to_string(where.line);
  if (where.column != 0) {
    const auto line = source_of(report, where);
    const std::size_t column = line ? blanks_before(*line, where.column).size() + 1 : where.column;
    out.append(", \"startColumn\": ").append(std::to_string(column));
  }
  return out.append("}");
}

std::string sarif(const FindingsReport& report) {
  std::map<std::string_view, std::size_t> index;  // of the rules that were found
  for (const Diagnostic& found : report.findings) {
    index.try_emplace(found.rule, 0);
  }
  std::string rules;
  std::size_t next = 0;
  for (auto& [id, number] : index) {
    number = next++;
    rules.append(rules.empty() ? "\n" : ",\n").append("        {\"id\": ").append(json_string(id));
    const auto known = std::find_if(report.rules.begin(), report.rules.end(),
                                    [id = id](const RuleInfo& rule) { return rule.id == id; });
    if (known != report.rules.end()) {
      rules.append(", \"shortDescription\": {\"text\": ").append(json_string(known->title));
      rules.append("}, \"defaultConfiguration\": {\"level\": \"").append(name(known->severity));
      rules.append("\"}");
    }
    rules.append("}");
  }
  std::string results;
  for (const Diagnostic& found : report.findings) {
    results.append(results.empty() ? "\n" : ",\n");
    results.append("      {\"ruleId\": ").append(json_string(found.rule));
    results.append(", \"ruleIndex\": ").append(std::to_string(index.at(found.rule)));
    results.append(", \"level\": \"").append(name(found.severity));
    std::string message = found.message;
    if (!found.hint.empty()) {
      message.append(" (").append(found.hint).append(")");
    }
    results.append("\", \"message\": {\"text\": ").append(json_string(message));
    results.append("},\n       \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {");
    results.append("\"uri\": ").append(json_string(uri(found.where.file))).append("}");
    results.append(sarif_region(report, found.where)).append("}}]}");
  }
  std::string out = "{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n";
  out.append("  \"version\": \"2.1.0\",\n  \"runs\": [{\n");
  out.append("    \"columnKind\": \"unicodeCodePoints\",\n");
  out.append("    \"tool\": {\"driver\": {\"name\": \"weir\"");
  if (!report.version.empty()) {
    out.append(", \"version\": ").append(json_string(report.version));
  }
  out.append(",\n      \"rules\": [")
      .append(rules)
      .append(rules.empty() ? "]}},\n" : "\n      ]}},\n");
  out.append("    \"results\": [").append(results).append(results.empty() ? "]\n" : "\n    ]\n");
  return out.append("  }]\n}\n");
}

// --- junit and checkstyle ---

// Findings by file, in the order of the report; files without findings as well.
std::vector<std::pair<std::string, std::vector<const Diagnostic*>>> by_file(
    const FindingsReport& report) {
  std::vector<std::pair<std::string, std::vector<const Diagnostic*>>> groups;
  std::map<std::string_view, std::size_t> index;
  const auto group = [&](const std::string& file) -> auto& {
    const auto [found, is_new] = index.try_emplace(file, groups.size());
    if (is_new) {
      groups.emplace_back(file, std::vector<const Diagnostic*>());
    }
    return groups[found->second].second;
  };
  for (const std::string& file : report.files) {
    group(file);
  }
  for (const Diagnostic& found : report.findings) {
    group(found.where.file).push_back(&found);
  }
  return groups;
}

std::string junit(const FindingsReport& report) {
  std::string suites;
  std::size_t tests = 0;
  for (const auto& [file, findings] : by_file(report)) {
    const std::string name_attribute = "name=\"" + xml_text(file) + "\"";
    const std::size_t cases = std::max<std::size_t>(findings.size(), 1);
    tests += cases;
    suites.append("  <testsuite ").append(name_attribute);
    suites.append(" tests=\"").append(std::to_string(cases));
    suites.append("\" failures=\"").append(std::to_string(findings.size())).append("\">\n");
    if (findings.empty()) {
      suites.append("    <testcase classname=\"lint\" ").append(name_attribute).append("/>\n");
    }
    for (const Diagnostic* found : findings) {
      const std::string where = found->where.to_string();
      suites.append("    <testcase classname=\"lint\" name=\"").append(xml_text(found->rule));
      suites.append(" ").append(xml_text(where)).append("\">\n      <failure type=\"");
      suites.append(name(found->severity)).append("\" message=\"");
      suites.append(xml_text(found->message)).append("\">");
      suites.append(xml_text(where + ": " + found->message));
      if (!found->hint.empty()) {
        suites.append(xml_text(" (" + found->hint + ")"));
      }
      suites.append("</failure>\n    </testcase>\n");
    }
    suites.append("  </testsuite>\n");
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"weir lint\"";
  out.append(" tests=\"").append(std::to_string(tests)).append("\" failures=\"");
  out.append(std::to_string(report.findings.size())).append("\">\n");
  return out.append(suites).append("</testsuites>\n");
}

std::string checkstyle(const FindingsReport& report) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">\n";
  for (const auto& [file, findings] : by_file(report)) {
    if (findings.empty()) {
      continue;
    }
    out.append("  <file name=\"").append(xml_text(file)).append("\">\n");
    for (const Diagnostic* found : findings) {
      out.append("    <error line=\"").append(std::to_string(found->where.line));
      if (found->where.column != 0) {
        out.append("\" column=\"").append(std::to_string(found->where.column));
      }
      out.append("\" severity=\"").append(name(found->severity)).append("\" message=\"");
      out.append(xml_text(found->message));
      if (!found->hint.empty()) {
        out.append(xml_text(" (" + found->hint + ")"));
      }
      out.append("\" source=\"weir.").append(xml_text(found->rule)).append("\"/>\n");
    }
    out.append("  </file>\n");
  }
  return out.append("</checkstyle>\n");
}

}  // namespace

const std::vector<std::string_view>& findings_format_names() {
  static const std::vector<std::string_view> names = {"text",  "json",  "github",
                                                      "sarif", "junit", "checkstyle"};
  return names;
}

std::optional<FindingsFormat> findings_format(std::string_view format_name) {
  const auto& names = findings_format_names();
  const auto found = std::find(names.begin(), names.end(), format_name);
  if (found == names.end()) {
    return std::nullopt;
  }
  return static_cast<FindingsFormat>(found - names.begin());
}

std::string format_findings(const FindingsReport& report, FindingsFormat format) {
  switch (format) {
    case FindingsFormat::kText: return text(report);
    case FindingsFormat::kJson: return json(report);
    case FindingsFormat::kGithub: return github(report);
    case FindingsFormat::kSarif: return sarif(report);
    case FindingsFormat::kJunit: return junit(report);
    case FindingsFormat::kCheckstyle: return checkstyle(report);
  }
  return "";
}

}  // namespace weir::config
