// Pattern files and expressions: the first line is an expression, the rest a pattern file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "processors/grok_patterns.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::processors;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  GrokPatterns patterns = default_grok_patterns();
  if (end != std::string_view::npos) (void)read_grok_patterns(text.substr(end + 1), patterns);
  for (const bool named_only : {true, false}) {
    const auto made = expand_grok(text.substr(0, end), patterns, named_only);
    if (made && made->regexp.size() > (std::size_t{4} << 20)) std::abort();
  }
  return 0;
}
