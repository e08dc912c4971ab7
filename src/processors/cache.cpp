#include "config/mapping_fields.h"
#include "processors/all.h"
#include "processors/ttl_field.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::ErrorCode;

struct CacheConfig {
  config::CacheLabel resource;
  std::string op;
  config::TemplateField key;
  config::TemplateField value;
  config::TemplateField ttl;
};

config::Spec<CacheConfig> cache_spec() {
  return config::Spec<CacheConfig>("cache")
      .summary("Reads or writes a cache with each message.")
      .description(
          "All keys of a batch are asked for at once. What does not work out flags the message as "
          "failed: `get` without such a key, `add` with one that is there already.")
      .category("integration")
      .field("resource", &CacheConfig::resource,
             {.doc = "Label of the cache resource.", .required = true})
      .field("operator", &CacheConfig::op,
             {.doc = "What to do.",
              .required = true,
              .options = {{"set", "store the value, whatever was there"},
                          {"add", "store the value; fails when the key exists"},
                          {"get", "replace the payload by the value; fails without the key"},
                          {"delete", "remove the key; fine when there is none"},
                          {"exists", "replace the payload by `true` or `false`"}}})
      .field("key", &CacheConfig::key, {.doc = "The key.", .required = true})
      .field("value", &CacheConfig::value,
             {.doc = "What to store.", .examples = {"${! content() }"}})
      .field(
          "ttl", &CacheConfig::ttl,
          {.doc = "How long it lives, e.g. `60s`. Empty: as the cache has it.", .advanced = true})
      .example("Enrich by what an earlier message has left", R"yaml(
pipeline:
  processors:
    - branch:
        processors:
          - cache: { resource: users, operator: get, key: '${! this.user }' }
        result_map: root.user = this
cache_resources:
  - label: users
    memory: {}
)yaml");
}

class CacheProcessor final : public core::Processor {
 public:
  CacheProcessor(CacheConfig config, std::shared_ptr<core::Cache> cache,
                 const config::Resources& resources)
      : config_(std::move(config)),
        cache_(std::move(cache)),
        evaluator_(resources),
        label_(resources.label()),
        path_(resources.path()) {}

  Batches process(Batch batch) override {
    const bool writes = config_.op == "set" || config_.op == "add";
    std::vector<core::CacheItem> items;
    std::vector<std::size_t> asked;
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      auto item = item_of(writes);
      if (!item) {
        fail(batch[i], item.error());
        continue;
      }
      items.push_back(*std::move(item));
      asked.push_back(i);
    }
    if (items.empty()) return Batches(std::move(batch));
    if (writes) {
      write(batch, asked, items);
    } else {
      std::vector<std::string_view> keys;
      for (const core::CacheItem& item : items) keys.push_back(item.key);
      if (config_.op == "delete") {
        const auto answers = cache_->remove_many(keys);
        for (std::size_t k = 0; k < asked.size(); ++k) {
          if (!answers[k]) fail(batch[asked[k]], answers[k].error());
        }
      } else {
        read(batch, asked, keys);
      }
    }
    return Batches(std::move(batch));
  }

 private:
  core::Result<core::CacheItem> item_of(bool writes) {
    core::CacheItem item;
    auto key = config_.key.render(evaluator_.context());
    if (!key) return core::fail(std::move(key).error().with_context("evaluating `key`"));
    item.key = *key;
    if (!writes) return item;
    auto value = config_.value.render(evaluator_.context());
    if (!value) return core::fail(std::move(value).error().with_context("evaluating `value`"));
    item.value = *value;
    WEIR_TRY(item.ttl, render_ttl(config_.ttl, evaluator_.context()));
    return item;
  }

  void write(Batch& batch, const std::vector<std::size_t>& asked,
             const std::vector<core::CacheItem>& items) {
    if (config_.op == "set") {
      const auto answers = cache_->set_many(items);
      for (std::size_t k = 0; k < asked.size(); ++k) {
        if (!answers[k]) fail(batch[asked[k]], answers[k].error());
      }
      return;
    }
    const auto answers = cache_->add_many(items);
    for (std::size_t k = 0; k < asked.size(); ++k) {
      if (!answers[k]) {
        fail(batch[asked[k]], answers[k].error());
      } else if (!*answers[k]) {
        fail(batch[asked[k]], {ErrorCode::kInvalidData, "key already exists"});
      }
    }
  }

  void read(Batch& batch, const std::vector<std::size_t>& asked,
            const std::vector<std::string_view>& keys) {
    const auto answers = cache_->get_many(keys);
    for (std::size_t k = 0; k < asked.size(); ++k) {
      core::Message& message = batch[asked[k]];
      const auto& answer = answers[k];
      const bool missing = !answer && answer.error().code == ErrorCode::kNotFound;
      if (config_.op == "exists" && (answer || missing)) {
        message.set_payload_view(answer ? "true" : "false");
      } else if (answer) {
        message.set_payload(*answer);
      } else {
        fail(message, answer.error());
      }
    }
  }

  void fail(core::Message& message, const core::Error& error) {
    message.fail(error.code, config_.op + ": " + error.message, "cache", label_, path_);
  }

  const CacheConfig config_;
  const std::shared_ptr<core::Cache> cache_;
  config::Evaluator evaluator_;
  const std::string label_;
  const std::string path_;
};

core::Result<std::unique_ptr<core::Processor>> make_cache(CacheConfig config,
                                                          const config::Resources& resources) {
  WEIR_CHECK_OK(check_ttl(config.ttl));
  WEIR_TRY(auto cache, resources.shared().cache(config.resource.label));
  return std::make_unique<CacheProcessor>(std::move(config), std::move(cache), resources);
}

}  // namespace

void add_cache(config::Registry& registry) {
  registry.add_processor(cache_spec(), make_cache);
}

}  // namespace weir::processors
