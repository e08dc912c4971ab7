#include "mapping/formats/msgpack.h"

#include "core/buffer.h"
#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;

struct MsgpackConfig {
  std::string operation;
};

config::Spec<MsgpackConfig> msgpack_spec() {
  return config::Spec<MsgpackConfig>("msgpack")
      .summary("Turns MessagePack into JSON documents, and back.")
      .description("A message that cannot be converted is flagged and stays as it is.")
      .category("parsing")
      .field("operator", &MsgpackConfig::operation,
             {.doc = "Which way.",
              .required = true,
              .options = {{"to_json", "The payload is MessagePack."},
                          {"from_json", "The payload becomes MessagePack."}}});
}

class Msgpack final : public core::Processor {
 public:
  Msgpack(bool reads, const config::Resources& resources)
      : reads_(reads), blame_("msgpack", resources) {}

  Batches process(Batch batch) override {
    for (Message& message : batch) {
      const core::Status done = reads_ ? read(message) : write(message);
      if (!done) blame_.fail(message, done.error());
    }
    return Batches(std::move(batch));
  }

 private:
  static core::Status read(Message& message) {
    constexpr std::size_t kMostMemory = std::size_t{256} << 20;
    WEIR_TRY(const std::string_view payload, message.payload());
    WEIR_TRY(const core::Value value,
             mapping::parse_msgpack(payload, mapping::ArenaBudget(message.arena(), kMostMemory)));
    message.set_root(value);
    return {};
  }
  core::Status write(Message& message) {
    WEIR_TRY(const core::Value root, message.root());
    out_.trim(std::size_t{1} << 20);
    WEIR_CHECK_OK(mapping::write_msgpack(root, message.arena(), out_));
    message.set_payload(out_.view());
    return {};
  }

  const bool reads_;
  Blame blame_;
  core::Buffer out_;
};

core::Result<std::unique_ptr<core::Processor>> make_msgpack(const MsgpackConfig& config,
                                                            const config::Resources& resources) {
  return std::make_unique<Msgpack>(config.operation == "to_json", resources);
}

}  // namespace

void add_msgpack(config::Registry& registry) {
  registry.add_processor(msgpack_spec(), make_msgpack);
}

}  // namespace weir::processors
