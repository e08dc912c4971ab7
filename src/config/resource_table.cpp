#include "config/resource_table.h"

#include "config/output_child.h"

namespace weir::config {

namespace {

template <class T>
const Child<T>* find_label(const std::vector<Child<T>>& list, std::string_view label) {
  for (const Child<T>& child : list) {
    if (child.plan().label == label) return &child;
  }
  return nullptr;
}

tl::unexpected<core::Error> missing(ComponentKind kind, std::string_view label) {
  return core::fail(
      core::ErrorCode::kNotFound,
      "there is no " + std::string(name(kind)) + " resource called `" + std::string(label) + "`");
}

}  // namespace

template <class T>
core::Result<std::shared_ptr<T>> ResourceTable::shared_one(
    const std::vector<Child<T>>& list, std::map<std::string, std::shared_ptr<T>, std::less<>>& made,
    std::string_view label) {
  const std::lock_guard lock(mutex_);
  if (const auto found = made.find(label); found != made.end()) {
    if (found->second == nullptr) {
      return core::invalid_config("resource `" + std::string(label) + "` refers to itself");
    }
    return found->second;
  }
  const Child<T>* child = find_label(list, label);
  if (child == nullptr) return missing(kKindOf<T>, label);
  const auto slot = made.emplace(std::string(label), nullptr).first;
  auto one = child->make(Resources(*shared_, "", "root"));
  if (!one) {
    made.erase(slot);
    return core::fail(
        std::move(one).error().with_context("making resource `" + std::string(label) + "`"));
  }
  slot->second = *std::move(one);
  return slot->second;
}

void ResourceTable::attach(Resources::Shared& shared) {
  shared_ = &shared;
  shared.cache = [this](std::string_view label) {
    return shared_one(config_.cache_resources, caches_, label);
  };
  shared.rate_limit = [this](std::string_view label) {
    return shared_one(config_.rate_limit_resources, rate_limits_, label);
  };
  shared.processor =
      [this](std::string_view label) -> core::Result<std::unique_ptr<core::Processor>> {
    const auto* child = find_label(config_.processor_resources, label);
    if (child == nullptr) return missing(ComponentKind::kProcessor, label);
    return child->make(Resources(*shared_, "", "root"));
  };
  shared.input = [this](std::string_view label) { return input(label); };
  shared.output = [this](std::string_view label) -> core::Result<std::unique_ptr<core::Output>> {
    const auto* child = find_label(config_.output_resources, label);
    if (child == nullptr) return missing(ComponentKind::kOutput, label);
    return make_output_child(*child, Resources(*shared_, "", "root"));
  };
}

core::Result<std::unique_ptr<core::Input>> ResourceTable::input(std::string_view label) {
  const std::lock_guard lock(mutex_);
  const auto* child = find_label(config_.input_resources, label);
  if (child == nullptr) return missing(ComponentKind::kInput, label);
  const Resources root(*shared_, "", "root");
  const auto references = config_.input_references.find(label);
  if (references == config_.input_references.end() || references->second < 2) {
    auto made = InputChild::make(*child, root);
    if (!made) return core::fail(std::move(made).error());
    return std::make_unique<ReferredInput>(*std::move(made));
  }
  auto& source = inputs_[std::string(label)];
  if (source == nullptr) {
    auto made = InputChild::make_nested(*child, root);
    if (!made) return core::fail(std::move(made).error());
    source = std::make_shared<SharedInput::Source>(*std::move(made));
  }
  return std::make_unique<SharedInput>(source);
}

core::Status ResourceTable::open() {
  const std::lock_guard lock(mutex_);
  for (auto& [label, cache] : caches_) {
    if (cache == nullptr) continue;
    if (core::Status status = cache->open(); !status)
      return core::fail(std::move(status).error().with_context("opening cache `" + label + "`"));
  }
  return {};
}

void ResourceTable::close() {
  const std::lock_guard lock(mutex_);
  for (auto& [label, cache] : caches_) {
    if (cache != nullptr) cache->close();
  }
  caches_.clear();
  rate_limits_.clear();
}

}  // namespace weir::config
