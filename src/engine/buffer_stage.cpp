#include "engine/buffer_stage.h"

namespace weir::engine {

using core::Batch;
using core::Outcome;

BufferWriter::BufferWriter(core::StreamBuffer& buffer, const core::Interrupt& interrupt,
                           const config::Resources& resources)
    : buffer_(buffer),
      interrupt_(interrupt),
      log_(resources.log()),
      received_(resources.counter("buffer_received")),
      batch_received_(resources.counter("buffer_batch_received")) {}

void BufferWriter::put(Batch batch) {
  received_.add(batch.size());
  batch_received_.add();
  buffer_.put(std::move(batch), interrupt_, [this](Batch stored, core::Status status) {
    if (status) {
      stored.resolve(Outcome::kDelivered);
      return;
    }
    if (status.error().code != core::ErrorCode::kCancelled) {
      log_.warn("buffer_write_failed", "The buffer did not take a batch; it is handed out again.",
                {{"error", status.error().message}});
    }
    for (core::Message& message : stored)
      message.lineage().resolve(Outcome::kRetry, &status.error());
  });
}

BufferReader::BufferReader(core::StreamBuffer& buffer, core::InputTraits source,
                           const config::Resources& resources, Totals& totals)
    : buffer_(buffer),
      totals_(totals),
      sent_(resources.counter("buffer_sent")),
      batch_sent_(resources.counter("buffer_batch_sent")) {
  traits_.finite =
      source.finite || source.request;  // nobody behind it waits for an answer any more
  traits_.replayable = true;
}

core::Result<core::ReadResult> BufferReader::read(core::ReadContext& context) {
  auto taken = buffer_.take(context.interrupt(), context.wait_limit());
  if (!taken) return core::fail(std::move(taken).error());
  if (!*taken) return buffer_.ended() ? core::ReadResult::end() : core::ReadResult::idle();
  core::StreamBuffer::Entry entry = *std::move(*taken);
  if (entry.recovered) totals_.recover(entry.batch.size());
  sent_.add(entry.batch.size());
  batch_sent_.add();
  core::ReadBatch read;
  read.batch = std::move(entry.batch);
  const std::lock_guard lock(mutex_);
  read.after.offset = ++last_;
  out_.emplace_back(last_, entry.id);
  return core::ReadResult::of(std::move(read));
}

void BufferReader::acknowledge(std::string_view, const core::Position& position) {
  while (true) {
    std::uint64_t id = 0;
    {
      const std::lock_guard lock(mutex_);
      if (out_.empty() || out_.front().first > position.offset) return;
      id = out_.front().second;
      out_.pop_front();
    }
    buffer_.done(id);
  }
}

}  // namespace weir::engine
