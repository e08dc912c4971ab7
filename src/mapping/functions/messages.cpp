#include "core/json_text.h"
#include "mapping/evaluator.h"
#include "mapping/functions/all.h"
#include "mapping/registry.h"

// The message being mapped, and its neighbours in the batch.

namespace weir::mapping {

namespace {

using core::Kind;
using core::Message;
using core::Value;

constexpr std::string_view kNoPart = "target message part does not exist";

Value batch_index(Call& call) {
  return Value::integer(static_cast<std::int64_t>(call.evaluator().index()));
}

Value batch_size(Call& call) {
  return Value::integer(static_cast<std::int64_t>(call.context().batch().size()));
}

Value content(Call& call) {
  Message* const message = call.message();
  if (message == nullptr) return call.fail_plain(kNoPart);
  const auto payload = message->payload();
  if (!payload) return call.fail(payload.error());
  return Value::bytes(*payload);
}

// ---- the document

using Path = std::vector<std::string>;

core::Result<Prepared> prepare_path(const PrepareCall& call) {
  return std::make_shared<const Path>(split_path(call.text(0)));
}

Value json(Call& call) {
  Message* const message = call.message();
  if (message == nullptr) return call.fail_plain(kNoPart);
  const auto root = message->root();
  if (!root) {
    const bool is_empty = root.error().message == "message is empty";
    return call.fail_plain(is_empty ? kNoPart : std::string_view(root.error().message));
  }
  return get_path(*root, call.prepared<Path>(), call.arena());
}

void describe_json(std::span<const Value> arguments, std::string& out) {
  out += "json path `";
  out += arguments[0].stored();
  out += "`";
}

// ---- metadata

Value to_text_value(Call& call, Value value) {
  const auto text = text_of(value, call.arena());
  return text ? Value::string(*text) : Value::null();
}

Value all_metadata(Call& call, Value all, bool as_text) {
  if (all.is_null()) return Value::object(call.arena());
  if (!as_text) return core::share(all);
  const core::MemberSpan span = core::members(all);
  Value made = Value::object(call.arena(), span.count);
  for (const core::Member& member : span) {
    core::append_member(made, member.key, to_text_value(call, member.value), call.arena());
  }
  return made;
}

// One key, or all of them without one.
Value read_metadata(Call& call, Value all, bool as_text) {
  const std::string_view key = call.text(0);
  if (key.empty()) return all_metadata(call, all, as_text);
  const core::Member* const member = all.is_null() ? nullptr : core::find(all, key);
  if (member == nullptr) return Value::null();
  if (!as_text) return member->value;
  const Value text = to_text_value(call, member->value);
  return text.is(Kind::kString) && text.stored().empty() ? Value::null() : text;
}

Value metadata(Call& call) {
  Message* const message = call.message();
  return read_metadata(call, message == nullptr ? Value::null() : message->metadata(), false);
}

Value meta(Call& call) {
  Message* const message = call.message();
  return read_metadata(call, message == nullptr ? Value::null() : message->metadata(), true);
}

Value root_meta(Call& call) {
  return read_metadata(call, call.evaluator().metadata(), true);
}

// ---- the error flag

Value error_part(Call& call, std::string_view core::MessageError::*part) {
  const Message* const message = call.message();
  if (message == nullptr || !message->errored()) return Value::null();
  return Value::string(message->error()->*part);
}

Value error(Call& call) {
  return error_part(call, &core::MessageError::text);
}
Value error_source_label(Call& call) {
  return error_part(call, &core::MessageError::label);
}
Value error_source_name(Call& call) {
  return error_part(call, &core::MessageError::component);
}
Value error_source_path(Call& call) {
  return error_part(call, &core::MessageError::path);
}

Value errored(Call& call) {
  const Message* const message = call.message();
  return Value::boolean(message != nullptr && message->errored());
}

// ---- neighbours

Value from(Call& call) {
  // A message that is not there has no content, but no metadata and no error either: the functions
  // decide.
  const auto size = static_cast<std::int64_t>(call.context().batch().size());
  std::int64_t index = call.integer(0);
  if (index < 0) index += size;
  if (index < 0 || index > size) index = size;
  Evaluator& e = call.evaluator();
  const std::size_t before = e.index();
  e.select(static_cast<std::size_t>(index));
  const Value value = call.evaluate_target();
  e.select(before);
  return value;
}

Value from_all(Call& call) {
  const std::size_t size = call.context().batch().size();
  if (!call.may_build(size)) return call.too_big();
  Evaluator& e = call.evaluator();
  const std::size_t before = e.index();
  Value all = Value::array(call.arena(), static_cast<std::uint32_t>(size));
  for (std::size_t i = 0; i < size; ++i) {
    if (!call.spend(1)) return call.too_long();
    e.select(i);
    const Value value = call.evaluate_target();
    if (failed(value)) {
      e.select(before);
      return value;
    }
    if (!value.is_marker()) core::append_item(all, core::share(value), call.arena());
  }
  e.select(before);
  return all;
}

// No tracing reaches a message: what the family gives without a tracer.
Value tracing_id(Call&) {
  return Value::string("");
}
Value tracing_span(Call&) {
  return Value::null();
}

}  // namespace

void add_messages(Registry& registry) {
  registry.function("batch_index")
      .in(Category::kMessage)
      .says("The position of the message in its batch, from 0.")
      .reads_message()
      .example("root.first = batch_index() == 0", "{}", R"({"first":true})")
      .returns(kNumberKinds)
      .evaluates(batch_index);

  registry.function("batch_size")
      .in(Category::kMessage)
      .says("The number of messages in the batch.")
      .reads_message()
      .example("root.size = batch_size()", "{}", R"({"size":1})")
      .returns(kNumberKinds)
      .evaluates(batch_size);

  registry.function("content")
      .in(Category::kMessage)
      .says("The raw payload of the message as bytes, whether it is JSON or not.")
      .reads_document()
      .example("root.doc = content().string()", R"({"foo":"bar"})",
               R"({"doc":"{\"foo\":\"bar\"}"})")
      .returns(kinds(Kind::kBytes))
      .evaluates(content);

  registry.function("json")
      .in(Category::kMessage)
      .says(
          "The value at a dot path of the message's document, whatever `this` is; all of it "
          "without a "
          "path. Null when the path leads nowhere.")
      .defaulted("path", ArgKind::kString,
                 "Dot path; `~1` stands for a dot in a key, `~0` for a tilde.", "")
      .reads_document()
      .example("root.mapped = json(\"foo.bar\")", R"({"foo":{"bar":"hello world"}})",
               R"({"mapped":"hello world"})")
      .prepared_by(prepare_path)
      .described_by(describe_json)
      .evaluates(json);

  registry.function("metadata")
      .in(Category::kMessage)
      .says(
          "A metadata value of the input message; null when there is none. All metadata as an "
          "object "
          "without a key.")
      .defaulted("key", ArgKind::kString, "The metadata key.", "")
      .reads_message()
      .example("root.topic = metadata(\"topic\") | \"none\"", "{}", R"({"topic":"none"})")
      .evaluates(metadata);

  registry.function("meta")
      .in(Category::kDeprecated)
      .status(Support::kDeprecated)
      .says(
          "As `metadata`, but every value as a string; null also for an empty one. It never sees "
          "what "
          "the running mapping has changed; `@key` does.")
      .defaulted("key", ArgKind::kString, "The metadata key.", "")
      .reads_message()
      .example("root.topic = meta(\"topic\")", "{}", R"({"topic":null})")
      .evaluates(meta);

  registry.function("root_meta")
      .in(Category::kDeprecated)
      .status(Support::kDeprecated)
      .says("Metadata of the message under construction as strings; `@key` is the modern form.")
      .defaulted("key", ArgKind::kString, "The metadata key.", "")
      .reads_message()
      .example("meta a = 1\nroot.a = root_meta(\"a\")", "{}", R"({"a":"1"})")
      .evaluates(root_meta);

  registry.function("error")
      .in(Category::kMessage)
      .says(
          "The error that an earlier processor flagged the message with; null when there is none.")
      .reads_message()
      .example("root.error = error()", "{}", R"({"error":null})")
      .evaluates(error);

  registry.function("errored")
      .in(Category::kMessage)
      .says("Whether an earlier processor flagged the message as failed.")
      .reads_message()
      .example("root.failed = errored()", "{}", R"({"failed":false})")
      .returns(kinds(Kind::kBool))
      .evaluates(errored);

  registry.function("error_source_label")
      .in(Category::kMessage)
      .says("The label of the component that flagged the message as failed; null without an error.")
      .reads_message()
      .example("root.label = error_source_label()", "{}", R"({"label":null})")
      .evaluates(error_source_label);

  registry.function("error_source_name")
      .in(Category::kMessage)
      .says("The type of the component that flagged the message as failed; null without an error.")
      .reads_message()
      .example("root.name = error_source_name()", "{}", R"({"name":null})")
      .evaluates(error_source_name);

  registry.function("error_source_path")
      .in(Category::kMessage)
      .says("The path of the component that flagged the message as failed; null without an error.")
      .reads_message()
      .example("root.path = error_source_path()", "{}", R"({"path":null})")
      .evaluates(error_source_path);

  registry.function("tracing_id")
      .in(Category::kMessage)
      .status(Support::kExperimental)
      .says("The trace the message belongs to. weir does not trace: always an empty string.")
      .reads_message()
      .example("root.trace = tracing_id()", "{}", R"({"trace":""})")
      .evaluates(tracing_id);

  registry.function("tracing_span")
      .in(Category::kMessage)
      .status(Support::kExperimental)
      .says("The tracing context of the message. weir does not trace: always null.")
      .reads_message()
      .example("root.span = tracing_span()", "{}", R"({"span":null})")
      .evaluates(tracing_span);

  registry.method("from")
      .in(Category::kGeneral)
      .says(
          "Evaluates what it is called on as if the message were another one of its batch. Only "
          "functions over the message see it (`json`, `content`, `metadata`, `error`, ..); `this`, "
          "`@` "
          "and variables do not.")
      .arg("index", ArgKind::kInt, "Position in the batch; negative ones count from the end.")
      .takes_lazily()
      .reads_message()
      .reads_batch()
      .example("root.foo = json(\"foo\").from(0)", R"({"foo":"bar"})", R"({"foo":"bar"})")
      .example("root.foo = json(\"foo\").from(5)", R"({"foo":"bar"})",
               "error: target message part does not exist")
      .evaluates(from);

  registry.method("from_all")
      .in(Category::kGeneral)
      .says(
          "Evaluates what it is called on for every message of the batch, into an array. An error "
          "for "
          "one message is an error of all of it, unless it is caught inside.")
      .takes_lazily()
      .reads_message()
      .reads_batch()
      .costs(Cost::kLinear)
      .example("root.foos = json(\"foo\").from_all()", R"({"foo":"bar"})", R"({"foos":["bar"]})")
      .returns(kinds(Kind::kArray))
      .evaluates(from_all);
}

}  // namespace weir::mapping
