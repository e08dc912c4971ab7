#include <set>

#include "config/batching.h"
#include "config/mapping_fields.h"
#include "processors/all.h"
#include "processors/ttl_field.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::ErrorCode;
using core::Message;

// Stored form: version, then for each message of the result its size in 8 bytes and its payload.
constexpr char kVersion = 1;

struct CachedConfig {
  config::CacheLabel cache;
  config::MappingField skip_on;
  config::TemplateField key;
  config::TemplateField ttl;
  config::ProcessorList processors;
};

config::Spec<CachedConfig> cached_spec() {
  return config::Spec<CachedConfig>("cached")
      .summary("Runs processors once per key and remembers their result.")
      .description(
          "When the cache has the key, the stored result takes the message's place and the "
          "processors do not run. Otherwise they run on the message, and the payloads of what they "
          "make are stored, unless one of them is flagged as failed or `skip_on` says so. Metadata "
          "is not stored. While the cache cannot be asked, messages fail.")
      .category("utility")
      .field("cache", &CachedConfig::cache,
             {.doc = "Label of the cache resource.", .required = true})
      .field(
          "skip_on", &CachedConfig::skip_on,
          {.doc = "A mapping over each message of the result: `true` keeps the result out of the "
                  "cache.",
           .examples = {"errored()", "this.status != 200"}})
      .field("key", &CachedConfig::key, {.doc = "The key.", .required = true})
      .field("ttl", &CachedConfig::ttl,
             {.doc = "How long results live. Empty: as the cache has it.", .advanced = true})
      .field("processors", &CachedConfig::processors,
             {.doc = "What makes the result.", .required = true})
      .example("Ask once per customer and hour", R"yaml(
pipeline:
  processors:
    - cached:
        cache: customers
        key: '${! this.customer }'
        ttl: 1h
        processors:
          - mapping: root = this.merge({"looked_up": now()})
cache_resources:
  - label: customers
    lru: {}
)yaml");
}

class Cached final : public core::Processor {
 public:
  Cached(CachedConfig config, std::shared_ptr<core::Cache> cache, config::ProcessorChain chain,
         const config::Resources& resources)
      : config_(std::move(config)),
        cache_(std::move(cache)),
        chain_(std::move(chain)),
        evaluator_(resources),
        label_(resources.label()),
        path_(resources.path()) {}

  Batches process(Batch batch) override {
    std::vector<core::CacheItem> items(batch.size());
    std::vector<std::string_view> keys;
    std::vector<std::size_t> place(batch.size(), SIZE_MAX);
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      auto key = config_.key.render(evaluator_.context());
      if (!key) {
        fail(batch[i], key.error(), "evaluating `key`");
        continue;
      }
      items[i].key = *key;
      auto ttl = render_ttl(config_.ttl, evaluator_.context());
      if (!ttl) {
        fail(batch[i], ttl.error(), "");
        continue;
      }
      items[i].ttl = *ttl;
      place[i] = keys.size();
      keys.push_back(items[i].key);
    }
    auto answers = cache_->get_many(keys);
    std::set<std::string_view> stored;  // by messages of this batch
    Batch all = batch.sibling();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (place[i] == SIZE_MAX) {
        all.push(std::move(batch[i]));
        continue;
      }
      auto& answer = answers[place[i]];
      if (!answer && stored.count(items[i].key) > 0) answer = cache_->get(items[i].key);
      if (!answer && answer.error().code != ErrorCode::kNotFound) {
        fail(batch[i], answer.error(), "reading the cache");
        all.push(std::move(batch[i]));
      } else if (answer && restore(*answer, batch[i], all)) {
        continue;
      } else if (run(batch, i, items[i], all)) {
        stored.insert(items[i].key);
      }
    }
    return Batches(std::move(all));
  }
  void close() override { chain_.close(); }

 private:
  // False when the stored bytes are not a result of ours: they are made again then.
  static bool restore(std::string_view stored, Message& message, Batch& all) {
    if (stored.empty() || stored.front() != kVersion) return false;
    stored.remove_prefix(1);
    std::vector<std::string_view> payloads;
    while (!stored.empty()) {
      std::uint64_t size = 0;
      if (stored.size() < 8) return false;
      for (int i = 0; i < 8; ++i)
        size = size << 8 | static_cast<unsigned char>(stored[static_cast<std::size_t>(i)]);
      stored.remove_prefix(8);
      if (size > stored.size()) return false;
      payloads.push_back(stored.substr(0, size));
      stored.remove_prefix(size);
    }
    if (payloads.empty()) {
      message.lineage().resolve(core::Outcome::kFiltered);
      return true;
    }
    for (std::size_t k = 0; k < payloads.size(); ++k) {
      const bool last = k + 1 == payloads.size();
      Message one = last ? std::move(message) : message.share_copy();
      one.set_payload(payloads[k]);
      all.push(std::move(one));
    }
    return true;
  }

  // Whether the result was stored.
  bool run(Batch& batch, std::size_t i, core::CacheItem& item, Batch& all) {
    Batch alone = batch.sibling();
    alone.push(std::move(batch[i]));
    Batches made = chain_.run(std::move(alone));
    bool keep = true;
    item.value.assign(1, kVersion);
    for (std::size_t k = 0; k < made.size(); ++k) {
      evaluator_.context().bind(made[k].messages(), 0);
      for (std::size_t m = 0; m < made[k].size(); ++m) {
        Message& message = made[k][m];
        auto payload = message.payload();
        if (message.errored() || !payload) keep = false;
        if (config_.skip_on) {
          evaluator_.context().select(m);
          const auto skip = config_.skip_on->check(evaluator_.context());
          if (!skip) {
            fail(message, skip.error(), "evaluating `skip_on`");
            keep = false;
          } else if (*skip) {
            keep = false;
          }
        }
        if (!keep) continue;
        for (int shift = 56; shift >= 0; shift -= 8) {
          item.value.push_back(static_cast<char>(payload->size() >> shift));
        }
        item.value += *payload;
      }
    }
    if (keep) {
      if (const core::Status status = cache_->set(item.key, item.value, item.ttl); !status) {
        keep = false;
        for (std::size_t k = 0; k < made.size(); ++k) {
          for (Message& message : made[k]) fail(message, status.error(), "writing the cache");
        }
      }
    }
    for (std::size_t k = 0; k < made.size(); ++k) all.append(std::move(made[k]));
    return keep;
  }

  void fail(Message& message, const core::Error& error, const char* doing) {
    message.fail(error.code,
                 *doing == '\0' ? error.message : std::string(doing) + ": " + error.message,
                 "cached", label_, path_);
  }

  const CachedConfig config_;
  const std::shared_ptr<core::Cache> cache_;
  config::ProcessorChain chain_;
  config::Evaluator evaluator_;
  const std::string label_;
  const std::string path_;
};

core::Result<std::unique_ptr<core::Processor>> make_cached(CachedConfig config,
                                                           const config::Resources& resources) {
  WEIR_CHECK_OK(check_ttl(config.ttl));
  WEIR_TRY(auto chain, config::ProcessorChain::make(config.processors, resources));
  WEIR_TRY(auto cache, resources.shared().cache(config.cache.label));
  return std::make_unique<Cached>(std::move(config), std::move(cache), std::move(chain), resources);
}

}  // namespace

void add_cached(config::Registry& registry) {
  registry.add_processor(cached_spec(), make_cached);
}

}  // namespace weir::processors
