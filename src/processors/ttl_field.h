#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "config/mapping_fields.h"
#include "core/duration.h"

namespace weir::processors {

/// Checks a constant `ttl` when the component is made.
[[nodiscard]] inline core::Status check_ttl(const config::TemplateField& ttl) {
  if (!ttl.is_constant() || ttl.constant().empty()) return {};
  if (auto parsed = core::parse_duration(ttl.constant()); !parsed) {
    return core::invalid_config("`ttl`: " + parsed.error().message);
  }
  return {};
}

/// The time to live for the evaluator's message; nullopt when the field is empty.
[[nodiscard]] inline core::Result<std::optional<std::chrono::nanoseconds>> render_ttl(
    const config::TemplateField& ttl, mapping::Context& context) {
  auto text = ttl.render(context);
  if (!text) return core::fail(std::move(text).error().with_context("evaluating `ttl`"));
  if (text->empty()) return std::optional<std::chrono::nanoseconds>();
  auto parsed = core::parse_duration(*text);
  if (!parsed) return core::fail(std::move(parsed).error().with_context("evaluating `ttl`"));
  return std::optional<std::chrono::nanoseconds>(*parsed);
}

}  // namespace weir::processors
