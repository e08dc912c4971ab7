#include "windowing/dedupe_operator.h"

#include <algorithm>

namespace weir::windowing {

DedupeOperator::DedupeOperator(DedupeConfig config)
    : KeyedOperator(config.key_groups), config_(std::move(config)), reader_(config_.key, {}) {}

void DedupeOperator::on_row(const Row& row, Output& out) {
  ++stats_.rows;
  core::Status readable = reader_.read(row);
  std::optional<StoredRow> stored;
  if (readable && config_.keep_last) {
    auto kept = StoredRow::of(row);
    if (kept) {
      stored = *std::move(kept);
    } else {
      readable = core::fail(std::move(kept).error());
    }
  }
  if (!readable) {
    ++stats_.failed;
    out.fail(*row.message, row.origin, readable.error(), "dedupe", config_.label);
    return;
  }
  const bool by_event = !config_.ttl.processing_time;
  const Micros w = watermark(reader_.key());
  if (by_event && row.ts < w) {
    ++stats_.late;
    out.late(*row.message, row.ts, w);
    return;
  }
  DedupeKey& k = key_state(reader_.key());
  const Micros at = by_event ? row.ts : now();
  const core::Int128 distance = core::Int128{at} - k.first;
  const bool duplicate = k.seen && distance < config_.ttl.span && -distance < config_.ttl.span;
  if (config_.keep_last) {
    // A row beyond the lifetime of the one kept ends it.
    if (k.seen && !duplicate) {
      k.last->emit(out);
      k.last.reset();
    }
    if (duplicate) ++stats_.filtered;
    if (!k.last || stored->rank > k.last->rank) k.last = std::move(stored);
  } else if (duplicate) {
    ++stats_.filtered;
  } else {
    out.pass(*row.message, row.ts, row.origin);
  }
  if (!k.seen || !duplicate || config_.refresh) k.first = k.seen ? std::max(k.first, at) : at;
  k.seen = true;
  schedule(k);
}

std::optional<Micros> DedupeOperator::next_event(const DedupeKey& k) const {
  if (!k.seen || config_.ttl.processing_time) return std::nullopt;
  return add(k.first, config_.ttl.span);
}
std::optional<Micros> DedupeOperator::next_time(const DedupeKey& k) const {
  if (!k.seen || !config_.ttl.processing_time) return std::nullopt;
  return add(k.first, config_.ttl.span);
}

void DedupeOperator::due(std::vector<DedupeKey*>& keys, Output& out) {
  if (!config_.ttl.processing_time) expire(keys, clock(), out);
}
void DedupeOperator::due_by_time(std::vector<DedupeKey*>& keys, Output& out) {
  if (config_.ttl.processing_time) expire(keys, now(), out);
}

void DedupeOperator::expire(std::vector<DedupeKey*>& keys, Micros at, Output& out) {
  std::vector<DedupeKey*> gone;
  for (DedupeKey* const k : keys) {
    if (k->seen && add(k->first, config_.ttl.span) <= at) gone.push_back(k);
  }
  std::stable_sort(gone.begin(), gone.end(),
                   [](const DedupeKey* a, const DedupeKey* b) { return a->first < b->first; });
  for (DedupeKey* const k : gone) {
    if (k->last) k->last->emit(out);
    k->last.reset();
    k->seen = false;
  }
}

void DedupeOperator::encode(const DedupeKey& k, Writer& out) const {
  out.integer(k.first);
  out.flag(k.last.has_value());
  if (k.last) k.last->encode(out);
}

void DedupeOperator::decode(DedupeKey& k, Reader& in) const {
  k.seen = true;
  k.first = in.integer();
  if (in.flag()) {
    k.last.emplace();
    k.last->decode(in);
  }
  if (config_.keep_last != k.last.has_value()) in.spoil();
}

}  // namespace weir::windowing
