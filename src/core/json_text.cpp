#include "core/json_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/number_text.h"
#include "core/time.h"

namespace weir::core {

namespace {

constexpr char kHex[] = "0123456789abcdef";

unsigned hex4(const char* c) {
  unsigned value = 0;
  for (int k = 0; k < 4; ++k) {
    const auto u = static_cast<unsigned char>(c[k]);
    const unsigned digit = u <= '9' ? u - '0' : (u | 0x20U) - 'a' + 10;
    value = value << 4 | digit;
  }
  return value;
}

char* put_utf8(unsigned code, char* to) {
  if (code < 0x80) {
    *to++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *to++ = static_cast<char>(0xc0 | code >> 6);
    *to++ = static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    *to++ = static_cast<char>(0xe0 | code >> 12);
    *to++ = static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *to++ = static_cast<char>(0x80 | (code & 0x3f));
  } else {
    *to++ = static_cast<char>(0xf0 | code >> 18);
    *to++ = static_cast<char>(0x80 | (code >> 12 & 0x3f));
    *to++ = static_cast<char>(0x80 | (code >> 6 & 0x3f));
    *to++ = static_cast<char>(0x80 | (code & 0x3f));
  }
  return to;
}

// Length of the valid UTF-8 sequence at `c`, or 0.
std::size_t utf8_length(const char* c, std::size_t left) {
  const auto u = [&](std::size_t i) { return static_cast<unsigned char>(c[i]); };
  const auto tail = [&](std::size_t i) { return (u(i) & 0xc0) == 0x80; };
  if (u(0) < 0x80) return 1;
  if (u(0) >= 0xc2 && u(0) <= 0xdf) return left >= 2 && tail(1) ? 2 : 0;
  if (u(0) >= 0xe0 && u(0) <= 0xef) {
    if (left < 3 || !tail(1) || !tail(2)) return 0;
    if (u(0) == 0xe0 && u(1) < 0xa0) return 0;
    if (u(0) == 0xed && u(1) >= 0xa0) return 0;
    return 3;
  }
  if (u(0) >= 0xf0 && u(0) <= 0xf4) {
    if (left < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
    if (u(0) == 0xf0 && u(1) < 0x90) return 0;
    if (u(0) == 0xf4 && u(1) >= 0x90) return 0;
    return 4;
  }
  return 0;
}

// 0: goes through as it is; 1: needs a look.
struct CharTable {
  bool special[256] = {};
  constexpr explicit CharTable(bool html) {
    for (int i = 0; i < 0x20; ++i) special[i] = true;
    special['"'] = special['\\'] = true;
    for (int i = 0x80; i < 0x100; ++i) special[i] = true;
    if (html) special['<'] = special['>'] = special['&'] = true;
  }
};
constexpr CharTable kPlain(false);
constexpr CharTable kHtml(true);

void base64(std::string_view data, Buffer& out) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto u = [&](std::size_t i) { return static_cast<unsigned char>(data[i]); };
  char* to = out.room(data.size() / 3 * 4 + 4);
  char* const start = to;
  std::size_t i = 0;
  for (; i + 3 <= data.size(); i += 3) {
    *to++ = alphabet[u(i) >> 2];
    *to++ = alphabet[(u(i) & 3) << 4 | u(i + 1) >> 4];
    *to++ = alphabet[(u(i + 1) & 15) << 2 | u(i + 2) >> 6];
    *to++ = alphabet[u(i + 2) & 63];
  }
  if (data.size() - i == 1) {
    *to++ = alphabet[u(i) >> 2];
    *to++ = alphabet[(u(i) & 3) << 4];
    *to++ = '=';
    *to++ = '=';
  } else if (data.size() - i == 2) {
    *to++ = alphabet[u(i) >> 2];
    *to++ = alphabet[(u(i) & 3) << 4 | u(i + 1) >> 4];
    *to++ = alphabet[(u(i + 1) & 15) << 2];
    *to++ = '=';
  }
  out.advance(static_cast<std::size_t>(to - start));
}

class Writer {
 public:
  Writer(Buffer& out, const JsonStyle& style) : out_(out), style_(style) {}

  Status value(Value v, unsigned depth) {
    switch (v.kind()) {
      case Kind::kNull: out_.append("null"); return {};
      case Kind::kBool: out_.append(v.as_bool() ? "true" : "false"); return {};
      case Kind::kInt: return integer(v.as_int());
      case Kind::kUInt: return integer(v.as_uint());
      case Kind::kDouble:
        if (!std::isfinite(v.as_double())) {
          return invalid_data("writing JSON: a number is not finite (NaN or infinity)");
        }
        write_json_double(v.as_double(), out_, v.width() == NumberWidth::k32);
        return {};
      case Kind::kNumber: out_.append(v.stored()); return {};
      case Kind::kString: string(v); return {};
      case Kind::kBytes:
        out_.push('"');
        base64(v.stored(), out_);
        out_.push('"');
        return {};
      case Kind::kTimestamp: {
        out_.push('"');
        char* const to = out_.room(kMaxRfc3339);
        out_.advance(static_cast<std::size_t>(write_rfc3339(to, v.as_timestamp()) - to));
        out_.push('"');
        return {};
      }
      case Kind::kArray:
      case Kind::kObject: return container(v, depth);
      case Kind::kDelete: return invalid_data("writing JSON: a deletion has no JSON form");
      case Kind::kNothing: return invalid_data("writing JSON: nothing was assigned here");
      case Kind::kError: return invalid_data("writing JSON: a failure has no JSON form");
    }
    return {};
  }

 private:
  template <class T>
  Status integer(T number) {
    char* to = out_.room(24);
    const auto done = std::to_chars(to, to + 24, number);
    out_.advance(static_cast<std::size_t>(done.ptr - to));
    return {};
  }

  void string(Value v) {
    if (v.is_json_safe() && !style_.escape_html) {
      const std::string_view inside = v.stored();
      char* to = out_.room(inside.size() + 2);
      *to = '"';
      if (!inside.empty()) std::memcpy(to + 1, inside.data(), inside.size());
      to[inside.size() + 1] = '"';
      out_.advance(inside.size() + 2);
      return;
    }
    if (v.is_escaped()) {
      std::string decoded;
      decode_json_string(v.stored(), decoded);
      write_json_string(decoded, out_, style_.escape_html);
      return;
    }
    write_json_string(v.stored(), out_, style_.escape_html);
  }

  Status container(Value v, unsigned depth) {
    if (depth >= kMaxDepth) {
      return fail(ErrorCode::kLimit, "writing JSON: nested deeper than 128 levels");
    }
    const Container& c = v.as_container();
    const bool may_copy = !style_.sort_keys && !style_.escape_html && style_.indent.empty();
    // Sound even near the depth limit: a parsed slice is at most 128 deep, so the text written is
    // re-read by the same limit only when it fits below here.
    if (c.raw != nullptr && may_copy && depth + 1 < kMaxDepth) {
      const std::string_view raw(c.raw, c.raw_size);
      const bool grown = v.is(Kind::kObject) && c.index == nullptr && c.raw_members < c.size;
      const std::size_t start = out_.size();
      if (std::memchr(raw.data(), '\n', raw.size()) == nullptr &&
          std::memchr(raw.data(), '\r', raw.size()) == nullptr) {
        out_.append(raw);
      } else {
        compact_json(raw, out_);
      }
      return grown ? added_members(c, start, depth) : Status();
    }
    return v.is(Kind::kArray) ? array(v, depth) : object(v, depth);
  }

  // The object's source text stands at `start`: puts what was added later in front of its brace.
  Status added_members(const Container& c, std::size_t start, unsigned depth) {
    out_.truncate(out_.size() - 1);
    bool first = c.raw_members == 0;
    if (first) out_.truncate(start + 1);  // `{ }` may hold blanks
    for (std::uint32_t i = c.raw_members; i < c.size; ++i) {
      if (!first) out_.push(',');
      first = false;
      WEIR_CHECK_OK(one_member(c.members[i], depth));
    }
    out_.push('}');
    return {};
  }

  Status array(Value v, unsigned depth) {
    const ItemSpan span = items(v);
    out_.push('[');
    bool first = true;
    for (const Value& item : span) {
      if (!first) out_.push(',');
      first = false;
      new_line(depth + 1);
      WEIR_CHECK_OK(value(item, depth + 1));
    }
    if (!first) new_line(depth);
    out_.push(']');
    return {};
  }

  Status object(Value v, unsigned depth) {
    const MemberSpan span = members(v);
    out_.push('{');
    if (style_.sort_keys && span.count > 1) {
      WEIR_CHECK_OK(sorted(span, depth));
    } else {
      bool first = true;
      for (const Member& member : span) {
        if (!first) out_.push(',');
        first = false;
        WEIR_CHECK_OK(one_member(member, depth));
      }
    }
    if (span.count > 0) new_line(depth);
    out_.push('}');
    return {};
  }

  Status one_member(const Member& member, unsigned depth) {
    new_line(depth + 1);
    string(member.key);
    out_.push(':');
    if (!style_.indent.empty()) out_.push(' ');
    return value(member.value, depth + 1);
  }

  Status sorted(MemberSpan span, unsigned depth) {
    // Decoded keys live in `decoded_`, which only grows while a level is written.
    struct Entry {
      std::string_view key;
      const Member* member;
    };
    Arena scratch;
    auto* order = scratch.array<Entry>(span.count);
    for (std::uint32_t i = 0; i < span.count; ++i) {
      order[i] = {span.first[i].key.text(scratch), &span.first[i]};
    }
    std::sort(order, order + span.count,
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    for (std::uint32_t i = 0; i < span.count; ++i) {
      if (i > 0) out_.push(',');
      WEIR_CHECK_OK(one_member(*order[i].member, depth));
    }
    return {};
  }

  void new_line(unsigned depth) {
    if (style_.indent.empty()) return;
    out_.push('\n');
    for (unsigned i = 0; i < depth; ++i) out_.append(style_.indent);
  }

  Buffer& out_;
  const JsonStyle& style_;
};

}  // namespace

std::size_t decode_json_string(std::string_view inside, char* to) {
  char* const start = to;
  const char* c = inside.data();
  const char* const end = c + inside.size();
  while (c < end) {
    const auto* slash =
        static_cast<const char*>(std::memchr(c, '\\', static_cast<std::size_t>(end - c)));
    const char* const stop = slash == nullptr ? end : slash;
    std::memcpy(to, c, static_cast<std::size_t>(stop - c));
    to += stop - c;
    c = stop;
    if (c >= end || end - c < 2) break;
    switch (c[1]) {
      case 'b': *to++ = '\b'; break;
      case 'f': *to++ = '\f'; break;
      case 'n': *to++ = '\n'; break;
      case 'r': *to++ = '\r'; break;
      case 't': *to++ = '\t'; break;
      case 'u': {
        if (end - c < 6) return static_cast<std::size_t>(to - start);
        unsigned code = hex4(c + 2);
        c += 6;
        if (code >= 0xd800 && code < 0xdc00) {
          unsigned low = 0;
          if (end - c >= 6 && c[0] == '\\' && c[1] == 'u') low = hex4(c + 2);
          if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            c += 6;
          } else {
            code = 0xfffd;
          }
        } else if (code >= 0xdc00 && code < 0xe000) {
          code = 0xfffd;
        }
        to = put_utf8(code, to);
        continue;
      }
      default: *to++ = c[1]; break;
    }
    c += 2;
  }
  return static_cast<std::size_t>(to - start);
}

void decode_json_string(std::string_view inside, std::string& to) {
  to.resize(inside.size());
  to.resize(decode_json_string(inside, to.data()));
}

void write_json_string(std::string_view text, Buffer& out, bool escape_html) {
  const CharTable& table = escape_html ? kHtml : kPlain;
  out.push('"');
  const char* c = text.data();
  const char* const end = c + text.size();
  while (c < end) {
    const char* run = c;
    while (c < end && !table.special[static_cast<unsigned char>(*c)]) ++c;
    if (c > run) out.append({run, static_cast<std::size_t>(c - run)});
    if (c == end) break;
    const auto u = static_cast<unsigned char>(*c);
    if (u >= 0x80) {
      const std::size_t length = utf8_length(c, static_cast<std::size_t>(end - c));
      if (length == 0) {
        out.append("\\ufffd");
        ++c;
      } else if (length == 3 && u == 0xe2 && static_cast<unsigned char>(c[1]) == 0x80 &&
                 (static_cast<unsigned char>(c[2]) & 0xfe) == 0xa8) {
        out.append(static_cast<unsigned char>(c[2]) == 0xa8 ? "\\u2028" : "\\u2029");
        c += 3;
      } else {
        out.append({c, length});
        c += length;
      }
      continue;
    }
    switch (u) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      case '\t': out.append("\\t"); break;
      case '\b': out.append("\\b"); break;
      case '\f': out.append("\\f"); break;
      default: {
        char escape[6] = {'\\', 'u', '0', '0', kHex[u >> 4], kHex[u & 15]};
        out.append({escape, 6});
      }
    }
    ++c;
  }
  out.push('"');
}

void compact_json(std::string_view json, Buffer& out) {
  char* to = out.room(json.size());
  char* const start = to;
  const char* c = json.data();
  const char* const end = c + json.size();
  while (c < end) {
    if (*c == '"') {
      const char* run = c++;
      while (c < end && *c != '"') c += *c == '\\' ? 2 : 1;
      if (c < end) ++c;
      if (c > end) c = end;
      std::memcpy(to, run, static_cast<std::size_t>(c - run));
      to += c - run;
      continue;
    }
    if (*c != ' ' && *c != '\n' && *c != '\t' && *c != '\r') *to++ = *c;
    ++c;
  }
  out.advance(static_cast<std::size_t>(to - start));
}

void write_json_double(double d, Buffer& out, bool narrow) {
  char* const to = out.room(kMaxNumberText);
  const char* const end =
      narrow ? write_json_float(to, static_cast<float>(d)) : write_json_double(to, d);
  out.advance(static_cast<std::size_t>(end - to));
}

Status write_json(Value value, Buffer& out, const JsonStyle& style) {
  const std::size_t start = out.size();
  Status done = Writer(out, style).value(value, 0);
  if (!done) out.truncate(start);
  return done;
}

}  // namespace weir::core
