#pragma once

#include <optional>
#include <string>

#include "windowing/keyed_operator.h"
#include "windowing/row_reader.h"
#include "windowing/stored_row.h"
#include "windowing/window_operator.h"

namespace weir::windowing {

/// `dedupe` by time: a row passes unless its key was seen less than `ttl` before or after.
///
/// The time that counts is that of the first row that passed; it never moves back. With `refresh`
/// it is the greatest seen. By event time rows before the watermark are late.
struct DedupeConfig {
  std::string label;
  Expression key;
  Lifetime ttl;
  bool refresh = false;
  bool keep_last = false;  ///< the last row (by time, then arrival) comes out when the key expires
  std::uint16_t key_groups = kDefaultKeyGroups;
};

struct DedupeKey : KeyBase {
  bool seen = false;
  Micros first = 0;
  std::optional<StoredRow> last;
};

class DedupeOperator final : public KeyedOperator<DedupeKey> {
 public:
  explicit DedupeOperator(DedupeConfig config);
  ~DedupeOperator() override { table_ = {}; }  // its states need what we hold
  void on_row(const Row& row, Output& out) override;
  core::Result<std::uint16_t> group_of(const Row& row) override {
    WEIR_CHECK_OK(reader_.read_key(row));
    return group(reader_.key());
  }

 protected:
  bool is_empty(const DedupeKey& k) const override { return !k.seen; }
  std::optional<Micros> next_event(const DedupeKey& k) const override;
  std::optional<Micros> next_time(const DedupeKey& k) const override;
  void due(std::vector<DedupeKey*>& keys, Output& out) override;
  void due_by_time(std::vector<DedupeKey*>& keys, Output& out) override;
  void encode(const DedupeKey& k, Writer& out) const override;
  void decode(DedupeKey& k, Reader& in) const override;

 private:
  void expire(std::vector<DedupeKey*>& keys, Micros at, Output& out);
  DedupeConfig config_;
  RowReader reader_;
};

}  // namespace weir::windowing
