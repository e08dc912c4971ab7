#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json_index.h"
#include "core/json_text.h"
#include "core/message.h"
#include "mapping/mapping.h"

namespace weir::mapping::test {

/// JSON with sorted keys and number text as it is; text that is no JSON comes back unchanged.
inline std::string canonical(std::string_view json) {
  core::Arena arena;
  const auto value = core::parse_json(json, arena);
  core::Buffer out;
  if (!value || !core::write_json(*value, out, {.sort_keys = true})) return std::string(json);
  return std::string(out.view());
}

/// Compiles and runs a mapping on one payload. The payload afterwards as canonical JSON, `deleted`,
/// or `error: ..` (`parse error: ..` when it does not compile).
inline std::string run(std::string_view mapping, std::string_view input,
                       const CompileOptions& options = {}) {
  const auto compiled = Mapping::compile(mapping, options);
  if (!compiled) return "parse error: " + to_string(compiled.error());
  core::Batch batch = core::Batch::fresh();
  batch.add(input);
  static const Environment environment = Environment::system();
  core::SeededRandom random(1);
  Context context(options.environment == nullptr ? environment : *options.environment, random);
  context.bind(batch.messages(), 0);
  const auto verdict = compiled->map(context, batch[0]);
  if (!verdict) return "error: " + verdict.error().message;
  if (*verdict == Verdict::kDeleted) return "deleted";
  const auto payload = batch[0].payload();
  if (!payload) return "error: " + payload.error().message;
  return canonical(*payload);
}

}  // namespace weir::mapping::test
