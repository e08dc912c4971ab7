#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>

#include "core/clock.h"
#include "core/component.h"
#include "core/executor.h"
#include "core/log.h"
#include "core/metrics.h"

namespace weir::config {

/// What components are made from besides their own fields: time, logs, metrics, shared resources.
///
/// One root for the process; each component gets a view of its own (for_component) that knows its
/// label and path. The root outlives all components.
class Resources {
 public:
  /// The process-wide part; filled by whoever starts the pipeline (daemon, test runner, lint).
  struct Shared {
    const core::Clock* clock = nullptr;
    core::Executor* executor = nullptr;
    core::Metrics* metrics = nullptr;
    core::Log log;
    std::function<std::uint64_t()> random = core::secure_random;
    const core::Interrupt* interrupt = nullptr;  ///< raised when everything has to end
    std::string pipeline_id;
    std::string data_dir;  ///< exists when a component asks ensure_data_dir()
    bool strict_errors = true;
    bool sandbox = false;
    bool making_only = false;  ///< lint: objects are made and thrown away
    unsigned threads = 1;
    bool own_threads = true;  ///< components may start threads (not in a simulation)

    // Resources by label; made on first use by the registry's resolver, shared after that.
    std::function<core::Result<std::shared_ptr<core::Cache>>(std::string_view label)> cache;
    std::function<core::Result<std::shared_ptr<core::RateLimit>>(std::string_view label)>
        rate_limit;
    std::function<core::Result<std::unique_ptr<core::Processor>>(std::string_view label)> processor;
    std::function<core::Result<std::unique_ptr<core::Input>>(std::string_view label)> input;
    std::function<core::Result<std::unique_ptr<core::Output>>(std::string_view label)> output;

    /// Other shared things by type: HTTP servers, in-process channels, the mapping environment.
    std::map<std::type_index, std::shared_ptr<void>> services;
  };

  Resources(Shared& shared, std::string label, std::string path);

  [[nodiscard]] Resources for_component(std::string label, std::string path) const {
    return Resources(*shared_, std::move(label), std::move(path)).with_patience(patient_);
  }

  /// Nobody above decides what a failed write means: outputs made with these resources write again
  /// for ever what may pass later. `fallback`, `drop_on`, `retry` and their like make their
  /// children with impatient() resources, to hear of each failure.
  [[nodiscard]] bool patient() const { return patient_; }
  [[nodiscard]] Resources impatient() const { return with_patience(false); }
  [[nodiscard]] Resources with_patience(bool patient) const {
    Resources copy = *this;
    copy.patient_ = patient;
    return copy;
  }

  [[nodiscard]] Shared& shared() const { return *shared_; }
  [[nodiscard]] const core::Clock& clock() const { return *shared_->clock; }
  [[nodiscard]] core::Executor& executor() const { return *shared_->executor; }
  [[nodiscard]] const core::Log& log() const { return log_; }
  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Metrics that carry this component's label and path, then `extra`.
  [[nodiscard]] core::Counter& counter(std::string_view name, const core::Labels& extra = {}) const;
  [[nodiscard]] core::Gauge& gauge(std::string_view name, const core::Labels& extra = {}) const;
  [[nodiscard]] core::Timing& timing(std::string_view name, const core::Labels& extra = {}) const;

  /// The one T of the process, made on first use. T is default constructible, or was put into
  /// `services` by who started the pipeline.
  template <class T>
  [[nodiscard]] std::shared_ptr<T> service() const {
    auto& slot = shared_->services[typeid(T)];
    if (slot == nullptr) slot = std::make_shared<T>();
    return std::static_pointer_cast<T>(slot);
  }

 private:
  [[nodiscard]] core::Labels labels(const core::Labels& extra) const;

  Shared* shared_;
  std::string label_;
  std::string path_;
  core::Log log_;
  bool patient_ = true;
};

}  // namespace weir::config
