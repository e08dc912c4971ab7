#pragma once

#include <memory>
#include <string_view>

#include "codecs/splitter.h"
#include "core/component.h"

namespace weir::scanners {

/// A scanner around a splitter: keeps the window, hands out slices of it without copying.
class SplitterScanner final : public core::Scanner {
 public:
  /// `skip_bom`: a byte order mark at the start of the stream is left out.
  explicit SplitterScanner(std::unique_ptr<codecs::Splitter> splitter, bool skip_bom = false);

  char* prepare(std::size_t size) override;
  void commit(std::size_t size) override;
  void end() override { ended_ = true; }
  core::Result<More> next(core::Batch& batch, std::size_t max_messages) override;
  std::optional<std::int64_t> resume_offset() const override { return offset_; }

 private:
  std::unique_ptr<codecs::Splitter> splitter_;
  std::shared_ptr<core::Block> block_;  // window: [front_, block_->size())
  std::size_t front_ = 0;
  std::int64_t offset_ = 0;  // in the stream, of the window's front
  bool ended_ = false;
  bool skip_bom_;
  std::vector<codecs::RecordSpan> records_;
  std::size_t next_record_ = 0;  // of records_, cut but not handed out
  codecs::SplitStep after_;      // the step behind records_
  bool have_step_ = false;
};

}  // namespace weir::scanners
