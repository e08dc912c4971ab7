#include <memory>
#include <optional>

#include "core/backoff.h"
#include "inputs/all.h"
#include "inputs/scanned_stream.h"
#include "process/child_process.h"
#include "scanners/splitter_scanner.h"

namespace weir::inputs {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::chrono::milliseconds kGrace{2000};

struct SubprocessConfig {
  std::string name;
  std::vector<std::string> args;
  std::string codec = "lines";
  bool restart_on_exit = false;
  std::uint64_t max_buffer = codecs::kDefaultMaxRecordBytes;
};

config::Spec<SubprocessConfig> subprocess_spec() {
  return config::Spec<SubprocessConfig>("subprocess")
      .summary("Runs a program and reads messages from its standard output.")
      .description(
          "Its standard error goes to the log. When it ends well, the input ends; when it fails, "
          "so does the run, for what it wrote may not be all (or it is started again, with "
          "`restart_on_exit`). At shutdown it is asked to end and killed after 2 s, with all that "
          "it started in its process group.")
      .category("utility")
      .field("name", &SubprocessConfig::name,
             {.doc = "The program: a path, or a name looked up in PATH.",
              .required = true,
              .examples = {"cat", "sed", "awk"}})
      .field("args", &SubprocessConfig::args, {.doc = "Its arguments."})
      .field("codec", &SubprocessConfig::codec,
             {.doc = "How its output is cut into messages.", .options = {{"lines"}}})
      .field("restart_on_exit", &SubprocessConfig::restart_on_exit,
             {.doc = "Start it again whenever it ends."})
      .field("max_buffer", &SubprocessConfig::max_buffer,
             {.doc = "Longest message; a longer one fails.",
              .advanced = true,
              .min = 1,
              .max = 1 << 30})
      .lint([](const SubprocessConfig&, const config::Node& node,
               const config::ReadContext& context) {
        if (!context.state().sandbox) return;
        context.error(config::rule::kNotSupported, node.where,
                      "`subprocess` is turned off by `--sandbox`");
      })
      .example("The lines of a command",
               "subprocess:\n  name: journalctl\n  args: [ -f, -o, json ]\n");
}

class Subprocess final : public core::Input {
 public:
  Subprocess(SubprocessConfig config, const config::Resources& resources)
      : config_(std::move(config)),
        resources_(resources),
        backoff_(std::chrono::milliseconds(100), std::chrono::seconds(10)) {}

  core::InputTraits traits() const override { return {.finite = !config_.restart_on_exit}; }

  core::Status connect(core::ReadContext& context) override {
    if (started_before_) {
      const auto wait = backoff_.next(resources_.shared().random());
      if (!context.interrupt().wait_for(
              std::chrono::duration_cast<std::chrono::milliseconds>(wait))) {
        return core::fail(core::ErrorCode::kCancelled, "stopping");
      }
    }
    process::ChildProcess::Options options;
    options.name = config_.name;
    options.args = config_.args;
    options.pipe_stdout = true;
    options.on_line = [log = resources_.log()](std::string_view, std::string_view line) {
      log.warn("subprocess_stderr", "The program wrote to its standard error.",
               {{"line", std::string(line)}});
    };
    WEIR_TRY(process_, process::ChildProcess::start(options));
    started_before_ = true;
    started_at_ = resources_.clock().mono_nanos();
    auto splitter =
        codecs::make_lines_splitter({"", static_cast<std::size_t>(config_.max_buffer), false});
    if (!splitter) return core::fail(std::move(splitter).error());
    stream_.emplace(std::make_unique<scanners::SplitterScanner>(*std::move(splitter)),
                    config_.name);
    return {};
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    core::ReadBatch read;
    read.batch = core::Batch::fresh();
    WEIR_TRY(const auto state, stream_->read(process_->stdout_fd(), true, context.interrupt(),
                                             context.wait_limit(), read.batch));
    if (state == ScannedStream::State::kIdle) return core::ReadResult::idle();
    if (state == ScannedStream::State::kBatch) {
      read.after.offset = ++batches_;
      return core::ReadResult::of(std::move(read));
    }
    // It has closed its output; it ends soon, or else is of no more use.
    auto exit = process_->wait(context.wait_limit());
    if (!exit && context.interrupt().raised()) return core::ReadResult::idle();
    if (!exit) {
      if (!closed_at_) closed_at_ = resources_.clock().mono_nanos();
      if (resources_.clock().mono_nanos() - *closed_at_ < 5 * kSecond)
        return core::ReadResult::idle();
      exit = process_->stop(kGrace);
    }
    closed_at_.reset();
    const std::string how = "`" + config_.name + "` " + exit->text();
    if (config_.restart_on_exit) {
      if (resources_.clock().mono_nanos() - started_at_ > 10 * kSecond) backoff_.reset();
      return core::unavailable(how);
    }
    if (exit->good()) return core::ReadResult::end();
    return core::invalid_config("reading the output of `" + config_.name + "`: it " + exit->text());
  }

  void close() override {
    if (process_ != nullptr) (void)process_->stop(kGrace);
    process_.reset();
  }

 private:
  const SubprocessConfig config_;
  const config::Resources resources_;
  std::unique_ptr<process::ChildProcess> process_;
  std::optional<ScannedStream> stream_;
  core::Backoff backoff_;
  bool started_before_ = false;
  std::int64_t started_at_ = 0;
  std::optional<std::int64_t> closed_at_;
  std::int64_t batches_ = 0;
};

core::Result<std::unique_ptr<core::Input>> make_subprocess(SubprocessConfig config,
                                                           const config::Resources& resources) {
  if (config.name.empty()) return core::invalid_config("field `name` is empty");
  if (resources.shared().sandbox)
    return core::invalid_config("`subprocess` is turned off by `--sandbox`");
  return std::make_unique<Subprocess>(std::move(config), resources);
}

}  // namespace

void add_subprocess(config::Registry& registry) {
  registry.add_input(subprocess_spec(), make_subprocess);
}

}  // namespace weir::inputs
