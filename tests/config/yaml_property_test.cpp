#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "config/render.h"
#include "config/yaml_support.h"

namespace weir::config {
namespace {

// Pieces that YAML, the references or the writer give a meaning.
const std::vector<std::string> kPieces = {"a",
                                          "b c",
                                          "\n",
                                          "\n\n",
                                          " ",
                                          "  ",
                                          ":",
                                          ": ",
                                          "#",
                                          " #",
                                          "-",
                                          "- ",
                                          "?",
                                          "'",
                                          "\"",
                                          "\\",
                                          "\\n",
                                          "[",
                                          "]",
                                          "{",
                                          "}",
                                          ",",
                                          "&",
                                          "*",
                                          "!",
                                          "|",
                                          ">",
                                          "%",
                                          "@",
                                          "`",
                                          "~",
                                          "null",
                                          "true",
                                          "5",
                                          "1.5",
                                          "yes",
                                          "<<",
                                          "---",
                                          "...",
                                          "\t",
                                          "\r",
                                          "\r\n",
                                          "é",
                                          "😀",
                                          "$",
                                          "${",
                                          "${A}",
                                          "${A:",
                                          "${{A}}",
                                          "}}",
                                          "${!",
                                          "${! \"x\" }",
                                          "\"}\"",
                                          "\\\"",
                                          "\x01",
                                          "\x7F",
                                          "\xC2\x85",
                                          "\xE2\x80\xA8",
                                          "\xEF\xBB\xBF",
                                          "=",
                                          "0x1f",
                                          "x-1",
                                          "${! \"\\\"}\" }"};

rc::Gen<std::string> text() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces)),
                      [](const std::vector<std::string>& pieces) {
                        std::string all;
                        for (const std::string& piece : pieces) {
                          all += piece;
                        }
                        return all;
                      });
}

rc::Gen<Node> node(int depth) {
  return rc::gen::exec([depth] {
    Node result;
    const int kind = *rc::gen::inRange(0, depth > 0 ? 10 : 6);
    if (kind == 0) {
      return result;
    }
    if (kind < 6) {
      result.kind = Node::Kind::kScalar;
      result.scalar =
          kind == 1 ? *rc::gen::element<std::string>("5", "true", "1.5", "0x1f", "x") : *text();
      // Unquoted, only a plain scalar's text makes sense.
      result.quoted = kind > 1 || result.scalar == "x";
      return result;
    }
    const auto size = *rc::gen::inRange(0, 5);
    result.kind = kind < 8 ? Node::Kind::kSequence : Node::Kind::kMapping;
    for (int i = 0; i < size; ++i) {
      if (result.is_sequence()) {
        result.items.push_back(*node(depth - 1));
      } else {
        std::string key = *text();
        if (result.find(key) == nullptr) {
          result.members.push_back({std::move(key), {}, *node(depth - 1)});
        }
      }
    }
    return result;
  });
}

// What reads the same, however it is quoted.
std::string meaning(const Node& tree) {
  switch (tree.kind) {
    case Node::Kind::kNull: return "~";
    case Node::Kind::kScalar:
      return std::to_string(static_cast<int>(scalar_type(tree))) + "(" + tree.scalar + ")";
    default: break;
  }
  std::string out = tree.is_sequence() ? "[" : "{";
  for (const Node& item : tree.items) {
    out += meaning(item) + ",";
  }
  for (const Node::Member& member : tree.members) {
    out += "(" + member.key + "):" + meaning(member.value) + ",";
  }
  return out + (tree.is_sequence() ? "]" : "}");
}

RC_GTEST_PROP(YamlProperty, WhatIsWrittenReadsBackTheSame, ()) {
  const Node tree = *node(4);
  const std::string written = to_yaml(tree);
  const Reading read(written);
  RC_LOG() << written << read.found();
  RC_ASSERT(read.document.has_value());
  RC_ASSERT(!read.diagnostics.has_errors());
  RC_ASSERT(meaning(read.root()) == meaning(tree));
}

RC_GTEST_PROP(YamlProperty, WritingIsStable, ()) {
  const std::string once = to_yaml(*node(4));
  const Reading read(once);
  RC_ASSERT(read.document.has_value());
  RC_ASSERT(to_yaml(read.root()) == once);
}

RC_GTEST_PROP(YamlProperty, JsonIsYamlOfTheSameMeaning, ()) {
  const Node tree = *node(4);
  const std::string json = to_json(tree);
  const Reading read(json, YamlOptions{.references = false});
  RC_LOG() << json << read.found();
  RC_ASSERT(read.document.has_value());
  RC_ASSERT(to_json(read.root()) == json);
}

RC_GTEST_PROP(YamlProperty, AnyTextEndsInATreeOrAFinding, ()) {
  const std::string source = *text();
  const Reading read(source);
  RC_LOG() << source;
  RC_ASSERT(read.document.has_value() || read.diagnostics.has_errors());
  if (read.document && !read.diagnostics.has_errors()) {
    const Reading again(to_yaml(read.root()));
    RC_LOG() << to_yaml(read.root()) << again.found();
    RC_ASSERT(again.document.has_value());
    RC_ASSERT(meaning(again.root()) == meaning(read.root()));
  }
}

}  // namespace
}  // namespace weir::config
