#include <cstdio>

#include "commands.h"
#include "config/render.h"
#include "files.h"
#include "masking.h"
#include "registry.h"

namespace weir::cmd {

int echo(const CommonOptions& options) {
  auto request = make_request(options);
  if (!request) {
    std::fprintf(stderr, "weir: %s\n", request.error().message.c_str());
    return exit_code(request.error());
  }
  request->skip_env_check = true;
  config::Loaded loaded = config::load_pipeline(*request, all_components());
  print_findings(loaded.diagnostics, *request);
  if (!loaded.usable) return 1;
  complete(loaded.root, all_components());
  const std::string text = config::to_yaml(loaded.root);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace weir::cmd
