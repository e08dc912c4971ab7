#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "config/ack_ledger.h"
#include "config/input_child.h"

namespace weir::config {

/// An input of `input_resources` that a single place refers to: the engine drives it there, with
/// the processors that stand beside it.
class ReferredInput final : public MergedInput {
 public:
  explicit ReferredInput(InputChild child) { children_.push_back(std::move(child)); }
  [[nodiscard]] core::InputTraits traits() const override {
    return children_.empty() ? core::InputTraits() : children_.front().traits();
  }
  [[nodiscard]] std::vector<InputChild> take_children() override { return std::move(children_); }
  [[nodiscard]] const BatchPolicyConfig& batching() const override { return none_; }

 private:
  std::vector<InputChild> children_;
  BatchPolicyConfig none_;
};

/// An input of `input_resources` that several places refer to: there is one, and each message goes
/// to whichever place reads next. Positions are acknowledged to it in the order of reading, once
/// everything before has ended in all places.
class SharedInput final : public core::Input {
 public:
  struct Source {
    explicit Source(InputChild made) : child(std::move(made)), traits(child.traits()) {}
    InputChild child;
    const core::InputTraits traits;
    AckLedger ledger;
    std::mutex mutex;  // guards what follows, and the child
    bool connected = false;
    bool ended = false;
    unsigned open = 0;  // places that have connected and not closed
  };

  explicit SharedInput(std::shared_ptr<Source> source) : source_(std::move(source)) {}

  [[nodiscard]] core::InputTraits traits() const override { return source_->traits; }

  [[nodiscard]] core::Status connect(core::ReadContext& context) override {
    const std::lock_guard lock(source_->mutex);
    if (!std::exchange(counted_, true)) ++source_->open;
    if (source_->connected || source_->ended) return {};
    LedgerContext below(context, source_->ledger, *this);
    WEIR_CHECK_OK(source_->child.connect(below));
    source_->connected = true;
    return {};
  }

  [[nodiscard]] core::Result<core::ReadResult> read(core::ReadContext& context) override {
    const std::lock_guard lock(source_->mutex);
    if (source_->ended) return core::ReadResult::end();
    if (!source_->connected) return core::unavailable("another place lost the connection");
    LedgerContext below(context, source_->ledger, *this);
    auto result = source_->child.read(below);
    if (!result) {
      source_->connected = false;
    } else if (result->status == core::ReadStatus::kEnd) {
      source_->ended = true;
    }
    return result;
  }

  void acknowledge(std::string_view partition, const core::Position& position) override {
    source_->ledger.acknowledge(this, partition, position);
  }

  void close() override {
    const std::lock_guard lock(source_->mutex);
    if (std::exchange(counted_, false) && --source_->open == 0) source_->child.close();
  }

 private:
  const std::shared_ptr<Source> source_;
  bool counted_ = false;
};

}  // namespace weir::config
