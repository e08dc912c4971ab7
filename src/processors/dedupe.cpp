#include <map>

#include "config/mapping_fields.h"
#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct DedupeConfig {
  config::CacheLabel cache;
  config::TemplateField key;
  bool drop_on_err = true;
};

config::Spec<DedupeConfig> dedupe_spec() {
  return config::Spec<DedupeConfig>("dedupe")
      .summary("Drops messages whose key has been seen, as a cache remembers it.")
      .description(
          "The first message with a key passes and its key is stored; later ones are filtered for "
          "as long as the cache keeps the key. A message that comes back undelivered within the "
          "same run is known again and passes. After a restart with a cache that lasts, a message "
          "that was seen but not delivered before is taken for a duplicate.\n\nWhen the key cannot "
          "be made or the cache cannot be asked, the message fails and goes where failed messages "
          "go (with `error_handling.strict: false` it is dropped).")
      .category("utility")
      .field("cache", &DedupeConfig::cache,
             {.doc = "Label of the cache resource.", .required = true})
      .field("key", &DedupeConfig::key,
             {.doc = "The key.",
              .required = true,
              .examples = {"${! this.id }", "${! content().hash(\"xxhash64\") }"}})
      .field("drop_on_err", &DedupeConfig::drop_on_err,
             {.doc = "Whether messages that cannot be checked are kept from passing. `false`: they "
                     "pass unchecked."});
}

class Dedupe final : public core::Processor {
 public:
  Dedupe(DedupeConfig config, std::shared_ptr<core::Cache> cache,
         const config::Resources& resources)
      : config_(std::move(config)),
        cache_(std::move(cache)),
        evaluator_(resources),
        log_(resources.log()),
        label_(resources.label()),
        path_(resources.path()),
        strict_(resources.shared().strict_errors) {
    static const std::uint64_t run = core::secure_random();
    run_ = std::to_string(run);
  }

  Batches process(Batch batch) override {
    std::vector<core::CacheItem> items;
    std::vector<std::size_t> asked;
    std::vector<bool> drop(batch.size(), false);
    std::map<std::pair<std::uintptr_t, std::uint32_t>, unsigned> parts;
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      auto key = config_.key.render(evaluator_.context());
      if (!key) {
        unchecked(batch[i], drop, i, key.error(), "evaluating `key`");
        continue;
      }
      // What is stored tells which message it was, so that it is known again when it comes back
      // undelivered; several made of one received message are told apart by their order.
      core::CacheItem item;
      item.key = *key;
      const core::Lineage& lineage = batch[i].lineage();
      if (lineage.delivery() != nullptr) {
        const auto id = reinterpret_cast<std::uintptr_t>(lineage.delivery());
        item.value = run_ + "/" + std::to_string(id) + "/" + std::to_string(lineage.slot()) + "/" +
                     std::to_string(parts[{id, lineage.slot()}]++);
      } else {
        item.value = "t";
      }
      items.push_back(std::move(item));
      asked.push_back(i);
    }
    const auto added = cache_->add_many(items);
    for (std::size_t k = 0; k < asked.size(); ++k) {
      const std::size_t i = asked[k];
      if (!added[k]) {
        unchecked(batch[i], drop, i, added[k].error(), "asking the cache");
      } else if (!*added[k]) {
        drop[i] = !is_again(items[k], batch[i]);
      }
    }
    Batch kept = batch.sibling();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (drop[i]) {
        batch[i].lineage().resolve(core::Outcome::kFiltered);
      } else {
        kept.push(std::move(batch[i]));
      }
    }
    return Batches(std::move(kept));
  }

 private:
  bool is_again(const core::CacheItem& item, const core::Message& message) {
    const core::Delivery* delivery = message.lineage().delivery();
    // Only one that has come back has an error while it is on its way; addresses are used again.
    if (delivery == nullptr || delivery->error(message.lineage().slot()) == nullptr) return false;
    const auto seen = cache_->get(item.key);
    return seen && *seen == item.value;
  }

  void unchecked(core::Message& message, std::vector<bool>& drop, std::size_t i,
                 const core::Error& error, const char* doing) {
    const std::string text = std::string(doing) + ": " + error.message;
    if (!config_.drop_on_err) {
      log_.warn("dedupe_unchecked", "A message passes without having been checked.",
                {{"error", text}});
      return;
    }
    if (strict_) {
      message.fail(error.code, text, "dedupe", label_, path_);
      return;
    }
    drop[i] = true;
    log_.error("dedupe_dropped", "A message was dropped because it could not be checked.",
               {{"error", text}});
  }

  const DedupeConfig config_;
  const std::shared_ptr<core::Cache> cache_;
  config::Evaluator evaluator_;
  core::Log log_;
  const std::string label_;
  const std::string path_;
  const bool strict_;
  std::string run_;
};

core::Result<std::unique_ptr<core::Processor>> make_dedupe(DedupeConfig config,
                                                           const config::Resources& resources) {
  WEIR_TRY(auto cache, resources.shared().cache(config.cache.label));
  return std::make_unique<Dedupe>(std::move(config), std::move(cache), resources);
}

}  // namespace

void add_dedupe(config::Registry& registry) {
  registry.add_processor(dedupe_spec(), make_dedupe);
}

}  // namespace weir::processors
