#include "windowing/row.h"

#include "core/time.h"

namespace weir::windowing {

using core::Message;
using core::Value;

namespace {

// Zero bytes are escaped, so that a prefix sorts first.
void write_sortable(std::string_view text, Writer& out) {
  for (const char c : text) {
    out.byte(static_cast<std::uint8_t>(c));
    if (c == '\0') out.byte(0xFF);
  }
  out.byte(0);
  out.byte(0);
}

}  // namespace

void write_rank(Micros ts, const Origin& origin, Writer& out) {
  out.ordered(ts);
  write_sortable(origin.source, out);
  write_sortable(origin.partition, out);
  out.ordered(origin.position);
}

Message& Output::emit(Value document, Micros ts, std::string source, std::int64_t position) {
  Message message(main_.storage(), core::Storage::kNoBlock, {});
  message.set_root(document);
  message.event_time = ts;
  main_.push(std::move(message));
  info_.push_back({std::move(source), position, false});
  return main_.messages().back();
}

void Output::pass(Message& message, Micros ts, const Origin& origin) {
  auto copy = message.copy_to(main_.storage());
  if (!copy) {
    fail(message, origin, copy.error(), {}, {});
    return;
  }
  copy->event_time = ts;
  main_.push(*std::move(copy));
  info_.push_back({std::string(origin.source), origin.position, false});
}

void Output::fail(Message& message, const Origin& origin, const core::Error& error,
                  std::string_view component, std::string_view label) {
  auto copy = message.copy_to(main_.storage());
  Message failed = copy ? *std::move(copy) : Message(main_.storage(), core::Storage::kNoBlock, {});
  core::Arena& arena = main_.storage().arena();
  failed.fail(error.code, error.message, arena.copy(component), arena.copy(label));
  main_.push(std::move(failed));
  info_.push_back({std::string(origin.source), origin.position, true});
}

void Output::late(Message& message, Micros ts, Micros watermark) {
  auto copy = message.copy_to(late_.storage());
  Message row = copy ? *std::move(copy) : Message(late_.storage(), core::Storage::kNoBlock, {});
  row.event_time = ts;
  row.set_metadata("late_by", Value::integer(sub(watermark, ts)));
  row.set_metadata("watermark", timestamp_value(watermark, late_.storage().arena()));
  late_.push(std::move(row));
}

void Output::take_back() {
  main_.messages().pop_back();
  info_.pop_back();
}

void Output::clear() {
  main_ = core::Batch::fresh();
  late_ = core::Batch::fresh();
  info_.clear();
}

Value timestamp_value(Micros ts, core::Arena& arena) {
  return Value::timestamp(arena.create<core::Timestamp>(core::from_unix_micros(ts)));
}

}  // namespace weir::windowing
