#include "config/resources.h"

namespace weir::config {

Resources::Resources(Shared& shared, std::string label, std::string path)
    : shared_(&shared),
      label_(std::move(label)),
      path_(std::move(path)),
      log_(shared.log.with(label_, path_)) {}

core::Labels Resources::labels(const core::Labels& extra) const {
  core::Labels all = {{"label", label_}, {"path", path_}};
  all.insert(all.end(), extra.begin(), extra.end());
  return all;
}

core::Counter& Resources::counter(std::string_view name, const core::Labels& extra) const {
  return shared_->metrics->counter(name, labels(extra));
}
core::Gauge& Resources::gauge(std::string_view name, const core::Labels& extra) const {
  return shared_->metrics->gauge(name, labels(extra));
}
core::Timing& Resources::timing(std::string_view name, const core::Labels& extra) const {
  return shared_->metrics->timing(name, labels(extra));
}

}  // namespace weir::config
