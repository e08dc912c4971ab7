#include "config/spec.h"

#include <chrono>

#include "core/byte_size.h"
#include "core/duration.h"

namespace weir::config::detail {

bool check_fields(const Node& node, const ReadContext& context,
                  const std::vector<FieldDoc>& fields) {
  bool good = true;
  if (node.is_mapping()) {
    for (const Node::Member& member : node.members) {
      const FieldDoc* known = nullptr;
      for (const FieldDoc& field : fields) {
        if (field.name == member.key) known = &field;
      }
      if (known != nullptr) {
        if (!known->info.deprecated.empty() && context.state().check_deprecated) {
          context.warning(rule::kDeprecated, member.key_where,
                          "field `" + member.key + "` is deprecated", known->info.deprecated);
        }
        continue;
      }
      good = false;
      std::vector<std::string_view> names;
      for (const FieldDoc& field : fields) names.push_back(field.name);
      const std::string_view near = nearest(member.key, names);
      std::string hint;
      if (!near.empty()) {
        hint = "did you mean `" + std::string(near) + "`?";
      } else if (names.empty()) {
        hint = "this takes no fields";
      } else if (names.size() <= 12) {
        hint = "known fields are ";
        for (std::size_t i = 0; i < names.size(); ++i) {
          hint += (i == 0 ? "`" : ", `") + std::string(names[i]) + "`";
        }
      }
      context.error(rule::kUnknownField, member.key_where,
                    "field `" + member.key + "` is not recognised", std::move(hint));
    }
  }
  for (const FieldDoc& field : fields) {
    if (!field.info.required || node.find(field.name) != nullptr) continue;
    good = false;
    context.error(rule::kMissingField, node.where, "field `" + field.name + "` is required",
                  field.info.doc);
  }
  return good;
}

bool check_limits(const Node& node, const ReadContext& context, const FieldDoc& field) {
  if (!node.is_scalar()) return true;
  if (field.info.secret && !node.from_env && !node.scalar.empty()) {
    context.warning(rule::kLiteralSecret, node.where,
                    "the secret `" + field.name + "` stands in the file",
                    "take it from the environment: `" + field.name + ": ${NAME}`");
  }
  if (!field.info.options.empty()) {
    for (const Option& option : field.info.options) {
      if (option.value == node.scalar) return true;
    }
    std::vector<std::string_view> names;
    std::string all;
    for (const Option& option : field.info.options) {
      names.push_back(option.value);
      all += (all.empty() ? "`" : ", `") + option.value + "`";
    }
    const std::string_view near = nearest(node.scalar, names);
    context.error(rule::kBadOption, node.where,
                  "field `" + field.name + "` cannot be `" + node.scalar + "`; it is one of " + all,
                  near.empty() ? "" : "did you mean `" + std::string(near) + "`?");
    return false;
  }
  if (!field.info.min && !field.info.max) return true;
  double value = 0;
  std::string low;
  std::string high;
  switch (field.kind) {
    case FieldKind::kInt:
    case FieldKind::kFloat:
      value = std::strtod(node.scalar.c_str(), nullptr);
      if (field.info.min) low = json_text(*field.info.min);
      if (field.info.max) high = json_text(*field.info.max);
      break;
    case FieldKind::kDuration: {
      auto parsed = core::parse_duration(node.scalar);
      if (!parsed) return true;
      value = std::chrono::duration<double>(*parsed).count();
      const auto text = [](double seconds) {
        return duration_text(std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
      };
      if (field.info.min) low = text(*field.info.min);
      if (field.info.max) high = text(*field.info.max);
      break;
    }
    case FieldKind::kSize: {
      auto parsed = core::parse_byte_size(node.scalar);
      if (!parsed) return true;
      value = static_cast<double>(parsed->bytes);
      if (field.info.min) low = size_text(static_cast<std::uint64_t>(*field.info.min));
      if (field.info.max) high = size_text(static_cast<std::uint64_t>(*field.info.max));
      break;
    }
    default: return true;
  }
  if (field.info.min && value < *field.info.min) {
    context.error(rule::kBadValue, node.where,
                  "field `" + field.name + "` must be at least " + low + ", got " + node.scalar);
    return false;
  }
  if (field.info.max && value > *field.info.max) {
    context.error(rule::kBadValue, node.where,
                  "field `" + field.name + "` must be at most " + high + ", got " + node.scalar);
    return false;
  }
  return true;
}

}  // namespace weir::config::detail
