#include <future>
#include <memory>

#include "codecs/framing.h"
#include "outputs/all.h"
#include "outputs/serial_writer.h"
#include "process/child_process.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;

constexpr std::chrono::milliseconds kGrace{2000};
constexpr std::chrono::milliseconds kFinish{5000};  // to work on what it has been given

struct SubprocessConfig {
  std::string name;
  std::vector<std::string> args;
  std::string codec = "lines";
};

config::Spec<SubprocessConfig> subprocess_spec() {
  return config::Spec<SubprocessConfig>("subprocess")
      .summary("Runs a program and writes messages to its standard input, a line each.")
      .description(
          "What it prints goes to the log. A message counts as delivered when the program's pipe "
          "has taken it. When the program ends, it is started again for the next message. At "
          "shutdown its input is closed; it has 5 s to finish, then it is ended, with all that it "
          "started in its process group.")
      .category("utility")
      .field("name", &SubprocessConfig::name,
             {.doc = "The program: a path, or a name looked up in PATH.", .required = true})
      .field("args", &SubprocessConfig::args, {.doc = "Its arguments."})
      .field("codec", &SubprocessConfig::codec,
             {.doc = "How messages are told apart. With `lines` a message that holds line breaks "
                     "arrives as several lines.",
              .options = {{"lines"}, {"length_prefixed_uint32_be"}, {"netstring"}}})
      .lint([](const SubprocessConfig&, const config::Node& node,
               const config::ReadContext& context) {
        if (!context.state().sandbox) return;
        context.error(config::rule::kNotSupported, node.where,
                      "`subprocess` is turned off by `--sandbox`");
      })
      .example("Through a filter into a file", R"yaml(
output:
  subprocess:
    name: sh
    args: [ -c, 'gzip > /tmp/out.gz' ]
)yaml");
}

class Subprocess final : public core::Output {
 public:
  Subprocess(SubprocessConfig config, codecs::Framing framing, const config::Resources& resources)
      : config_(std::move(config)),
        framing_(framing),
        resources_(resources),
        writer_("weir-process") {}
  ~Subprocess() override { close(); }

  std::size_t max_in_flight() const override { return 1; }

  core::Status connect(const core::Interrupt&) override {
    // On the writer's thread: the process must not outlive the thread that made it.
    auto answer = std::make_shared<std::promise<core::Status>>();
    writer_.post([this, answer] { answer->set_value(start()); });
    return answer->get_future().get();
  }

  void write(Batch batch, WriteDone done) override {
    auto held = std::make_shared<std::pair<Batch, WriteDone>>(std::move(batch), std::move(done));
    writer_.post([this, held] { held->second(write_now(std::move(held->first))); });
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    writer_.post([this] { finish(); });
    writer_.stop();
  }

 private:
  core::Status start() {
    if (process_ != nullptr) {
      const auto exit = process_->wait(std::chrono::milliseconds(0));
      if (!exit) return {};
      resources_.log().warn("subprocess_ended", "The program ended; it is started again.",
                            {{"how", exit->text()}});
      process_.reset();
    }
    process::ChildProcess::Options options;
    options.name = config_.name;
    options.args = config_.args;
    options.pipe_stdin = true;
    options.on_line = [log = resources_.log()](std::string_view stream, std::string_view line) {
      if (stream == "stderr") {
        log.warn("subprocess_stderr", "The program wrote to its standard error.",
                 {{"line", std::string(line)}});
      } else {
        log.info("subprocess_stdout", "The program wrote to its standard output.",
                 {{"line", std::string(line)}});
      }
    };
    auto started = process::ChildProcess::start(options);
    if (!started) return core::fail(std::move(started).error());
    process_ = *std::move(started);
    return {};
  }

  WriteResult write_now(Batch batch) {
    if (core::Status status = start(); !status)
      return WriteResult::all_failed(std::move(batch), status.error());
    WriteResult result;
    result.keep_alive = batch.sibling();
    Batch good = batch.sibling();
    std::string bytes;
    for (core::Message& message : batch) {
      auto payload = message.payload();
      core::Status framed = payload ? frame(*payload, bytes) : core::fail(payload.error());
      if (framed) {
        good.push(std::move(message));
      } else {
        result.failed.push_back({std::move(message), framed.error()});
      }
    }
    core::Status status = process_->write(bytes, resources_.shared().interrupt);
    if (!status) {
      WriteResult lost = WriteResult::all_failed(std::move(good), status.error());
      lost.keep_alive.append(std::move(result.keep_alive));
      for (auto& failed : result.failed) lost.failed.push_back(std::move(failed));
      return lost;
    }
    result.delivered = std::move(good);
    return result;
  }

  core::Status frame(std::string_view payload, std::string& bytes) const {
    if (framing_ != codecs::Framing::kLines) return codecs::append_frame(framing_, payload, bytes);
    bytes.append(payload);
    if (!payload.ends_with('\n')) bytes.push_back('\n');
    return {};
  }

  void finish() {
    if (process_ == nullptr) return;
    process_->close_stdin();
    auto exit = process_->wait(kFinish);
    if (!exit) {
      resources_.log().warn("subprocess_killed",
                            "The program did not end when its input was closed.");
      exit = process_->stop(kGrace);
    }
    if (!exit->good()) {
      resources_.log().error("subprocess_failed",
                             "The program failed; what it was given may not have been used.",
                             {{"how", exit->text()}});
    }
    process_.reset();
  }

  const SubprocessConfig config_;
  const codecs::Framing framing_;
  const config::Resources resources_;
  std::unique_ptr<process::ChildProcess> process_;  // of the writer's thread
  bool closed_ = false;
  SerialWriter writer_;
};

core::Result<std::unique_ptr<core::Output>> make_subprocess(SubprocessConfig config,
                                                            const config::Resources& resources) {
  if (config.name.empty()) return core::invalid_config("field `name` is empty");
  if (resources.shared().sandbox)
    return core::invalid_config("`subprocess` is turned off by `--sandbox`");
  WEIR_TRY(const codecs::Framing framing, codecs::parse_framing(config.codec));
  return std::make_unique<Subprocess>(std::move(config), framing, resources);
}

}  // namespace

void add_subprocess(config::Registry& registry) {
  registry.add_output(subprocess_spec(), make_subprocess);
}

}  // namespace weir::outputs
