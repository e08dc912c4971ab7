#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/arena.h"
#include "core/result.h"
#include "core/value.h"
#include "windowing/encoding.h"
#include "windowing/time.h"

namespace weir::windowing {

/// What comes with a row's values when it is added.
struct AddInfo {
  Micros ts = 0;
  std::string_view rank;  ///< sorts rows (write_rank); empty unless the aggregate needs it
  core::Arena* scratch = nullptr;
};

/// An aggregate function: immutable, the state is a piece of memory that it was given. States may
/// be moved bytewise.
///
/// Results depend on the set of rows alone where merges() says so; the exact association of merges
/// is up to the caller and only shows in the rounding of floats.
class Aggregate {
 public:
  virtual ~Aggregate() = default;

  [[nodiscard]] virtual std::size_t size() const = 0;
  virtual void init(void* state) const = 0;
  virtual void destroy(void* state) const = 0;

  /// Whether the values can be added: called for all aggregates of a row before the first add().
  [[nodiscard]] virtual core::Status check(const core::Value* arguments) const = 0;
  virtual void add(void* state, const core::Value* arguments, const AddInfo& info) const = 0;
  /// Adds what `later` holds; only if merges().
  virtual void merge(void* state, const void* later) const = 0;
  /// Error: a user fold failed on one of its rows.
  [[nodiscard]] virtual core::Result<core::Value> result(const void* state,
                                                         core::Arena& arena) const = 0;

  virtual void encode(const void* state, Writer& out) const = 0;
  /// Into an initialised state.
  virtual void decode(void* state, Reader& in) const = 0;

  /// Number of argument expressions.
  [[nodiscard]] virtual std::size_t arity() const { return 1; }
  [[nodiscard]] virtual bool merges() const { return true; }
  [[nodiscard]] virtual bool needs_rank() const { return false; }
  /// Rows with a null first argument do not count.
  [[nodiscard]] virtual bool skips_null() const { return true; }
};

using AggregatePtr = std::shared_ptr<const Aggregate>;

/// The aggregates of one operator: their states lie one behind the other.
class Layout {
 public:
  struct Entry {
    std::string name;
    AggregatePtr aggregate;
    std::size_t offset = 0;
    std::size_t first_argument = 0;
  };

  Layout() = default;
  explicit Layout(std::vector<std::pair<std::string, AggregatePtr>> aggregates);

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t arguments() const { return arguments_; }
  [[nodiscard]] bool merges() const { return merges_; }
  [[nodiscard]] bool needs_rank() const { return needs_rank_; }

  void init(std::byte* state) const;
  void destroy(std::byte* state) const;
  /// `taken[i]`: whether the row counts for aggregate i (its `where`).
  [[nodiscard]] core::Status check(const std::vector<core::Value>& arguments,
                                   const std::vector<bool>& taken) const;
  void add(std::byte* state, const std::vector<core::Value>& arguments,
           const std::vector<bool>& taken, const AddInfo& info) const;
  void merge(std::byte* state, const std::byte* later) const;
  /// Appends `name: result` of each.
  [[nodiscard]] core::Status results(const std::byte* state, core::Value& object,
                                     core::Arena& arena) const;
  void encode(const std::byte* state, Writer& out) const;
  void decode(std::byte* state, Reader& in) const;

 private:
  std::vector<Entry> entries_;
  std::size_t size_ = 0;
  std::size_t arguments_ = 0;
  bool merges_ = true;
  bool needs_rank_ = false;
};

/// The states of a layout, owned. Moves cheaply; an empty one holds nothing.
class Cell {
 public:
  Cell() = default;
  explicit Cell(const Layout& layout) : layout_(&layout), state_(new std::byte[layout.size()]) {
    layout.init(state_);
  }
  Cell(Cell&& other) noexcept : layout_(other.layout_), state_(other.state_) {
    other.state_ = nullptr;
  }
  Cell& operator=(Cell&& other) noexcept {
    std::swap(layout_, other.layout_);
    std::swap(state_, other.state_);
    return *this;
  }
  ~Cell() {
    if (state_ == nullptr) return;
    layout_->destroy(state_);
    delete[] state_;
  }
  [[nodiscard]] explicit operator bool() const { return state_ != nullptr; }
  [[nodiscard]] std::byte* state() { return state_; }
  [[nodiscard]] const std::byte* state() const { return state_; }
  void merge(const Cell& later) { layout_->merge(state_, later.state_); }
  [[nodiscard]] Cell copy() const {
    Cell made(*layout_);
    made.merge(*this);
    return made;
  }

 private:
  const Layout* layout_ = nullptr;
  std::byte* state_ = nullptr;
};

}  // namespace weir::windowing
