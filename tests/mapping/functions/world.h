#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "core/clock.h"
#include "mapping/mapping.h"
#include "mapping/support.h"

namespace weir::mapping::test {

class FakeClock final : public core::Clock {
 public:
  [[nodiscard]] std::int64_t wall_nanos() const override { return nanos; }
  [[nodiscard]] std::int64_t mono_nanos() const override { return nanos; }
  std::int64_t nanos = 1'700'000'000'123'456'789;  // 2023-11-14T22:13:20.123456789Z
};

/// A clock, random numbers, an environment and limits that a test may set.
class World {
 public:
  World() : random(1) {
    environment = Environment::sandboxed();
    environment.clock = &clock;
  }

  [[nodiscard]] tl::expected<Mapping, ParseErrors> compile(std::string_view text) const {
    CompileOptions options;
    options.environment = &environment;
    options.directory = directory;
    return Mapping::compile(text, options);
  }

  /// A mapping that compiles; ends the test program otherwise.
  [[nodiscard]] Mapping compiled(std::string_view text) const {
    auto mapping = compile(text);
    if (!mapping) {
      std::fprintf(stderr, "%s\n", to_string(mapping.error(), text).c_str());
      std::abort();
    }
    return *std::move(mapping);
  }

  /// As test::run().
  std::string run(std::string_view text, std::string_view input = "{}") {
    const auto compiled = compile(text);
    if (!compiled) return "parse error: " + to_string(compiled.error());
    return run(*compiled, input);
  }

  std::string run(const Mapping& mapping, std::string_view input = "{}") {
    core::Batch batch = core::Batch::fresh();
    batch.add(input);
    Context context(environment, random);
    context.limits = limits;
    context.bind(batch.messages(), 0);
    const auto verdict = mapping.map(context, batch[0]);
    if (!verdict) return "error: " + verdict.error().message;
    if (*verdict == Verdict::kDeleted) return "deleted";
    const auto payload = batch[0].payload();
    if (!payload) return "error: " + payload.error().message;
    return canonical(*payload);
  }

  FakeClock clock;
  core::SeededRandom random;
  Environment environment;
  Limits limits;
  std::string directory;
};

}  // namespace weir::mapping::test
