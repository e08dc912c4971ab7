#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/arena.h"
#include "core/block.h"
#include "core/delivery.h"
#include "core/json_index.h"
#include "core/result.h"
#include "core/value.h"

namespace weir::core {

class Batch;

/// What the messages of a batch are made of: received blocks with their index, and the arena of
/// everything made since. Used by one thread at a time.
class Storage {
 public:
  static constexpr std::uint32_t kNoBlock = ~0U;

  [[nodiscard]] Arena& arena() { return arena_; }
  /// Adds a block; returns its number. `region`: the part that holds this batch's documents and
  /// nothing half; they are then indexed at once. Without it each document is indexed alone.
  std::uint32_t add_block(std::shared_ptr<const Block> block, std::string_view region = {});
  [[nodiscard]] const std::shared_ptr<const Block>& block(std::uint32_t number) const {
    return blocks_[number].block;
  }
  /// The index over a block's region, made on first use; nullptr when it has none.
  [[nodiscard]] JsonIndex* index(std::uint32_t number);
  /// An index over text that is a single document and has padding behind it.
  [[nodiscard]] JsonIndex& index_text(std::string_view padded);
  /// Keeps something alive as long as this storage: constants that values of it borrow.
  template <class T>
  void retain(const std::shared_ptr<T>& thing) {
    if (retained_.empty() || retained_.back().get() != thing.get()) retain_new(thing);
  }
  /// Bytes held: blocks (counted whole, also when shared) and arena.
  [[nodiscard]] std::size_t footprint() const;

  // Holders that only keep the memory alive and never touch it do not count as sharing.
  void pin() { pins_.fetch_add(1, std::memory_order_relaxed); }
  void unpin() { pins_.fetch_sub(1, std::memory_order_release); }  // before giving up the pointer
  [[nodiscard]] long pins() const { return pins_.load(std::memory_order_acquire); }

 private:
  void retain_new(std::shared_ptr<const void> thing);

  struct Entry {
    std::shared_ptr<const Block> block;
    std::string_view region;
    std::unique_ptr<JsonIndex> index;
  };
  std::atomic<long> pins_{0};
  Arena arena_;
  std::vector<Entry> blocks_;
  std::vector<std::unique_ptr<JsonIndex>> texts_;
  std::vector<std::shared_ptr<const void>> retained_;
};

/// Why a message is flagged as failed, and which component said so.
struct MessageError {
  ErrorCode code;
  std::string_view text;
  std::string_view component;  ///< type name, e.g. `mapping`
  std::string_view label;
  std::string_view path;  ///< `root.pipeline.processors.0`
};

/// Payload bytes or document, metadata, an optional error flag and event time.
///
/// Payload and document are two views of one thing: the document is parsed from the payload on
/// first use, the payload is written from the document when that was changed. Everything borrows
/// the storage of the batch it is in.
class Message {
 public:
  static constexpr std::int64_t kNoEventTime = INT64_MIN;
  static constexpr std::int64_t kNoPosition = -1;

  Message() = default;
  /// A slice of block number `block` of the storage, or of its arena (kNoBlock).
  Message(Storage& storage, std::uint32_t block, std::string_view payload)
      : storage_(&storage), payload_(payload), block_(block), has_payload_(true) {}

  // ---- content
  /// The payload as bytes. Error: the document cannot be written (NaN, too deep, a marker).
  [[nodiscard]] Result<std::string_view> payload();
  /// The payload when no writing is needed, else a guess of its size.
  [[nodiscard]] std::size_t payload_size_hint() const { return payload_.size(); }
  /// The document. Error kInvalidData: the payload is not JSON ("parse as JSON: ...").
  [[nodiscard]] Result<Value> root();
  /// The document in place, for changes; the payload will be written from it. Error as root().
  [[nodiscard]] Result<Value*> mutable_root();
  /// Replaces the content by bytes, copied into the arena.
  void set_payload(std::string_view bytes);
  /// Replaces the content by bytes that live as long as the storage (its arena or static).
  void set_payload_view(std::string_view bytes);
  /// Replaces the content by a value: strings and bytes become the raw payload, anything else a
  /// document. The value borrows this storage's arena or static text.
  void set_root(Value value);
  /// The same for a document that nobody else holds: it may be changed in place later.
  void adopt_root(Value document) {
    root_ = document;
    has_root_ = true;
    has_payload_ = false;
  }
  /// The document if it has been read already, else null: without reading it.
  [[nodiscard]] const Value* root_if_read() const { return has_root_ ? &root_ : nullptr; }
  /// The payload text as it is, without writing the document; null when that has changed.
  [[nodiscard]] const std::string_view* payload_if_written() const {
    return has_payload_ ? &payload_ : nullptr;
  }
  /// Forgets the parsed document of an unchanged payload (it may have been changed in place by an
  /// evaluation that failed).
  void drop_document();

  // ---- metadata: a kObject value, or null when empty; values are typed
  [[nodiscard]] Value metadata() const { return metadata_; }
  [[nodiscard]] const Value* find_metadata(std::string_view key) const;
  /// Key and value must live as long as the storage.
  void set_metadata(std::string_view key, Value value);
  void erase_metadata(std::string_view key);
  void replace_metadata(Value object_or_null) { metadata_ = share(object_or_null); }

  // ---- error flag
  [[nodiscard]] const MessageError* error() const { return error_; }
  [[nodiscard]] bool errored() const { return error_ != nullptr; }
  void fail(ErrorCode code, std::string_view text, std::string_view component = {},
            std::string_view label = {}, std::string_view path = {});
  void fail(const Error& error) { fail(error.code, error.message); }
  void clear_error() { error_ = nullptr; }
  /// The user's config has dealt with the error (`reject_errored`, a `switch` on `errored()`, ...):
  /// the flag stays readable, outputs accept the message all the same. A new failure undoes it.
  void mark_handled() { handled_ = true; }
  [[nodiscard]] bool unhandled_error() const { return error_ != nullptr && !handled_; }

  // ---- where it came from
  [[nodiscard]] Storage& storage() const { return *storage_; }
  [[nodiscard]] Arena& arena() const { return storage_->arena(); }
  [[nodiscard]] Lineage& lineage() { return lineage_; }
  [[nodiscard]] const Lineage& lineage() const { return lineage_; }
  void set_lineage(Lineage lineage) { lineage_ = std::move(lineage); }

  std::int64_t event_time = kNoEventTime;  ///< microseconds since 1970 UTC
  std::int64_t position = kNoPosition;     ///< in its partition, as the input counts (for people)
  std::uint32_t tag = 0;                   ///< free for the component that holds the batch

  /// Keeps content and metadata as the answer for whoever sent the received message, if it is
  /// somebody who waits for one (ReadBatch::on_done). Error: as payload().
  [[nodiscard]] Status respond();

  /// A copy in the same storage that shares the received slots.
  [[nodiscard]] Message share_copy();
  /// A copy in another storage, which may go to another thread. Received blocks are shared, what
  /// was made since is copied. Keeps error, metadata, event time; the lineage stays empty.
  [[nodiscard]] Result<Message> copy_to(Storage& to);

 private:
  friend class Batch;
  friend class Originals;

  Storage* storage_ = nullptr;
  std::string_view payload_;
  Value root_;
  Value metadata_;
  const MessageError* error_ = nullptr;
  Lineage lineage_;
  std::uint32_t block_ = Storage::kNoBlock;
  bool has_payload_ = false;  // payload_ is right
  bool has_root_ = false;     // root_ is right
  bool handled_ = false;      // error_ has been dealt with
};

/// The messages of a batch as they were received, to be handed out again: payload, metadata, error.
/// Pins the storage. Made before anybody else touches the batch; restore() may run on any thread.
class Originals {
 public:
  Originals() = default;
  explicit Originals(Batch& batch);
  ~Originals();
  Originals(Originals&& other) noexcept = default;
  Originals& operator=(Originals&&) = delete;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// Adds message `i` to a batch as it was.
  [[nodiscard]] Status restore(std::size_t i, Batch& to) const;

 private:
  struct Entry {
    Storage* storage;
    std::string_view payload;
    Value metadata;
    const MessageError* error;
    std::int64_t event_time;
    std::int64_t position;
    std::uint32_t block;
  };
  std::vector<std::shared_ptr<Storage>> storages_;
  std::vector<Entry> entries_;
};

/// Messages that travel together, with the storage they live in. Moved, never shared.
class Batch {
 public:
  Batch() = default;
  explicit Batch(std::shared_ptr<Storage> storage) { storages_.push_back(std::move(storage)); }
  Batch(Batch&&) = default;
  Batch& operator=(Batch&&) = default;

  /// A batch with a fresh storage.
  [[nodiscard]] static Batch fresh() { return Batch(std::make_shared<Storage>()); }
  /// One message per payload, copied: for tests and small things.
  [[nodiscard]] static Batch of(const std::vector<std::string>& payloads);
  /// An empty batch over the same storages: for splitting within a thread.
  [[nodiscard]] Batch sibling() const;

  [[nodiscard]] std::vector<Message>& messages() { return messages_; }
  [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }
  [[nodiscard]] std::size_t size() const { return messages_.size(); }
  [[nodiscard]] bool empty() const { return messages_.empty(); }
  [[nodiscard]] Message& operator[](std::size_t i) { return messages_[i]; }
  [[nodiscard]] auto begin() { return messages_.begin(); }
  [[nodiscard]] auto end() { return messages_.end(); }
  [[nodiscard]] Storage& storage() const { return *storages_.front(); }
  [[nodiscard]] bool has_storage() const { return !storages_.empty(); }

  void push(Message message) { messages_.push_back(std::move(message)); }
  /// A new message with a copied payload; no lineage.
  Message& add(std::string_view payload);
  /// Moves the other's messages behind ours.
  void append(Batch&& other);
  /// Bytes held by the storages.
  [[nodiscard]] std::size_t footprint() const;

  /// Ends the lineages of all messages and empties the batch.
  void resolve(Outcome outcome);
  /// Before a batch goes to another thread while a sibling stays: moves what is shared into a
  /// storage of its own. Nothing happens when nothing is shared.
  [[nodiscard]] Status make_exclusive();
  /// A copy for another thread, without lineage; message i of the copy has tag i.
  [[nodiscard]] Result<Batch> clone();

 private:
  friend class Originals;

  std::vector<std::shared_ptr<Storage>> storages_;
  std::vector<Message> messages_;
};

}  // namespace weir::core
