#include "windowing/aggregate.h"

namespace weir::windowing {

Layout::Layout(std::vector<std::pair<std::string, AggregatePtr>> aggregates) {
  for (auto& [name, aggregate] : aggregates) {
    Entry entry;
    entry.name = std::move(name);
    entry.offset = size_;
    entry.first_argument = arguments_;
    size_ += (aggregate->size() + 15) / 16 * 16;
    arguments_ += aggregate->arity();
    merges_ = merges_ && aggregate->merges();
    needs_rank_ = needs_rank_ || aggregate->needs_rank();
    entry.aggregate = std::move(aggregate);
    entries_.push_back(std::move(entry));
  }
}

void Layout::init(std::byte* state) const {
  for (const Entry& e : entries_) e.aggregate->init(state + e.offset);
}

void Layout::destroy(std::byte* state) const {
  for (const Entry& e : entries_) e.aggregate->destroy(state + e.offset);
}

core::Status Layout::check(const std::vector<core::Value>& arguments,
                           const std::vector<bool>& taken) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& e = entries_[i];
    if (!taken[i]) continue;
    const core::Value* const values = arguments.data() + e.first_argument;
    if (e.aggregate->skips_null() && e.aggregate->arity() > 0 && values->is_null()) continue;
    core::Status status = e.aggregate->check(values);
    if (!status) {
      return core::fail(std::move(status).error().with_context("aggregating `" + e.name + "`"));
    }
  }
  return {};
}

void Layout::add(std::byte* state, const std::vector<core::Value>& arguments,
                 const std::vector<bool>& taken, const AddInfo& info) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& e = entries_[i];
    if (!taken[i]) continue;
    const core::Value* const values = arguments.data() + e.first_argument;
    if (e.aggregate->skips_null() && e.aggregate->arity() > 0 && values->is_null()) continue;
    e.aggregate->add(state + e.offset, values, info);
  }
}

void Layout::merge(std::byte* state, const std::byte* later) const {
  for (const Entry& e : entries_) e.aggregate->merge(state + e.offset, later + e.offset);
}

core::Status Layout::results(const std::byte* state, core::Value& object,
                             core::Arena& arena) const {
  for (const Entry& e : entries_) {
    auto value = e.aggregate->result(state + e.offset, arena);
    if (!value) {
      return core::fail(std::move(value).error().with_context("aggregating `" + e.name + "`"));
    }
    core::append_member(object, core::Value::string(arena.copy(e.name)), *value, arena);
  }
  return {};
}

void Layout::encode(const std::byte* state, Writer& out) const {
  out.number(entries_.size());
  for (const Entry& e : entries_) {
    out.text(e.name);
    Writer one;
    e.aggregate->encode(state + e.offset, one);
    out.text(one.bytes());
  }
}

void Layout::decode(std::byte* state, Reader& in) const {
  // By name: an aggregate that was added to the configuration starts empty, one that was removed is
  // forgotten.
  const std::size_t count = in.count();
  for (std::size_t i = 0; i < count && in.good(); ++i) {
    const std::string_view name = in.text();
    Reader one(in.text());
    for (const Entry& e : entries_) {
      if (e.name != name) continue;
      e.aggregate->decode(state + e.offset, one);
      if (!one.good() || !one.at_end()) in.spoil();
      break;
    }
  }
}

}  // namespace weir::windowing
