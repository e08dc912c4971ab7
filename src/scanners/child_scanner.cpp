#include "scanners/child_scanner.h"

#include "scanners/splitter_scanner.h"

namespace weir::scanners {

core::Result<std::unique_ptr<core::Scanner>> make_whole_scanner(std::size_t max_bytes) {
  auto splitter = codecs::make_whole_splitter(max_bytes);
  if (!splitter) return core::fail(std::move(splitter).error());
  return std::make_unique<SplitterScanner>(*std::move(splitter), false);
}

core::Result<std::unique_ptr<core::Scanner>> make_child_scanner(
    const config::Child<core::Scanner>& child, const config::Resources& resources) {
  if (child) return child.make(resources);
  return make_whole_scanner(kDefaultMaxWholeBytes);
}

}  // namespace weir::scanners
