#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "windowing/aggregate.h"
#include "windowing/row_reader.h"
#include "windowing/trigger.h"

namespace weir::windowing {

enum class PaneTiming : std::uint8_t { kEarly, kOnTime, kLate };
[[nodiscard]] std::string_view name(PaneTiming timing);

/// What later panes contain.
enum class PaneMode : std::uint8_t {
  kAccumulate,  ///< everything so far
  kDiscard,     ///< what is new since the last pane
  kRetract,     ///< everything, after the row that takes the last pane back
};

/// A window of a key that is told apart: it has panes besides the one on time, or has had it.
struct PaneState {
  std::uint32_t spec = 0;
  Window window;
  std::int64_t index = 0;   ///< of the next pane
  bool ended = false;       ///< the watermark has passed its end
  std::uint64_t fresh = 0;  ///< rows since the last pane
  Micros last_ts = kBeginning;
  Micros late_due = kEndOfTime;  ///< processing time of a pane of collected late rows
  Trigger::State trigger;
  Cell own;                           ///< its rows (or those since the last pane)
  std::vector<std::string> previous;  ///< results to be taken back, written form

  void encode(const Layout& layout, const Trigger& trigger_of, Writer& out) const;
  void decode(const Layout& layout, const Trigger& trigger_of, Reader& in);
};

/// Writes result rows.
class PaneWriter {
 public:
  PaneWriter(std::string label, std::string_view component, Expression result, bool named,
             bool retracts);

  struct Pane {
    std::string_view key;
    std::string_view name;  ///< of the window's spec
    std::uint32_t spec = 0;
    bool bounded = true;  ///< has a window: not of global and count windows
    Window window;
    Micros ts = 0;  ///< of the result
    std::int64_t index = 0;
    PaneTiming timing = PaneTiming::kOnTime;
    Micros watermark = 0;
    std::optional<Micros> last;  ///< sessions: time of the last row
  };
  /// The document of a pane: key and results.
  [[nodiscard]] core::Result<core::Value> document(std::string_view key, const Layout& layout,
                                                   const std::byte* state, core::Arena& arena);
  /// Gives it out; `retraction`: it takes this one back.
  void write(const Pane& pane, core::Value document, bool retraction, Expressions& expressions,
             Output& out);
  void write_failed(const Pane& pane, const core::Error& error, Output& out);

 private:
  void describe(const Pane& pane, bool retraction, core::Message& message);
  std::string label_;
  std::string_view component_;
  Expression result_;
  bool named_;
  bool retracts_;
};

}  // namespace weir::windowing
