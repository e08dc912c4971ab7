#include "caches/all.h"

namespace weir::caches {
namespace {

struct NoopConfig {};

config::Spec<NoopConfig> noop_spec() {
  return config::Spec<NoopConfig>("noop").summary("Stores nothing: no key ever exists.");
}

class Noop final : public core::Cache {
 public:
  core::Result<std::string> get(std::string_view) override {
    return core::fail(core::ErrorCode::kNotFound, "key does not exist");
  }
  core::Status set(std::string_view, std::string_view,
                   std::optional<std::chrono::nanoseconds>) override {
    return {};
  }
  core::Result<bool> add(std::string_view, std::string_view,
                         std::optional<std::chrono::nanoseconds>) override {
    return true;
  }
  core::Status remove(std::string_view) override { return {}; }
};

core::Result<std::unique_ptr<core::Cache>> make_noop(NoopConfig, const config::Resources&) {
  return std::make_unique<Noop>();
}

}  // namespace

void add_noop(config::Registry& registry) {
  registry.add_cache(noop_spec(), make_noop);
}

}  // namespace weir::caches
