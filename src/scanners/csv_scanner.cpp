#include "scanners/csv_scanner.h"

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "scanners/byte_window.h"

namespace weir::scanners {
namespace {

class CsvScanner final : public core::Scanner {
 public:
  CsvScanner(codecs::CsvReader reader, CsvScannerOptions options)
      : reader_(std::move(reader)), config_(std::move(options)) {}

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
            WEIR_CHECK_OK(read_header());
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

  core::Status read_header() {
    const auto names = reader_.fields();
    if (!config_.expected_headers.empty() &&
        !std::equal(names.begin(), names.end(), config_.expected_headers.begin(),
                    config_.expected_headers.end())) {
      std::string got;
      for (const std::string_view name : names) {
        if (!got.empty()) got += ", ";
        got += name.substr(0, 100);
        if (got.size() > 500) break;
      }
      return core::invalid_data("the header row is not the expected one, it has: " + got);
    }
    auto header = std::make_shared<std::vector<std::string>>();
    std::unordered_set<std::string_view> seen;
    for (const std::string_view name : reader_.fields()) {
      header->emplace_back(name);
      if (!seen.insert(name).second) unique_names_ = false;
    }
    header_ = std::move(header);
    return {};
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
  const CsvScannerOptions config_;
  ByteWindow window_;
  std::int64_t offset_ = 0;
  std::int64_t row_ = 0;
  bool ended_ = false;
  bool unique_names_ = true;
  std::shared_ptr<const std::vector<std::string>> header_;
};

}  // namespace

core::Result<std::unique_ptr<core::Scanner>> make_csv_scanner(CsvScannerOptions options) {
  auto reader = codecs::CsvReader::make(options.csv);
  if (!reader) return core::fail(std::move(reader).error());
  return std::make_unique<CsvScanner>(*std::move(reader), std::move(options));
}

}  // namespace weir::scanners
