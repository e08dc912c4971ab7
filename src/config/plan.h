#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/context.h"
#include "config/resources.h"
#include "core/result.h"

namespace weir::config {

template <class T>
class Child;

/// A component as configured: read, checked, not yet made. Immutable and shared.
template <class T>
struct Plan {
  std::string type;
  std::string label;
  std::string path;
  Location where;
  const ComponentDoc* doc = nullptr;
  /// Makes one instance. No sockets, files or threads yet.
  std::function<core::Result<std::unique_ptr<T>>(const Resources&)> make_component;
  /// Of inputs and outputs: the reserved `processors` beside the component.
  std::vector<Child<core::Processor>> processors;
  /// Child components found in the fields, in order: for walking the graph (explain, lint).
  std::vector<std::function<void(const Resources&, Diagnostics&)>> checks;
};

/// A field that holds another component.
template <class T>
class Child {
 public:
  Child() = default;
  explicit Child(std::shared_ptr<const Plan<T>> plan) : plan_(std::move(plan)) {}

  [[nodiscard]] explicit operator bool() const { return plan_ != nullptr; }
  [[nodiscard]] const Plan<T>& plan() const { return *plan_; }
  /// A new instance with its own label, path, log and metrics. Input and output processors are not
  /// part of it: see make_input_child() and make_output_child().
  [[nodiscard]] core::Result<std::unique_ptr<T>> make(const Resources& resources) const {
    return plan_->make_component(resources.for_component(plan_->label, plan_->path));
  }

 private:
  std::shared_ptr<const Plan<T>> plan_;
};

using ProcessorList = std::vector<Child<core::Processor>>;

}  // namespace weir::config
