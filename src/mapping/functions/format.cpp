#include <algorithm>
#include <bit>
#include <new>
#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/go_format.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;
using text::FormatContainers;
using text::FormatValue;

/// Shows the format engine the values of the language.
class Containers final : public FormatContainers {
 public:
  explicit Containers(core::Arena& arena) : arena_(arena) {}

  [[nodiscard]] FormatValue of(Value value) const {
    switch (value.kind()) {
      case Kind::kBool: return FormatValue::of(value.as_bool());
      case Kind::kInt: return FormatValue::of(value.as_int());
      case Kind::kUInt: return FormatValue::of(value.as_uint());
      case Kind::kDouble:
        return value.width() == core::NumberWidth::k32
                   ? FormatValue::of(static_cast<float>(value.as_double()))
                   : FormatValue::of(value.as_double());
      case Kind::kNumber: return FormatValue::document_number(value.stored());
      case Kind::kString: return FormatValue::string(value.text(arena_));
      case Kind::kBytes: return FormatValue::bytes(value.stored());
      case Kind::kTimestamp: return FormatValue::of(value.as_timestamp());
      case Kind::kArray: return FormatValue::array(std::bit_cast<FormatValue::Node>(value), *this);
      case Kind::kObject:
        return FormatValue::object(std::bit_cast<FormatValue::Node>(value), *this);
      case Kind::kNull:
      case Kind::kDelete:
      case Kind::kNothing:
      case Kind::kError: break;
    }
    return FormatValue::null();
  }

  [[nodiscard]] std::size_t size(const FormatValue::Node& node) const override {
    return core::size(std::bit_cast<Value>(node));
  }
  [[nodiscard]] FormatValue item(const FormatValue::Node& array, std::size_t index) const override {
    return of(core::items(std::bit_cast<Value>(array)).first[index]);
  }
  [[nodiscard]] Entry entry(const FormatValue::Node& object, std::size_t index) const override {
    const core::Member& member = core::members(std::bit_cast<Value>(object)).first[index];
    return {member.key.text(arena_), of(member.value)};
  }

 private:
  core::Arena& arena_;
};
static_assert(sizeof(FormatValue::Node) == sizeof(Value));

Value format(Call& call) {
  const Containers containers(call.arena());
  const auto values = call.rest();
  auto* const arguments = call.arena().array<FormatValue>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    new (&arguments[i]) FormatValue(containers.of(values[i]));
  Scratch scratch;
  std::string& made = scratch.text();
  const core::Status done =
      text::format_go(made, text_form(call), {arguments, values.size()},
                      std::min(text::kMaxFormattedSize, call.context().limits.max_text));
  if (!done) return call.fail(done.error());
  return made_text(call, made, Kind::kString);
}

}  // namespace

void add_format(Registry& registry) {
  registry.method("format")
      .in(Category::kString)
      .says(
          "The string with its verbs replaced by the arguments, in the manner of Go's `Sprintf`: "
          "`%v` "
          "fits every value, `%s` and `%q` strings, `%d` and `%x` integers, `%f` and `%e` floats. "
          "Numbers of a document are no integers before `int64()`; `%v` shows them as they are "
          "written.")
      .on(kOnTextForm, "string")
      .variadic("args", ArgKind::kAny, "The values to put in, in order.")
      .costs(Cost::kLinear)
      .example("root.foo = \"%s(%v): %v\".format(this.name, this.age, this.fingers)",
               R"({"name":"lance","age":37,"fingers":13})", R"({"foo":"lance(37): 13"})")
      .example("root.foo = \"%05.1f|%-4d|%x|%q\".format(3.14159, 7, 255, \"hi\")", "{}",
               R"({"foo":"003.1|7   |ff|\"hi\""})")
      .example("root.foo = \"%d %s\".format(this.n)", R"({"n":3})",
               R"x({"foo":"%!d(json.Number=3) %!s(MISSING)"})x", "Mistakes show in the text.")
      .evaluates(format);
}

}  // namespace weir::mapping
