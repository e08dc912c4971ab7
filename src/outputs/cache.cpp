#include "config/mapping_fields.h"
#include "core/duration.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;

struct CacheConfig {
  config::CacheLabel target;
  config::TemplateField key = default_key();
  config::TemplateField ttl;
  std::size_t max_in_flight = 64;

  static config::TemplateField default_key() {
    auto made = config::TemplateField::parse(R"(${!count("items")}-${!timestamp_unix_nano()})");
    return made ? *made : config::TemplateField();
  }
};

config::Spec<CacheConfig> cache_spec() {
  return config::Spec<CacheConfig>("cache")
      .summary("Stores each message in a cache.")
      .description("Messages of a batch are stored at once; one whose key cannot be made fails.")
      .category("services")
      .field("target", &CacheConfig::target,
             {.doc = "Label of the cache resource.", .required = true})
      .field("key", &CacheConfig::key, {.doc = "The key.", .examples = {"${! this.id }"}})
      .field(
          "ttl", &CacheConfig::ttl,
          {.doc = "How long items live, e.g. `60s`. Empty: as the cache has it.", .advanced = true})
      .field("max_in_flight", &CacheConfig::max_in_flight,
             {.doc = "Writes under way at most; 1 keeps order.", .min = 1})
      .example("The latest state of each order", R"yaml(
output:
  cache:
    target: orders
    key: '${! this.order_id }'
cache_resources:
  - label: orders
    rocksdb: {}
)yaml");
}

class CacheOutput final : public core::Output {
 public:
  CacheOutput(CacheConfig config, std::shared_ptr<core::Cache> cache,
              const config::Resources& resources)
      : config_(std::move(config)), cache_(std::move(cache)), evaluator_(resources) {}

  std::size_t max_in_flight() const override { return config_.max_in_flight; }

  void write(Batch batch, WriteDone done) override {
    auto work = std::make_shared<Work>();
    work->done = std::move(done);
    work->result.keep_alive = batch.sibling();
    work->batch = batch.sibling();
    core::Cache::Request request;
    request.operation = core::Cache::Operation::kSet;
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      auto item = item_of(batch[i]);
      if (!item) {
        work->result.failed.push_back({std::move(batch[i]), item.error()});
        continue;
      }
      request.items.push_back(*std::move(item));
      work->batch.push(std::move(batch[i]));
    }
    if (request.items.empty()) {
      work->done(std::move(work->result));
      return;
    }
    cache_->run(std::move(request), [work](core::Cache::Reply reply) {
      work->result.delivered = work->batch.sibling();
      for (std::size_t i = 0; i < work->batch.size(); ++i) {
        if (reply.stored[i]) {
          work->result.delivered.push(std::move(work->batch[i]));
        } else {
          work->result.failed.push_back({std::move(work->batch[i]), reply.stored[i].error()});
        }
      }
      work->done(std::move(work->result));
    });
  }

 private:
  struct Work {
    Batch batch;
    WriteResult result;
    WriteDone done;
  };

  core::Result<core::CacheItem> item_of(core::Message& message) {
    core::CacheItem item;
    auto key = config_.key.render(evaluator_.context());
    if (!key) return core::fail(std::move(key).error().with_context("evaluating `key`"));
    item.key = *key;
    WEIR_TRY(item.value, message.payload());
    auto ttl = config_.ttl.render(evaluator_.context());
    if (!ttl) return core::fail(std::move(ttl).error().with_context("evaluating `ttl`"));
    if (!ttl->empty()) {
      auto parsed = core::parse_duration(*ttl);
      if (!parsed) return core::fail(std::move(parsed).error().with_context("evaluating `ttl`"));
      item.ttl = *parsed;
    }
    return item;
  }

  const CacheConfig config_;
  const std::shared_ptr<core::Cache> cache_;
  config::Evaluator evaluator_;
};

core::Result<std::unique_ptr<core::Output>> make_cache(CacheConfig config,
                                                       const config::Resources& resources) {
  if (config.ttl.is_constant() && !config.ttl.constant().empty()) {
    if (auto parsed = core::parse_duration(config.ttl.constant()); !parsed) {
      return core::invalid_config("`ttl`: " + parsed.error().message);
    }
  }
  WEIR_TRY(auto cache, resources.shared().cache(config.target.label));
  return std::make_unique<CacheOutput>(std::move(config), std::move(cache), resources);
}

}  // namespace

void add_cache(config::Registry& registry) {
  registry.add_output(cache_spec(), make_cache);
}

}  // namespace weir::outputs
