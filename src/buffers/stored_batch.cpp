#include "buffers/stored_batch.h"

#include <bit>

#include "core/block.h"
#include "core/time.h"
#include "core/time_zone.h"

namespace weir::buffers {

namespace {

using core::Kind;
using core::Value;

constexpr char kVersion = 1;
constexpr std::uint64_t kMaxMessagesPerRecord = std::uint64_t{1} << 24;

enum Flag : unsigned {
  kMetadata = 1,
  kError = 2,
  kEventTime = 4,
  kPosition = 8,
  kHandled = 16,
};

void put_number(std::string& to, std::uint64_t value) {
  while (value >= 0x80) {
    to.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  to.push_back(static_cast<char>(value));
}

void put_signed(std::string& to, std::int64_t value) {
  put_number(to,
             (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void put_text(std::string& to, std::string_view text) {
  put_number(to, text.size());
  to += text;
}

// Deeper than documents may be, nothing is written: such a value becomes null.
void put_value(std::string& to, Value value, core::Arena& arena, unsigned depth = 0) {
  const Kind kind = value.is_marker() || depth > core::kMaxDepth ? Kind::kNull : value.kind();
  to.push_back(static_cast<char>(kind));
  switch (kind) {
    case Kind::kBool: to.push_back(value.as_bool() ? 1 : 0); break;
    case Kind::kInt:
      to.push_back(static_cast<char>(value.width()));
      put_signed(to, value.as_int());
      break;
    case Kind::kUInt:
      to.push_back(static_cast<char>(value.width()));
      put_number(to, value.as_uint());
      break;
    case Kind::kDouble:
      to.push_back(static_cast<char>(value.width()));
      put_number(to, std::bit_cast<std::uint64_t>(value.as_double()));
      break;
    case Kind::kNumber:
    case Kind::kBytes: put_text(to, value.stored()); break;
    case Kind::kString: put_text(to, value.text(arena)); break;
    case Kind::kTimestamp: {
      const core::Timestamp& time = value.as_timestamp();
      put_signed(to, time.seconds);
      put_number(to, static_cast<std::uint64_t>(time.nanos));
      put_text(to, time.zone == nullptr ? std::string_view("UTC") : time.zone->name());
      put_signed(to, time.zone == nullptr ? 0 : time.zone->at(time.seconds).seconds);
      break;
    }
    case Kind::kArray:
      put_number(to, core::size(value));
      for (const Value item : core::items(value)) put_value(to, item, arena, depth + 1);
      break;
    case Kind::kObject:
      put_number(to, core::size(value));
      for (const core::Member& member : core::members(value)) {
        put_text(to, member.key.text(arena));
        put_value(to, member.value, arena, depth + 1);
      }
      break;
    default: break;
  }
}

/// Reads what the functions above wrote; `bad` once something does not fit.
struct Reader {
  std::string_view rest;
  bool bad = false;

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest.empty()) break;
      const auto byte = static_cast<unsigned char>(rest.front());
      rest.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    bad = true;
    return 0;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
  unsigned byte() {
    if (rest.empty()) {
      bad = true;
      return 0;
    }
    const auto value = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    return value;
  }
  std::string_view text(std::uint64_t size) {
    if (size > rest.size()) {
      bad = true;
      return {};
    }
    const std::string_view found = rest.substr(0, size);
    rest.remove_prefix(size);
    return found;
  }
  std::string_view text() { return text(number()); }

  Value value(core::Arena& arena, unsigned depth = 0) {
    const unsigned kind = byte();
    if (bad || depth > core::kMaxDepth) {
      bad = true;
      return {};
    }
    const auto width = [&] {
      const unsigned read = byte();
      if (read > static_cast<unsigned>(core::NumberWidth::k32)) bad = true;
      return static_cast<core::NumberWidth>(bad ? 0 : read);
    };
    switch (static_cast<Kind>(kind)) {
      case Kind::kNull: return {};
      case Kind::kBool: return Value::boolean(byte() != 0);
      case Kind::kInt: {
        const auto wide = width();
        return Value::integer(signed_number(), wide);
      }
      case Kind::kUInt: {
        const auto wide = width();
        return Value::unsigned_integer(number(), wide);
      }
      case Kind::kDouble: {
        const auto wide = width();
        return Value::number(std::bit_cast<double>(number()), wide);
      }
      case Kind::kNumber: return Value::number_text(text());
      case Kind::kBytes: return Value::bytes(text());
      case Kind::kString: return Value::string(text());
      case Kind::kTimestamp: return timestamp(arena);
      case Kind::kArray: {
        const std::uint64_t size = count();
        Value array = Value::array(arena);
        for (std::uint64_t i = 0; i < size && !bad; ++i) {
          core::append_item(array, value(arena, depth + 1), arena);
        }
        return array;
      }
      case Kind::kObject: {
        const std::uint64_t size = count();
        Value object = Value::object(arena);
        for (std::uint64_t i = 0; i < size && !bad; ++i) {
          const std::string_view key = text();
          core::set_member(object, key, value(arena, depth + 1), arena);
        }
        return object;
      }
      default: bad = true; return {};
    }
  }

 private:
  // Each entry has at least a byte: a count beyond what is left is wrong, and never allocated for.
  std::uint64_t count() {
    const std::uint64_t size = number();
    if (size > rest.size()) bad = true;
    return bad ? 0 : size;
  }
  Value timestamp(core::Arena& arena) {
    core::Timestamp time;
    time.seconds = signed_number();
    const std::uint64_t nanos = number();
    const std::string_view zone = text();
    const std::int64_t offset = signed_number();
    if (nanos > 999'999'999 || offset < -90'000 || offset > 90'000) bad = true;
    if (bad) return {};
    time.nanos = static_cast<std::int32_t>(nanos);
    if (zone != "UTC") {
      auto known = zone.empty() || zone == "Local" ? core::Result<const core::Zone*>(nullptr)
                                                   : core::load_zone(zone);
      time.zone = known && *known != nullptr
                      ? *known
                      : &core::fixed_zone(static_cast<std::int32_t>(offset), zone.substr(0, 8));
    }
    return Value::timestamp(arena.create<core::Timestamp>(time));
  }
};

tl::unexpected<core::Error> damaged() {
  return core::fail(core::ErrorCode::kInternal, "reading a stored batch: it is damaged");
}

}  // namespace

void BatchWriter::add(core::Message& message) {
  auto payload = message.payload();
  if (!payload) {
    message.fail(payload.error());
    message.set_payload_view("");
    payload = std::string_view();
  }
  unsigned flags = 0;
  const Value metadata = message.metadata();
  const core::MessageError* error = message.error();
  if (metadata.is(Kind::kObject)) flags |= kMetadata;
  if (error != nullptr) flags |= kError;
  if (error != nullptr && !message.unhandled_error()) flags |= kHandled;
  if (message.event_time != core::Message::kNoEventTime) flags |= kEventTime;
  if (message.position != core::Message::kNoPosition) flags |= kPosition;
  heads_.push_back(static_cast<char>(flags));
  put_number(heads_, payload->size());
  if ((flags & kEventTime) != 0) put_signed(heads_, message.event_time);
  if ((flags & kPosition) != 0) put_signed(heads_, message.position);
  if ((flags & kMetadata) != 0) put_value(heads_, metadata, message.arena());
  if ((flags & kError) != 0) {
    heads_.push_back(static_cast<char>(error->code));
    for (const std::string_view text : {error->text, error->component, error->label, error->path}) {
      put_text(heads_, text);
    }
  }
  payloads_.push_back('\n');
  payloads_ += *payload;
  ++count_;
}

std::string BatchWriter::take() {
  std::string record(1, kVersion);
  put_number(record, count_);
  put_number(record, heads_.size());
  record += heads_;
  record += payloads_;
  heads_.clear();
  payloads_.clear();
  count_ = 0;
  return record;
}

core::Result<core::Batch> read_batch(std::string_view record) {
  Reader outer{record};
  if (outer.byte() != kVersion) {
    return core::fail(core::ErrorCode::kInternal,
                      "reading a stored batch: a newer weir has written it, or it is damaged");
  }
  const std::uint64_t count = outer.number();
  const std::uint64_t heads_size = outer.number();
  if (outer.bad || count > kMaxMessagesPerRecord || heads_size > outer.rest.size() ||
      count > outer.rest.size()) {
    return damaged();
  }
  core::Batch batch = core::Batch::fresh();
  core::Storage& storage = batch.storage();
  const std::shared_ptr<const core::Block> block = core::Block::copy_of(outer.rest);
  Reader heads{block->view().substr(0, heads_size)};
  const std::string_view payloads = block->view().substr(heads_size);
  const std::uint32_t number = storage.add_block(block, payloads);
  batch.messages().reserve(count);
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const unsigned flags = heads.byte();
    const std::uint64_t size = heads.number();
    if (heads.bad || at >= payloads.size() || size > payloads.size() - at - 1) return damaged();
    core::Message message(storage, number, payloads.substr(at + 1, size));
    at += 1 + size;
    if ((flags & kEventTime) != 0) message.event_time = heads.signed_number();
    if ((flags & kPosition) != 0) message.position = heads.signed_number();
    if ((flags & kMetadata) != 0) {
      const Value metadata = heads.value(storage.arena());
      if (heads.bad || !metadata.is(Kind::kObject)) return damaged();
      message.replace_metadata(metadata);
    }
    if ((flags & kError) != 0) {
      const unsigned code = heads.byte();
      if (code > static_cast<unsigned>(core::ErrorCode::kInternal)) return damaged();
      std::string_view texts[4];
      for (std::string_view& text : texts) text = heads.text();
      if (heads.bad) return damaged();
      message.fail(static_cast<core::ErrorCode>(code), texts[0], texts[1], texts[2], texts[3]);
      if ((flags & kHandled) != 0) message.mark_handled();
    }
    if (heads.bad) return damaged();
    batch.push(std::move(message));
  }
  if (!heads.rest.empty() || at != payloads.size()) return damaged();
  return batch;
}

}  // namespace weir::buffers
