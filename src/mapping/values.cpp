#include "mapping/values.h"

#include <cmath>
#include <cstring>

#include "core/json_text.h"
#include "core/number_text.h"
#include "core/quote.h"

namespace weir::mapping {

using core::Arena;
using core::Buffer;
using core::Kind;
using core::Result;
using core::Status;
using core::Timestamp;
using core::Value;

std::string_view type_name(Value value) {
  switch (value.kind()) {
    case Kind::kNull: return "null";
    case Kind::kBool: return "bool";
    case Kind::kInt:
    case Kind::kUInt:
    case Kind::kDouble:
    case Kind::kNumber: return "number";
    case Kind::kString: return "string";
    case Kind::kBytes: return "bytes";
    case Kind::kTimestamp: return "timestamp";
    case Kind::kArray: return "array";
    case Kind::kObject: return "object";
    case Kind::kDelete: return "delete";
    case Kind::kNothing: return "nothing";
    case Kind::kError: return "error";
  }
  return "unknown";
}

std::string type_error(std::string_view expected, Value value, std::string_view origin) {
  std::string out = "expected ";
  out.append(expected).append(" value, got ").append(type_name(value));
  if (!origin.empty()) out.append(" from ").append(origin);
  constexpr std::size_t kShown = 1000;  // an error must not repeat a whole payload
  switch (value.kind()) {
    case Kind::kString: {
      core::Arena scratch;
      std::string_view text = value.text(scratch);
      const bool cut = text.size() > kShown;
      out += " (";
      core::append_quoted(out, text.substr(0, kShown));
      out += cut ? "...)" : ")";
      break;
    }
    case Kind::kBool: out += value.as_bool() ? " (true)" : " (false)"; break;
    case Kind::kInt:
    case Kind::kUInt:
    case Kind::kDouble:
    case Kind::kNumber: {
      Buffer text;
      if (append_text(value, text))
        out.append(" (").append(text.view().substr(0, kShown)).append(")");
      break;
    }
    default: break;
  }
  return out;
}

namespace {

std::optional<std::int64_t> truncated(double number) {
  if (!(number > -9223372036854775809.0 && number < 9223372036854775808.0)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

// Numbers of computed() kinds.
bool numbers_equal(Value a, Value b) {
  if (a.is(Kind::kDouble) || b.is(Kind::kDouble)) return *as_number(a) == *as_number(b);
  if (a.is(Kind::kUInt) && b.is(Kind::kUInt)) return a.as_uint() == b.as_uint();
  if (a.is(Kind::kInt) && b.is(Kind::kInt)) return a.as_int() == b.as_int();
  const std::int64_t i = a.is(Kind::kInt) ? a.as_int() : b.as_int();
  const std::uint64_t u = a.is(Kind::kInt) ? b.as_uint() : a.as_uint();
  return i >= 0 && static_cast<std::uint64_t>(i) == u;
}

int order(double a, double b) {
  return a < b ? -1 : (a > b ? 1 : 0);
}

int number_order(Value a, Value b) {
  if (a.is(Kind::kDouble) || b.is(Kind::kDouble)) return order(*as_number(a), *as_number(b));
  if (a.is(Kind::kUInt) && b.is(Kind::kUInt)) {
    return a.as_uint() < b.as_uint() ? -1 : (a.as_uint() > b.as_uint() ? 1 : 0);
  }
  if (a.is(Kind::kInt) && b.is(Kind::kInt)) {
    return a.as_int() < b.as_int() ? -1 : (a.as_int() > b.as_int() ? 1 : 0);
  }
  if (a.is(Kind::kInt)) {
    if (a.as_int() < 0) return -1;
    const auto left = static_cast<std::uint64_t>(a.as_int());
    return left < b.as_uint() ? -1 : (left > b.as_uint() ? 1 : 0);
  }
  return -number_order(b, a);
}

std::string_view timestamp_text(const Timestamp& t, char (&room)[core::kMaxRfc3339]) {
  return {room, static_cast<std::size_t>(core::write_rfc3339(room, t) - room)};
}

// Below the top: numbers as doubles, a missing key equals null when the sizes match.
bool deep_equals(Value left, Value right, Arena& arena, unsigned depth) {
  if (depth > core::kMaxDepth) return false;
  if (left.is(Kind::kArray)) {
    if (!right.is(Kind::kArray)) return false;
    const core::ItemSpan a = core::items(left);
    const core::ItemSpan b = core::items(right);
    if (a.count != b.count) return false;
    for (std::uint32_t i = 0; i < a.count; ++i) {
      if (!deep_equals(a.first[i], b.first[i], arena, depth + 1)) return false;
    }
    return true;
  }
  if (left.is(Kind::kObject)) {
    if (!right.is(Kind::kObject)) return false;
    const core::MemberSpan a = core::members(left);
    if (a.count != core::members(right).count) return false;
    for (const core::Member& member : a) {
      const core::Member* other = core::find(right, member.key.text(arena));
      if (!deep_equals(member.value, other == nullptr ? Value::null() : other->value, arena,
                       depth + 1)) {
        return false;
      }
    }
    return true;
  }
  if (depth > 0 && left.is_number()) {
    if (!right.is_number()) return false;
    const auto a = as_number(left);
    const auto b = as_number(right);
    if (a && b) return *a == *b;
    return left.is(Kind::kNumber) && right.is(Kind::kNumber) && left.stored() == right.stored();
  }
  return equals(left, right, arena);
}

}  // namespace

std::optional<Value> computed(Value value) {
  switch (value.kind()) {
    case Kind::kInt:
    case Kind::kUInt:
    case Kind::kDouble: return value;
    case Kind::kNumber: break;
    default: return std::nullopt;
  }
  std::int64_t small = 0;
  if (plain_integer(value, small)) return Value::integer(small);
  const std::string_view text = value.stored();
  const bool whole = text.find_first_of(".eE") == std::string_view::npos;
  if (whole) {
    if (const auto integer = core::json_int64(text)) return Value::integer(*integer);
  }
  if (const auto number = core::json_double(value.stored())) return Value::number(*number);
  return std::nullopt;
}

std::optional<std::int64_t> as_integer(Value value) {
  const auto number = computed(value);
  if (!number) return std::nullopt;
  if (number->is(Kind::kInt)) return number->as_int();
  if (number->is(Kind::kUInt)) {
    if (number->as_uint() > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<std::int64_t>(number->as_uint());
  }
  return truncated(number->as_double());
}

std::optional<double> as_number(Value value) {
  const auto number = computed(value);
  if (!number) return std::nullopt;
  if (number->is(Kind::kInt)) return static_cast<double>(number->as_int());
  if (number->is(Kind::kUInt)) return static_cast<double>(number->as_uint());
  return number->as_double();
}

std::optional<bool> as_flag(Value value) {
  if (value.is(Kind::kBool)) return value.as_bool();
  const auto number = as_number(value);
  if (!number) return std::nullopt;
  return *number != 0;
}

bool is_text(Value value) {
  return value.is(Kind::kString) || value.is(Kind::kBytes);
}

Result<Timestamp> as_timestamp(Value value, Arena& arena) {
  if (value.is(Kind::kTimestamp)) return value.as_timestamp();
  if (is_text(value)) return core::parse_rfc3339(value.text(arena));
  const auto number = computed(value);
  if (!number) return core::invalid_data(type_error("timestamp", value));
  Timestamp time;
  if (number->is(Kind::kDouble)) {
    WEIR_TRY(time, core::from_unix_double(number->as_double()));
  } else {
    const auto seconds = as_integer(*number);
    if (!seconds) return core::invalid_data("unix seconds are out of range");
    time = core::from_unix(*seconds);
  }
  time.zone = &core::local_zone();
  return time;
}

Status append_text(Value value, Buffer& out) {
  const auto put = [&out](char* (*write)(char*, double), double number) {
    char* const to = out.room(core::kMaxNumberText);
    out.advance(static_cast<std::size_t>(write(to, number) - to));
  };
  switch (value.kind()) {
    case Kind::kString:
      if (value.is_escaped()) {
        char* const to = out.room(value.stored().size());
        out.advance(core::decode_json_string(value.stored(), to));
        return {};
      }
      out.append(value.stored());
      return {};
    case Kind::kBytes: out.append(value.stored()); return {};
    case Kind::kNumber: out.append(value.stored()); return {};
    case Kind::kBool: out.append(value.as_bool() ? "true" : "false"); return {};
    case Kind::kInt: {
      char* const to = out.room(core::kMaxNumberText);
      out.advance(static_cast<std::size_t>(core::write_int64(to, value.as_int()) - to));
      return {};
    }
    case Kind::kUInt: {
      char* const to = out.room(core::kMaxNumberText);
      out.advance(static_cast<std::size_t>(core::write_uint64(to, value.as_uint()) - to));
      return {};
    }
    case Kind::kDouble:
      if (value.width() == core::NumberWidth::k32) {
        char* const to = out.room(core::kMaxNumberText);
        out.advance(static_cast<std::size_t>(
            core::write_go_float(to, static_cast<float>(value.as_double())) - to));
      } else {
        put(core::write_go_double, value.as_double());
      }
      return {};
    case Kind::kTimestamp: {
      char room[core::kMaxRfc3339];
      out.append(timestamp_text(value.as_timestamp(), room));
      return {};
    }
    case Kind::kArray:
    case Kind::kObject:
      return core::write_json(value, out, {.sort_keys = true, .escape_html = true});
    case Kind::kNull:
    case Kind::kDelete:
    case Kind::kNothing: out.append("null"); return {};
    case Kind::kError: return core::fail(core::ErrorCode::kInternal, "a failure has no text");
  }
  return {};
}

Result<std::string_view> text_of(Value value, Arena& arena) {
  if (is_text(value)) return value.text(arena);
  if (value.is(Kind::kNumber)) return value.stored();
  thread_local Buffer buffer;
  buffer.trim(1 << 20);
  WEIR_CHECK_OK(append_text(value, buffer));
  return arena.copy(buffer.view());
}

bool equals(Value left, Value right, Arena& arena) {
  if (left.is_number()) {
    if (!right.is_number()) return false;
    const auto a = computed(left);
    const auto b = computed(right);
    if (a && b) return numbers_equal(*a, *b);
    // Beyond a double: the same text is the same number.
    return left.is(Kind::kNumber) && right.is(Kind::kNumber) && left.stored() == right.stored();
  }
  switch (left.kind()) {
    case Kind::kString:
    case Kind::kBytes:
      if (is_text(right)) {
        if (!left.is_escaped() && !right.is_escaped()) return left.stored() == right.stored();
        return left.text(arena) == right.text(arena);
      }
      if (right.is(Kind::kTimestamp)) {
        char room[core::kMaxRfc3339];
        return left.text(arena) == timestamp_text(right.as_timestamp(), room);
      }
      return false;
    case Kind::kBool: {
      if (right.is(Kind::kBool)) return left.as_bool() == right.as_bool();
      // A bool on the left accepts a number on the right, not the other way round.
      const auto flag = right.is_number() ? as_flag(right) : std::nullopt;
      return flag && *flag == left.as_bool();
    }
    case Kind::kNull: return right.is_null();
    case Kind::kTimestamp: {
      if (!right.is(Kind::kTimestamp) && !is_text(right)) return false;
      char a[core::kMaxRfc3339];
      char b[core::kMaxRfc3339];
      return timestamp_text(left.as_timestamp(), a) ==
             (is_text(right) ? right.text(arena) : timestamp_text(right.as_timestamp(), b));
    }
    case Kind::kArray:
    case Kind::kObject: return deep_equals(left, right, arena, 0);
    default: return false;  // markers equal nothing
  }
}

std::optional<int> compare(Value left, Value right, Arena& arena) {
  if (left.is_number()) {
    if (!right.is_number()) return std::nullopt;
    const auto a = computed(left);
    const auto b = computed(right);
    if (!a || !b) return std::nullopt;
    return number_order(*a, *b);
  }
  char a_room[core::kMaxRfc3339];
  char b_room[core::kMaxRfc3339];
  const auto text = [&arena](Value v,
                             char(&room)[core::kMaxRfc3339]) -> std::optional<std::string_view> {
    if (is_text(v)) return v.text(arena);
    if (v.is(Kind::kTimestamp)) return timestamp_text(v.as_timestamp(), room);
    return std::nullopt;
  };
  const auto a = text(left, a_room);
  const auto b = text(right, b_room);
  if (!a || !b) return std::nullopt;
  return a->compare(*b);
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  if (path.empty()) return segments;
  while (true) {
    const std::size_t dot = path.find('.');
    const std::string_view raw = path.substr(0, dot);
    std::string& segment = segments.emplace_back();
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == '~' && i + 1 < raw.size() && (raw[i + 1] == '0' || raw[i + 1] == '1')) {
        segment += raw[++i] == '1' ? '.' : '~';
      } else {
        segment += raw[i];
      }
    }
    if (dot == std::string_view::npos) return segments;
    path.remove_prefix(dot + 1);
  }
}

namespace {

std::optional<std::uint32_t> array_index(std::string_view segment) {
  if (segment.empty() || segment.size() > 9) return std::nullopt;
  std::uint32_t index = 0;
  for (const char c : segment) {
    if (c < '0' || c > '9') return std::nullopt;
    index = index * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return index;
}

// Whether `from` resolves from segment `at` on; the value goes to `out`.
bool resolve(Value from, const std::vector<std::string>& path, std::size_t at, Arena& arena,
             Value& out, unsigned depth) {
  for (; at < path.size(); ++at) {
    if (from.is(Kind::kObject)) {
      const core::Member* member = core::find(from, path[at]);
      if (member == nullptr) return false;
      from = member->value;
    } else if (from.is(Kind::kArray)) {
      const core::ItemSpan span = core::items(from);
      if (path[at] == "*") {
        if (depth >= core::kMaxDepth) return false;
        Value all = Value::array(arena);
        for (const Value& item : span) {
          Value found;
          if (resolve(item, path, at + 1, arena, found, depth + 1)) {
            core::append_item(all, core::share(found), arena);
          }
        }
        if (core::size(all) == 0) return false;
        out = all;
        return true;
      }
      const auto index = array_index(path[at]);
      if (!index || *index >= span.count) return false;
      from = span.first[*index];
    } else {
      return false;
    }
  }
  out = from;
  return true;
}

}  // namespace

Value get_path(Value from, const std::vector<std::string>& path, Arena& arena) {
  Value out;
  return resolve(from, path, 0, arena, out, 0) ? out : Value::null();
}

bool path_exists(Value from, const std::vector<std::string>& path, Arena& arena) {
  Value out;
  return resolve(from, path, 0, arena, out, 0);
}

}  // namespace weir::mapping
