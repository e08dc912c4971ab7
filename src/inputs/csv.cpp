#include "inputs/all.h"
#include "inputs/file_sequence.h"
#include "scanners/csv_scanner.h"

namespace weir::inputs {
namespace {

struct CsvConfig {
  std::vector<std::string> paths;
  bool parse_header_row = true;
  std::string delimiter = ",";
  bool lazy_quotes = false;
  bool delete_on_finish = false;
  std::uint64_t batch_count = 1;
  std::vector<std::string> expected_headers;
  std::uint64_t expected_number_of_fields = 0;
};

config::Spec<CsvConfig> csv_spec() {
  return config::Spec<CsvConfig>("csv")
      .summary("Reads CSV files, one after the other: each row becomes a message.")
      .description(
          "With a header row each message is an object whose values are strings, otherwise an "
          "array. Each carries the metadata `path`, `mod_time_unix`, `mod_time` and `csv_row`. A "
          "malformed row becomes a failed message; the rows behind it are read on.")
      .category("local")
      .field("paths", &CsvConfig::paths,
             {.doc = "Files to read, in order; patterns as in `file`.",
              .required = true,
              .examples = {R"([ "./data/*.csv" ])"}})
      .field("parse_header_row", &CsvConfig::parse_header_row,
             {.doc = "The first row of each file names the fields of all others."})
      .field("delimiter", &CsvConfig::delimiter,
             {.doc = "The one character between values.", .examples = {R"("\t")"}})
      .field("lazy_quotes", &CsvConfig::lazy_quotes,
             {.doc = "Quotes may stand anywhere in a value."})
      .field(
          "delete_on_finish", &CsvConfig::delete_on_finish,
          {.doc = "Delete each file when all its messages have been delivered.", .advanced = true})
      .field("batch_count", &CsvConfig::batch_count,
             {.doc = "Rows that travel as one batch, for processors that work on batches. 1: as "
                     "many as are at hand.",
              .advanced = true,
              .min = 1,
              .max = 100000})
      .field("expected_headers", &CsvConfig::expected_headers,
             {.doc = "The header row must be exactly this; a file with another one is one failed "
                     "message.",
              .advanced = true,
              .examples = {"[ id, name ]"}})
      .field(
          "expected_number_of_fields", &CsvConfig::expected_number_of_fields,
          {.doc = "Fields that each row must have; a row with more or fewer fails. 0: as many as "
                  "the first row of the file.",
           .advanced = true,
           .max = 65536})
      .ignored("auto_replay_nacks",
               "Messages that come back undelivered are always handed out again.")
      .check([](const CsvConfig& config) -> core::Status {
        if (config.paths.empty()) return core::invalid_config("field `paths` is empty");
        if (!config.expected_headers.empty() && !config.parse_header_row)
          return core::invalid_config("`expected_headers` needs `parse_header_row: true`");
        if (!config.expected_headers.empty() && config.expected_number_of_fields > 0 &&
            config.expected_headers.size() != config.expected_number_of_fields) {
          return core::invalid_config(
              "`expected_headers` and `expected_number_of_fields` do not agree");
        }
        auto parsed = codecs::parse_csv_delimiter(config.delimiter);
        if (!parsed)
          return core::fail(std::move(parsed).error().with_context("reading `delimiter`"));
        return {};
      })
      .example("Semicolons", "csv:\n  paths: [ ./prices.csv ]\n  delimiter: ';'\n");
}

core::Result<std::unique_ptr<core::Input>> make_csv(const CsvConfig& config,
                                                    const config::Resources& resources) {
  scanners::CsvScannerOptions rows;
  WEIR_TRY(rows.csv.delimiter, codecs::parse_csv_delimiter(config.delimiter));
  rows.csv.lazy_quotes = config.lazy_quotes;
  rows.csv.fields_per_row = static_cast<int>(config.expected_number_of_fields);
  rows.parse_header_row = config.parse_header_row;
  rows.continue_on_error = true;
  rows.expected_headers = config.expected_headers;
  FileSequenceOptions options;
  options.paths = config.paths;
  options.make_scanner = [rows] { return scanners::make_csv_scanner(rows); };
  options.delete_on_finish = config.delete_on_finish;
  options.batch_count = config.batch_count > 1 ? config.batch_count : 0;
  return make_file_sequence(std::move(options), resources);
}

}  // namespace

void add_csv(config::Registry& registry) {
  registry.add_input(csv_spec(), make_csv);
}

}  // namespace weir::inputs
