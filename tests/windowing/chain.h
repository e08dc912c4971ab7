#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "config/context.h"
#include "config/node.h"
#include "windowing/specs.h"

namespace weir::windowing::test {

/// The processors of a configuration: stateful ones and mappings.
struct Plans {
  std::shared_ptr<const EventTimeConfig> event_time;  ///< of the input, if it has one
  std::string file;                                   ///< base name of its first path
  std::vector<std::variant<std::shared_ptr<const OperatorPlan>, Expression>> stages;
  std::vector<std::string> findings;  ///< errors, as `S004 message`; empty: fine
};
/// Reads `input` and `pipeline.processors` of a configuration, or a bare list of processors.
[[nodiscard]] Plans read_plans(const std::string& yaml);

/// Runs operators without an engine, in any number of shards, each with its own ranges of key
/// groups.
class Chain {
 public:
  explicit Chain(const Plans& plans, unsigned shards = 1, std::mt19937_64* random = nullptr);

  void row(core::Message& message, Micros ts, std::string_view partition, std::int64_t position);
  void watermark(Micros w);
  void time(Micros now);
  /// Everything is thrown away and built again from its snapshot, in other shards.
  void restart(unsigned shards, std::mt19937_64* random);
  [[nodiscard]] std::vector<Operator*> shards(std::size_t stage);

  std::vector<std::string> results;    ///< documents as JSON with sorted keys
  std::vector<std::string> described;  ///< documents with their metadata
  std::vector<std::string> failed;
  std::map<std::string, std::vector<std::string>> late;  ///< by label of the output

 private:
  struct Stage {
    std::shared_ptr<const OperatorPlan> plan;
    Expression mapping;
    std::vector<std::unique_ptr<Operator>> shards;
    std::vector<std::uint16_t> owner;  ///< of each key group
  };
  void build(unsigned shards, std::mt19937_64* random);
  void feed(std::size_t stage, const Row& row);
  void take(std::size_t stage, Output& out);
  void watermark(std::size_t stage, Micros w);

  std::vector<Stage> stages_;
  Expressions expressions_;
  Micros now_ = kBeginning;
};

/// Feeds a whole file of JSON lines: one partition, the watermark after every record, its end.
void run_lines(const Plans& plans, Chain& chain, const std::vector<std::string>& lines,
               std::string_view partition = "0");

/// A document as JSON with sorted keys.
[[nodiscard]] std::string json(core::Value value);

}  // namespace weir::windowing::test
