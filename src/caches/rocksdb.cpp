#include <mutex>
#include <unordered_map>

#include "caches/all.h"
#include "caches/expiry.h"
#include "state/store.h"

namespace weir::caches {
namespace {

using core::CacheItem;
using core::ErrorCode;
using core::Status;
using Ttl = std::optional<std::chrono::nanoseconds>;

constexpr std::size_t kStep = 1000;  // items looked at in one go of sweeping and making room

struct RocksdbConfig {
  std::string path;
  std::chrono::nanoseconds default_ttl{0};
  std::uint64_t max_items = 10'000'000;
  config::ByteSize max_bytes{std::uint64_t{4} << 30};
  bool sync = true;
};

config::Spec<RocksdbConfig> rocksdb_spec() {
  return config::Spec<RocksdbConfig>("rocksdb")
      .summary("Keeps items in a folder, over restarts and crashes.")
      .description(
          "An item is on the disk when storing it has succeeded; one sync serves a batch. Beyond "
          "the limits the items written longest ago go first. Ended items are not read any more "
          "and swept up along with writes. One process at a time may use the folder.")
      .field("path", &RocksdbConfig::path,
             {.doc = "The folder; made when missing. Empty: `caches/<label>` in the `data_dir`."})
      .field("default_ttl", &RocksdbConfig::default_ttl,
             {.doc = "How long items live that are stored without a time of their own. `0s`: for "
                     "ever."})
      .field("max_items", &RocksdbConfig::max_items, {.doc = "Items at most.", .min = 1})
      .field("max_bytes", &RocksdbConfig::max_bytes,
             {.doc = "Bytes of keys and values at most.", .min = 1})
      .field("sync", &RocksdbConfig::sync,
             {.doc = "Whether stored items survive a loss of power. `false`: only the death of the "
                     "process.",
              .advanced = true})
      .example("Drop what was seen in the last day", R"yaml(
pipeline:
  processors:
    - dedupe: { cache: seen, key: '${! this.id }' }
cache_resources:
  - label: seen
    rocksdb: { default_ttl: 24h }
)yaml");
}

// Layout: `k` key -> number of the write, end (wall nanoseconds), value; `o` number -> cost, end,
// key: all items in the order of writing, without their values.
class Rocksdb final : public core::Cache {
 public:
  Rocksdb(const RocksdbConfig& config, std::string path, const config::Resources& resources)
      : config_(config), path_(std::move(path)), clock_(resources.clock()), log_(resources.log()) {}
  ~Rocksdb() override { close(); }

  Status open() override {
    const std::lock_guard lock(mutex_);
    if (store_ != nullptr) return {};
    state::StoreOptions options;
    options.path = path_;
    options.log = log_;
    WEIR_TRY(auto store, state::Store::open(options));
    WEIR_CHECK_OK(store->scan("o", "p", [&](std::string_view key, std::string_view value) {
      ++items_;
      bytes_ += state::read_be64(value);
      next_ = state::read_be64(key.substr(1)) + 1;
      return true;
    }));
    store_ = std::move(store);
    return {};
  }

  core::Result<std::string> get(std::string_view key) override {
    auto all = get_many({key});
    return std::move(all[0]);
  }
  std::vector<core::Result<std::string>> get_many(
      const std::vector<std::string_view>& keys) override {
    std::vector<core::Result<std::string>> all;
    all.reserve(keys.size());
    std::vector<std::string> stored;
    for (const std::string_view key : keys) stored.push_back("k" + std::string(key));
    const std::vector<std::string_view> views(stored.begin(), stored.end());
    const state::Store* store = opened();
    if (store == nullptr) {
      for (std::size_t i = 0; i < keys.size(); ++i) all.push_back(core::fail(not_open().error()));
      return all;
    }
    const std::int64_t now = clock_.wall_nanos();
    for (auto& read : store->get_many(views)) {
      if (!read) {
        all.push_back(core::fail(std::move(read).error()));
      } else if (!*read || (*read)->size() < 16 || end_of(**read) <= now) {
        all.push_back(core::fail(ErrorCode::kNotFound, "key does not exist"));
      } else {
        (*read)->erase(0, 16);
        all.push_back(**std::move(read));
      }
    }
    return all;
  }

  Status set(std::string_view key, std::string_view value, Ttl ttl) override {
    auto all = set_many({{std::string(key), std::string(value), ttl}});
    return std::move(all[0]);
  }
  core::Result<bool> add(std::string_view key, std::string_view value, Ttl ttl) override {
    auto all = add_many({{std::string(key), std::string(value), ttl}});
    return std::move(all[0]);
  }
  Status remove(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    if (store_ == nullptr) return not_open();
    Change change(*this);
    WEIR_CHECK_OK(change.forget(key));
    return change.commit(config_.sync);
  }

  std::vector<Status> set_many(const std::vector<CacheItem>& items) override {
    std::vector<Status> all;
    for (core::Result<bool>& one : write_many(items, false)) {
      all.push_back(one ? Status() : Status(core::fail(std::move(one).error())));
    }
    return all;
  }
  std::vector<core::Result<bool>> add_many(const std::vector<CacheItem>& items) override {
    return write_many(items, true);
  }

  void close() override {
    const std::lock_guard lock(mutex_);
    if (store_ == nullptr) return;
    if (Status status = store_->close(); !status) {
      log_.warn("cache_close_failed", "A cache was not closed cleanly.",
                {{"error", status.error().message}});
    }
  }

 private:
  static std::int64_t end_of(std::string_view stored) {
    return static_cast<std::int64_t>(state::read_be64(stored.substr(8)));
  }
  static std::string order_key(std::uint64_t number) {
    std::string key = "o";
    state::append_be64(key, number);
    return key;
  }
  static std::uint64_t cost(std::string_view key, std::string_view value) {
    return key.size() * 2 + value.size() + 64;
  }
  Status not_open() const { return core::unavailable("the cache `" + path_ + "` is not open"); }
  state::Store* opened() {
    const std::lock_guard lock(mutex_);
    return store_.get();  // stays until we go
  }

  /// Changes under way: what the store does not show yet, and what the sums will be.
  class Change {
   public:
    explicit Change(Rocksdb& owner)
        : owner_(owner), items_(owner.items_), bytes_(owner.bytes_), next_(owner.next_) {}

    struct Known {
      bool there = false;
      std::uint64_t number = 0;
      std::int64_t end = 0;
      std::uint64_t cost = 0;
    };
    core::Result<Known> find(std::string_view key) {
      if (const auto found = known_.find(std::string(key)); found != known_.end()) {
        return found->second;
      }
      WEIR_TRY(const std::optional<std::string> read, owner_.store_->get("k" + std::string(key)));
      Known known;
      if (read && read->size() >= 16) {
        known = {true, state::read_be64(*read), end_of(*read),
                 Rocksdb::cost(key, std::string_view(*read).substr(16))};
      }
      return known;
    }
    Status forget(std::string_view key) {
      WEIR_TRY(const Known known, find(key));
      if (known.there) drop(key, known.number, known.cost);
      return {};
    }
    Status store(std::string_view key, std::string_view value, std::int64_t end) {
      WEIR_CHECK_OK(forget(key));
      const Known made{true, next_++, end, Rocksdb::cost(key, value)};
      std::string stored;
      state::append_be64(stored, made.number);
      state::append_be64(stored, static_cast<std::uint64_t>(end));
      stored += value;
      changes_.put("k" + std::string(key), stored);
      std::string order;
      state::append_be64(order, made.cost);
      state::append_be64(order, static_cast<std::uint64_t>(end));
      order += key;
      changes_.put(order_key(made.number), order);
      ++items_;
      bytes_ += made.cost;
      known_[std::string(key)] = made;
      return {};
    }
    /// Drops up to kStep items from number `from` on that `which` wants; where it stopped, or 0 at
    /// the end. What this change has written is not seen.
    core::Result<std::uint64_t> drop_some(std::uint64_t from,
                                          const std::function<bool(std::int64_t end)>& which,
                                          const std::function<bool()>& enough) {
      struct Found {
        std::uint64_t number;
        std::uint64_t cost;
        std::string key;
      };
      std::size_t seen = 0;
      std::uint64_t at = 0;
      WEIR_CHECK_OK(owner_.store_->scan(
          order_key(from), "p", [&](std::string_view key, std::string_view value) {
            const std::uint64_t number = state::read_be64(key.substr(1));
            if (++seen > kStep || enough()) {
              at = number;
              return false;
            }
            if (!which(end_of(value))) return true;
            const std::string_view item = value.substr(16);
            const auto known = known_.find(std::string(item));
            // Rewritten or removed in this change already.
            if (known != known_.end() && known->second.number != number) return true;
            drop(item, number, state::read_be64(value));
            return true;
          }));
      return at;
    }
    [[nodiscard]] std::uint64_t items() const { return items_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    Status commit(bool sync) {
      if (!changes_.empty()) {
        WEIR_CHECK_OK(owner_.store_->write(changes_, sync ? state::Sync::kYes : state::Sync::kNo));
      }
      owner_.items_ = items_;
      owner_.bytes_ = bytes_;
      owner_.next_ = next_;
      return {};
    }

   private:
    void drop(std::string_view key, std::uint64_t number, std::uint64_t cost) {
      changes_.erase("k" + std::string(key));
      changes_.erase(order_key(number));
      known_[std::string(key)] = {};
      --items_;
      bytes_ -= cost;
    }

    Rocksdb& owner_;
    state::WriteSet changes_;
    std::unordered_map<std::string, Known> known_;
    std::uint64_t items_;
    std::uint64_t bytes_;
    std::uint64_t next_;
  };

  std::vector<core::Result<bool>> write_many(const std::vector<CacheItem>& items, bool only_new) {
    const std::lock_guard lock(mutex_);
    std::vector<core::Result<bool>> all;
    if (store_ == nullptr) {
      for (std::size_t i = 0; i < items.size(); ++i) all.push_back(core::fail(not_open().error()));
      return all;
    }
    const std::int64_t now = clock_.wall_nanos();
    Change change(*this);
    Status failed;
    for (const CacheItem& item : items) {
      if (cost(item.key, item.value) > config_.max_bytes.bytes) {
        all.push_back(core::fail(ErrorCode::kLimit, "the item is larger than the whole cache"));
        continue;
      }
      if (only_new) {
        auto known = change.find(item.key);
        if (!known) {
          failed = core::fail(std::move(known).error());
          break;
        }
        if (known->there && known->end > now) {
          all.push_back(false);
          continue;
        }
      }
      failed = change.store(item.key, item.value, expiry(now, item.ttl, config_.default_ttl));
      if (!failed) break;
      all.push_back(true);
    }
    if (failed) failed = make_room(change, now);
    if (failed) failed = change.commit(config_.sync);
    if (!failed) {
      all.clear();
      for (std::size_t i = 0; i < items.size(); ++i) all.push_back(core::fail(failed.error()));
    }
    return all;
  }

  // A step of sweeping with every write, and as many items from the oldest on as are too many.
  Status make_room(Change& change, std::int64_t now) {
    WEIR_TRY(sweep_at_,
             change.drop_some(
                 sweep_at_, [&](std::int64_t end) { return end <= now; }, [] { return false; }));
    const auto fits = [&] {
      return change.items() <= config_.max_items && change.bytes() <= config_.max_bytes.bytes;
    };
    std::uint64_t from = 0;
    while (!fits()) {
      WEIR_TRY(from, change.drop_some(
                         from, [](std::int64_t) { return true; }, fits));
      if (from == 0) break;
    }
    return {};
  }

  const RocksdbConfig config_;
  const std::string path_;
  const core::Clock& clock_;
  core::Log log_;
  std::mutex mutex_;  // guards what follows; held by writers, reading only needs the store
  std::unique_ptr<state::Store> store_;
  std::uint64_t items_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t next_ = 1;
  std::uint64_t sweep_at_ = 0;
};

core::Result<std::unique_ptr<core::Cache>> make_rocksdb(const RocksdbConfig& config,
                                                        const config::Resources& resources) {
  if (config.path.empty() && resources.label().empty()) {
    return core::invalid_config("set `path`, or give the cache a label");
  }
  std::string path = config.path.empty()
                         ? resources.shared().data_dir + "/caches/" + resources.label()
                         : config.path;
  return std::make_unique<Rocksdb>(config, std::move(path), resources);
}

}  // namespace

void add_rocksdb(config::Registry& registry) {
  registry.add_cache(rocksdb_spec(), make_rocksdb);
}

}  // namespace weir::caches
