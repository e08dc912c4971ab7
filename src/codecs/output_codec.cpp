#include "codecs/output_codec.h"

namespace weir::codecs {

using core::Result;

Result<OutputCodec> OutputCodec::parse(std::string_view text) {
  constexpr std::string_view kDelimiterPrefix = "delim:";
  if (text == "lines") return OutputCodec(Kind::kLines, "\n");
  if (text == "append") return OutputCodec(Kind::kAppend, "");
  if (text == "all-bytes") return OutputCodec(Kind::kAllBytes, "");
  if (text.starts_with(kDelimiterPrefix)) {
    const std::string_view delimiter = text.substr(kDelimiterPrefix.size());
    if (delimiter.empty()) {
      return core::invalid_config("choosing a codec: `delim:` needs a delimiter after the colon");
    }
    return OutputCodec(Kind::kDelimiter, std::string(delimiter));
  }
  return core::invalid_config("choosing a codec: `" + std::string(text) +
                              "` is not one of all-bytes, append, lines, delim:x");
}

}  // namespace weir::codecs
