#include "mapping/formats/xml.h"

#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

Value parse_xml_text(Call& call) {
  const ArenaBudget budget(call.arena(), call.context().limits.max_memory);
  const std::string_view text = text_form(call);
  if (!call.spend(1 + text.size() / 8)) return call.too_long();
  const auto value = parse_xml(text, call.flag(0), budget);
  if (!value) return call.fail("failed to parse value as XML: " + value.error().message);
  return *value;
}

Value format_xml(Call& call) {
  XmlStyle style;
  if (!call.flag(1)) style.indent = call.text(0);
  if (call.has(2)) style.root_tag = call.text(2);
  style.max_size = call.context().limits.max_text;
  TextBuilder made(call);
  const core::Status done = write_xml(call.target(), style, call.arena(), made.buffer());
  if (!done) return call.fail("failed to format value as XML: " + done.error().message);
  return made.finish_bytes();
}

}  // namespace

void add_xml(Registry& registry) {
  registry.method("parse_xml")
      .in(Category::kParsing)
      .says(
          "An object of an XML text. Attributes become keys with a `-` in front, the text of an "
          "element "
          "that has attributes or elements becomes `#text`, repeated elements become an array. "
          "Comments, "
          "processing instructions and prefixes are left out.")
      .on(kOnTextForm, "string")
      .defaulted("cast", ArgKind::kBool, "Whether texts that are numbers or bools become such.",
                 false)
      .costs(Cost::kHeavy)
      .example(
          "root.doc = this.doc.parse_xml()",
          R"({"doc":"<root><title>This is a title</title><number id=\"99\">123</number></root>"})",
          R"({"doc":{"root":{"number":{"#text":"123","-id":"99"},"title":"This is a title"}}})")
      .example("root.doc = this.doc.parse_xml(cast: true)",
               R"({"doc":"<root><n id=\"99\">123</n><bool>True</bool><n>1.5</n></root>"})",
               R"({"doc":{"root":{"bool":true,"n":[{"#text":123,"-id":99},1.5]}}})")
      .example("root.doc = this.doc.parse_xml()", R"({"doc":"<a><b></a>"})",
               "error: field `this.doc`: failed to parse value as XML: mismatched tag at line 1 "
               "column 9")
      .evaluates(parse_xml_text);

  registry.method("format_xml")
      .in(Category::kParsing)
      .says(
          "An object as XML, in the form that `parse_xml` reads, as bytes. The object's only key "
          "is the "
          "root element; without `root_tag` several keys are put into an element `doc`.")
      .on(kOnObject, "object")
      .defaulted("indent", ArgKind::kString, "The indentation of each level.", "    ")
      .defaulted("no_indent", ArgKind::kBool, "Writes everything on one line.", false)
      .optional("root_tag", ArgKind::kString, "The name of an element around everything.")
      .costs(Cost::kHeavy)
      .example(
          "root = this.format_xml()", R"({"foo":{"bar":{"-id":1,"baz":["a & b","c"]}}})",
          "raw: <foo>\n    <bar id=\"1\">\n        <baz>a &amp; b</baz>\n        <baz>c</baz>\n"
          "    </bar>\n</foo>")
      .example("root = this.format_xml(no_indent: true, root_tag: \"list\")", R"({"a":1,"b":null})",
               "raw: <list><a>1</a><b/></list>")
      .example("root = this.format_xml()", R"({"no name":1})", "error: `no name` is no XML name")
      .evaluates(format_xml);
}

}  // namespace weir::mapping
