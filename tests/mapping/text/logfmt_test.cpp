#include "mapping/text/logfmt.h"

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

/// All fields as `key=value;`, bare keys as `key;`.
std::string read(std::string_view line) {
  LogfmtReader reader(line);
  LogfmtReader::Field field;
  std::string out;
  while (true) {
    const auto more = reader.next(field);
    if (!more) return out + "error: " + more.error().message;
    if (!*more) return out;
    out.append(field.key);
    if (field.has_value) out.append("=").append(field.value);
    out.push_back(';');
  }
}

struct Case {
  const char* line;
  const char* fields;
};

TEST(Logfmt, ReadsFields) {
  for (const Case& c :
       {Case{"level=info msg=\"hello world\" dur=1.5s", "level=info;msg=hello world;dur=1.5s;"},
        {"", ""},
        {"debug key=val", "debug;key=val;"},
        {"key=", "key=;"},
        {"key= next=1", "key=;next=1;"},
        {"msg=\"say \\\"hello\\\"\" level=info", "msg=say \"hello\";level=info;"},
        {"msg=\"line1\\nline2\\ttab\"", "msg=line1\nline2\ttab;"},
        {"  a=1   b=2  ", "a=1;b=2;"},
        {"a=1\tb=2\nc=3", "a=1;b=2;c=3;"},
        {"=bad foo=bar", "bad;foo=bar;"},
        {"msg=\"\" x=\"a\"y", "msg=;x=a;y;"},
        {"u=\"\\u00e9\\ud83d\\ude00\\uzz\\q\\\\\"", "u=é\U0001F600\\uzz\\q\\;"},
        {"a=b=c d=\"x=y\"", "a=b=c;d=x=y;"},
        {"\"quoted key\"=1", "quoted;key;1;"}}) {
    EXPECT_EQ(read(c.line), c.fields) << c.line;
  }
}

TEST(Logfmt, AnOpenQuoteIsAnError) {
  EXPECT_EQ(read("msg=\"unterminated"), "error: logfmt: unterminated quoted value for key \"msg\"");
  EXPECT_EQ(read("a=1 msg=\"x\\"), "a=1;error: logfmt: unterminated quoted value for key \"msg\"");
  EXPECT_EQ(read("a=1 msg=\"x\\\""),
            "a=1;error: logfmt: unterminated quoted value for key \"msg\"");
}

}  // namespace
}  // namespace weir::mapping::text
