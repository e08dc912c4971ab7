#include <string>
#include <utility>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/url_text.h"

namespace weir::mapping {

namespace {

using core::Value;

Value parse_url(Call& call) {
  const auto url = text::parse_url(text_form(call));
  if (!url) return call.fail(url.error());
  if (!call.may_build(24)) return call.too_big();
  core::Arena& arena = call.arena();
  Value made = Value::object(arena, 9);
  const auto put = [&arena](Value& object, std::string_view key, const std::string& text) {
    core::append_member(object, Value::string(key), Value::string(arena.copy(text)), arena);
  };
  put(made, "fragment", url->fragment);
  put(made, "host", url->host);
  put(made, "opaque", url->opaque);
  put(made, "path", url->path);
  put(made, "raw_fragment", url->raw_fragment);
  put(made, "raw_path", url->raw_path);
  put(made, "raw_query", url->raw_query);
  put(made, "scheme", url->scheme);
  if (url->user) {
    Value user = Value::object(arena, 2);
    put(user, "name", url->user->name);
    if (url->user->password) put(user, "password", *url->user->password);
    core::append_member(made, Value::string("user"), user, arena);
  }
  return made;
}

Value parse_form_url_encoded(Call& call) {
  const auto pairs = text::parse_query(call.target_text());
  if (!pairs) {
    return call.fail_plain("failed to parse value as url-encoded data: " + pairs.error().message);
  }
  if (!call.may_build(3 * pairs->size())) return call.too_big();
  core::Arena& arena = call.arena();
  Value made = Value::object(arena, static_cast<std::uint32_t>(pairs->size()));
  for (const auto& [key, text] : *pairs) {
    const Value value = Value::string(arena.copy(text));
    core::Member* const present = core::find(made, key);
    if (present == nullptr) {
      core::append_member(made, Value::string(arena.copy(key)), value, arena);
    } else if (present->value.is(core::Kind::kArray)) {
      core::append_item(present->value, value, arena);
    } else {
      const Value first = present->value;
      present->value = Value::array(arena, 2);
      core::append_item(present->value, first, arena);
      core::append_item(present->value, value, arena);
    }
  }
  return made;
}

}  // namespace

void add_urls(Registry& registry) {
  registry.method("parse_url")
      .in(Category::kParsing)
      .says(
          "The parts of a URL: `scheme`, `opaque`, `host` (with the port), `path`, `raw_path`, "
          "`raw_query`, `fragment`, `raw_fragment`, and `user` with `name` and `password` if there "
          "is "
          "one. The raw forms are empty where they are what anyone would write.")
      .on(kOnTextForm, "string")
      .costs(Cost::kLinear)
      .example("root = this.url.parse_url()", R"({"url":"https://example.com/a%20b?q=1"})",
               R"({"fragment":"","host":"example.com","opaque":"","path":"/a b","raw_fragment":"",)"
               R"("raw_path":"","raw_query":"q=1","scheme":"https"})")
      .example("root.username = this.url.parse_url().user.name | \"unknown\"",
               R"({"url":"amqp://foo:bar@127.0.0.1:5672/"})", R"({"username":"foo"})")
      .example("root = this.url.parse_url()", R"({"url":"http://host:port/"})",
               "error: invalid port \":port\" after host")
      .evaluates(parse_url);

  registry.method("parse_form_url_encoded")
      .in(Category::kParsing)
      .says(
          "An object of a URL's query or a form's body. A key that occurs several times gets an "
          "array.")
      .on(kOnText, "string")
      .costs(Cost::kLinear)
      .example("root.values = this.body.parse_form_url_encoded()",
               R"({"body":"noise=meow&animal=cat&fur=orange&fur=fluffy"})",
               R"({"values":{"animal":"cat","fur":["orange","fluffy"],"noise":"meow"}})")
      .example("root.values = this.body.parse_form_url_encoded()", R"({"body":"a=%zz"})",
               "error: failed to parse value as url-encoded data: invalid URL escape \"%zz\"")
      .evaluates(parse_form_url_encoded);
}

}  // namespace weir::mapping
