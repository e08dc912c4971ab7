#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "config/resources.h"
#include "core/component.h"
#include "engine/totals.h"

namespace weir::engine {

/// The write side of a buffer: takes batches from input ports, ends their deliveries when stored.
class BufferWriter {
 public:
  BufferWriter(core::StreamBuffer& buffer, const core::Interrupt& interrupt,
               const config::Resources& resources);
  void put(core::Batch batch);

 private:
  core::StreamBuffer& buffer_;
  const core::Interrupt& interrupt_;
  core::Log log_;
  core::Counter& received_;
  core::Counter& batch_received_;
};

/// The read side of a buffer, as an input that the engine drives like any other.
class BufferReader final : public core::Input {
 public:
  BufferReader(core::StreamBuffer& buffer, core::InputTraits source,
               const config::Resources& resources, Totals& totals);

  core::InputTraits traits() const override { return traits_; }
  core::Status connect(core::ReadContext&) override { return {}; }
  core::Result<core::ReadResult> read(core::ReadContext& context) override;
  void acknowledge(std::string_view partition, const core::Position& position) override;

 private:
  core::StreamBuffer& buffer_;
  core::InputTraits traits_;
  Totals& totals_;
  core::Counter& sent_;
  core::Counter& batch_sent_;
  std::mutex mutex_;                                        // guards what follows
  std::deque<std::pair<std::int64_t, std::uint64_t>> out_;  // sequence number, buffer id
  std::int64_t last_ = 0;
};

}  // namespace weir::engine
