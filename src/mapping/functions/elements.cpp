#include "mapping/functions/elements.h"

#include <charconv>

namespace weir::mapping {

using core::Kind;
using core::Value;

core::Container* make_array(Call& call, std::uint64_t count, Value& array) {
  if (count > core::kMaxMembers || !call.may_build(count)) {
    array = call.too_big();
    return nullptr;
  }
  if (!call.spend(count)) {
    array = call.too_long();
    return nullptr;
  }
  array = Value::array(call.arena(), static_cast<std::uint32_t>(count));
  return &array.as_container();
}

Value make_pair(core::Arena& arena, std::string_view first_name, Value first,
                std::string_view second_name, Value second) {
  Value pair = Value::object(arena, 2);
  core::Container& both = pair.as_container();
  both.members[0] = {Value::string(first_name), core::share(first)};
  both.members[1] = {Value::string(second_name), core::share(second)};
  both.size = 2;
  return pair;
}

std::optional<std::uint32_t> index_in(std::string_view segment) {
  if (segment.empty() || segment.front() < '0' || segment.front() > '9') return std::nullopt;
  std::uint32_t at = 0;
  const char* const end = segment.data() + segment.size();
  const auto parsed = std::from_chars(segment.data(), end, at);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return at;
}

Value* child_at(Value from, std::string_view segment) {
  if (from.is(Kind::kObject)) {
    core::Member* const member = core::find(from, segment);
    return member == nullptr ? nullptr : &member->value;
  }
  if (!from.is(Kind::kArray)) return nullptr;
  const auto at = index_in(segment);
  return at && *at < size(from) ? items(from).first + *at : nullptr;
}

namespace {

// How many of `most` are left after counting the value; stops at 0.
std::uint64_t left_after(Value value, std::uint64_t most, unsigned depth) {
  if (most == 0 || !value.is_container() || depth >= core::kMaxDepth) {
    return most == 0 ? 0 : most - 1;
  }
  --most;
  const std::uint32_t count = size(value);
  for (std::uint32_t i = 0; i < count && most > 0; ++i) {
    const Value child =
        value.is(Kind::kArray) ? items(value).first[i] : members(value).first[i].value;
    most = left_after(child, most, depth + 1);
  }
  return most;
}

}  // namespace

std::uint64_t weight(Value value, std::uint64_t most) {
  return value.is_container() ? most - left_after(value, most, 0) : 1;
}

}  // namespace weir::mapping
