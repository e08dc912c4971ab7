#include "mapping/functions/support.h"

#include <algorithm>
#include <cstring>

#include <string.h>

#include "core/time.h"
#include "mapping/text/unicode_text.h"

namespace weir::mapping {

using core::Kind;
using core::Value;

std::string_view text_form(Call& call) {
  const Value target = call.target();
  if (!target.is(Kind::kTimestamp)) return call.target_text();
  char* const text = static_cast<char*>(call.arena().allocate(core::kMaxRfc3339, 1));
  const char* const end = core::write_rfc3339(text, target.as_timestamp());
  const auto size = static_cast<std::size_t>(end - text);
  call.arena().shrink_last(text, core::kMaxRfc3339, size);
  return {text, size};
}

std::optional<std::string_view> element_text(Value element, core::Arena& arena) {
  if (!is_text(element)) return std::nullopt;
  return element.text(arena);
}

std::size_t find_text(std::string_view in, std::string_view what, std::size_t from) {
  if (from > in.size()) return std::string_view::npos;
  if (what.empty()) return from;
  if (in.empty()) return std::string_view::npos;
  // memmem never compares quadratically, string_view::find does. Sanitizers look at the whole
  // haystack of every call, so that it gets pieces that grow: many matches are then cheap there as
  // well.
  std::size_t piece = 512 + 4 * what.size();
  for (std::size_t at = from; in.size() - at >= what.size();) {
    const std::size_t size = std::min(piece, in.size() - at);
    if (const void* const found = ::memmem(in.data() + at, size, what.data(), what.size())) {
      return static_cast<std::size_t>(static_cast<const char*>(found) - in.data());
    }
    at += size - what.size() + 1;
    piece *= 2;
  }
  return std::string_view::npos;
}

std::size_t count_text(std::string_view in, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = find_text(in, what); at != std::string_view::npos;
       at = find_text(in, what, at + what.size())) {
    ++count;
  }
  return count;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const auto ascii = std::find_if(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    const auto size = static_cast<std::size_t>(ascii - text.begin());
    text.remove_prefix(size);
    count += size;
    if (text.empty()) break;
    (void)text::take_character(text);
    ++count;
  }
  return count;
}

namespace {

std::string& string_of_this_thread() {
  thread_local std::string text;
  return text;
}

}  // namespace

Scratch::Scratch() : text_(string_of_this_thread()) {
  text_.clear();
}

Scratch::~Scratch() {
  constexpr std::size_t kKeep = std::size_t{1} << 20;
  if (text_.capacity() > kKeep) std::string().swap(text_);
}

Value made_text(Call& call, std::string_view text, Kind kind) {
  char* const made = call.room(text.size());
  if (made == nullptr) return call.too_big();
  if (!text.empty()) std::memcpy(made, text.data(), text.size());
  const std::string_view copy(made, text.size());
  return kind == Kind::kBytes ? Value::bytes(copy) : Value::string(copy);
}

}  // namespace weir::mapping
