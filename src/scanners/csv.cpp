#include "scanners/all.h"
#include "scanners/csv_scanner.h"

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

core::Result<std::unique_ptr<core::Scanner>> make_csv(const CsvConfig& config,
                                                      const config::Resources&) {
  CsvScannerOptions options;
  options.csv.lazy_quotes = config.lazy_quotes;
  if (!config.custom_delimiter.empty()) {
    WEIR_TRY(options.csv.delimiter, codecs::parse_csv_delimiter(config.custom_delimiter));
  }
  options.parse_header_row = config.parse_header_row;
  options.continue_on_error = config.continue_on_error;
  return make_csv_scanner(std::move(options));
}

}  // namespace

void add_csv(config::Registry& registry) {
  registry.add_scanner(csv_spec(), make_csv);
}

}  // namespace weir::scanners
