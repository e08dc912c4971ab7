#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "mapping/formats/go_regexp.h"
#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

core::Result<Prepared> compile(const PrepareCall& call) {
  WEIR_TRY(GoRegexp regexp, GoRegexp::compile(call.text(0)));
  return Prepared(std::make_shared<const GoRegexp>(std::move(regexp)));
}

/// Room for the groups of a match, in the arena when there are many.
class Groups {
 public:
  Groups(Call& call, std::size_t count) : parts_(few_.data(), std::min(count, few_.size())) {
    if (count > few_.size()) parts_ = {call.arena().array<std::string_view>(count), count};
  }
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;
  [[nodiscard]] std::span<std::string_view> parts() const { return parts_; }
  [[nodiscard]] std::string_view whole() const { return parts_[0]; }

 private:
  std::array<std::string_view, 16> few_;
  std::span<std::string_view> parts_;
};

/// What a search cost: a step for the match and some for the bytes it went over.
bool spend(Call& call, std::string_view match) {
  return call.spend(1 + match.size() / 64);
}

Value re_match(Call& call) {
  const std::string_view text = call.target_text();
  if (!call.spend(1 + text.size() / 64)) return call.too_long();
  return Value::boolean(call.prepared<GoRegexp>().matches(text));
}

Value re_find_all(Call& call) {
  Groups groups(call, 1);
  GoRegexp::Finder finder(call.prepared<GoRegexp>(), call.target_text());
  ArrayBuilder made(call);
  while (finder.next(groups.parts())) {
    if (!spend(call, groups.whole())) return call.too_long();
    if (!made.append(Value::string(groups.whole()))) return call.too_big();
  }
  return made.finish();
}

Value re_find_all_submatch(Call& call) {
  const auto& regexp = call.prepared<GoRegexp>();
  Groups groups(call, regexp.groups());
  GoRegexp::Finder finder(regexp, call.target_text());
  ArrayBuilder made(call);
  while (finder.next(groups.parts())) {
    if (!spend(call, groups.whole())) return call.too_long();
    if (!call.may_build(groups.parts().size())) return call.too_big();
    Value match = Value::array(call.arena(), static_cast<std::uint32_t>(groups.parts().size()));
    for (const std::string_view part : groups.parts()) {
      core::append_item(match, Value::string(part), call.arena());
    }
    if (!made.append(match)) return call.too_big();
  }
  return made.finish();
}

/// The names of the groups, in the arena: what is prepared may go before its results do.
std::span<const std::string_view> keys_of(Call& call, const GoRegexp& regexp) {
  auto* const keys = call.arena().array<std::string_view>(regexp.groups());
  for (std::size_t i = 0; i < regexp.groups(); ++i) keys[i] = call.arena().copy(regexp.keys()[i]);
  return {keys, regexp.groups()};
}

Value match_object(Call& call, std::span<const std::string_view> keys, const Groups& groups) {
  const bool bytes = call.target().is(Kind::kBytes);
  Value made = Value::object(call.arena(), static_cast<std::uint32_t>(keys.size()));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string_view part = groups.parts()[i];
    Value value = call.like_target(part);
    if (bytes && part.data() == nullptr) value = Value::null();
    core::set_member(made, keys[i], value, call.arena());
  }
  return made;
}

Value re_find_object(Call& call) {
  const auto& regexp = call.prepared<GoRegexp>();
  const std::string_view text = call.target_text();
  Groups groups(call, regexp.groups());
  if (!call.spend(1 + text.size() / 64)) return call.too_long();
  if (!call.may_build(regexp.groups())) return call.too_big();
  if (!regexp.find(text, 0, groups.parts())) return Value::object(call.arena());
  return match_object(call, keys_of(call, regexp), groups);
}

Value re_find_all_object(Call& call) {
  const auto& regexp = call.prepared<GoRegexp>();
  Groups groups(call, regexp.groups());
  const auto keys = keys_of(call, regexp);
  GoRegexp::Finder finder(regexp, call.target_text());
  ArrayBuilder made(call);
  while (finder.next(groups.parts())) {
    if (!spend(call, groups.whole())) return call.too_long();
    if (!call.may_build(2 * keys.size())) return call.too_big();
    if (!made.append(match_object(call, keys, groups))) return call.too_big();
  }
  return made.finish();
}

struct Replacement {
  GoRegexp regexp;
  GoRegexp::Template value;
};

core::Result<Prepared> prepare_replacement(const PrepareCall& call) {
  WEIR_TRY(GoRegexp regexp, GoRegexp::compile(call.text(0)));
  GoRegexp::Template value = regexp.parse_template(call.text(1));
  return Prepared(
      std::make_shared<const Replacement>(Replacement{std::move(regexp), std::move(value)}));
}

Value re_replace_all(Call& call) {
  const auto& [regexp, value] = call.prepared<Replacement>();
  const std::string_view text = call.target_text();
  Groups groups(call, value.groups());
  TextBuilder made(call);
  const std::size_t limit = call.context().limits.max_text;
  std::size_t size = 0;
  bool in_time = true;
  regexp.replace(text, value, groups.parts(), [&](std::string_view piece) {
    made.append(piece);
    size += piece.size();
    in_time = call.spend(1 + piece.size() / 64);
    return in_time && size <= limit;
  });
  return in_time ? made.finish_string() : call.too_long();
}

Callable& regexp_method(Registry& registry, std::string_view name) {
  return registry.method(name)
      .in(Category::kRegexp)
      .on(kOnText, "string")
      .arg("pattern", ArgKind::kString, "A regular expression in RE2 syntax.")
      .costs(Cost::kLinear)
      .prepared_by(compile);
}

void add_finders(Registry& registry) {
  regexp_method(registry, "re_match")
      .says("Whether a regular expression matches anywhere in the string.")
      .example("root.matches = this.value.re_match(\"[0-9]\")",
               R"({"value":"there are 10 puppies"})", R"({"matches":true})")
      .example("root.matches = this.value.re_match(\"[0-9]\")",
               R"({"value":"there are ten puppies"})", R"({"matches":false})")
      .example("root.matches = this.value.re_match(this.pattern)",
               R"({"value":"a","pattern":"a("})",
               "error: error parsing regexp: missing closing ): `a(`")
      .evaluates(re_match);

  regexp_method(registry, "re_find_all")
      .says("An array of all matches of a regular expression, from left to right.")
      .example("root.matches = this.value.re_find_all(\"a.\")", R"({"value":"paranormal"})",
               R"({"matches":["ar","an","al"]})")
      .evaluates(re_find_all);

  regexp_method(registry, "re_find_all_submatch")
      .says("An array with one array for each match: the match, then what its groups matched.")
      .example("root.matches = this.value.re_find_all_submatch(\"a(x*)b\")",
               R"({"value":"-axxb-ab-"})", R"({"matches":[["axxb","xx"],["ab",""]]})")
      .evaluates(re_find_all_submatch);

  regexp_method(registry, "re_find_object")
      .says(
          "The first match as an object: `0` is the match, every group is a key by its name or "
          "number. "
          "Without a match the object is empty.")
      .example("root.matches = this.value.re_find_object(\"a(?P<foo>x*)b\")",
               R"({"value":"-axxb-ab-"})", R"({"matches":{"0":"axxb","foo":"xx"}})")
      .evaluates(re_find_object);

  regexp_method(registry, "re_find_all_object")
      .says(
          "An array with one object for each match: `0` is the match, every group is a key by its "
          "name "
          "or number.")
      .example("root.matches = this.value.re_find_all_object(\"a(?P<foo>x*)b\")",
               R"({"value":"-axxb-ab-"})",
               R"({"matches":[{"0":"axxb","foo":"xx"},{"0":"ab","foo":""}]})")
      .evaluates(re_find_all_object);
}

}  // namespace

void add_regexp(Registry& registry) {
  add_finders(registry);

  regexp_method(registry, "re_replace_all")
      .says(
          "The string with every match of a regular expression replaced. In the new text `$1`, "
          "`${1}` "
          "and `${name}` stand for what a group matched, `$$` for a dollar sign.")
      .arg("value", ArgKind::kString, "What to put in place of each match.")
      .example("root.new_value = this.value.re_replace_all(\"ADD ([0-9]+)\",\"+($1)\")",
               R"({"value":"foo ADD 70"})", R"x({"new_value":"foo +(70)"})x")
      .example("root.new_value = this.value.re_replace_all(\"(a)\",\"${1}x-$1x\")",
               R"({"value":"a"})", R"({"new_value":"ax-"})", "`$1x` is the group called `1x`.")
      .prepared_by(prepare_replacement)
      .evaluates(re_replace_all);
  registry.method_alias("re_replace", "re_replace_all", Support::kHidden);
}

}  // namespace weir::mapping
