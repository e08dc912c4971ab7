#include "windowing/chain.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "config/mapping_fields.h"
#include "config/registry.h"
#include "config/yaml_reader.h"
#include "core/json_text.h"

namespace weir::windowing::test {

using config::Node;

Plans read_plans(const std::string& yaml) {
  Plans plans;
  config::ReadState state;
  const config::Registry registry;
  const config::ReadContext context(registry, state, "root");
  config::YamlOptions options;
  options.references = false;
  const auto read = config::read_yaml(yaml, "test.yaml", options, state.diagnostics);
  if (!read) {
    plans.findings.emplace_back("not YAML");
    return plans;
  }
  const config::YamlDocument& document = *read;
  const Node* processors = &document.root;
  if (document.root.is_mapping()) {
    processors = document.root.find("pipeline")->find("processors");
    if (const Node* const input = document.root.find("input")) {
      if (const Node* const time = input->find("event_time")) {
        plans.event_time = read_event_time(*time, context.below("input.event_time"));
      }
      if (const Node* const file = input->find("file")) {
        plans.file =
            std::filesystem::path(file->find("paths")->items.at(0).scalar).filename().string();
      }
    }
  }
  for (const Node& node : processors->items) {
    if (const Node* const text = node.find("mapping")) {
      Expression mapping;
      if (detail::read_expression(*text, context, mapping)) plans.stages.emplace_back(mapping);
    } else if (auto plan = read_operator(node, context)) {
      plans.stages.emplace_back(plan);
    }
  }
  for (const config::Diagnostic& d : state.diagnostics.all()) {
    if (d.severity == config::Severity::kError) plans.findings.push_back(d.rule + " " + d.message);
  }
  return plans;
}

std::string json(core::Value value) {
  core::Buffer text;
  core::JsonStyle style;
  style.sort_keys = true;
  if (!core::write_json(value, text, style)) return "unwritable";
  return std::string(text.view());
}

Chain::Chain(const Plans& plans, unsigned shards, std::mt19937_64* random) {
  for (const auto& stage : plans.stages) {
    Stage made;
    if (std::holds_alternative<Expression>(stage)) {
      made.mapping = std::get<Expression>(stage);
    } else {
      made.plan = std::get<std::shared_ptr<const OperatorPlan>>(stage);
    }
    stages_.push_back(std::move(made));
  }
  build(shards, random);
}

void Chain::build(unsigned shards, std::mt19937_64* random) {
  for (Stage& stage : stages_) {
    stage.shards.clear();
    if (stage.plan == nullptr) continue;
    // Ranges of random length.
    std::vector<std::size_t> cuts;
    for (unsigned i = 1; i < shards; ++i) {
      cuts.push_back(random != nullptr ? (*random)() % kDefaultKeyGroups
                                       : i * std::size_t{kDefaultKeyGroups} / shards);
    }
    std::sort(cuts.begin(), cuts.end());
    stage.owner.assign(kDefaultKeyGroups, 0);
    for (std::size_t g = 0; g < kDefaultKeyGroups; ++g) {
      std::uint16_t owner = 0;
      for (const std::size_t cut : cuts) {
        if (g >= cut) ++owner;
      }
      stage.owner[g] = owner;
    }
    for (unsigned i = 0; i < shards; ++i) {
      stage.shards.push_back(stage.plan->make());
      Output none;
      if (now_ != kBeginning) stage.shards.back()->on_time(now_, none);
    }
  }
}

void Chain::restart(unsigned shards, std::mt19937_64* random) {
  std::vector<std::vector<StateEntry>> state(stages_.size());
  std::vector<std::vector<Micros>> forwarded(stages_.size());
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    for (std::size_t i = 0; i < stages_[s].shards.size(); ++i) {
      Operator& op = *stages_[s].shards[i];
      for (std::size_t g = 0; g < kDefaultKeyGroups; ++g) {
        if (stages_[s].owner[g] != i) continue;
        std::size_t last = g;
        while (last < kDefaultKeyGroups && stages_[s].owner[last] == i) ++last;
        const GroupRange range{static_cast<std::uint16_t>(g), static_cast<std::uint16_t>(last)};
        for (StateEntry& e : op.snapshot(range)) state[s].push_back(std::move(e));
        g = last - 1;
      }
    }
  }
  build(shards, random);
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    for (const StateEntry& entry : state[s]) {
      const core::Status loaded = stages_[s].shards[stages_[s].owner[entry.group]]->load(entry);
      ASSERT_TRUE(loaded) << loaded.error().message;
    }
  }
}

std::vector<Operator*> Chain::shards(std::size_t stage) {
  std::vector<Operator*> out;
  for (auto& shard : stages_[stage].shards) out.push_back(shard.get());
  return out;
}

void Chain::row(core::Message& message, Micros ts, std::string_view partition,
                std::int64_t position) {
  message.event_time = ts;
  feed(0, {&message, ts, {{}, partition, position}});
}

void Chain::feed(std::size_t stage, const Row& row) {
  core::Message& message = *row.message;
  if (message.errored()) {
    failed.emplace_back(message.error()->text);
    return;
  }
  if (stage == stages_.size()) {
    // A text is a payload of its own, not a document.
    auto root = message.root();
    results.push_back(root ? json(*root) : json(core::Value::string(*message.payload())));
    described.push_back(results.back() + " " + json(message.metadata()) + " @" +
                        std::to_string(row.ts));
    return;
  }
  Stage& at = stages_[stage];
  if (at.mapping != nullptr) {
    expressions_.context().bind(message);
    auto verdict = at.mapping->map(expressions_.context(), message);
    if (!verdict) {
      failed.push_back(verdict.error().message);
    } else if (*verdict == mapping::Verdict::kKept) {
      feed(stage + 1, row);
    }
    return;
  }
  Output out;
  const auto group = at.shards.front()->group_of(row);
  at.shards[group ? at.owner[*group] : 0]->on_row(row, out);
  take(stage, out);
}

void Chain::take(std::size_t stage, Output& out) {
  for (core::Message& message : out.late().messages()) {
    auto root = message.root();
    late[stages_[stage].plan->late_output].push_back(root ? json(*root) : "not a document");
  }
  for (std::size_t i = 0; i < out.rows().size(); ++i) {
    core::Message& message = out.rows()[i];
    const Output::Info& info = out.info()[i];
    feed(stage + 1, {&message, message.event_time, {info.source, {}, info.position}});
  }
}

void Chain::watermark(Micros w) {
  watermark(0, w);
}

void Chain::watermark(std::size_t stage, Micros w) {
  if (stage == stages_.size()) return;
  Stage& at = stages_[stage];
  if (at.plan == nullptr) {
    watermark(stage + 1, w);
    return;
  }
  for (auto& shard : at.shards) {
    Output out;
    shard->on_watermark(w, out);
    take(stage, out);
  }
  watermark(stage + 1, at.shards.front()->watermark_out());
}

void Chain::time(Micros now) {
  now_ = now;
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    for (auto& shard : stages_[s].shards) {
      Output out;
      shard->on_time(now, out);
      take(s, out);
    }
  }
}

void run_lines(const Plans& plans, Chain& chain, const std::vector<std::string>& lines,
               std::string_view partition) {
  EventTimeReader reader(plans.event_time);
  WatermarkMerge merge;
  const auto id = merge.partition(partition);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    core::Batch batch = core::Batch::of({lines[i]});
    auto read = reader.read(batch[0], 0);
    if (!read || !*read) {
      chain.failed.push_back(read ? "dropped" : read.error().message);
      continue;
    }
    chain.row(batch[0], (**read).ts, partition, static_cast<std::int64_t>(i));
    merge.observe(id, (**read).watermark);
    chain.watermark(merge.merged());
  }
  merge.finish(id);
  chain.watermark(merge.merged());
}

}  // namespace weir::windowing::test
