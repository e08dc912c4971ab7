#pragma once

#include <thread>

#include "core/interrupt.h"
#include "engine/stream.h"

namespace weir::cmd {

/// On a terminal: one line about a finite input (messages, rate, share done, time left), twice a
/// second, wiped at the end. Nothing otherwise.
class ProgressLine {
 public:
  ProgressLine(const engine::Stream& stream, bool shown);
  ~ProgressLine();

 private:
  void show();

  const engine::Stream& stream_;
  core::Interrupt end_;
  std::thread thread_;
  std::uint64_t last_received_ = 0;
};

}  // namespace weir::cmd
