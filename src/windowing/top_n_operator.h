#pragma once

#include <string>
#include <vector>

#include "windowing/keyed_operator.h"
#include "windowing/row_reader.h"
#include "windowing/stored_row.h"
#include "windowing/window_operator.h"

namespace weir::windowing {

/// `top_n`: the best `n` rows of each group by expressions, then by (time, arrival).
///
/// Per window the rows come out when the window is over, best first, with `@rank`. Without windows
/// each row that gets among the best is given out at once with `@op: enter`, those it moves with
/// `rank`, the one it pushes out with `leave`.
struct TopNConfig {
  struct Order {
    Expression by;
    bool descending = false;
  };
  std::string label;
  bool per_window = true;
  Expression group;  ///< may be null
  std::uint64_t n = 1;
  std::vector<Order> order;
  bool include_ties = false;
  Lifetime ttl;  ///< of groups without windows
  std::uint16_t key_groups = kDefaultKeyGroups;
};

struct TopNKey : KeyBase {
  struct Entry {
    std::vector<std::string> by;  ///< written form
    StoredRow row;
  };
  Window window;
  Micros touched = kBeginning;
  std::vector<Entry> entries;  ///< best first
};

class TopNOperator final : public KeyedOperator<TopNKey> {
 public:
  explicit TopNOperator(TopNConfig config);
  ~TopNOperator() override { table_ = {}; }  // its states need what we hold
  void on_row(const Row& row, Output& out) override;
  core::Result<std::uint16_t> group_of(const Row& row) override;

 protected:
  bool is_empty(const TopNKey& k) const override { return k.entries.empty(); }
  std::optional<Micros> next_event(const TopNKey& k) const override;
  std::optional<Micros> next_time(const TopNKey& k) const override;
  void due(std::vector<TopNKey*>& keys, Output& out) override;
  void due_by_time(std::vector<TopNKey*>& keys, Output& out) override;
  void encode(const TopNKey& k, Writer& out) const override;
  void decode(TopNKey& k, Reader& in) const override;

 private:
  [[nodiscard]] core::Status read(const Row& row, Writer& key, Window& window,
                                  TopNKey::Entry& entry);
  [[nodiscard]] int compare(const TopNKey::Entry& a, const TopNKey::Entry& b) const;
  [[nodiscard]] std::int64_t rank(const TopNKey& k, std::size_t at) const;
  void trim(TopNKey& k) const;
  void insert(TopNKey& k, TopNKey::Entry entry) const;
  void give_changes(const std::vector<TopNKey::Entry>& before, const TopNKey& k, Output& out);

  TopNConfig config_;
  RowReader reader_;
};

/// `table`: the latest state of each key, folded from its rows; for queries, and as a changelog
/// where that is wanted.
struct TableConfig {
  std::string label;
  Expression key;
  std::vector<AggregateField> aggregates;
  Lifetime ttl;
  bool changelog = false;  ///< give out the new state with each row
  std::uint16_t key_groups = kDefaultKeyGroups;
};
/// A window that never ends, fired by each row (or by none).
[[nodiscard]] std::unique_ptr<Operator> make_table(TableConfig config);

}  // namespace weir::windowing
