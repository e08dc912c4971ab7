#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"

namespace weir::test {

/// Random trees of all processors that hold others, as YAML in flow style, for messages with a
/// number `n`. What a tree makes of a message does not depend on its batch.
class RandomProcessors {
 public:
  explicit RandomProcessors(core::SeededRandom& random) : random_(random) {}

  /// `[ {...}, {...} ]`
  std::string list(unsigned depth, bool may_drop = true) {
    std::string text = "[ ";
    const std::uint64_t count = 1 + random_.next() % 3;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (i > 0) text += ", ";
      text += one(depth, may_drop);
    }
    return text + " ]";
  }
  /// Something may have changed the order of the messages (`group_by`).
  [[nodiscard]] bool reorders() const { return reorders_; }

 private:
  std::string number(std::uint64_t most) { return std::to_string(1 + random_.next() % most); }
  std::string check() {
    return "this.n.number() % " + std::to_string(2 + random_.next() % 4) + " == 0";
  }

  std::string leaf(bool may_drop) {
    switch (random_.next() % (may_drop ? 7 : 5)) {
      case 0: return "noop: {}";
      case 1: return "mutation: root.a = this.a.or(0) + " + number(5);
      case 2: return "mutation: 'root.f = if " + check() + " { throw(\"bad\") } else { 1 }'";
      case 3: return "mutation: 'meta m = this.n'";
      case 4: return "mapping: root = this";
      case 5: return "mapping: 'root = if " + check() + " { deleted() } else { this }'";
      default: return "bounds_check: { max_part_size: 70, max_parts: 100000 }";
    }
  }

  std::string one(unsigned depth, bool may_drop) {
    if (depth == 0 || random_.next() % 4 == 0) return "{ " + leaf(may_drop) + " }";
    const auto below = [&] { return list(depth - 1, may_drop); };
    switch (random_.next() % 14) {
      case 0: return "{ for_each: " + below() + " }";
      case 1: return "{ parallel: { cap: " + number(4) + ", processors: " + below() + " } }";
      case 2: {
        const char* const ways[] = {"", ", fallthrough: true", ", continue: true"};
        return "{ switch: [ { check: " + check() + ", processors: " + below() +
               ways[random_.next() % 3] + " }, { check: " + check() + ", processors: " + below() +
               ways[random_.next() % 3] + " } ] }";
      }
      case 3: return "{ try: " + below() + " }";
      case 4: return "{ catch: " + below() + " }";
      case 5: return "{ try_catch: { processors: " + below() + ", catch: " + below() + " } }";
      case 6: return "{ processors: " + below() + " }";
      case 7:
        return "{ branch: { processors: " + list(depth - 1, false) +
               ", result_map: root.b = this.a } }";
      case 8:
        return "{ branch: { request_map: 'root = if " + check() +
               " { deleted() } else { this }', processors: " + list(depth - 1, false) +
               ", result_map: 'root.c = if " + check() + " { throw(\"no\") } else { this.a }' } }";
      case 9:
        return "{ workflow: { meta_path: '', branches: { x: { processors: " +
               list(depth - 1, false) + ", result_map: root.x = 1 }, y: { request_map: " +
               "root.n = this.n, processors: " + list(depth - 1, false) +
               ", result_map: root.y = this.a } } } }";
      case 10: return "{ while: { max_loops: " + number(3) + ", processors: " + below() + " } }";
      case 11:
        return "{ retry: { max_retries: 1, backoff: { initial_interval: 0s, max_interval: 0s }, "
               "processors: " +
               below() + " } }";
      case 12: return "{ split: { size: " + number(5) + " } }";
      default:
        reorders_ = true;
        return "{ group_by: [ { check: " + check() + ", processors: " + below() + " } ] }";
    }
  }

  core::SeededRandom& random_;
  bool reorders_ = false;
};

}  // namespace weir::test
