#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "windowing/calendar.h"
#include "windowing/time.h"

namespace weir::windowing {

/// Says which windows an event time belongs to, for windows that are the same for all keys.
///
/// Windows are cut into slices: spans within which every event belongs to the same windows, so that
/// an event is added once however many windows it is in. Immutable.
class Assigner {
 public:
  virtual ~Assigner() = default;
  /// Appends the windows that hold `ts`, ascending by end, then start. None in a gap.
  virtual void windows(Micros ts, std::vector<Window>& out) const = 0;
  /// The slice `ts` is in.
  [[nodiscard]] virtual Window slice(Micros ts) const = 0;
  /// The first window that ends after `after` and holds `ts`.
  [[nodiscard]] virtual std::optional<Window> next(Micros ts, Micros after) const = 0;
  /// End of the last window that holds `ts`; kBeginning when none does.
  [[nodiscard]] virtual Micros last_end(Micros ts) const = 0;
  /// Where a window's slices are split for combining: those before are folded from the right, those
  /// behind from the left. A function of the window alone, so that rounding never depends on what
  /// was kept in memory.
  [[nodiscard]] virtual Micros pivot(const Window& window) const = 0;
  /// Slices that one window is made of at most.
  [[nodiscard]] virtual std::int64_t slices_per_window() const = 0;
};

struct HoppingSpec {
  Micros size = 0;
  Micros slide = 0;  ///< may exceed `size` (gaps)
  Micros offset = 0;
};
struct CumulativeSpec {
  Micros max = 0;
  Micros step = 0;  ///< divides max
  Micros offset = 0;
};

// Sizes and steps are positive (the configuration was checked).
[[nodiscard]] std::unique_ptr<const Assigner> make_tumbling(Micros size, Micros offset = 0);
[[nodiscard]] std::unique_ptr<const Assigner> make_hopping(const HoppingSpec& spec);
[[nodiscard]] std::unique_ptr<const Assigner> make_cumulative(const CumulativeSpec& spec);
[[nodiscard]] std::unique_ptr<const Assigner> make_calendar(const CalendarSpec& spec);

}  // namespace weir::windowing
