#include "config/field_types.h"

#include <charconv>
#include <cmath>
#include <memory>

#include <re2/re2.h>

#include "core/buffer.h"
#include "core/byte_size.h"
#include "core/duration.h"
#include "core/json_text.h"

namespace weir::config::detail {

namespace {

std::string shown(const Node& node) {
  if (!node.is_scalar()) return "a " + std::string(name(node.kind));
  std::string text = node.scalar.substr(0, 60);
  if (node.scalar.size() > 60) text += "...";
  return "`" + text + "`";
}

// A quoted scalar is text, unless an environment reference made it: then its text decides.
bool is_text(const Node& node) {
  return node.quoted && !node.from_env && node.tag != "!!int" && node.tag != "!!float" &&
         node.tag != "!!bool";
}

bool bad_scalar(const Node& node, const ReadContext& context, std::string_view wanted) {
  std::string message = "field `" + std::string(field_name(context)) + "` wants " +
                        std::string(wanted) + ", got " + shown(node);
  std::string hint;
  if (node.is_scalar() && is_text(node)) {
    message += " in quotes";
    hint = "leave the quotes out";
  }
  context.error(rule::kWrongType, node.where, std::move(message), std::move(hint));
  return false;
}

template <class T>
bool parse_integer(std::string_view text, T& out) {
  int base = 10;
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'o')) {
    base = text[1] == 'x' ? 16 : 8;
    text.remove_prefix(2);
  }
  std::string digits(negative ? "-" : "");
  for (const char c : text) {
    if (c != '_') digits.push_back(c);
  }
  const auto done = std::from_chars(digits.data(), digits.data() + digits.size(), out, base);
  return done.ec == std::errc() && done.ptr == digits.data() + digits.size();
}

}  // namespace

std::string_view field_name(const ReadContext& context) {
  const std::string_view path = context.path();
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

bool wrong_type(const Node& node, const ReadContext& context, std::string_view wanted) {
  std::string hint;
  if (node.is_scalar() && node.from_env) {
    hint = "an environment value is text and never becomes structure; write the " +
           std::string(wanted == "a list" ? "list" : "map") + " out, with one reference per entry";
  }
  context.error(rule::kWrongType, node.where,
                "field `" + std::string(field_name(context)) + "` wants " + std::string(wanted) +
                    ", got " + shown(node),
                std::move(hint));
  return false;
}

bool read_bool(const Node& node, const ReadContext& context, bool& out) {
  if (!node.is_scalar() || is_text(node)) return bad_scalar(node, context, "true or false");
  std::string lower;
  for (const char c : node.scalar)
    lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  if (lower == "true" || lower == "yes" || lower == "on") {
    out = true;
  } else if (lower == "false" || lower == "no" || lower == "off") {
    out = false;
  } else {
    return bad_scalar(node, context, "true or false");
  }
  return true;
}

bool read_int(const Node& node, const ReadContext& context, std::int64_t low, std::int64_t high,
              std::int64_t& out) {
  if (!node.is_scalar() || is_text(node) || !parse_integer(node.scalar, out)) {
    return bad_scalar(node, context, "a whole number");
  }
  if (out < low || out > high) {
    context.error(rule::kBadValue, node.where,
                  "field `" + std::string(field_name(context)) + "` must lie between " +
                      std::to_string(low) + " and " + std::to_string(high) + ", got " +
                      node.scalar);
    return false;
  }
  return true;
}

bool read_uint(const Node& node, const ReadContext& context, std::uint64_t high,
               std::uint64_t& out) {
  if (node.is_scalar() && !is_text(node) && node.scalar.size() > 1 && node.scalar.front() == '-') {
    std::int64_t negative = 0;
    if (parse_integer(node.scalar, negative)) {
      context.error(rule::kBadValue, node.where,
                    "field `" + std::string(field_name(context)) + "` must not be negative, got " +
                        node.scalar);
      return false;
    }
  }
  if (!node.is_scalar() || is_text(node) || !parse_integer(node.scalar, out)) {
    return bad_scalar(node, context, "a whole number");
  }
  if (out > high) {
    context.error(rule::kBadValue, node.where,
                  "field `" + std::string(field_name(context)) + "` must be at most " +
                      std::to_string(high) + ", got " + node.scalar);
    return false;
  }
  return true;
}

bool read_float(const Node& node, const ReadContext& context, double& out) {
  if (!node.is_scalar() || is_text(node)) return bad_scalar(node, context, "a number");
  const char* const end = node.scalar.data() + node.scalar.size();
  const auto done = std::from_chars(node.scalar.data(), end, out);
  if (done.ec != std::errc() || done.ptr != end || !std::isfinite(out))
    return bad_scalar(node, context, "a number");
  return true;
}

bool read_string(const Node& node, const ReadContext& context, std::string& out) {
  if (!node.is_scalar()) return wrong_type(node, context, "a string");
  out = node.scalar;
  return true;
}

bool read_duration(const Node& node, const ReadContext& context, std::chrono::nanoseconds& out) {
  if (!node.is_scalar()) return wrong_type(node, context, "a duration");
  auto parsed = core::parse_duration(node.scalar);
  if (!parsed) {
    context.error(
        rule::kBadValue, node.where,
        "field `" + std::string(field_name(context)) + "` wants a duration, got " + shown(node),
        "write a number with a unit, e.g. `500ms`, `10s`, `5m`, `1h30m`");
    return false;
  }
  out = *parsed;
  return true;
}

bool read_size(const Node& node, const ReadContext& context, std::uint64_t& out) {
  if (!node.is_scalar()) return wrong_type(node, context, "a size");
  auto parsed = core::parse_byte_size(node.scalar);
  if (!parsed) {
    context.error(
        rule::kBadValue, node.where,
        "field `" + std::string(field_name(context)) + "` wants a size, got " + shown(node),
        "write bytes as a number or with a unit, e.g. `512`, `64KiB`, `10MB`");
    return false;
  }
  out = parsed->bytes;
  return true;
}

bool read_regex(const Node& node, const ReadContext& context, std::string& out) {
  if (!read_string(node, context, out)) return false;
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 expression(out, options);
  if (!expression.ok()) {
    context.error(rule::kBadRegex, node.where,
                  "field `" + std::string(field_name(context)) +
                      "` is not a regular expression: " + expression.error(),
                  "the syntax is RE2: no look-around, no back-references");
    return false;
  }
  return true;
}

bool read_url(const Node& node, const ReadContext& context, std::string& out) {
  if (!read_string(node, context, out)) return false;
  const std::size_t scheme = out.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  if (scheme == std::string::npos || scheme == 0 || host >= out.size() || out[host] == '/' ||
      out.find_first_of(" \t\r\n") != std::string::npos) {
    context.error(
        rule::kBadUrl, node.where,
        "field `" + std::string(field_name(context)) + "` wants a URL, got " + shown(node),
        "write scheme and host, e.g. `http://localhost:8080/path`");
    return false;
  }
  return true;
}

std::string json_text(std::string_view text) {
  core::Buffer buffer;
  core::write_json_string(text, buffer);
  return std::string(buffer.view());
}

std::string json_text(double number) {
  core::Buffer buffer;
  core::write_json_double(number, buffer);
  return std::string(buffer.view());
}

std::string duration_text(std::chrono::nanoseconds duration) {
  return core::to_short_duration(duration);
}
std::string size_text(std::uint64_t bytes) {
  return core::to_string(core::ByteSize{bytes});
}

}  // namespace weir::config::detail
