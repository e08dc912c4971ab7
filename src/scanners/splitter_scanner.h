#pragma once

#include <memory>
#include <string_view>

#include "codecs/splitter.h"
#include "core/component.h"

namespace weir::scanners {

/// A scanner around a splitter: keeps the window, hands out slices of it without copying.
class SplitterScanner final : public core::Scanner {
 public:
  /// `resumable`: records can be found from any record's start on, without what is before it.
  explicit SplitterScanner(std::unique_ptr<codecs::Splitter> splitter, bool resumable = true);

  char* prepare(std::size_t size) override;
  void commit(std::size_t size) override;
  void end() override { ended_ = true; }
  core::Result<More> next(core::Batch& batch, std::size_t max_messages) override;
  std::optional<std::int64_t> resume_offset() const override {
    if (!resumable_) return std::nullopt;
    // Records that are cut but not handed out start behind the window's front.
    if (have_step_ && next_record_ < records_.size())
      return offset_ + records_[next_record_].offset;
    return offset_;
  }

 private:
  std::unique_ptr<codecs::Splitter> splitter_;
  std::shared_ptr<core::Block> block_;  // window: [front_, block_->size())
  bool lent_ = false;                   // messages are slices of block_
  std::size_t front_ = 0;
  std::int64_t offset_ = 0;  // in the stream, of the window's front
  bool ended_ = false;
  bool resumable_;
  std::vector<codecs::RecordSpan> records_;
  std::size_t next_record_ = 0;  // of records_, cut but not handed out
  codecs::SplitStep after_;      // the step behind records_
  bool have_step_ = false;
};

}  // namespace weir::scanners
