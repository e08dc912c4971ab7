#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "buffers/all.h"
#include "config/pipeline.h"
#include "engine/stream.h"
#include "inputs/all.h"
#include "outputs/all.h"
#include "processors/all.h"
#include "scanners/all.h"

namespace {

class StderrSink final : public weir::core::LogSink {
 public:
  void write(const weir::core::LogRecord& record) override {
    std::string line = std::string(name(record.level)) + " " + std::string(record.message);
    for (const auto& [key, value] : *record.fields) line += " " + std::string(key) + "=" + value;
    std::cerr << line << "\n";
  }
  weir::core::LogLevel level() const override { return weir::core::LogLevel::kInfo; }
};

}  // namespace

int main(int argc, char** argv) {
  using namespace weir;
  std::signal(SIGPIPE, SIG_IGN);
  if (argc < 3) return 2;
  config::Registry registry;
  inputs::add_all(registry);
  buffers::add_all(registry);
  processors::add_all(registry);
  outputs::add_all(registry);
  scanners::add_all(registry);
  std::ifstream file(argv[2]);
  std::stringstream text;
  text << file.rdbuf();
  config::LoadRequest request;
  request.text = text.str();
  request.file = argv[2];
  config::Loaded loaded = config::load_pipeline(request, registry);
  for (const auto& found : loaded.diagnostics.all()) {
    std::cerr << found.where.to_string() << " " << found.rule << " " << found.message << " (" << found.hint << ")\n";
  }
  if (!loaded.usable) return 1;
  auto runtime = engine::make_thread_runtime(static_cast<unsigned>(loaded.config.pipeline.threads < 0 ? 2 : loaded.config.pipeline.threads));
  core::Metrics metrics;
  config::Resources::Shared shared;
  shared.clock = &runtime->clock();
  shared.executor = &runtime->executor();
  shared.metrics = &metrics;
  shared.log = core::Log(std::make_shared<StderrSink>(), "", "");
  auto stream = engine::Stream::make(loaded.config, shared, *runtime, 64 << 20);
  if (!stream) {
    std::cerr << stream.error().message << "\n";
    return 5;
  }
  const auto code = (*stream)->run();
  runtime->join();
  std::cerr << "received " << (*stream)->totals().received() << " delivered "
            << (*stream)->totals().ended(core::Outcome::kDelivered) << " failed "
            << (*stream)->totals().ended(core::Outcome::kFailed) << "\n";
  return static_cast<int>(code);
}
