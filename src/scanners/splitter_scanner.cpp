#include "scanners/splitter_scanner.h"

#include <algorithm>
#include <cstring>

namespace weir::scanners {

using core::Batch;
using core::Block;
using core::Message;
using core::Result;

SplitterScanner::SplitterScanner(std::unique_ptr<codecs::Splitter> splitter, bool resumable)
    : splitter_(std::move(splitter)), resumable_(resumable) {}

char* SplitterScanner::prepare(std::size_t size) {
  if (block_ != nullptr && !lent_ && block_->size() + size <= block_->capacity()) {
    return block_->data() + block_->size();
  }
  // A block is never written again once messages are slices of it: what is left moves to a new one,
  // with room to grow, so that a record of many blocks is not moved for each of them.
  const std::size_t rest = block_ == nullptr ? 0 : block_->size() - front_;
  auto fresh = Block::allocate(rest + std::max(size, rest));
  if (rest > 0) std::memcpy(fresh->data(), block_->data() + front_, rest);
  fresh->resize(rest);
  block_ = std::move(fresh);
  lent_ = false;
  front_ = 0;
  return block_->data() + rest;
}

void SplitterScanner::commit(std::size_t size) {
  block_->resize(block_->size() + size);
}

Result<SplitterScanner::More> SplitterScanner::next(Batch& batch, std::size_t max_messages) {
  if (block_ == nullptr) {
    if (!ended_) return More::kNeedData;
    (void)prepare(0);
  }
  core::Storage& storage = batch.storage();
  while (batch.size() < max_messages) {
    if (!have_step_) {
      records_.clear();
      next_record_ = 0;
      after_ = splitter_->split(block_->view().substr(front_), ended_, records_);
      have_step_ = true;
    }
    const std::string_view window = block_->view().substr(front_);
    if (next_record_ < records_.size()) {
      const std::size_t count =
          std::min(max_messages - batch.size(), records_.size() - next_record_);
      const codecs::RecordSpan first = records_[next_record_];
      const codecs::RecordSpan last = records_[next_record_ + count - 1];
      lent_ = true;
      const std::uint32_t number = storage.add_block(
          block_, window.substr(first.offset, last.offset + last.length - first.offset));
      batch.messages().reserve(batch.size() + count);
      for (std::size_t i = 0; i < count; ++i) {
        const codecs::RecordSpan span = records_[next_record_ + i];
        batch.messages().emplace_back(storage, number, span.in(window));
        batch.messages().back().position = offset_ + span.offset;
      }
      next_record_ += count;
      if (next_record_ < records_.size()) return More::kMore;
    }
    // All records in front of the step are out: take the step itself.
    const codecs::SplitStep step = after_;
    have_step_ = false;
    front_ += step.consumed;
    offset_ += static_cast<std::int64_t>(step.consumed);
    switch (step.kind) {
      case codecs::SplitStep::Kind::kRecord: break;  // split() never ends with one
      case codecs::SplitStep::Kind::kBadRecord: {
        constexpr std::size_t kKept = 4096;  // enough to recognise the record by
        const std::string_view start =
            window.substr(step.begin, std::min(step.end - step.begin, kKept));
        Message& bad = batch.add(start);
        bad.position = offset_ - static_cast<std::int64_t>(step.consumed) +
                       static_cast<std::int64_t>(step.begin);
        const core::Error& error = splitter_->error();
        bad.fail(error.code, error.message, "scanner");
        break;
      }
      case codecs::SplitStep::Kind::kNeedMore: return More::kNeedData;
      case codecs::SplitStep::Kind::kEnd: return More::kEnd;
      case codecs::SplitStep::Kind::kFailed: return core::fail(splitter_->error());
    }
  }
  return More::kMore;
}

}  // namespace weir::scanners
