#include "processors/lanes.h"

#include <algorithm>

namespace weir::processors {

using core::Batch;
using core::Batches;
using core::Message;

Lanes::Lanes(std::size_t width, const config::Resources& resources)
    : width_(resources.shared().own_threads ? std::max<std::size_t>(width, 1) : 1) {}

Lanes::~Lanes() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::size_t Lanes::used_for(std::size_t count) const {
  return std::max<std::size_t>(std::min(width_, count), 1);
}

void Lanes::run(std::size_t count, const Work& work) {
  const std::size_t lanes = used_for(count);
  if (lanes == 1) {
    for (std::size_t item = 0; item < count; ++item) work(0, item);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    count_ = count;
    wanted_ = lanes;
    next_.store(0, std::memory_order_relaxed);
    busy_ = lanes - 1;
    ++round_;
    while (threads_.size() + 1 < lanes) {
      const std::size_t lane = threads_.size() + 1;
      threads_.emplace_back([this, lane] { serve(lane); });
    }
  }
  changed_.notify_all();
  work_off(0);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return busy_ == 0; });
  work_ = nullptr;
}

void Lanes::serve(std::size_t lane) {
  std::uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || (round_ != seen && work_ != nullptr); });
      if (stop_) return;
      seen = round_;
      if (lane >= wanted_) continue;
    }
    work_off(lane);
    bool last = false;
    {
      const std::lock_guard lock(mutex_);
      last = --busy_ == 0;
    }
    if (last) changed_.notify_all();
  }
}

void Lanes::work_off(std::size_t lane) {
  for (;;) {
    const std::size_t item = next_.fetch_add(1, std::memory_order_relaxed);
    if (item >= count_) return;
    (*work_)(lane, item);
  }
}

core::Result<LaneChains> LaneChains::make(config::ProcessorList list,
                                          const config::Resources& resources) {
  LaneChains made(std::move(list), resources);
  auto first = config::ProcessorChain::make(made.list_, resources);
  if (!first) return core::fail(std::move(first).error());
  made.chains_.push_back(std::make_unique<config::ProcessorChain>(*std::move(first)));
  return made;
}

std::size_t LaneChains::prepare(std::size_t lanes) {
  while (chains_.size() < lanes) {
    auto next = config::ProcessorChain::make(list_, resources_);
    if (!next) break;  // the first could be made: fewer lanes do as well
    chains_.push_back(std::make_unique<config::ProcessorChain>(*std::move(next)));
  }
  return std::min(lanes, chains_.size());
}

void LaneChains::close() {
  for (auto& chain : chains_) chain->close();
}

Batch run_joined(config::ProcessorChain& chain, Batch batch) {
  Batches made = chain.run(std::move(batch));
  Batch all;
  for (std::size_t i = 0; i < made.size(); ++i) all.append(std::move(made[i]));
  return all;
}

Batch run_each(Lanes& lanes, std::size_t most_lanes, Batch batch,
               const std::function<Batch(std::size_t lane, Batch one)>& work) {
  const std::size_t count = batch.size();
  const std::size_t used = std::min(lanes.used_for(count), std::max<std::size_t>(most_lanes, 1));
  Batch all = batch.sibling();
  if (used == 1) {
    for (Message& message : batch) {
      Batch one = batch.sibling();
      one.push(std::move(message));
      all.append(work(0, std::move(one)));
    }
    return all;
  }
  std::mutex source;  // the batch's own storage is used by one thread at a time
  std::vector<Batch> homes;
  for (std::size_t i = 0; i < used; ++i) homes.push_back(Batch::fresh());
  std::vector<Batch> results(count);
  std::atomic<std::size_t> next{0};
  lanes.run(used, [&](std::size_t lane, std::size_t) {
    for (;;) {
      const std::size_t i = next.fetch_add(1, std::memory_order_relaxed);
      if (i >= count) return;
      Batch one = homes[lane].sibling();
      {
        const std::lock_guard lock(source);
        auto copy = batch[i].copy_to(homes[lane].storage());
        if (!copy) {
          batch[i].fail(copy.error());
          results[i] = batch.sibling();
          results[i].push(std::move(batch[i]));
          continue;
        }
        copy->set_lineage(std::move(batch[i].lineage()));
        one.push(*std::move(copy));
      }
      results[i] = work(lane, std::move(one));
    }
  });
  for (Batch& result : results) all.append(std::move(result));
  return all;
}

}  // namespace weir::processors
