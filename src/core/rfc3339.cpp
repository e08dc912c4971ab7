// The RFC 3339 half of time.h.

#include <array>
#include <charconv>
#include <cstring>

#include "core/int128.h"
#include "core/quote.h"
#include "core/time.h"

namespace weir::core {
namespace {

char* put_two(char* out, int value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

char* put_year(char* out, std::int64_t year) {
  if (year >= 0 && year <= 9999) {
    out = put_two(out, static_cast<int>(year / 100));
    return put_two(out, static_cast<int>(year % 100));
  }
  std::array<char, 20> digits{};
  const bool negative = year < 0;
  if (negative) *out++ = '-';
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), negative ? -year : year).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  for (std::size_t i = size; i < 4; ++i) *out++ = '0';
  std::memcpy(out, digits.data(), size);
  return out + size;
}

char* put_fraction(char* out, std::int32_t nanos) {
  if (nanos == 0) return out;
  *out = '.';
  for (int i = 9; i >= 1; --i) {
    out[i] = static_cast<char>('0' + nanos % 10);
    nanos /= 10;
  }
  char* end = out + 10;
  while (end[-1] == '0') --end;
  return end;
}

/// Walks over the text once; every step says what it wanted to see.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool number(int digits, int least, int most, int& value, const char* what) {
    value = 0;
    for (int i = 0; i < digits; ++i) {
      if (at_ >= text_.size() || text_[at_] < '0' || text_[at_] > '9') {
        what_ = what;
        return false;
      }
      value = value * 10 + (text_[at_++] - '0');
    }
    if (value >= least && value <= most) return true;
    what_ = what;
    out_of_range_ = true;
    return false;
  }

  [[nodiscard]] bool mark(char c, const char* what) {
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    what_ = what;
    return false;
  }

  /// An optional fraction of a second.
  [[nodiscard]] std::int32_t fraction() {
    if (at_ + 1 >= text_.size() || (text_[at_] != '.' && text_[at_] != ',')) return 0;
    if (text_[at_ + 1] < '0' || text_[at_ + 1] > '9') return 0;
    std::int32_t nanos = 0;
    std::int32_t unit = 100'000'000;
    for (++at_; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      nanos += (text_[at_] - '0') * unit;
      unit /= 10;
    }
    return nanos;
  }

  [[nodiscard]] char next() { return at_ < text_.size() ? text_[at_++] : '\0'; }
  void step_back() { --at_; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

  [[nodiscard]] tl::unexpected<Error> error() const {
    std::string message = "parsing timestamp ";
    append_quoted(message, text_.substr(0, 100));
    message.append(": ");
    if (out_of_range_) {
      message.append(what_).append(" out of range");
    } else {
      message.append("expected ").append(what_).append(" at ");
      append_quoted(message, text_.substr(at_, 40));
      message.append(", write for example `2006-01-02T15:04:05Z`");
    }
    return invalid_data(std::move(message));
  }
  [[nodiscard]] tl::unexpected<Error> error(const char* what, bool out_of_range) {
    what_ = what;
    out_of_range_ = out_of_range;
    return error();
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  const char* what_ = "";
  bool out_of_range_ = false;
};

}  // namespace

char* write_rfc3339(char* out, const Timestamp& time) {
  const CivilTime civil = to_civil(time);
  out = put_year(out, civil.year);
  *out++ = '-';
  out = put_two(out, civil.month);
  *out++ = '-';
  out = put_two(out, civil.day);
  *out++ = 'T';
  out = put_two(out, civil.hour);
  *out++ = ':';
  out = put_two(out, civil.minute);
  *out++ = ':';
  out = put_two(out, civil.second);
  out = put_fraction(out, civil.nanos);
  int minutes = civil.offset.seconds / 60;
  if (civil.offset.seconds == 0) {
    *out++ = 'Z';
    return out;
  }
  *out++ = minutes < 0 ? '-' : '+';
  if (minutes < 0) minutes = -minutes;
  out = put_two(out, minutes / 60);
  *out++ = ':';
  return put_two(out, minutes % 60);
}

void append_rfc3339(std::string& out, const Timestamp& time) {
  std::array<char, kMaxRfc3339> text{};
  out.append(text.data(), write_rfc3339(text.data(), time));
}

std::string to_rfc3339(const Timestamp& time) {
  std::string out;
  append_rfc3339(out, time);
  return out;
}

const Zone* zone_for_offset(std::int32_t offset_seconds, std::int64_t unix_seconds) {
  const Zone& local = local_zone();
  if (local.at(unix_seconds).seconds == offset_seconds) {
    return &local == &utc_zone() ? nullptr : &local;
  }
  return &fixed_zone(offset_seconds);
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  Reader reader(text);
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!reader.number(4, 0, 9999, year, "year") || !reader.mark('-', "`-`") ||
      !reader.number(2, 1, 12, month, "month") || !reader.mark('-', "`-`") ||
      !reader.number(2, 1, 31, day, "day") || !reader.mark('T', "`T`") ||
      !reader.number(2, 0, 23, hour, "hour") || !reader.mark(':', "`:`") ||
      !reader.number(2, 0, 59, minute, "minute") || !reader.mark(':', "`:`") ||
      !reader.number(2, 0, 59, second, "second")) {
    return reader.error();
  }
  if (day > days_in_month(year, month)) return reader.error("day", true);
  const std::int32_t nanos = reader.fraction();
  std::int64_t seconds =
      days_from_civil(year, month, day) * 86'400 + hour * 3600 + minute * 60 + second;

  const char sign = reader.next();
  if (sign == 'Z') {
    if (!reader.at_end()) return reader.error("the end", false);
    return Timestamp{seconds, nanos, nullptr};
  }
  if (sign != '+' && sign != '-') {
    if (sign != '\0') reader.step_back();
    return reader.error("`Z` or an offset such as `+01:00`", false);
  }
  int hours = 0;
  int minutes = 0;
  if (!reader.number(2, 0, 24, hours, "hours of the offset") || !reader.mark(':', "`:`") ||
      !reader.number(2, 0, 60, minutes, "minutes of the offset")) {
    return reader.error();
  }
  if (!reader.at_end()) return reader.error("the end", false);
  const std::int32_t offset = (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  seconds -= offset;
  return Timestamp{seconds, nanos, zone_for_offset(offset, seconds)};
}

}  // namespace weir::core
