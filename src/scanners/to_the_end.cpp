#include "scanners/all.h"
#include "scanners/child_scanner.h"
#include "scanners/splitter_scanner.h"

namespace weir::scanners {
namespace {

struct ToTheEndConfig {
  config::ByteSize max_size{kDefaultMaxWholeBytes};
};

config::Spec<ToTheEndConfig> to_the_end_spec() {
  return config::Spec<ToTheEndConfig>("to_the_end")
      .summary("Makes one message of the whole stream.")
      .description("A stream longer than `max_size` becomes a failed message.")
      .field("max_size", &ToTheEndConfig::max_size,
             {.doc = "Longest stream.", .advanced = true, .min = 1, .max = 1 << 30});
}

core::Result<std::unique_ptr<core::Scanner>> make_to_the_end(const ToTheEndConfig& config,
                                                             const config::Resources&) {
  return make_whole_scanner(static_cast<std::size_t>(config.max_size.bytes));
}

}  // namespace

void add_to_the_end(config::Registry& registry) {
  registry.add_scanner(to_the_end_spec(), make_to_the_end);
}

}  // namespace weir::scanners
