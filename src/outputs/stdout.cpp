#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "codecs/output_codec.h"
#include "core/buffer.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteResult;

struct StdoutConfig {
  std::string codec = "lines";
};

config::Spec<StdoutConfig> stdout_spec() {
  return config::Spec<StdoutConfig>("stdout")
      .summary("Writes messages to standard output.")
      .description("Logs never go there, so what comes out is data and nothing else.")
      .category("local")
      .field("codec", &StdoutConfig::codec,
             {.doc = "How messages are told apart: `lines`, `append`, `all-bytes`, or `delim:x` "
                     "for a delimiter of your own.",
              .examples = {"lines", R"("delim:\t")"}});
}

class Stdout final : public core::Output {
 public:
  explicit Stdout(codecs::OutputCodec codec) : codec_(std::move(codec)) {}

  void write(Batch batch, core::WriteDone done) override {
    WriteResult result;
    Batch good = batch.sibling();
    buffer_.trim(std::size_t{4} << 20);
    for (core::Message& message : batch) {
      auto payload = message.payload();
      if (!payload) {
        if (result.failed.empty()) result.keep_alive = batch.sibling();
        result.failed.push_back({std::move(message), payload.error()});
        continue;
      }
      buffer_.append(*payload);
      buffer_.append(codec_.suffix_for(*payload));
      good.push(std::move(message));
    }
    core::Status written = write_all(buffer_.view());
    if (!written) {
      WriteResult lost = WriteResult::all_failed(std::move(good), written.error());
      for (auto& failed : result.failed) lost.failed.push_back(std::move(failed));
      lost.keep_alive.append(std::move(result.keep_alive));
      done(std::move(lost));
      return;
    }
    result.delivered = std::move(good);
    done(std::move(result));
  }

 private:
  static core::Status write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
      if (n >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
        continue;
      }
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {  // somebody has made it non-blocking
        pollfd fd{STDOUT_FILENO, POLLOUT, 0};
        poll(&fd, 1, 1000);
        continue;
      }
      // Closed for good: nobody will ever read what is left.
      return core::fail(errno == EPIPE || errno == EBADF ? core::ErrorCode::kInternal
                                                         : core::ErrorCode::kUnavailable,
                        std::string("writing to standard output: ") + std::strerror(errno));
    }
    return {};
  }

  codecs::OutputCodec codec_;
  core::Buffer buffer_;
};

core::Result<std::unique_ptr<core::Output>> make_stdout(const StdoutConfig& config,
                                                        const config::Resources&) {
  auto codec = codecs::OutputCodec::parse(config.codec);
  if (!codec) return core::fail(std::move(codec).error());
  return std::make_unique<Stdout>(*std::move(codec));
}

}  // namespace

void add_stdout(config::Registry& registry) {
  registry.add_output(stdout_spec(), make_stdout);
}

}  // namespace weir::outputs
