#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/pipeline.h"
#include "core/result.h"

namespace weir::http {
class Server;
}

namespace weir::admin {

/// What the listener's pages show.
struct Views {
  std::function<bool()> ready;
  struct Connection {
    std::string label;
    std::string path;
    bool connected;
  };
  std::function<std::vector<Connection>()> connections;
  std::string version;
  /// The configuration as it runs, secrets masked, for `http.debug_endpoints`.
  std::function<std::string()> config_yaml;
  std::function<std::string()> config_json;
};

/// The service's own HTTP listener (`http` section): probes, metrics, and the paths of components
/// without an address of their own. It is a service of the process: components find it in
/// `Resources::Shared::services` as the shared http::Server.
class Listener {
 public:
  /// Binds (so that a taken port is told before anything starts) and puts the server into
  /// `shared.services` for components. Does nothing when `http.enabled` is false.
  [[nodiscard]] static core::Result<std::unique_ptr<Listener>> make(
      const config::HttpConfig& config, config::Resources::Shared& shared);
  ~Listener();

  /// Adds the pages and begins to answer.
  [[nodiscard]] core::Status start(config::MetricsExporter& exporter, Views views);
  void stop();
  /// As bound; empty when there is none.
  [[nodiscard]] std::string address() const;

 private:
  struct Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::admin
