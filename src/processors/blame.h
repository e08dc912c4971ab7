#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "config/resources.h"
#include "core/message.h"

namespace weir::processors {

/// Flags messages in the name of one component.
class Blame {
 public:
  Blame(std::string component, const config::Resources& resources)
      : component_(std::move(component)), label_(resources.label()), path_(resources.path()) {}

  void fail(core::Message& message, const core::Error& error) const {
    message.fail(error.code, error.message, component_, label_, path_);
  }
  void fail(core::Message& message, core::ErrorCode code, std::string_view text) const {
    message.fail(code, text, component_, label_, path_);
  }
  void fail_all(core::Batch& batch, const core::Error& error) const {
    for (core::Message& message : batch) fail(message, error);
  }

 private:
  std::string component_;
  std::string label_;
  std::string path_;
};

}  // namespace weir::processors
