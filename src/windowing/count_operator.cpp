#include "windowing/count_operator.h"

#include <algorithm>
#include <numeric>

namespace weir::windowing {

CountOperator::CountOperator(CountConfig config)
    : KeyedOperator(config.key_groups),
      config_(std::move(config)),
      reader_(config_.key, config_.aggregates),
      writer_(config_.label, "window", config_.result, false, false),
      cell_rows_(std::gcd(config_.size, config_.every)) {}

void CountOperator::on_row(const Row& row, Output& out) {
  ++stats_.rows;
  if (const core::Status readable = reader_.read(row); !readable) {
    ++stats_.failed;
    out.fail(*row.message, row.origin, readable.error(), "window", config_.label);
    return;
  }
  CountKey& k = key_state(reader_.key());
  if (k.rows % cell_rows_ == 0) {
    if (k.cells.size() >= config_.size / cell_rows_) k.cells.erase(k.cells.begin());
    k.cells.emplace_back(reader_.layout());
  }
  reader_.add_to(k.cells.back());
  ++k.rows;
  if (k.rows % config_.every != 0) return;

  PaneWriter::Pane pane;
  pane.key = k.key;
  pane.bounded = false;
  pane.ts = row.ts;
  pane.index = k.panes++;
  pane.watermark = std::max(input_watermark(), watermark(k));
  Cell whole;
  if (k.cells.size() > 1) {
    whole = k.cells.front().copy();
    for (std::size_t i = 1; i < k.cells.size(); ++i) whole.merge(k.cells[i]);
  }
  const std::byte* const state = whole ? whole.state() : k.cells.front().state();
  auto document = writer_.document(k.key, reader_.layout(), state, out.arena());
  if (document) {
    writer_.write(pane, *document, false, reader_.expressions(), out);
  } else {
    writer_.write_failed(pane, document.error(), out);
  }
}

void CountOperator::encode(const CountKey& k, Writer& out) const {
  out.number(k.rows);
  out.integer(k.panes);
  out.number(k.cells.size());
  for (const Cell& cell : k.cells) reader_.layout().encode(cell.state(), out);
}

void CountOperator::decode(CountKey& k, Reader& in) const {
  k.rows = in.number();
  k.panes = in.integer();
  const std::size_t cells = in.count();
  if ((cells == 0) != (k.rows == 0) || cells > config_.size / cell_rows_) in.spoil();
  for (std::size_t i = 0; i < cells && in.good(); ++i) {
    k.cells.emplace_back(reader_.layout());
    reader_.layout().decode(k.cells.back().state(), in);
  }
}

LookBackOperator::LookBackOperator(LookBackConfig config)
    : KeyedOperator(config.key_groups),
      config_(std::move(config)),
      reader_(config_.key, config_.aggregates),
      writer_(config_.label, "window", config_.result, false, false) {}

void LookBackOperator::on_row(const Row& row, Output& out) {
  ++stats_.rows;
  if (const core::Status readable = reader_.read(row); !readable) {
    ++stats_.failed;
    out.fail(*row.message, row.origin, readable.error(), "window", config_.label);
    return;
  }
  const Micros w = watermark(reader_.key());
  if (row.ts < w) {
    ++stats_.late;
    out.late(*row.message, row.ts, w);
    return;
  }
  LookBackKey& k = key_state(reader_.key());
  auto at = k.moments.end();
  while (at != k.moments.begin() && std::prev(at)->ts >= row.ts) --at;
  if (at == k.moments.end() || at->ts != row.ts) {
    at = k.moments.insert(at, {row.ts, 0, Cell(reader_.layout())});
  }
  reader_.add_to(at->cell);
  ++at->waiting;
  schedule(k);
}

std::optional<Micros> LookBackOperator::next_event(const LookBackKey& k) const {
  for (const LookBackKey::Moment& m : k.moments) {
    if (m.waiting > 0) return add(m.ts, 1);
  }
  if (k.moments.empty()) return std::nullopt;
  return add(k.moments.front().ts, config_.range);
}

void LookBackOperator::due(std::vector<LookBackKey*>& keys, Output& out) {
  const Micros at = clock();
  struct Answer {
    Micros ts;
    LookBackKey* key;
    std::size_t moment;
  };
  std::vector<Answer> answers;
  for (LookBackKey* const k : keys) {
    for (std::size_t i = 0; i < k->moments.size(); ++i) {
      const LookBackKey::Moment& m = k->moments[i];
      if (m.waiting > 0 && (m.ts < at || at == kEndOfTime)) answers.push_back({m.ts, k, i});
    }
  }
  std::stable_sort(answers.begin(), answers.end(),
                   [](const Answer& a, const Answer& b) { return a.ts < b.ts; });
  for (const Answer& answer : answers) {
    LookBackKey& k = *answer.key;
    const Micros from = sub(answer.ts, config_.range);
    std::size_t first = answer.moment;
    while (first > 0 && k.moments[first - 1].ts > from) --first;
    Cell whole = k.moments[first].cell.copy();
    for (std::size_t i = first + 1; i <= answer.moment; ++i) whole.merge(k.moments[i].cell);
    std::uint64_t& waiting = k.moments[answer.moment].waiting;
    for (std::int64_t index = 0; waiting > 0; --waiting, ++index) {
      PaneWriter::Pane pane;
      pane.key = k.key;
      pane.bounded = false;
      pane.window = {answer.ts, answer.ts};
      pane.ts = answer.ts;
      pane.index = index;
      pane.watermark = input_watermark();
      auto document = writer_.document(k.key, reader_.layout(), whole.state(), out.arena());
      if (document) {
        writer_.write(pane, *document, false, reader_.expressions(), out);
      } else {
        writer_.write_failed(pane, document.error(), out);
      }
    }
  }
  for (LookBackKey* const k : keys) {
    std::erase_if(k->moments, [&](const LookBackKey::Moment& m) {
      return m.waiting == 0 && add(m.ts, config_.range) <= at;
    });
  }
}

void LookBackOperator::encode(const LookBackKey& k, Writer& out) const {
  out.number(k.moments.size());
  for (const LookBackKey::Moment& m : k.moments) {
    out.integer(m.ts);
    out.number(m.waiting);
    reader_.layout().encode(m.cell.state(), out);
  }
}

void LookBackOperator::decode(LookBackKey& k, Reader& in) const {
  const std::size_t moments = in.count();
  for (std::size_t i = 0; i < moments && in.good(); ++i) {
    LookBackKey::Moment m;
    m.ts = in.integer();
    m.waiting = in.number();
    m.cell = Cell(reader_.layout());
    reader_.layout().decode(m.cell.state(), in);
    k.moments.push_back(std::move(m));
  }
}

}  // namespace weir::windowing
