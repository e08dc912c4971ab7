#include <cstdio>

#include "commands.h"
#include "http/client.h"

namespace weir::cmd {

int healthcheck(const HealthcheckOptions& options) {
  auto client = http::Client::make({});
  if (!client) {
    std::fprintf(stderr, "weir: %s\n", client.error().message.c_str());
    return 5;
  }
  http::ClientRequest request;
  request.method = "GET";
  request.url = options.url;
  request.timeout = std::chrono::seconds(options.timeout_seconds);
  auto response = (*client)->send_and_wait(std::move(request));
  if (!response) {
    std::fprintf(stderr, "weir: not healthy: %s\n", response.error().message.c_str());
    return 1;
  }
  if (response->status != 200) {
    std::fprintf(stderr, "weir: not healthy: %s answered %d\n", options.url.c_str(),
                 response->status);
    return 1;
  }
  std::printf("healthy\n");
  return 0;
}

}  // namespace weir::cmd
