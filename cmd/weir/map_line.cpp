#include "map_line.h"

#include "core/buffer.h"
#include "core/json_text.h"
#include "core/message.h"

namespace weir::cmd {

LineMapper::LineMapper(const mapping::Mapping& mapping, const mapping::Environment& environment,
                       bool pretty)
    : mapping_(mapping),
      pretty_(pretty),
      random_(core::secure_random()),
      context_(environment, random_) {}

core::Result<std::optional<std::string>> LineMapper::line(std::string_view document) {
  core::Batch batch = core::Batch::fresh();
  core::Message& message = batch.add(document);
  context_.bind(batch.messages(), 0);
  WEIR_TRY(const mapping::Verdict verdict, mapping_.map(context_, message));
  if (verdict == mapping::Verdict::kDeleted) return std::optional<std::string>();
  if (pretty_) {
    // Text that is no JSON stays as it is.
    if (const auto root = message.root()) {
      core::Buffer out;
      WEIR_CHECK_OK(
          core::write_json(*root, out, {.sort_keys = false, .escape_html = false, .indent = "  "}));
      return std::optional<std::string>(out.view());
    }
  }
  WEIR_TRY(const std::string_view payload, message.payload());
  return std::optional<std::string>(payload);
}

}  // namespace weir::cmd
