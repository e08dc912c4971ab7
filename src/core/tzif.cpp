#include "core/tzif.h"

#include <array>
#include <limits>

#include "core/int128.h"
#include "core/time.h"

namespace weir::core {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int32_t kMaxOffset = 25 * 3600;  // 24:59:59 in the format, rounded up
constexpr std::int32_t kMaxRuleHours = 167;

/// Big-endian reads that never pass the end.
class Bytes {
 public:
  explicit Bytes(std::string_view data) : data_(data) {}

  [[nodiscard]] bool has(std::size_t count) const { return data_.size() - at_ >= count; }
  [[nodiscard]] std::string_view take(std::size_t count) {
    const std::string_view part = data_.substr(at_, count);
    at_ += part.size();
    return part;
  }
  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(data_[at_++]); }
  [[nodiscard]] std::uint32_t u32() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | u8();
    return value;
  }
  [[nodiscard]] std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  [[nodiscard]] std::int64_t i64() {
    const std::uint64_t high = u32();
    return static_cast<std::int64_t>(high << 32 | u32());
  }

 private:
  std::string_view data_;
  std::size_t at_ = 0;
};

tl::unexpected<Error> bad_file(std::string_view why) {
  return invalid_data(std::string("parsing zone file: ").append(why));
}

struct Header {
  int version = 1;
  std::size_t utc_flags = 0;
  std::size_t standard_flags = 0;
  std::size_t leaps = 0;
  std::size_t transitions = 0;
  std::size_t types = 0;
  std::size_t name_bytes = 0;

  [[nodiscard]] std::size_t body_size(std::size_t time_size) const {
    return transitions * (time_size + 1) + types * 6 + name_bytes + leaps * (time_size + 4) +
           standard_flags + utc_flags;
  }
};

constexpr std::size_t kHeaderSize = 44;

Result<Header> read_header(Bytes& bytes) {
  if (!bytes.has(kHeaderSize)) return bad_file("cut short");
  if (bytes.take(4) != "TZif") return bad_file("not a TZif file");
  Header header;
  const std::uint8_t version = bytes.u8();
  header.version = version == 0 ? 1 : version - '0';
  if (header.version < 1 || header.version > 4) return bad_file("unknown version");
  (void)bytes.take(15);
  header.utc_flags = bytes.u32();
  header.standard_flags = bytes.u32();
  header.leaps = bytes.u32();
  header.transitions = bytes.u32();
  header.types = bytes.u32();
  header.name_bytes = bytes.u32();
  return header;
}

Result<ZoneRules> read_body(Bytes& bytes, const Header& header, std::size_t time_size) {
  if (!bytes.has(header.body_size(time_size))) return bad_file("cut short");
  if (header.types == 0 || header.types > 256) return bad_file("bad number of local time types");
  ZoneRules rules;
  rules.transitions.reserve(header.transitions);
  for (std::size_t i = 0; i < header.transitions; ++i) {
    const std::int64_t at = time_size == 8 ? bytes.i64() : bytes.i32();
    if (i > 0 && at <= rules.transitions.back()) return bad_file("transitions are not in order");
    rules.transitions.push_back(at);
  }
  rules.transition_type.reserve(header.transitions);
  for (std::size_t i = 0; i < header.transitions; ++i) {
    const std::uint8_t type = bytes.u8();
    if (type >= header.types) return bad_file("a transition names no type");
    rules.transition_type.push_back(type);
  }
  std::vector<std::size_t> name_at;
  for (std::size_t i = 0; i < header.types; ++i) {
    ZoneRules::Type type;
    type.offset = bytes.i32();
    if (type.offset < -kMaxOffset || type.offset > kMaxOffset)
      return bad_file("offset out of range");
    type.daylight = bytes.u8() != 0;
    name_at.push_back(bytes.u8());
    rules.types.push_back(std::move(type));
  }
  const std::string_view names = bytes.take(header.name_bytes);
  for (std::size_t i = 0; i < rules.types.size(); ++i) {
    if (name_at[i] >= names.size()) return bad_file("a type has no abbreviation");
    const std::string_view name = names.substr(name_at[i]);
    rules.types[i].name = std::string(name.substr(0, name.find('\0')));
  }
  (void)bytes.take(header.leaps * (time_size + 4) + header.standard_flags + header.utc_flags);
  return rules;
}

/// Reads the parts of a POSIX TZ string. Every function leaves `text_` behind what it took.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] bool next_is(char c) const { return !text_.empty() && text_.front() == c; }
  [[nodiscard]] bool take(char c) {
    if (!next_is(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  [[nodiscard]] bool name(std::string& name) {
    const bool bracketed = take('<');
    std::size_t size = 0;
    while (size < text_.size() && (is_letter(text_[size]) || (bracketed && text_[size] != '>'))) {
      ++size;
    }
    name = std::string(text_.substr(0, size));
    text_.remove_prefix(size);
    return size >= 3 && size <= 16 && (!bracketed || take('>'));
  }

  [[nodiscard]] bool number(int most, int& value) {
    value = 0;
    bool any = false;
    while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9' && value <= most) {
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
      any = true;
    }
    return any && value <= most;
  }

  /// [+-]h[h][:mm[:ss]]
  [[nodiscard]] bool time(int most_hours, std::int32_t& seconds) {
    const bool negative = take('-');
    if (!negative) (void)take('+');
    int hours = 0;
    int minutes = 0;
    int rest = 0;
    if (!number(most_hours, hours)) return false;
    if (take(':')) {
      if (!number(59, minutes)) return false;
      if (take(':') && !number(59, rest)) return false;
    }
    seconds = (hours * 3600 + minutes * 60 + rest) * (negative ? -1 : 1);
    return true;
  }

  [[nodiscard]] bool rule(ChangeRule& rule) {
    if (take('M')) {
      rule.kind = ChangeRule::Kind::kMonthWeekDay;
      if (!number(12, rule.month) || rule.month == 0 || !take('.')) return false;
      if (!number(5, rule.week) || rule.week == 0 || !take('.') || !number(6, rule.day))
        return false;
    } else if (take('J')) {
      rule.kind = ChangeRule::Kind::kJulian;
      if (!number(365, rule.day) || rule.day == 0) return false;
    } else {
      rule.kind = ChangeRule::Kind::kZeroBased;
      if (!number(365, rule.day)) return false;
    }
    return !take('/') || time(kMaxRuleHours, rule.seconds);
  }

 private:
  static bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

  std::string_view text_;
};

}  // namespace

Result<TailRule> parse_tail_rule(std::string_view text) {
  const auto bad = [&] {
    return invalid_data("parsing time zone rule `" + std::string(text.substr(0, 100)) +
                        "`: not of the form EST5EDT,M3.2.0,M11.1.0");
  };
  RuleReader reader(text);
  TailRule rule;
  std::int32_t west = 0;  // the format counts offsets westwards
  if (!reader.name(rule.standard_name) || !reader.time(24, west)) return bad();
  rule.standard_offset = -west;
  if (reader.at_end()) return rule;
  rule.has_daylight = true;
  if (!reader.name(rule.daylight_name)) return bad();
  rule.daylight_offset = rule.standard_offset + 3600;
  if (!reader.next_is(',')) {
    if (!reader.time(24, west)) return bad();
    rule.daylight_offset = -west;
  }
  if (!reader.take(',') || !reader.rule(rule.to_daylight)) return bad();
  if (!reader.take(',') || !reader.rule(rule.to_standard) || !reader.at_end()) return bad();
  return rule;
}

Result<ZoneRules> parse_tzif(std::string_view data) {
  Bytes bytes(data);
  WEIR_TRY(const Header first, read_header(bytes));
  WEIR_TRY(ZoneRules rules, read_body(bytes, first, 4));
  if (first.version == 1) return rules;

  // Later versions repeat everything with 64-bit times and end in a line with the tail rule.
  WEIR_TRY(const Header second, read_header(bytes));
  WEIR_TRY(rules, read_body(bytes, second, 8));
  if (!bytes.has(1) || bytes.u8() != '\n') return bad_file("the tail rule is missing");
  const std::string_view rest = bytes.take(data.size());
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return bad_file("the tail rule is cut short");
  if (end > 0) {
    WEIR_TRY(rules.tail, parse_tail_rule(rest.substr(0, end)));
  }
  return rules;
}

std::int64_t change_time(const ChangeRule& rule, std::int64_t year, std::int32_t offset) {
  std::int64_t day = days_from_civil(year, 1, 1);
  switch (rule.kind) {
    case ChangeRule::Kind::kMonthWeekDay: {
      const std::int64_t first = days_from_civil(year, rule.month, 1);
      const int first_weekday = static_cast<int>(floor_div(first + 4, 7).remainder);
      int in_month = (rule.day - first_weekday + 7) % 7 + (rule.week - 1) * 7;
      while (in_month >= days_in_month(year, rule.month)) in_month -= 7;
      day = first + in_month;
      break;
    }
    case ChangeRule::Kind::kJulian:
      day += rule.day - 1 + (is_leap_year(year) && rule.day >= 60 ? 1 : 0);
      break;
    case ChangeRule::Kind::kZeroBased: day += rule.day; break;
  }
  return saturate_int64(Int128{day} * kSecondsPerDay + rule.seconds - offset);
}

bool is_daylight(const TailRule& rule, std::int64_t unix_seconds) {
  if (!rule.has_daylight) return false;
  const std::int64_t local = saturate_int64(Int128{unix_seconds} + rule.standard_offset);
  const std::int64_t year = civil_from_days(floor_div(local, kSecondsPerDay).quotient).year;
  const std::int64_t start = change_time(rule.to_daylight, year, rule.standard_offset);
  const std::int64_t end = change_time(rule.to_standard, year, rule.daylight_offset);
  if (start < end) return start <= unix_seconds && unix_seconds < end;
  return !(end <= unix_seconds && unix_seconds < start);
}

}  // namespace weir::core
