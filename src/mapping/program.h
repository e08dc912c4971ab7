#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/arena.h"
#include "core/value.h"
#include "mapping/mapping.h"
#include "mapping/node.h"

namespace weir::mapping {

/// One step of a path: a key, and what it is on an array.
struct PathStep {
  std::string key;
  core::Value key_value;           // the key as a string ready to be written
  std::int64_t index = -1;         // on an array; -1: not a number
  bool star = false;               // `*`: all elements
  mutable std::uint32_t hint = 0;  // where the key stood last; read and written atomically
};

struct Statement {
  StatementKind kind = StatementKind::kAssign;
  bool whole = false;         // all metadata; `root` itself has an empty path
  bool fresh_member = false;  // the member cannot be there yet: append without looking
  unsigned line = 1;
  const Node* value = nullptr;
  std::vector<PathStep> path;
  std::uint32_t variable = 0;
  core::Value key;  // of metadata
  std::vector<const Node*> conditions;
  std::vector<std::vector<Statement>> blocks;
};

/// Statements with room for what they need: the mapping itself, or a named map.
struct Body {
  std::vector<Statement> statements;
  std::uint32_t slots = 1;  // contexts (`this`, captures); slot 0 is the document or target
  std::vector<std::string> variables;
  std::uint32_t root_members = 4;  // a guess
  bool is_map = false;
};

enum class Plan : std::uint8_t { kPassThrough, kAppendSplice, kOverlay, kTree };
[[nodiscard]] std::string_view name(Plan plan);

/// Everything a compiled mapping consists of. Immutable after compilation (what call sites remember
/// locks itself).
class Program : public std::enable_shared_from_this<Program> {
 public:
  template <class T, class... Args>
  T* add(Args&&... args) {
    auto made = std::make_unique<T>(static_cast<Args&&>(args)...);
    T* const raw = made.get();
    nodes.push_back(std::move(made));
    return raw;
  }
  [[nodiscard]] const Body* find_map(std::string_view map_name) const {
    const auto at = maps.find(map_name);
    return at == maps.end() ? nullptr : at->second;
  }

  std::string text;
  core::Arena arena;  // literals
  std::vector<std::unique_ptr<Node>> nodes;
  Body main;
  std::deque<Body> bodies;        // of named maps
  std::deque<std::string> names;  // of named maps, imported ones included
  std::unordered_map<std::string_view, Body*> maps;
  const Node* expression = nullptr;  // a mapping that is one expression
  core::Value constant_value;
  bool is_constant = false;
  bool is_deterministic = true;
  bool reads_batch = false;
  bool reads_root = false;               // `root` as a whole
  bool reads_document_function = false;  // json(), content()
  unsigned whole_document_reads = 0;     // `this` at statement level, without a path
  bool in_place = false;  // `root = this` may change the document itself, see plan.cpp
  Plan plan = Plan::kTree;
  std::vector<PathUse> reads;
  std::vector<PathUse> writes;
  std::vector<Issue> warnings;
};

/// What Mapping::compile() wraps.
[[nodiscard]] tl::expected<std::shared_ptr<const Program>, ParseErrors> make_program(
    std::string_view text, const CompileOptions& options);

class Evaluator;
/// Runs a program as a part of another evaluation, whose budget it shares; there is no message. The
/// result is a copy in the outer arena; nothing when root was never assigned.
[[nodiscard]] core::Result<core::Value> evaluate_within(const Program& program, Evaluator& outer,
                                                        core::Value self);

}  // namespace weir::mapping
