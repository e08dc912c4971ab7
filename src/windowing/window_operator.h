#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "windowing/assigner.h"
#include "windowing/keyed_operator.h"
#include "windowing/pane.h"
#include "windowing/row_reader.h"
#include "windowing/trigger.h"

namespace weir::windowing {

/// How long what nobody touches stays: [t, t + span).
struct Lifetime {
  Micros span = 0;  ///< 0: for ever
  bool processing_time = false;
};

/// A `window` with windows in event time, sessions, or one window per key that never ends.
struct WindowConfig {
  enum class Kind : std::uint8_t { kAssigned, kSession, kGlobal };
  struct Spec {
    std::string name;
    std::shared_ptr<const Assigner> assigner;
  };

  std::string label;
  Expression key;
  std::vector<AggregateField> aggregates;
  Kind kind = Kind::kAssigned;
  std::vector<Spec> specs;    ///< kAssigned: at least one
  Micros gap = 0;             ///< kSession
  Expression gap_expression;  ///< kSession: of each row, a duration text or microseconds
  Micros lateness = 0;
  Lifetime ttl;  ///< kGlobal
  PaneMode mode = PaneMode::kAccumulate;
  Trigger trigger;
  Micros late_every = 0;  ///< processing time; 0: a pane for each late row
  Expression result;
  std::uint16_t key_groups = kDefaultKeyGroups;
};

struct WindowKey : KeyBase {
  struct Slice {
    Window span;
    Cell cell;
  };
  /// Two stacks for windows of many slices: what the slices before the pivot fold to from each of
  /// them on, and what those behind it fold to so far. Derived from the slices alone.
  struct Fold {
    Micros pivot = kBeginning;  ///< kBeginning: void
    std::vector<std::pair<Micros, Cell>> left;
    Cell right;
    Micros right_end = kBeginning;
  };
  std::vector<Slice> slices;     ///< ascending; only while windows need no state of their own
  std::vector<PaneState> panes;  ///< ascending by end, start, spec (sessions: by start)
  std::vector<Fold> folds;       ///< by spec; in memory only
  Micros touched = kBeginning;   ///< kGlobal: last row, in the time of the ttl
};

class WindowOperator final : public KeyedOperator<WindowKey> {
 public:
  explicit WindowOperator(WindowConfig config);
  ~WindowOperator() override { table_ = {}; }  // its states need what we hold

  void on_row(const Row& row, Output& out) override;
  core::Result<std::uint16_t> group_of(const Row& row) override {
    WEIR_CHECK_OK(reader_.read_key(row));
    return group(reader_.key());
  }
  /// For callers that have evaluated key and arguments themselves: adds a row without `where` and
  /// order. False: it is not on time, or its windows need more than that; use on_row().
  [[nodiscard]] bool add_row(std::string_view key, Micros ts,
                             const std::vector<core::Value>& arguments);
  /// Brings a key's place into the cache, some rows ahead of add_row().
  void prefetch(std::string_view key) const { table_.prefetch(hash_bytes(key)); }
  [[nodiscard]] Micros watermark_out() const override;
  std::optional<core::Value> get(std::string_view key, core::Arena& arena) override;

 protected:
  bool is_empty(const WindowKey& k) const override { return k.slices.empty() && k.panes.empty(); }
  std::optional<Micros> next_event(const WindowKey& k) const override;
  std::optional<Micros> next_time(const WindowKey& k) const override;
  void due(std::vector<WindowKey*>& keys, Output& out) override;
  void due_by_time(std::vector<WindowKey*>& keys, Output& out) override;
  void encode(const WindowKey& k, Writer& out) const override;
  void decode(WindowKey& k, Reader& in) const override;

 private:
  struct Target {
    std::uint32_t spec;
    Window window;
  };
  struct Firing {
    WindowKey* key;
    std::uint32_t spec;
    Window window;
    bool end;
  };
  using Kind = WindowConfig::Kind;

  WindowKey::Slice* slice_of(WindowKey& k, Micros ts, bool& made) const;
  void add_in_time(Micros ts, std::uint64_t hash);
  void add_to_slices(const Row& row, WindowKey& k, Output& out);
  void add_to_panes(const Row& row, WindowKey& k, Output& out);
  void add_to_session(const Row& row, Micros gap, Output& out);
  [[nodiscard]] core::Result<Micros> gap_of(const Row& row);
  void count_row(const Row& row, WindowKey& k, PaneState& pane, Output& out);
  PaneState& pane_of(WindowKey& k, std::uint32_t spec, const Window& window);
  [[nodiscard]] bool trigger_row(const Row& row, WindowKey& k, PaneState& pane);
  void fire(WindowKey& k, PaneState& pane, PaneTiming timing, Output& out);
  void fire_end(const Firing& firing, Output& out);
  void emit(WindowKey& k, PaneState& pane, const std::byte* state, PaneTiming timing, Output& out);
  void emit_late(WindowKey& k, PaneState& pane, Output& out);
  void purge(WindowKey& k, Micros at);
  [[nodiscard]] bool expired(const WindowKey& k) const;
  [[nodiscard]] Cell combine(WindowKey& k, std::uint32_t spec, const Window& window) const;
  void add_to_slice(WindowKey& k, WindowKey::Slice& slice);
  [[nodiscard]] Micros slice_end(Micros ts) const;
  /// The watermark at which a window is over.
  [[nodiscard]] Micros over_at(const PaneState& pane) const {
    return config_.kind == Kind::kSession ? add(pane.window.end, 1) : pane.window.end;
  }
  [[nodiscard]] bool global() const { return config_.kind == Kind::kGlobal; }

  WindowConfig config_;
  RowReader reader_;
  PaneWriter writer_;
  bool sliced_;  ///< rows go to slices shared by windows; else each window has its own state
  std::vector<Target> targets_;  // of the row at hand
  std::vector<Window> windows_;
  core::Arena scratch_;
};

}  // namespace weir::windowing
