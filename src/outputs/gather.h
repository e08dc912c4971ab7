#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "core/component.h"

namespace weir::outputs {

/// Joins the results of several writes that stand for one. Made with the number of results to come.
class Gather {
 public:
  Gather(std::size_t open, core::WriteDone done) : open_(open), done_(std::move(done)) {}

  void add(core::WriteResult part) {
    core::WriteResult all;
    core::WriteDone done;
    {
      const std::lock_guard lock(mutex_);
      all_.delivered.append(std::move(part.delivered));
      all_.keep_alive.append(std::move(part.keep_alive));
      for (auto& failed : part.failed) all_.failed.push_back(std::move(failed));
      if (--open_ > 0) return;
      all = std::move(all_);
      done = std::move(done_);
    }
    done(std::move(all));
  }

 private:
  std::mutex mutex_;
  core::WriteResult all_;
  std::size_t open_;
  core::WriteDone done_;
};

}  // namespace weir::outputs
