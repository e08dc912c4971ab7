#include "processors/workflow_order.h"

#include <algorithm>

namespace weir::processors {

namespace {

// One of the paths lies on the way to the other.
bool overlap(const mapping::PathUse& read, const mapping::PathUse& written) {
  if (read.metadata != written.metadata || read.segments.empty()) return false;
  const std::size_t common = std::min(read.segments.size(), written.segments.size());
  return std::equal(read.segments.begin(),
                    read.segments.begin() + static_cast<std::ptrdiff_t>(common),
                    written.segments.begin());
}

bool depends(const StageUse& stage, const StageUse& other) {
  for (const auto& read : stage.reads) {
    for (const auto& written : other.writes) {
      if (overlap(read, written)) return true;
    }
  }
  return false;
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "`" : ", `") + name + "`";
  return text;
}

}  // namespace

core::Result<Tiers> infer_order(const std::vector<StageUse>& stages) {
  std::vector<bool> placed(stages.size(), false);
  std::size_t left = stages.size();
  Tiers tiers;
  while (left > 0) {
    std::vector<std::size_t> tier;
    for (std::size_t i = 0; i < stages.size(); ++i) {
      if (placed[i]) continue;
      bool waits = false;
      for (std::size_t k = 0; k < stages.size(); ++k)
        waits = waits || (k != i && !placed[k] && depends(stages[i], stages[k]));
      if (!waits) tier.push_back(i);
    }
    if (tier.empty()) {
      std::vector<std::string> names;
      for (std::size_t i = 0; i < stages.size(); ++i) {
        if (!placed[i]) names.push_back(stages[i].name);
      }
      return core::invalid_config("the branches " + list(names) +
                                  " read what the others write: give an `order`");
    }
    for (const std::size_t i : tier) placed[i] = true;
    left -= tier.size();
    tiers.push_back(std::move(tier));
  }
  return tiers;
}

core::Result<Tiers> check_order(const std::vector<std::vector<std::string>>& order,
                                const std::vector<StageUse>& stages) {
  std::vector<bool> seen(stages.size(), false);
  Tiers tiers;
  for (const auto& names : order) {
    if (names.empty()) return core::invalid_config("a tier of `order` is empty");
    std::vector<std::size_t> tier;
    for (const std::string& name : names) {
      const auto found = std::find_if(stages.begin(), stages.end(),
                                      [&](const StageUse& stage) { return stage.name == name; });
      if (found == stages.end())
        return core::invalid_config("`order` names `" + name + "`, which is not a branch");
      const auto index = static_cast<std::size_t>(found - stages.begin());
      if (seen[index]) return core::invalid_config("`order` names `" + name + "` twice");
      seen[index] = true;
      tier.push_back(index);
    }
    tiers.push_back(std::move(tier));
  }
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (!seen[i]) missing.push_back(stages[i].name);
  }
  if (!missing.empty()) return core::invalid_config("`order` leaves out " + list(missing));
  return tiers;
}

}  // namespace weir::processors
