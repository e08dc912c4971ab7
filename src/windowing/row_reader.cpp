#include "windowing/row_reader.h"

#include "windowing/key.h"

namespace weir::windowing {

using core::Value;

namespace {

const mapping::Environment& sealed_world() {
  static const mapping::Environment world = mapping::Environment::sandboxed();
  return world;
}

Layout layout_of(const std::vector<AggregateField>& fields) {
  std::vector<std::pair<std::string, AggregatePtr>> entries;
  for (const AggregateField& field : fields) entries.emplace_back(field.name, field.function);
  return Layout(std::move(entries));
}

}  // namespace

Expressions::Expressions() : context_(sealed_world(), random_) {}

core::Result<Value> Expressions::value(const mapping::Mapping& expression, core::Message& message) {
  context_.bind(message);
  auto value = expression.evaluate(context_);
  if (value && value->is_marker()) return Value::nothing();
  return value;
}

core::Result<Value> Expressions::value(const mapping::Mapping& expression, Value self,
                                       core::Arena& arena) {
  context_.bind_arena(arena);
  auto value = expression.evaluate(context_, self);
  if (value && value->is_marker()) return Value::nothing();
  return value;
}

RowReader::RowReader(Expression key, std::vector<AggregateField> aggregates)
    : key_(std::move(key)), fields_(std::move(aggregates)), layout_(layout_of(fields_)) {}

core::Status RowReader::read_key(const Row& row) {
  core::Message& message = *row.message;
  key_bytes_.clear();
  if (key_ == nullptr) {
    WEIR_CHECK_OK(write_key(Value::null(), message.arena(), key_bytes_));
  } else {
    auto key = expressions_.value(*key_, message);
    core::Status status =
        key ? write_key(*key, message.arena(), key_bytes_) : core::Status(core::fail(key.error()));
    if (!status) return core::fail(std::move(status).error().with_context("evaluating `key`"));
  }
  return {};
}

core::Status RowReader::read(const Row& row) {
  WEIR_CHECK_OK(read_key(row));
  core::Message& message = *row.message;
  arguments_.clear();
  taken_.assign(fields_.size(), true);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const AggregateField& field = fields_[i];
    const auto context = [&field](core::Error error) {
      return core::fail(std::move(error).with_context("aggregating `" + field.name + "`"));
    };
    if (field.where != nullptr) {
      expressions_.context().bind(message);
      auto holds = field.where->check(expressions_.context());
      if (!holds) return context(std::move(holds).error());
      taken_[i] = *holds;
    }
    for (const Expression& argument : field.arguments) {
      if (!taken_[i]) {
        arguments_.push_back(Value::null());
        continue;
      }
      auto value = expressions_.value(*argument, message);
      if (!value) return context(std::move(value).error());
      arguments_.push_back(value->is(core::Kind::kNothing) ? Value::null() : *value);
    }
  }
  WEIR_CHECK_OK(layout_.check(arguments_, taken_));
  info_ = {row.ts, {}, &message.arena()};
  if (layout_.needs_rank()) {
    rank_bytes_.clear();
    write_rank(row.ts, row.origin, rank_bytes_);
    info_.rank = rank_bytes_.bytes();
  }
  return {};
}

void RowReader::set(std::string_view key, const std::vector<Value>& arguments, Micros ts,
                    core::Arena& scratch) {
  key_bytes_.clear();
  key_bytes_.raw(key);
  arguments_ = arguments;
  if (taken_.size() != fields_.size()) taken_.assign(fields_.size(), true);
  info_ = {ts, {}, &scratch};
}

}  // namespace weir::windowing
