#include "engine/failure_router.h"

#include <string>

#include "core/json_text.h"
#include "core/time.h"
#include "engine/input_port.h"

namespace weir::engine {

using core::Batch;
using core::Error;
using core::ErrorCode;
using core::Message;
using core::Outcome;

namespace {

constexpr std::size_t kExcerpt = 256;

// What of a payload may stand in a log line: its beginning, printable.
std::string excerpt(Message& message) {
  const auto payload = message.payload();
  if (!payload) return {};
  std::string text(payload->substr(0, kExcerpt));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '.';
  }
  if (payload->size() > kExcerpt) text += "...";
  return text;
}

bool valid_utf8(std::string_view text) {
  core::Arena arena;
  core::Buffer quoted;
  core::write_json_string(text, quoted);
  return quoted.view().find("\\ufffd") == std::string_view::npos;
}

void member(core::Buffer& out, std::string_view key, std::string_view text) {
  out.push(',');
  core::write_json_string(key, out);
  out.push(':');
  core::write_json_string(text, out);
}

}  // namespace

std::string dead_letter_record(Message& message, const Error& error, std::int64_t wall_nanos,
                               std::string_view partition, std::uint32_t attempts) {
  core::Buffer out;
  out.append("{\"time\":\"");
  out.append(core::to_rfc3339(core::from_unix_nanos(wall_nanos)));
  out.push('"');
  const core::MessageError* flag = message.error();
  member(out, "component", flag != nullptr ? flag->component : "output");
  if (flag != nullptr && !flag->label.empty()) member(out, "label", flag->label);
  if (flag != nullptr && !flag->path.empty()) member(out, "path", flag->path);
  member(out, "kind", core::name(error.code));
  member(out, "message", error.message);
  if (!partition.empty()) member(out, "partition", partition);
  if (message.position != Message::kNoPosition) {
    out.append(",\"position\":");
    out.append(std::to_string(message.position));
  }
  out.append(",\"attempts\":");
  out.append(std::to_string(attempts));
  out.append(",\"metadata\":");
  if (message.metadata().is_null() || !core::write_json(message.metadata(), out)) out.append("{}");
  const auto payload = message.payload();
  if (!payload) {
    out.append(",\"payload\":null");
  } else if (valid_utf8(*payload)) {
    member(out, "payload", *payload);
  } else {
    out.append(",\"payload_base64\":");
    (void)core::write_json(core::Value::bytes(*payload), out).has_value();
  }
  out.push('}');
  return std::string(out.view());
}

FailureRouter::FailureRouter(Options options, const config::Resources& resources, Budget& budget)
    : options_(std::move(options)),
      resources_(resources),
      to_dead_letter_(
          resources.shared().metrics->counter("weir_errors_total", {{"route", "dead_letter"}})),
      unrouted_(resources.shared().metrics->counter("weir_errors_total", {{"route", "none"}})) {
  if (options_.dead_letter == nullptr) return;
  dead_letters_ = std::make_unique<OutputStage>(
      std::move(options_.dead_letter), resources_, budget, Outcome::kFailed,
      [this](Message message, const Error& error) {
        resources_.log().error("dead_letter_refused",
                               "The dead letter output refused a record; it is only logged.",
                               {{"error", error.message}, {"record", excerpt(message)}});
        lost_.fetch_add(1);
        message.lineage().resolve(Outcome::kFailed, &error);
      });
}

core::Status FailureRouter::connect(const core::Interrupt& interrupt) {
  return dead_letters_ == nullptr ? core::Status() : dead_letters_->connect(interrupt);
}

void FailureRouter::route(Message message, const Error& error) {
  if (error.code == ErrorCode::kInternal && !message.unhandled_error()) {
    message.lineage().resolve(Outcome::kRetry, &error);
    options_.on_broken(error);
    return;
  }
  auto* delivery = dynamic_cast<PortDelivery*>(message.lineage().delivery());
  if (delivery != nullptr) {
    const auto policy = delivery->port().failure_policy();
    const bool may_pass = error.code == ErrorCode::kUnavailable;
    // What may pass later is tried again from the input, as often as it takes, where nobody waits
    // for an answer and the input does not end.
    if (policy == InputPort::FailurePolicy::kAttempts && may_pass) {
      message.lineage().resolve(Outcome::kRetry, &error);
      return;
    }
    if (!options_.strict && policy != InputPort::FailurePolicy::kAnswer) {
      // The family hands a refused message out again, for ever.
      message.lineage().resolve(Outcome::kRetry, &error);
      return;
    }
    if (policy == InputPort::FailurePolicy::kAnswer && (dead_letters_ == nullptr || may_pass)) {
      unrouted_.add();
      message.lineage().resolve(Outcome::kFailed, &error);
      return;
    }
    if (dead_letters_ == nullptr && policy == InputPort::FailurePolicy::kAttempts) {
      if (delivery->attempts() < options_.max_attempts) {
        message.lineage().resolve(Outcome::kRetry, &error);
        return;
      }
      unrouted_.add();
      const std::string place = delivery->partition_name() + ":" + std::to_string(message.position);
      resources_.log().error(
          "record_refused",
          "A record failed in every attempt and no rule says what to do with it; stopping. Set "
          "`error_handling.dead_letter`, handle the error with `catch`, or set "
          "`error_handling.strict: false`.",
          {{"error", error.message}, {"record", place}, {"excerpt", excerpt(message)}});
      options_.on_stuck(Error{error.code, "record " + place + " failed: " + error.message});
      message.lineage().resolve(Outcome::kRetry, &error);
      return;
    }
  }
  if (dead_letters_ == nullptr) {
    count(message, error);
    return;
  }
  to_dead_letter_.add();
  const std::string record =
      dead_letter_record(message, error, resources_.clock().wall_nanos(),
                         delivery != nullptr ? delivery->partition_name() : std::string_view(),
                         delivery != nullptr ? delivery->attempts() : 1);
  Batch batch = Batch::fresh();
  Message& letter = batch.add(record);
  letter.position = message.position;
  letter.set_lineage(std::move(message.lineage()));
  dead_letters_->submit(std::move(batch), 0);
}

void FailureRouter::count(Message& message, const Error& error) {
  unrouted_.add();
  lost_.fetch_add(1);
  core::LogFields fields = {{"error", error.message}};
  if (message.error() != nullptr && !message.error()->path.empty())
    fields.emplace_back("component", std::string(message.error()->path));
  if (const auto* delivery = dynamic_cast<PortDelivery*>(message.lineage().delivery());
      delivery != nullptr && !delivery->partition_name().empty()) {
    fields.emplace_back("partition", delivery->partition_name());
  }
  if (message.position != Message::kNoPosition)
    fields.emplace_back("position", std::to_string(message.position));
  fields.emplace_back("excerpt", excerpt(message));
  resources_.log().error("message_failed", "A message failed and was not delivered.", fields);
  message.lineage().resolve(Outcome::kFailed, &error);
}

void FailureRouter::drain() {
  if (dead_letters_ != nullptr) dead_letters_->drain();
}
void FailureRouter::abandon() {
  if (dead_letters_ != nullptr) dead_letters_->abandon();
}
bool FailureRouter::idle() const {
  return dead_letters_ == nullptr || dead_letters_->idle();
}
void FailureRouter::close() {
  if (dead_letters_ != nullptr) dead_letters_->close();
}

}  // namespace weir::engine
