#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "mapping/mapping.h"
#include "windowing/aggregate.h"
#include "windowing/row.h"

namespace weir::windowing {

using Expression = std::shared_ptr<const mapping::Mapping>;

/// An aggregate as configured: `name: { sum: this.amount, where: this.paid }`.
struct AggregateField {
  std::string name;
  AggregatePtr function;
  std::vector<Expression> arguments;
  Expression where;  ///< may be null
};

/// Evaluates an operator's expressions, on one thread.
class Expressions {
 public:
  Expressions();
  /// The value for a message; nothing and deletions come out as kNothing.
  [[nodiscard]] core::Result<core::Value> value(const mapping::Mapping& expression,
                                                core::Message& message);
  /// With `this` given and no message.
  [[nodiscard]] core::Result<core::Value> value(const mapping::Mapping& expression,
                                                core::Value self, core::Arena& arena);
  [[nodiscard]] mapping::Context& context() { return context_; }

 private:
  core::SeededRandom random_{0};
  mapping::Context context_;
};

/// What an operator takes out of a row.
class RowReader {
 public:
  /// `key` may be null: one key for all rows.
  RowReader(Expression key, std::vector<AggregateField> aggregates);

  [[nodiscard]] const Layout& layout() const { return layout_; }

  /// Reads the key alone.
  [[nodiscard]] core::Status read_key(const Row& row);
  /// Reads a row; the error is that of the row.
  [[nodiscard]] core::Status read(const Row& row);
  /// As if a row with these had been read; all aggregates take it, none needs its rank.
  void set(std::string_view key, const std::vector<core::Value>& arguments, Micros ts,
           core::Arena& scratch);
  /// Of the row that was read last.
  [[nodiscard]] std::string_view key() const { return key_bytes_.bytes(); }
  void add_to(Cell& cell) { layout_.add(cell.state(), arguments_, taken_, info_); }
  [[nodiscard]] std::string_view rank() const { return info_.rank; }
  [[nodiscard]] Expressions& expressions() { return expressions_; }

 private:
  Expression key_;
  std::vector<AggregateField> fields_;
  Layout layout_;
  Expressions expressions_;
  Writer key_bytes_;
  Writer rank_bytes_;
  std::vector<core::Value> arguments_;
  std::vector<bool> taken_;
  AddInfo info_;
};

}  // namespace weir::windowing
