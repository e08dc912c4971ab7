#include "codecs/csv.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

/// The codec's error without the words that every CSV reader puts in front.
std::string_view shorter(std::string_view message) {
  constexpr std::string_view kFront = "parsing CSV ";
  if (message.starts_with(kFront)) message.remove_prefix(kFront.size());
  return message;
}

/// A field as a value: in place where it stands in `text` as it is.
Value field_value(Call& call, std::string_view text, std::string_view field) {
  const bool in_place = !std::less<>()(field.data(), text.data()) &&
                        !std::less<>()(text.data() + text.size(), field.data() + field.size());
  return Value::string(in_place ? field : call.arena().copy(field));
}

Value fields_as_array(Call& call, std::string_view text, std::span<const std::string_view> fields) {
  Value row = Value::array(call.arena(), static_cast<std::uint32_t>(fields.size()));
  for (const std::string_view field : fields) {
    core::append_item(row, field_value(call, text, field), call.arena());
  }
  return row;
}

/// Headers are unique or not: the last field of a name wins.
Value fields_as_object(Call& call, std::span<const std::string_view> headers, bool unique,
                       std::string_view text, std::span<const std::string_view> fields) {
  Value row = Value::object(call.arena(), static_cast<std::uint32_t>(fields.size()));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Value field = field_value(call, text, fields[i]);
    if (unique) {
      core::append_member(row, Value::string(headers[i]), field, call.arena());
    } else {
      core::set_member(row, headers[i], field, call.arena());
    }
  }
  return row;
}

bool are_unique(std::vector<std::string_view> texts) {
  std::sort(texts.begin(), texts.end());
  return std::adjacent_find(texts.begin(), texts.end()) == texts.end();
}

Value parse_csv(Call& call) {
  const auto delimiter = codecs::parse_csv_delimiter(call.text(1));
  if (!delimiter) {
    return call.fail(count_characters(call.text(1)) == 1
                         ? "invalid field or comment delimiter"
                         : "delimiter value must be exactly one character");
  }
  codecs::CsvOptions options;
  options.delimiter = *delimiter;
  options.lazy_quotes = call.flag(2);
  options.max_row_bytes = call.context().limits.max_text;
  auto reader = codecs::CsvReader::make(options);
  if (!reader) return call.fail(reader.error());

  const bool with_header = call.flag(0);
  std::vector<std::string_view> headers;
  bool unique = false;
  const std::string_view text = text_form(call);
  std::string_view rest = text;
  ArrayBuilder rows(call);
  while (true) {
    const codecs::CsvReader::Step step = reader->next(rest, true);
    if (step.kind == codecs::CsvReader::Step::Kind::kEnd) break;
    if (step.kind != codecs::CsvReader::Step::Kind::kRow)
      return call.fail(shorter(reader->error().message));
    const auto fields = reader->fields();
    if (with_header && headers.empty()) {
      for (const std::string_view field : fields) headers.push_back(call.arena().copy(field));
      unique = are_unique(headers);
    } else {
      if (!call.may_build(2 * fields.size()) || !call.spend(fields.size())) return call.too_big();
      if (!rows.append(with_header ? fields_as_object(call, headers, unique, text, fields)
                                   : fields_as_array(call, text, fields))) {
        return call.too_big();
      }
    }
    rest.remove_prefix(step.consumed);
  }
  if (rows.size() == 0 && headers.empty()) return call.fail("zero records were parsed");
  return rows.finish();
}

}  // namespace

void add_csv(Registry& registry) {
  registry.method("parse_csv")
      .in(Category::kParsing)
      .says(
          "An array of the rows of a CSV text (RFC 4180): objects with the fields of the first row "
          "as "
          "keys, or arrays. All rows must have as many fields as the first.")
      .on(kOnTextForm, "string")
      .defaulted("parse_header_row", ArgKind::kBool, "Whether the first row holds the keys.", true)
      .defaulted("delimiter", ArgKind::kString, "The character between fields.", ",")
      .defaulted("lazy_quotes", ArgKind::kBool,
                 "Allows quotes in fields without quotes, and single ones in fields with quotes.",
                 false)
      .costs(Cost::kHeavy)
      .example("root.orders = this.orders.parse_csv()",
               R"({"orders":"foo,bar\nfoo 1,bar 1\nfoo 2,bar 2"})",
               R"({"orders":[{"bar":"bar 1","foo":"foo 1"},{"bar":"bar 2","foo":"foo 2"}]})")
      .example("root.orders = this.orders.parse_csv(false)",
               R"({"orders":"foo 1,bar 1\nfoo 2,bar 2"})",
               R"({"orders":[["foo 1","bar 1"],["foo 2","bar 2"]]})")
      .example("root.orders = this.orders.parse_csv(delimiter: \".\", lazy_quotes: true)",
               R"({"orders":"foo.bar\nfoo\" \"1.bar 1"})",
               R"({"orders":[{"bar":"bar 1","foo":"foo\" \"1"}]})")
      .example("root.orders = this.orders.parse_csv()", R"({"orders":"a,b\n1,2,3"})",
               "error: field `this.orders`: record on line 2: wrong number of fields")
      .evaluates(parse_csv);
}

}  // namespace weir::mapping
