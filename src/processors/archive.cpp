#include "codecs/tar.h"
#include "codecs/zip.h"
#include "config/mapping_fields.h"
#include "core/buffer.h"
#include "core/json_text.h"
#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;

enum class Format : std::uint8_t { kBinary, kConcatenate, kJsonArray, kLines, kTar, kZip };

struct ArchiveConfig {
  std::string format;
  config::TemplateField path;
};

config::Spec<ArchiveConfig> archive_spec() {
  return config::Spec<ArchiveConfig>("archive")
      .summary("Makes one message of all messages of a batch.")
      .description(
          "It has the metadata of the first one, and ends as delivered or failed for all of them. "
          "When a message does not fit the format, the batch stays as it is and every message is "
          "flagged.")
      .category("parsing")
      .field("format", &ArchiveConfig::format,
             {.doc = "How they are put together.",
              .required = true,
              .options = {{"binary",
                           "A number of messages, then each behind its length (32 bits, "
                           "big endian)."},
                          {"concatenate", "One behind the other."},
                          {"json_array", "The documents in an array."},
                          {"lines", "One per line."},
                          {"tar", "A file each."},
                          {"zip", "A file each."}}})
      .field("path", &ArchiveConfig::path,
             {.doc = "Name of each message's file in a `tar` or `zip`.",
              .examples = {R"(${! count("files") }-${! timestamp_unix_nano() }.txt)",
                           R"(${! meta("kafka_key") }.json)"}})
      .example("NDJSON batches to JSON arrays", R"yaml(
output:
  drop: {}
  processors:
    - archive: { format: json_array }
)yaml");
}

void append_u32(std::string& out, std::uint32_t number) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(number >> shift & 0xffU);
}

class Archive final : public core::Processor {
 public:
  Archive(Format format, config::TemplateField path, const config::Resources& resources)
      : format_(format),
        path_(std::move(path)),
        evaluator_(resources),
        clock_(resources.clock()),
        blame_("archive", resources) {}

  Batches process(Batch batch) override {
    if (batch.empty()) return Batches(std::move(batch));
    auto made = put_together(batch);
    if (!made) {
      blame_.fail_all(batch, made.error());
      return Batches(std::move(batch));
    }
    Batch one = batch.sibling();
    Message whole = std::move(batch[0]);
    for (std::size_t i = 1; i < batch.size(); ++i)
      whole.lineage().merge(std::move(batch[i].lineage()));
    whole.set_payload(*made);
    one.push(std::move(whole));
    return Batches(std::move(one));
  }

 private:
  core::Result<std::string> put_together(Batch& batch) {
    if (format_ == Format::kJsonArray) return json_array(batch);
    constexpr std::size_t kMostBytes = std::size_t{1} << 30;
    std::string out;
    if (format_ == Format::kBinary) append_u32(out, static_cast<std::uint32_t>(batch.size()));
    codecs::ZipWriter zip;
    evaluator_.context().bind(batch.messages(), 0);
    const std::int64_t now = clock_.wall_nanos() / 1'000'000'000;
    std::size_t total = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      WEIR_TRY(const std::string_view payload, batch[i].payload());
      total += payload.size();
      if (total > kMostBytes) return core::fail(core::ErrorCode::kLimit, "archiving: over 1 GiB");
      switch (format_) {
        case Format::kBinary:
          append_u32(out, static_cast<std::uint32_t>(payload.size()));
          out += payload;
          break;
        case Format::kLines:
          if (i > 0) out += '\n';
          out += payload;
          break;
        case Format::kTar: {
          WEIR_TRY(const std::string name, file_name(i));
          WEIR_CHECK_OK(codecs::TarWriter::append(name, payload, now, out));
          break;
        }
        case Format::kZip: {
          WEIR_TRY(const std::string name, file_name(i));
          WEIR_CHECK_OK(zip.append(name, payload, now));
          break;
        }
        case Format::kConcatenate:
        case Format::kJsonArray: out += payload; break;
      }
    }
    if (format_ == Format::kZip) return zip.finish();
    if (format_ == Format::kTar) codecs::TarWriter::finish(out);
    return out;
  }

  static core::Result<std::string> json_array(Batch& batch) {
    core::Buffer out;
    out.push('[');
    for (std::size_t i = 0; i < batch.size(); ++i) {
      WEIR_TRY(const core::Value root, batch[i].root());
      if (i > 0) out.push(',');
      WEIR_CHECK_OK(core::write_json(root, out));
    }
    out.push(']');
    return std::string(out.view());
  }

  core::Result<std::string> file_name(std::size_t i) {
    evaluator_.context().select(i);
    auto name = path_.render(evaluator_.context());
    if (!name) return core::fail(std::move(name).error().with_context("evaluating `path`"));
    return std::string(*name);
  }

  const Format format_;
  config::TemplateField path_;
  config::Evaluator evaluator_;
  const core::Clock& clock_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_archive(ArchiveConfig config,
                                                            const config::Resources& resources) {
  const std::string& name = config.format;
  const Format format = name == "binary"        ? Format::kBinary
                        : name == "concatenate" ? Format::kConcatenate
                        : name == "json_array"  ? Format::kJsonArray
                        : name == "lines"       ? Format::kLines
                        : name == "tar"         ? Format::kTar
                                                : Format::kZip;
  if ((format == Format::kTar || format == Format::kZip) && config.path.text().empty())
    return core::invalid_config("`" + name + "` wants a `path`: the name of each message's file");
  return std::make_unique<Archive>(format, std::move(config.path), resources);
}

}  // namespace

void add_archive(config::Registry& registry) {
  registry.add_processor(archive_spec(), make_archive);
}

}  // namespace weir::processors
