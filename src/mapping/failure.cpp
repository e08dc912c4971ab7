#include "mapping/node.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Value;

namespace {

std::string origin_of(const Node* node) {
  std::string out;
  if (node != nullptr) node->describe(out);
  return out;
}

void append_plain(Value value, std::string& out) {
  constexpr std::size_t kShown = 1000;
  core::Buffer text;
  if (value.is_null()) {
    out += "<nil>";
  } else if (append_text(value, text)) {
    out += text.view().substr(0, kShown);
  }
}

// "field `this.a`" without the words around the path.
std::string path_of(const Node* node) {
  const std::string origin = origin_of(node);
  const std::size_t begin = origin.find('`');
  const std::size_t end = origin.rfind('`');
  return begin == std::string::npos || end <= begin ? origin
                                                    : origin.substr(begin + 1, end - begin - 1);
}

void append_one(const Failure& f, std::string& out) {
  switch (f.form) {
    case Failure::Form::kText: out += f.text; return;
    case Failure::Form::kFrom: {
      const std::string origin = origin_of(f.origin);
      if (!origin.empty()) out.append(origin).append(": ");
      out += f.text;
      return;
    }
    case Failure::Form::kType: out += type_error(f.text, f.left, origin_of(f.origin)); return;
    case Failure::Form::kMismatch:
      out.append("cannot ").append(f.text).append(" types ").append(type_name(f.left));
      out.append(" (from ").append(origin_of(f.origin)).append(") and ").append(type_name(f.right));
      out.append(" (from ").append(origin_of(f.other)).append(")");
      return;
    case Failure::Form::kNotBool:
      out.append(origin_of(f.origin)).append(" resolved to a non-boolean value ");
      append_plain(f.left, out);
      out.append(" (").append(type_name(f.left)).append(")");
      return;
    case Failure::Form::kDocument:
      out.append("unable to reference message as structured (with '")
          .append(path_of(f.origin))
          .append("'): ");
      out += f.text;
      return;
    case Failure::Form::kWrapped:
      if (f.line > 0) {
        out.append("failed assignment (line ").append(std::to_string(f.line)).append(")");
      } else {
        out += f.text;
      }
      out += ": ";
      return;
  }
}

}  // namespace

void append_failure(const Failure& failure, std::string& out) {
  // Chains of causes may be as deep as maps are nested: no recursion, and a bound on the text.
  constexpr std::size_t kLongest = 16 * 1024;
  const Failure* last = &failure;
  for (const Failure* f = &failure; f != nullptr; f = f->cause) last = f;
  for (const Failure* f = &failure; f != nullptr; f = f->cause) {
    if (f != last && out.size() > kLongest) continue;
    append_one(*f, out);
  }
}

core::Error to_error(Value failure) {
  core::Error error{failure_of(failure).code, {}};
  append_failure(failure_of(failure), error.message);
  return error;
}

}  // namespace weir::mapping
