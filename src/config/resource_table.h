#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "config/pipeline.h"
#include "config/resources.h"
#include "config/shared_input.h"

namespace weir::config {

/// Makes the resources of a configuration when a component first asks for one, and keeps what is to
/// be shared (caches, rate limits, inputs that several places refer to). Thread-safe. Outlives the
/// components.
class ResourceTable {
 public:
  explicit ResourceTable(const PipelineConfig& config) : config_(config) {}
  /// Points the resolvers of `shared` here.
  void attach(Resources::Shared& shared);
  /// Opens the caches that components have asked for.
  [[nodiscard]] core::Status open();
  void close();

 private:
  template <class T>
  core::Result<std::shared_ptr<T>> shared_one(
      const std::vector<Child<T>>& list,
      std::map<std::string, std::shared_ptr<T>, std::less<>>& made, std::string_view label);

  core::Result<std::unique_ptr<core::Input>> input(std::string_view label);

  const PipelineConfig& config_;
  Resources::Shared* shared_ = nullptr;
  std::recursive_mutex mutex_;  // a cache may be made of caches
  std::map<std::string, std::shared_ptr<core::Cache>, std::less<>> caches_;
  std::map<std::string, std::shared_ptr<core::RateLimit>, std::less<>> rate_limits_;
  std::map<std::string, std::shared_ptr<SharedInput::Source>, std::less<>> inputs_;
};

}  // namespace weir::config
