#include "buffers/all.h"

namespace weir::buffers {
namespace {

struct NoneConfig {};

config::Spec<NoneConfig> none_spec() {
  return config::Spec<NoneConfig>("none").summary(
      "No buffer: an input is acknowledged when the output has accepted its messages.");
}

// The engine takes a null pointer for "no buffer".
core::Result<std::unique_ptr<core::StreamBuffer>> make_none(NoneConfig, const config::Resources&) {
  return std::unique_ptr<core::StreamBuffer>();
}

}  // namespace

void add_none(config::Registry& registry) {
  registry.add_buffer(none_spec(), make_none);
}

}  // namespace weir::buffers
