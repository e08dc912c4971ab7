#include "codecs/csv.h"
#include "processors/all.h"
#include "processors/blame.h"
#include "processors/unarchive_formats.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Kind;
using core::Message;
using core::Value;

struct UnarchiveConfig {
  std::string format;
};

config::Spec<UnarchiveConfig> unarchive_spec() {
  return config::Spec<UnarchiveConfig>("unarchive")
      .summary("Makes several messages of each message, all in one batch.")
      .description(
          "Each part has the metadata of its message; parts of `tar` and `zip` have their name in "
          "`archive_filename`, parts of `json_map` their key in `archive_key`. A message that "
          "cannot be taken apart is flagged and stays as it is; an empty one is dropped.\n\n"
          "Formats: `binary` (as `archive` writes it), `csv` (the first row names the fields), "
          "`csv:x` (the same, `x` between the values), `json_array`, `json_documents` (one behind "
          "the other), `json_map` (the values of an object), `lines`, `tar`, `zip`. A part may "
          "have 64 MiB in `tar` and `zip`; a message becomes at most a million parts and 1 GiB.")
      .category("parsing")
      .field("format", &UnarchiveConfig::format,
             {.doc = "What the payload is.", .required = true, .examples = {"lines", "csv:;"}})
      .check([](const UnarchiveConfig& config) -> core::Status {
        const std::string& name = config.format;
        for (const char* known :
             {"binary", "csv", "json_array", "json_documents", "json_map", "lines", "tar", "zip"}) {
          if (name == known) return {};
        }
        if (name.starts_with("csv:")) {
          auto delimiter = codecs::parse_csv_delimiter(name.substr(4));
          if (!delimiter) return core::fail(std::move(delimiter).error());
          return {};
        }
        return core::invalid_config(
            "`format` is none of binary, csv, csv:x, json_array, "
            "json_documents, json_map, lines, tar, zip: `" +
            name + "`");
      });
}

class Unarchive final : public core::Processor {
 public:
  Unarchive(std::string format, char32_t delimiter, const config::Resources& resources)
      : format_(std::move(format)), delimiter_(delimiter), blame_("unarchive", resources) {}

  Batches process(Batch batch) override {
    Batch all = batch.sibling();
    for (Message& message : batch) {
      const std::size_t before = all.size();
      core::Status done = take_apart(message, all);
      if (done) {
        message.lineage().resolve(core::Outcome::kFiltered);  // the parts hold its slots
        continue;
      }
      while (all.size() > before) {
        all.messages().back().lineage().resolve(core::Outcome::kFiltered);
        all.messages().pop_back();
      }
      blame_.fail(message, done.error());
      all.push(std::move(message));
    }
    return Batches(std::move(all));
  }

 private:
  core::Status take_apart(Message& message, Batch& all) {
    if (format_ == "json_array" || format_ == "json_map") return documents(message, all);
    WEIR_TRY(const std::string_view bytes, message.payload());
    std::size_t parts = 0;
    std::size_t total = 0;
    const auto take = [&](const ArchivePart& part) -> core::Status {
      total += part.payload.size();
      if (++parts > kMostParts || total > kMostPartBytes)
        return core::fail(core::ErrorCode::kLimit, "taking apart: too many parts, or too big");
      Message one = message.share_copy();
      if (part.document != nullptr) {
        one.set_root(*part.document);
      } else {
        one.set_payload(part.payload);
      }
      if (!part.key.empty()) {
        const auto name = Value::string(message.arena().copy(part.key));
        one.set_metadata("archive_filename", name);
      }
      all.push(std::move(one));
      return {};
    };
    if (format_ == "binary") return unarchive_binary(bytes, take);
    if (format_ == "lines") return unarchive_lines(bytes, take);
    if (format_ == "json_documents") return unarchive_json_documents(bytes, message.arena(), take);
    if (format_ == "tar") return unarchive_tar(bytes, take);
    if (format_ == "zip") return unarchive_zip(bytes, take);
    return unarchive_csv(bytes, delimiter_, message.arena(), take);
  }

  core::Status documents(Message& message, Batch& all) const {
    WEIR_TRY(const Value root, message.root());
    const bool array = format_ == "json_array";
    if (!root.is(array ? Kind::kArray : Kind::kObject)) {
      return core::invalid_data(std::string("the document is not an ") +
                                (array ? "array" : "object"));
    }
    if (core::size(root) > kMostParts)
      return core::fail(core::ErrorCode::kLimit, "taking apart: too many parts");
    const auto add = [&](Value value, std::string_view key) {
      Message one = message.share_copy();
      if (value.is(Kind::kString)) {  // a document that is a string, not its text
        one.adopt_root(value);
      } else {
        one.set_root(value);
      }
      if (!key.empty()) one.set_metadata("archive_key", Value::string(key));
      all.push(std::move(one));
    };
    if (array) {
      for (const Value& item : core::items(root)) add(item, {});
    } else {
      for (const core::Member& member : core::members(root))
        add(member.value, member.key.text(message.arena()));
    }
    return {};
  }

  const std::string format_;
  const char32_t delimiter_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_unarchive(UnarchiveConfig config,
                                                              const config::Resources& resources) {
  char32_t delimiter = U',';
  if (config.format.starts_with("csv:")) {
    WEIR_TRY(delimiter, codecs::parse_csv_delimiter(config.format.substr(4)));
  }
  return std::make_unique<Unarchive>(std::move(config.format), delimiter, resources);
}

}  // namespace

void add_unarchive(config::Registry& registry) {
  registry.add_processor(unarchive_spec(), make_unarchive);
}

}  // namespace weir::processors
