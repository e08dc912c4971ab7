#pragma once

#include <string>
#include <vector>

#include "windowing/keyed_operator.h"
#include "windowing/pane.h"
#include "windowing/row_reader.h"

namespace weir::windowing {

/// A `window` over the last `size` rows of a key in the order they arrive, given out every `every`
/// rows, also before it is full. Event time plays no part: no row is late.
struct CountConfig {
  std::string label;
  Expression key;
  std::vector<AggregateField> aggregates;
  std::uint64_t size = 1;
  std::uint64_t every = 1;
  Expression result;
  std::uint16_t key_groups = kDefaultKeyGroups;
};

struct CountKey : KeyBase {
  std::uint64_t rows = 0;
  std::int64_t panes = 0;
  std::vector<Cell> cells;  ///< of as many rows as divide both size and every; the last may be open
};

class CountOperator final : public KeyedOperator<CountKey> {
 public:
  explicit CountOperator(CountConfig config);
  ~CountOperator() override { table_ = {}; }  // its states need what we hold
  void on_row(const Row& row, Output& out) override;
  core::Result<std::uint16_t> group_of(const Row& row) override {
    WEIR_CHECK_OK(reader_.read_key(row));
    return group(reader_.key());
  }

 protected:
  bool is_empty(const CountKey& k) const override { return k.rows == 0; }
  std::optional<Micros> next_event(const CountKey&) const override { return std::nullopt; }
  void due(std::vector<CountKey*>&, Output&) override {}
  void encode(const CountKey& k, Writer& out) const override;
  void decode(CountKey& k, Reader& in) const override;

 private:
  CountConfig config_;
  RowReader reader_;
  PaneWriter writer_;
  std::uint64_t cell_rows_;
};

/// A `window` that answers each row with what its key saw in `(ts - range, ts]`, as soon as no
/// further row can belong there. Rows before the watermark are late.
struct LookBackConfig {
  std::string label;
  Expression key;
  std::vector<AggregateField> aggregates;
  Micros range = 0;
  Expression result;
  std::uint16_t key_groups = kDefaultKeyGroups;
};

struct LookBackKey : KeyBase {
  struct Moment {
    Micros ts = 0;
    std::uint64_t waiting = 0;  ///< rows that have not been answered
    Cell cell;
  };
  std::vector<Moment> moments;  ///< ascending
};

class LookBackOperator final : public KeyedOperator<LookBackKey> {
 public:
  explicit LookBackOperator(LookBackConfig config);
  ~LookBackOperator() override { table_ = {}; }  // its states need what we hold
  void on_row(const Row& row, Output& out) override;
  core::Result<std::uint16_t> group_of(const Row& row) override {
    WEIR_CHECK_OK(reader_.read_key(row));
    return group(reader_.key());
  }

 protected:
  bool is_empty(const LookBackKey& k) const override { return k.moments.empty(); }
  std::optional<Micros> next_event(const LookBackKey& k) const override;
  void due(std::vector<LookBackKey*>& keys, Output& out) override;
  void encode(const LookBackKey& k, Writer& out) const override;
  void decode(LookBackKey& k, Reader& in) const override;

 private:
  LookBackConfig config_;
  RowReader reader_;
  PaneWriter writer_;
};

}  // namespace weir::windowing
