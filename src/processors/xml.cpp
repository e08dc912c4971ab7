#include "mapping/formats/xml.h"

#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct XmlConfig {
  std::string operation;
  bool cast = false;
};

config::Spec<XmlConfig> xml_spec() {
  return config::Spec<XmlConfig>("xml")
      .summary("Turns XML into JSON documents.")
      .description(
          "An element becomes its text, or an object of its attributes (`-name`), its elements and "
          "its text (`#text`); elements of one name become an array. A message that is not "
          "well-formed is flagged and stays as it is.")
      .category("parsing")
      .field("operator", &XmlConfig::operation,
             {.doc = "What to do.", .options = {{""}, {"to_json", "The payload is XML."}}})
      .field("cast", &XmlConfig::cast, {.doc = "Make numbers and bools of texts that are such."});
}

class Xml final : public core::Processor {
 public:
  Xml(bool cast, const config::Resources& resources) : cast_(cast), blame_("xml", resources) {}

  Batches process(Batch batch) override {
    constexpr std::size_t kMostMemory = std::size_t{256} << 20;
    for (core::Message& message : batch) {
      const auto payload = message.payload();
      auto value = payload ? mapping::parse_xml(*payload, cast_,
                                                mapping::ArenaBudget(message.arena(), kMostMemory))
                           : core::Result<core::Value>(core::fail(payload.error()));
      if (value) {
        message.set_root(*value);
      } else {
        blame_.fail(message, value.error());
      }
    }
    return Batches(std::move(batch));
  }

 private:
  const bool cast_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_xml(const XmlConfig& config,
                                                        const config::Resources& resources) {
  return std::make_unique<Xml>(config.cast, resources);
}

}  // namespace

void add_xml(config::Registry& registry) {
  registry.add_processor(xml_spec(), make_xml);
}

}  // namespace weir::processors
