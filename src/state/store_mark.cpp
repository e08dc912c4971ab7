#include "state/store_mark.h"

#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <vector>

#include <xxhash.h>

namespace weir::state {

namespace {

constexpr std::string_view kKind = "weir-store";
constexpr std::string_view kVersion = "1";

bool read_number(std::string_view text, std::uint64_t& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

tl::unexpected<core::Error> damaged(const char* why) {
  return core::fail(core::ErrorCode::kInternal, why);
}

}  // namespace

std::string write_mark(const StoreMark& mark) {
  std::string text = std::string(kKind) + " " + std::string(kVersion) + " " + mark.id + " " +
                     std::to_string(mark.incarnation) + " " + std::to_string(mark.sequence) + " " +
                     std::to_string(mark.log_number) + " " + std::to_string(mark.manifest_number) +
                     " " + std::to_string(mark.manifest_size);
  char sum[17];
  std::snprintf(sum, sizeof sum, "%016" PRIx64, XXH64(text.data(), text.size(), 0));
  return text + " " + sum + "\n";
}

core::Result<StoreMark> read_mark(std::string_view text) {
  if (text.size() > 512) return damaged("it is too long");
  if (text.empty() || text.back() != '\n') return damaged("it is cut off");
  text.remove_suffix(1);
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (words.size() != 9 || words[0] != kKind) return damaged("it is not one of weir's");
  if (words[1] != kVersion) return damaged("a newer weir has written it");
  std::uint64_t sum = 0;
  const std::size_t body = text.rfind(' ');
  if (!read_number(words[8], sum, 16) || sum != XXH64(text.data(), body, 0)) {
    return damaged("its checksum is wrong");
  }
  StoreMark mark;
  mark.id = words[2];
  if (mark.id.size() != 32 || !read_number(words[3], mark.incarnation) ||
      !read_number(words[4], mark.sequence) || !read_number(words[5], mark.log_number) ||
      !read_number(words[6], mark.manifest_number) || !read_number(words[7], mark.manifest_size)) {
    return damaged("it cannot be read");
  }
  return mark;
}

}  // namespace weir::state
