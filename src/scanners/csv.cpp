#include "codecs/csv.h"

#include <algorithm>
#include <unordered_set>

#include "scanners/all.h"
#include "scanners/byte_window.h"

namespace weir::scanners {
namespace {

struct CsvConfig {
  std::string custom_delimiter;
  bool parse_header_row = true;
  bool lazy_quotes = false;
  bool continue_on_error = false;
};

config::Spec<CsvConfig> csv_spec() {
  return config::Spec<CsvConfig>("csv")
      .summary(
          "Reads comma-separated values: each row becomes an object, or an array without a header.")
      .description(
          "All values are strings. Each message carries the metadata `csv_row`, counted from 0 "
          "without the header.")
      .field(
          "custom_delimiter", &CsvConfig::custom_delimiter,
          {.doc = "The one character between values. Default: a comma.", .examples = {R"("\t")"}})
      .field("parse_header_row", &CsvConfig::parse_header_row,
             {.doc = "The first row names the fields of all others."})
      .field("lazy_quotes", &CsvConfig::lazy_quotes,
             {.doc = "Quotes may stand anywhere in a value."})
      .field("continue_on_error", &CsvConfig::continue_on_error,
             {.doc = "Make a failed message of a malformed row and read on; otherwise it is the "
                     "last of its stream."})
      .check([](const CsvConfig& config) -> core::Status {
        if (config.custom_delimiter.empty()) return {};
        auto parsed = codecs::parse_csv_delimiter(config.custom_delimiter);
        if (!parsed) return core::fail(std::move(parsed).error());
        return {};
      });
}

class CsvScanner final : public core::Scanner {
 public:
  CsvScanner(codecs::CsvReader reader, const CsvConfig& config)
      : reader_(std::move(reader)), config_(config) {}

  char* prepare(std::size_t size) override { return window_.prepare(size); }
  void commit(std::size_t size) override { window_.commit(size); }
  void end() override { ended_ = true; }

  core::Result<More> next(core::Batch& batch, std::size_t max_messages) override {
    using Kind = codecs::CsvReader::Step::Kind;
    while (batch.size() < max_messages) {
      const codecs::CsvReader::Step step = reader_.next(window_.view(), ended_);
      switch (step.kind) {
        case Kind::kRow:
          if (config_.parse_header_row && header_ == nullptr) {
            read_header();
          } else {
            add_row(batch, step.begin);
          }
          break;
        case Kind::kBadRow: {
          if (!config_.continue_on_error || (config_.parse_header_row && header_ == nullptr)) {
            return core::fail(reader_.error());
          }
          core::Message& bad = batch.add(window_.view().substr(
              step.begin, std::min<std::size_t>(step.end - step.begin, 4096)));
          bad.position = offset_ + static_cast<std::int64_t>(step.begin);
          bad.set_metadata("csv_row", core::Value::integer(row_++));
          bad.fail(reader_.error().code, reader_.error().message, "scanner");
          break;
        }
        case Kind::kNeedMore: drop(step.consumed); return More::kNeedData;
        case Kind::kEnd: drop(step.consumed); return More::kEnd;
      }
      drop(step.consumed);
    }
    return More::kMore;
  }

 private:
  void drop(std::size_t size) {
    window_.drop(size);
    offset_ += static_cast<std::int64_t>(size);
  }

  void read_header() {
    auto header = std::make_shared<std::vector<std::string>>();
    std::unordered_set<std::string_view> seen;
    for (const std::string_view name : reader_.fields()) {
      header->emplace_back(name);
      if (!seen.insert(name).second) unique_names_ = false;
    }
    header_ = std::move(header);
  }

  void add_row(core::Batch& batch, std::size_t begin) {
    core::Message& message = batch.add("");
    core::Arena& arena = batch.storage().arena();
    const auto fields = reader_.fields();
    const auto count = static_cast<std::uint32_t>(fields.size());
    core::Value row;
    if (header_ == nullptr) {
      row = core::Value::array(arena, count);
      for (const std::string_view field : fields)
        core::append_item(row, core::Value::string(arena.copy(field)), arena);
    } else {
      batch.storage().retain(header_);
      row = core::Value::object(arena, count);
      for (std::size_t i = 0; i < std::min(fields.size(), header_->size()); ++i) {
        const core::Value key = core::Value::string((*header_)[i]);
        const core::Value value = core::Value::string(arena.copy(fields[i]));
        if (unique_names_) {
          core::append_member(row, key, value, arena);
        } else {
          core::set_member(row, key, value, arena);
        }
      }
    }
    message.set_root(row);
    message.set_metadata("csv_row", core::Value::integer(row_++));
    message.position = offset_ + static_cast<std::int64_t>(begin);
  }

  codecs::CsvReader reader_;
  CsvConfig config_;
  ByteWindow window_;
  std::int64_t offset_ = 0;
  std::int64_t row_ = 0;
  bool ended_ = false;
  bool unique_names_ = true;
  std::shared_ptr<const std::vector<std::string>> header_;
};

core::Result<std::unique_ptr<core::Scanner>> make_csv(const CsvConfig& config,
                                                      const config::Resources&) {
  codecs::CsvOptions options;
  options.lazy_quotes = config.lazy_quotes;
  if (!config.custom_delimiter.empty()) {
    WEIR_TRY(options.delimiter, codecs::parse_csv_delimiter(config.custom_delimiter));
  }
  auto reader = codecs::CsvReader::make(options);
  if (!reader) return core::fail(std::move(reader).error());
  return std::make_unique<CsvScanner>(*std::move(reader), config);
}

}  // namespace

void add_csv(config::Registry& registry) {
  registry.add_scanner(csv_spec(), make_csv);
}

}  // namespace weir::scanners
