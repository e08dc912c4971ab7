#include "core/message.h"

#include <cstring>

#include "core/buffer.h"
#include "core/json_text.h"

namespace weir::core {

std::uint32_t Storage::add_block(std::shared_ptr<const Block> block, std::string_view region) {
  // Copies of neighbours come in runs of one block.
  if (region.empty() && !blocks_.empty() && blocks_.back().block == block &&
      blocks_.back().region.empty()) {
    return static_cast<std::uint32_t>(blocks_.size() - 1);
  }
  blocks_.push_back({std::move(block), region, nullptr});
  return static_cast<std::uint32_t>(blocks_.size() - 1);
}

JsonIndex* Storage::index(std::uint32_t number) {
  Entry& entry = blocks_[number];
  if (entry.index == nullptr && !entry.region.empty()) {
    entry.index = std::make_unique<JsonIndex>(entry.region, arena_);
  }
  return entry.index.get();
}

JsonIndex& Storage::index_text(std::string_view padded) {
  texts_.push_back(std::make_unique<JsonIndex>(padded, arena_));
  return *texts_.back();
}

void Storage::retain_new(std::shared_ptr<const void> thing) {
  for (auto& known : retained_) {
    if (known != thing) continue;
    std::swap(known, retained_.back());  // it will be asked for again
    return;
  }
  retained_.push_back(std::move(thing));
}

std::size_t Storage::footprint() const {
  std::size_t bytes = arena_.footprint();
  for (const Entry& entry : blocks_) bytes += entry.block->capacity();
  return bytes;
}

Result<std::string_view> Message::payload() {
  if (has_payload_) return payload_;
  if (!has_root_) return std::string_view();
  thread_local Buffer buffer;
  buffer.trim(1 << 20);
  WEIR_CHECK_OK(write_json(root_, buffer));
  payload_ = arena().copy(buffer.view());
  block_ = Storage::kNoBlock;
  has_payload_ = true;
  return payload_;
}

Result<Value> Message::root() {
  if (has_root_) return root_;
  std::string_view text = payload_;
  JsonIndex* index = nullptr;
  if (block_ != Storage::kNoBlock) {
    index = storage_->index(block_);
    if (index == nullptr && !text.empty()) index = &storage_->index_text(text);
  } else if (!text.empty()) {
    char* padded = static_cast<char*>(arena().allocate(text.size() + Block::kPadding, 1));
    std::memcpy(padded, text.data(), text.size());
    std::memset(padded + text.size(), 0, Block::kPadding);
    text = {padded, text.size()};
    index = &storage_->index_text(text);
  }
  if (index == nullptr) return invalid_data("message is empty");
  auto parsed = index->parse(text);
  if (!parsed) return core::fail(std::move(parsed).error());
  root_ = *parsed;
  has_root_ = true;
  return root_;
}

Result<Value*> Message::mutable_root() {
  WEIR_CHECK_OK([&]() -> Status {
    auto parsed = root();
    if (!parsed) return core::fail(std::move(parsed).error());
    return {};
  }());
  has_payload_ = false;
  return &root_;
}

void Message::set_payload(std::string_view bytes) {
  set_payload_view(arena().copy(bytes));
}

void Message::set_payload_view(std::string_view bytes) {
  payload_ = bytes;
  block_ = Storage::kNoBlock;
  has_payload_ = true;
  has_root_ = false;
}

void Message::set_root(Value value) {
  if (value.is(Kind::kString) || value.is(Kind::kBytes)) {
    set_payload_view(value.text(arena()));
    return;
  }
  root_ = share(value);
  has_root_ = true;
  has_payload_ = false;
}

void Message::drop_document() {
  if (has_payload_) has_root_ = false;
}

const Value* Message::find_metadata(std::string_view key) const {
  if (metadata_.is_null()) return nullptr;
  const Member* member = find(metadata_, key);
  return member == nullptr ? nullptr : &member->value;
}

void Message::set_metadata(std::string_view key, Value value) {
  if (metadata_.is_null()) metadata_ = Value::object(arena(), 4);
  set_member(metadata_, key, value, arena());
}

void Message::erase_metadata(std::string_view key) {
  if (!metadata_.is_null()) erase_member(metadata_, key, arena());
}

Status Message::respond() {
  Delivery* const delivery = lineage_.delivery();
  if (delivery == nullptr) return {};
  WEIR_TRY(const std::string_view content, payload());
  Delivery::Response response;
  response.payload = std::string(content);
  if (metadata_.is(Kind::kObject)) {
    for (const Member& member : members(metadata_)) {
      std::string text;
      if (member.value.is(Kind::kString) || member.value.is(Kind::kBytes)) {
        text = std::string(member.value.text(arena()));
      } else {
        Buffer out;
        if (!write_json(member.value, out)) continue;
        text = std::string(out.view());
      }
      response.metadata.emplace_back(std::string(member.key.text(arena())), std::move(text));
    }
  }
  delivery->add_response(lineage_.slot(), std::move(response));
  return {};
}

void Message::fail(ErrorCode code, std::string_view text, std::string_view component,
                   std::string_view label, std::string_view path) {
  handled_ = false;
  error_ = arena().create<MessageError>(code, arena().copy(text), arena().copy(component),
                                        arena().copy(label), arena().copy(path));
}

Message Message::share_copy() {
  Message copy;
  copy.storage_ = storage_;
  copy.payload_ = payload_;
  if (has_root_) share(root_);
  copy.root_ = root_;
  share(metadata_);
  copy.metadata_ = metadata_;
  copy.error_ = error_;
  copy.handled_ = handled_;
  copy.lineage_ = lineage_.share();
  copy.event_time = event_time;
  copy.position = position;
  copy.tag = tag;
  copy.block_ = block_;
  copy.has_payload_ = has_payload_;
  copy.has_root_ = has_root_;
  return copy;
}

Result<Message> Message::copy_to(Storage& to) {
  WEIR_TRY(const std::string_view bytes, payload());
  Message copy;
  copy.storage_ = &to;
  copy.has_payload_ = true;
  copy.payload_ = block_ == Storage::kNoBlock ? to.arena().copy(bytes) : bytes;
  if (block_ != Storage::kNoBlock) copy.block_ = to.add_block(storage_->block(block_));
  if (!metadata_.is_null()) {
    WEIR_TRY(copy.metadata_, deep_copy(metadata_, to.arena()));
  }
  if (error_ != nullptr) {
    copy.fail(error_->code, error_->text, error_->component, error_->label, error_->path);
    copy.handled_ = handled_;
  }
  copy.event_time = event_time;
  copy.position = position;
  copy.tag = tag;
  return copy;
}

Originals::Originals(Batch& batch) : storages_(batch.storages_) {
  for (const auto& storage : storages_) storage->pin();
  entries_.reserve(batch.messages_.size());
  for (Message& message : batch.messages_) {
    share(message.metadata_);
    entries_.push_back({message.storage_, message.payload_, message.metadata_, message.error_,
                        message.event_time, message.position, message.block_});
  }
}

Originals::~Originals() {
  for (const auto& storage : storages_) storage->unpin();
}

Status Originals::restore(std::size_t i, Batch& to) const {
  const Entry& entry = entries_[i];
  Storage& home = to.storage();
  const bool block = entry.block != Storage::kNoBlock;
  const std::uint32_t number =
      block ? home.add_block(entry.storage->block(entry.block)) : Storage::kNoBlock;
  Message message(home, number, block ? entry.payload : home.arena().copy(entry.payload));
  if (!entry.metadata.is_null()) {
    WEIR_TRY(message.metadata_, deep_copy(entry.metadata, home.arena()));
  }
  if (entry.error != nullptr) {
    message.fail(entry.error->code, entry.error->text, entry.error->component, entry.error->label,
                 entry.error->path);
  }
  message.event_time = entry.event_time;
  message.position = entry.position;
  to.push(std::move(message));
  return {};
}

Batch Batch::of(const std::vector<std::string>& payloads) {
  Batch batch = fresh();
  for (const std::string& payload : payloads) batch.add(payload);
  return batch;
}

Batch Batch::sibling() const {
  Batch made;
  made.storages_ = storages_;
  return made;
}

Message& Batch::add(std::string_view payload) {
  Storage& home = storage();
  messages_.emplace_back(home, Storage::kNoBlock, home.arena().copy(payload));
  return messages_.back();
}

void Batch::append(Batch&& other) {
  for (auto& storage : other.storages_) {
    bool known = false;
    for (const auto& mine : storages_) known = known || mine == storage;
    if (!known) storages_.push_back(std::move(storage));
  }
  if (messages_.empty()) {
    messages_ = std::move(other.messages_);
  } else {
    messages_.reserve(messages_.size() + other.messages_.size());
    for (Message& message : other.messages_) messages_.push_back(std::move(message));
  }
  other.messages_.clear();
  other.storages_.clear();
}

std::size_t Batch::footprint() const {
  std::size_t bytes = messages_.capacity() * sizeof(Message);
  for (const auto& storage : storages_) bytes += storage->footprint();
  return bytes;
}

void Batch::resolve(Outcome outcome) {
  std::size_t i = 0;
  while (i < messages_.size()) {
    Lineage& lineage = messages_[i].lineage();
    if (!lineage || !lineage.single()) {
      lineage.resolve(outcome);
      ++i;
      continue;
    }
    Delivery* const delivery = lineage.delivery();
    const std::uint32_t first = lineage.slot();
    std::uint32_t count = 0;
    while (i < messages_.size()) {
      Lineage& next = messages_[i].lineage();
      if (next.delivery() != delivery || !next.single() || next.slot() != first + count) break;
      next.release();
      ++count;
      ++i;
    }
    delivery->close_run(first, count, outcome);
  }
  messages_.clear();
}

Status Batch::make_exclusive() {
  bool shared = false;
  for (const auto& storage : storages_)
    shared = shared || storage.use_count() > 1 + storage->pins();
  if (!shared) return {};
  auto home = std::make_shared<Storage>();
  std::vector<Message> moved;
  moved.reserve(messages_.size());
  for (Message& message : messages_) {
    WEIR_TRY(Message copy, message.copy_to(*home));
    copy.set_lineage(std::move(message.lineage()));
    moved.push_back(std::move(copy));
  }
  messages_ = std::move(moved);
  storages_.clear();
  storages_.push_back(std::move(home));
  return {};
}

Result<Batch> Batch::clone() {
  Batch copy = fresh();
  copy.messages_.reserve(messages_.size());
  std::uint32_t tag = 0;
  for (Message& message : messages_) {
    WEIR_TRY(Message one, message.copy_to(copy.storage()));
    one.tag = tag++;
    copy.messages_.push_back(std::move(one));
  }
  return copy;
}

}  // namespace weir::core
