#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/context.h"
#include "config/field.h"
#include "config/node.h"
#include "config/plan.h"
#include "core/byte_size.h"

/// How a C++ type is a field: FieldType<T> says its kind, reads it from YAML with messages, and
/// writes its default as JSON text. Specialise it to add a type.
namespace weir::config {

using core::ByteSize;

/// Any YAML, kept as it is.
struct Any {
  Node node;
};

/// A string that must be a regular expression (RE2 syntax).
struct RegexText {
  std::string pattern;
};

/// A string that must be an absolute URL.
struct UrlText {
  std::string url;
};

/// The label of a resource of one kind; must exist.
template <ComponentKind kKind>
struct ResourceLabel {
  std::string label;
  [[nodiscard]] bool empty() const { return label.empty(); }
};
using CacheLabel = ResourceLabel<ComponentKind::kCache>;
using RateLimitLabel = ResourceLabel<ComponentKind::kRateLimit>;

template <class T>
struct FieldType;

namespace detail {

// Each reports what is wrong and returns false.
bool read_bool(const Node& node, const ReadContext& context, bool& out);
bool read_int(const Node& node, const ReadContext& context, std::int64_t low, std::int64_t high,
              std::int64_t& out);
bool read_uint(const Node& node, const ReadContext& context, std::uint64_t high,
               std::uint64_t& out);
bool read_float(const Node& node, const ReadContext& context, double& out);
bool read_string(const Node& node, const ReadContext& context, std::string& out);
bool read_duration(const Node& node, const ReadContext& context, std::chrono::nanoseconds& out);
bool read_size(const Node& node, const ReadContext& context, std::uint64_t& out);
bool read_regex(const Node& node, const ReadContext& context, std::string& out);
bool read_url(const Node& node, const ReadContext& context, std::string& out);
bool wrong_type(const Node& node, const ReadContext& context, std::string_view wanted);
/// The last step of the context's path, for messages.
std::string_view field_name(const ReadContext& context);

std::string json_text(std::string_view text);
std::string json_text(double number);
std::string duration_text(std::chrono::nanoseconds duration);
std::string size_text(std::uint64_t bytes);

}  // namespace detail

template <>
struct FieldType<bool> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kBool; }
  static bool read(const Node& node, const ReadContext& context, bool& out) {
    return detail::read_bool(node, context, out);
  }
  static std::string default_json(bool value) { return value ? "true" : "false"; }
};

template <std::integral T>
requires(!std::same_as<T, bool>) struct FieldType<T> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kInt; }
  static bool read(const Node& node, const ReadContext& context, T& out) {
    if constexpr (std::signed_integral<T>) {
      std::int64_t wide = 0;
      if (!detail::read_int(node, context, std::numeric_limits<T>::min(),
                            std::numeric_limits<T>::max(), wide)) {
        return false;
      }
      out = static_cast<T>(wide);
    } else {
      std::uint64_t wide = 0;
      if (!detail::read_uint(node, context, std::numeric_limits<T>::max(), wide)) return false;
      out = static_cast<T>(wide);
    }
    return true;
  }
  static std::string default_json(T value) { return std::to_string(value); }
};

template <>
struct FieldType<double> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kFloat; }
  static bool read(const Node& node, const ReadContext& context, double& out) {
    return detail::read_float(node, context, out);
  }
  static std::string default_json(double value) { return detail::json_text(value); }
};

template <>
struct FieldType<std::string> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kString; }
  static bool read(const Node& node, const ReadContext& context, std::string& out) {
    return detail::read_string(node, context, out);
  }
  static std::string default_json(const std::string& value) { return detail::json_text(value); }
};

template <class Rep, class Period>
struct FieldType<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kDuration; }
  static bool read(const Node& node, const ReadContext& context, Duration& out) {
    std::chrono::nanoseconds nanos{0};
    if (!detail::read_duration(node, context, nanos)) return false;
    out = std::chrono::duration_cast<Duration>(nanos);
    return true;
  }
  static std::string default_json(Duration value) {
    return detail::json_text(
        detail::duration_text(std::chrono::duration_cast<std::chrono::nanoseconds>(value)));
  }
};

template <>
struct FieldType<ByteSize> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kSize; }
  static bool read(const Node& node, const ReadContext& context, ByteSize& out) {
    return detail::read_size(node, context, out.bytes);
  }
  static std::string default_json(ByteSize value) {
    return detail::json_text(detail::size_text(value.bytes));
  }
};

template <>
struct FieldType<Any> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kAny; }
  static bool read(const Node& node, const ReadContext&, Any& out) {
    out.node = node;
    return true;
  }
  static std::string default_json(const Any&) { return ""; }
};

template <>
struct FieldType<RegexText> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kRegex; }
  static bool read(const Node& node, const ReadContext& context, RegexText& out) {
    return detail::read_regex(node, context, out.pattern);
  }
  static std::string default_json(const RegexText& value) {
    return detail::json_text(value.pattern);
  }
};

template <>
struct FieldType<UrlText> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kUrl; }
  static bool read(const Node& node, const ReadContext& context, UrlText& out) {
    return detail::read_url(node, context, out.url);
  }
  static std::string default_json(const UrlText& value) { return detail::json_text(value.url); }
};

template <ComponentKind kKind>
struct FieldType<ResourceLabel<kKind>> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kString; }
  static bool read(const Node& node, const ReadContext& context, ResourceLabel<kKind>& out) {
    if (!detail::read_string(node, context, out.label)) return false;
    if (!out.label.empty()) context.state().references.push_back({kKind, out.label, node.where});
    return true;
  }
  static std::string default_json(const ResourceLabel<kKind>& value) {
    return detail::json_text(value.label);
  }
};

template <class T>
struct FieldType<std::optional<T>> {
  static void describe(FieldDoc& doc) {
    FieldType<T>::describe(doc);
    doc.info.no_default = true;
  }
  static bool read(const Node& node, const ReadContext& context, std::optional<T>& out) {
    if (node.is_null()) {
      out.reset();
      return true;
    }
    T value{};
    if (!FieldType<T>::read(node, context, value)) return false;
    out = std::move(value);
    return true;
  }
  static std::string default_json(const std::optional<T>& value) {
    return value ? FieldType<T>::default_json(*value) : "";
  }
};

template <class T>
struct FieldType<std::vector<T>> {
  static void describe(FieldDoc& doc) {
    doc.kind = FieldKind::kList;
    doc.element = std::make_shared<FieldDoc>();
    FieldType<T>::describe(*doc.element);
  }
  static bool read(const Node& node, const ReadContext& context, std::vector<T>& out) {
    out.clear();
    if (node.is_null()) return true;
    if (!node.is_sequence()) return detail::wrong_type(node, context, "a list");
    bool good = true;
    out.reserve(node.items.size());
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      T value{};
      if (FieldType<T>::read(node.items[i], context.below(std::to_string(i)), value)) {
        out.push_back(std::move(value));
      } else {
        good = false;
      }
    }
    return good;
  }
  static std::string default_json(const std::vector<T>& values) {
    std::string text = "[";
    for (const T& value : values) {
      if (text.size() > 1) text += ",";
      text += FieldType<T>::default_json(value);
    }
    return text + "]";
  }
};

/// A map with the order of the file: the vector's first is the key.
template <class T>
struct FieldType<std::vector<std::pair<std::string, T>>> {
  using Map = std::vector<std::pair<std::string, T>>;
  static void describe(FieldDoc& doc) {
    doc.kind = FieldKind::kMap;
    doc.element = std::make_shared<FieldDoc>();
    FieldType<T>::describe(*doc.element);
  }
  static bool read(const Node& node, const ReadContext& context, Map& out) {
    out.clear();
    if (node.is_null()) return true;
    if (!node.is_mapping()) return detail::wrong_type(node, context, "a map");
    bool good = true;
    for (const Node::Member& member : node.members) {
      T value{};
      if (FieldType<T>::read(member.value, context.below(member.key), value)) {
        out.emplace_back(member.key, std::move(value));
      } else {
        good = false;
      }
    }
    return good;
  }
  static std::string default_json(const Map& values) {
    std::string text = "{";
    for (const auto& [key, value] : values) {
      if (text.size() > 1) text += ",";
      text += detail::json_text(key) + ":" + FieldType<T>::default_json(value);
    }
    return text + "}";
  }
};

/// A struct that has a `static const Spec<T>& spec()` is a field of its own (nested object).
template <class T>
concept SelfSpecified = requires {
  T::spec();
};

template <SelfSpecified T>
struct FieldType<T> {
  static void describe(FieldDoc& doc) {
    const FieldDoc own = T::spec().field_doc();
    doc.kind = own.kind;
    doc.children = own.children;
    doc.element = own.element;
  }
  static bool read(const Node& node, const ReadContext& context, T& out) {
    return T::spec().read(node, context, out);
  }
  static std::string default_json(const T&) { return ""; }
};

}  // namespace weir::config
