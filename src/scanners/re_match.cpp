#include "scanners/all.h"
#include "scanners/splitter_scanner.h"

namespace weir::scanners {
namespace {

struct ReMatchConfig {
  config::RegexText pattern;
  config::ByteSize max_buffer_size{codecs::kDefaultMaxRecordBytes};
};

config::Spec<ReMatchConfig> re_match_spec() {
  return config::Spec<ReMatchConfig>("re_match")
      .summary("Cuts where a regular expression matches: each message begins with a match.")
      .description(
          "A message longer than `max_buffer_size` becomes a failed one; reading goes on at the "
          "next match.")
      .field("pattern", &ReMatchConfig::pattern,
             {.doc = "Where messages begin.",
              .required = true,
              .examples = {R"x('(?m)^\d\d:\d\d:\d\d')x"}})
      .field("max_buffer_size", &ReMatchConfig::max_buffer_size,
             {.doc = "Longest message.", .min = 1, .max = 1 << 30});
}

core::Result<std::unique_ptr<core::Scanner>> make_re_match(const ReMatchConfig& config,
                                                           const config::Resources&) {
  auto splitter = codecs::make_regex_splitter(
      config.pattern.pattern, static_cast<std::size_t>(config.max_buffer_size.bytes));
  if (!splitter) return core::fail(std::move(splitter).error());
  return std::make_unique<SplitterScanner>(*std::move(splitter));
}

}  // namespace

void add_re_match(config::Registry& registry) {
  registry.add_scanner(re_match_spec(), make_re_match);
}

}  // namespace weir::scanners
