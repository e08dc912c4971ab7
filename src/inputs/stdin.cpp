#include <optional>

#include <unistd.h>

#include "inputs/all.h"
#include "inputs/scanned_stream.h"

namespace weir::inputs {
namespace {

struct StdinConfig {
  config::Child<core::Scanner> scanner;
  bool auto_replay_nacks = true;
};

config::Spec<StdinConfig> stdin_spec() {
  return config::Spec<StdinConfig>("stdin")
      .summary("Reads standard input.")
      .category("local")
      .field("scanner", &StdinConfig::scanner,
             {.doc = "How the bytes are cut into messages. Default: `lines`.", .no_default = true})
      .ignored("auto_replay_nacks",
               "Messages that come back undelivered are always handed out again.");
}

class Stdin final : public core::Input {
 public:
  explicit Stdin(std::unique_ptr<core::Scanner> scanner) : stream_(std::move(scanner), "stdin") {}

  core::InputTraits traits() const override { return {.finite = true}; }
  core::Status connect(core::ReadContext&) override { return {}; }
  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    core::ReadBatch read;
    read.batch = core::Batch::fresh();
    WEIR_TRY(const auto state, stream_.read(STDIN_FILENO, true, context.interrupt(),
                                            context.wait_limit(), read.batch));
    if (state == ScannedStream::State::kEnd) return core::ReadResult::end();
    if (state == ScannedStream::State::kIdle) return core::ReadResult::idle();
    return core::ReadResult::of(std::move(read));
  }

 private:
  ScannedStream stream_;
};

core::Result<std::unique_ptr<core::Input>> make_stdin(const StdinConfig& config,
                                                      const config::Resources& resources) {
  auto scanner = make_scanner(config.scanner, resources);
  if (!scanner) return core::fail(std::move(scanner).error());
  return std::make_unique<Stdin>(*std::move(scanner));
}

}  // namespace

void add_stdin(config::Registry& registry) {
  registry.add_input(stdin_spec(), make_stdin);
}

}  // namespace weir::inputs
