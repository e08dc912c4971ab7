#pragma once

#include <chrono>
#include <cstdint>

namespace weir::core {

/// The only way to learn the time; a test or a simulation hands in another one.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual std::int64_t wall_nanos() const = 0;
  /// Nanoseconds from some start; never goes back.
  [[nodiscard]] virtual std::int64_t mono_nanos() const = 0;
};

/// The machine's clocks.
[[nodiscard]] const Clock& system_clock();

/// Random numbers; seeded in tests and simulations. Not thread-safe: one per thread or component.
class Random {
 public:
  virtual ~Random() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;
};

/// xoshiro256** from a seed: the same seed gives the same numbers on every machine.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  std::uint64_t next() override;

 private:
  std::uint64_t state_[4];
};

/// The kernel's random source.
[[nodiscard]] std::uint64_t secure_random();

}  // namespace weir::core
