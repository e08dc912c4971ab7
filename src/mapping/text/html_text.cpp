#include "mapping/text/html_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "core/quote.h"

namespace weir::mapping::text {
namespace {

constexpr std::string_view kEntities =
#include "mapping/text/html_entities.inc"
    ;

struct Entity {
  std::string_view name;
  std::string_view code_points;  // hexadecimal, separated by commas
  bool bare = false;             // also without `;`
};

/// Sorted by name.
const std::vector<Entity>& entities() {
  static const std::vector<Entity> table = [] {
    std::vector<Entity> all;
    std::string_view rest = kEntities;
    while (!rest.empty()) {
      const std::string_view item = rest.substr(0, rest.find(' '));
      rest.remove_prefix(item.size() + 1);
      const std::size_t mark = item.find('=');
      Entity entity{item.substr(0, mark), item.substr(mark + 1), false};
      if (entity.name.back() == '!') {
        entity.bare = true;
        entity.name.remove_suffix(1);
      }
      all.push_back(entity);
    }
    return all;
  }();
  return table;
}

const Entity* find_entity(std::string_view name) {
  const auto& table = entities();
  const auto found =
      std::lower_bound(table.begin(), table.end(), name,
                       [](const Entity& e, std::string_view n) { return e.name < n; });
  return found != table.end() && found->name == name ? &*found : nullptr;
}

void append_entity(std::string& out, const Entity& entity) {
  std::string_view rest = entity.code_points;
  while (!rest.empty()) {
    unsigned value = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), value, 16);
    core::append_utf8(out, value);
    rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
    if (!rest.empty()) rest.remove_prefix(1);
  }
}

/// What HTML makes of the C1 control characters.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
    0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Resolves `&#..` at the front of the text; the size of the reference, or 0.
std::size_t append_numeric(std::string& out, std::string_view text) {
  if (text.size() <= 3) return 0;
  const bool hexadecimal = text[2] == 'x' || text[2] == 'X';
  std::size_t at = hexadecimal ? 3 : 2;
  std::uint32_t value = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (hexadecimal && c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (hexadecimal && c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      break;
    }
    value = std::min<std::uint32_t>(value * (hexadecimal ? 16 : 10) + digit, 0x110000);
  }
  if (at < text.size() && text[at] == ';') ++at;
  if (at <= 3) return 0;  // no digit, or a single one without `;`
  if (value >= 0x80 && value <= 0x9F) value = kWindows1252[value - 0x80];
  core::append_utf8(out, value == 0 ? 0xFFFD : value);
  return at;
}

/// Resolves `&name;` at the front of the text; the size of the reference, or 0.
std::size_t append_named(std::string& out, std::string_view text) {
  constexpr std::size_t kLongestBare = 6;
  std::size_t end = 1;
  while (end < text.size() && is_alphanumeric(text[end])) ++end;
  const std::string_view name = text.substr(1, end - 1);
  const bool closed = end < text.size() && text[end] == ';';
  if (const Entity* entity = find_entity(name); entity != nullptr && (closed || entity->bare)) {
    append_entity(out, *entity);
    return end + (closed ? 1 : 0);
  }
  // Some names may be followed directly by other letters: `&ltx` is `<x`.
  const std::size_t longest = std::min(name.size() + (closed ? 1 : 0), kLongestBare + 1);
  for (std::size_t size = longest; size-- > 2;) {
    const Entity* entity = find_entity(name.substr(0, size));
    if (entity == nullptr || !entity->bare) continue;
    append_entity(out, *entity);
    return size + 1;
  }
  return 0;
}

}  // namespace

void append_escaped_html(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size());
  for (const char c : text) {
    switch (c) {
      case '<': out.append("&lt;"); break;
      case '>': out.append("&gt;"); break;
      case '&': out.append("&amp;"); break;
      case '\'': out.append("&#39;"); break;
      case '"': out.append("&#34;"); break;
      default: out.push_back(c);
    }
  }
}

void append_unescaped_html(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size());
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('&'), text.size());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    std::size_t used = 0;
    if (text.size() > 1)
      used = text[1] == '#' ? append_numeric(out, text) : append_named(out, text);
    if (used == 0) {
      out.push_back('&');
      used = 1;
    }
    text.remove_prefix(used);
  }
}

}  // namespace weir::mapping::text
