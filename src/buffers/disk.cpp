#include <deque>
#include <filesystem>
#include <map>
#include <mutex>

#include "buffers/all.h"
#include "buffers/disk_queue.h"
#include "buffers/stored_batch.h"
#include "config/batching.h"

namespace weir::buffers {
namespace {

using core::Batch;
using core::Batches;
using core::Status;

constexpr std::size_t kRecordBytes = std::size_t{8} << 20;        // a larger batch is cut
constexpr std::uint64_t kFormingBytes = std::uint64_t{64} << 20;  // of a batch being formed

struct DiskConfig {
  std::string path;
  config::ByteSize limit{std::uint64_t{10} << 30};
  struct Policy {
    bool enabled = false;
    config::BatchPolicyConfig policy;
    static const config::Spec<Policy>& spec();
  } batch_policy;
  config::ProcessorList pre_processors;
  config::ProcessorList post_processors;
};

const config::Spec<DiskConfig::Policy>& DiskConfig::Policy::spec() {
  static const config::Spec<Policy> made =
      config::Spec<Policy>()
          .field("enabled", &Policy::enabled, {.doc = "Whether batches are formed."})
          .group(&Policy::policy, config::BatchPolicyConfig::spec());
  return made;
}

config::Spec<DiskConfig> disk_spec() {
  return config::Spec<DiskConfig>("disk")
      .summary("Stores messages in a folder and acknowledges them once they are on the disk.")
      .description(
          "What is acknowledged survives `kill -9` and a loss of power. Messages come out in the "
          "order in which they went in and are removed once they are delivered; after a crash, "
          "what was delivered last may come again. One sync serves all that came in during the one "
          "before. While the disk is full nothing is acknowledged, and work goes on by itself once "
          "there is space. One process at a time may use the folder.")
      .field("path", &DiskConfig::path,
             {.doc = "The folder; made when missing. Empty: `buffer` in the `data_dir`."})
      .field("limit", &DiskConfig::limit,
             {.doc = "Bytes of messages at most; inputs wait beyond that.", .min = 1})
      .field("pre_processors", &DiskConfig::pre_processors,
             {.doc = "Processors that run on messages before they are stored, e.g. `compress`.",
              .advanced = true})
      .field(
          "post_processors", &DiskConfig::post_processors,
          {.doc = "Processors that run on what is read back, e.g. `decompress`.", .advanced = true})
      .field("batch_policy", &DiskConfig::batch_policy,
             {.doc = "Forms batches of what is read back.", .advanced = true})
      .check([](const DiskConfig& config) -> Status {
        const auto& policy = config.batch_policy;
        if (policy.enabled && !policy.policy.enabled() && policy.policy.period.empty()) {
          return core::invalid_config(
              "`batch_policy` is enabled but says nothing; set `count`, `byte_size`, `period` or "
              "`check`");
        }
        return {};
      })
      .example("Take requests in, whatever the output does", R"yaml(
input:
  stdin: {}
buffer:
  disk:
    limit: 1GiB
output:
  file:
    path: /tmp/out.ndjson
)yaml");
}

class Disk final : public core::StreamBuffer {
 public:
  Disk(const std::string& path, const DiskConfig& config, const config::Resources& resources)
      : queue_({path, config.limit.bytes, std::uint64_t{16} << 20, resources.log(), nullptr}),
        path_(path) {}

  Status make_chains(const DiskConfig& config, const config::Resources& resources) {
    WEIR_TRY(before_, config::ProcessorChain::make(config.pre_processors, resources));
    WEIR_TRY(behind_, config::ProcessorChain::make(config.post_processors, resources));
    if (config.batch_policy.enabled) {
      WEIR_TRY(batcher_, config::Batcher::make(config.batch_policy.policy, resources,
                                               [this](Batch batch) { formed(std::move(batch)); }));
    }
    return {};
  }

  Status open() override {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path_, ignored)) {
      return core::fail(core::ErrorCode::kInvalidConfig,
                        "opening the buffer `" + path_ +
                            "`: it is a file of another program; weir keeps a folder there: "
                            "choose another `path`");
    }
    return queue_.open();
  }

  void put(Batch batch, const core::Interrupt& interrupt,
           std::function<void(Batch, Status)> stored) override {
    Batch ready = std::move(batch);
    if (!before_.empty()) {
      const std::lock_guard lock(before_mutex_);
      Batches made = before_.run(std::move(ready));
      ready = Batch();
      for (std::size_t i = 0; i < made.size(); ++i) ready.append(std::move(made[i]));
    }
    if (ready.empty()) {
      stored(std::move(ready), {});
      return;
    }
    std::vector<DiskQueue::Record> records;
    BatchWriter writer;
    const auto end_record = [&] {
      const auto count = static_cast<std::uint32_t>(writer.count());
      records.push_back({writer.take(), count});
    };
    for (core::Message& message : ready) {
      writer.add(message);
      if (writer.size_bytes() >= kRecordBytes) end_record();
    }
    if (writer.count() > 0) end_record();
    auto held = std::make_shared<Batch>(std::move(ready));
    queue_.put(std::move(records), interrupt, [held, stored = std::move(stored)](Status status) {
      stored(std::move(*held), std::move(status));
    });
  }

  core::Result<std::optional<Entry>> take(const core::Interrupt& interrupt,
                                          std::chrono::milliseconds limit) override {
    if (batcher_ == nullptr) return take_stored(interrupt, limit);
    while (true) {
      if (auto entry = take_formed()) return std::optional<Entry>(std::move(*entry));
      auto stored = take_stored(interrupt, limit);
      if (!stored) return stored;
      if (*stored) {
        form(**std::move(stored));
        continue;
      }
      if (queue_.ended()) batcher_->flush();
      auto entry = take_formed();
      if (!entry) return std::optional<Entry>();
      return std::optional<Entry>(std::move(*entry));
    }
  }

  Batches behind(Batch taken) override {
    if (batcher_ != nullptr) taken = batcher_->process(std::move(taken));
    return behind_.run(std::move(taken));
  }

  void done(std::uint64_t id) override {
    if (batcher_ == nullptr) {
      queue_.done(id);
      return;
    }
    std::vector<std::uint64_t> ended;
    {
      const std::lock_guard lock(mutex_);
      const auto found = formed_.find(id);
      if (found == formed_.end()) return;
      for (const auto& [record, messages] : found->second) {
        const auto rest = rest_.find(record);
        rest->second -= messages;
        if (rest->second > 0) continue;
        rest_.erase(rest);
        ids_.erase(static_cast<std::uint32_t>(record));
        ended.push_back(record);
      }
      formed_.erase(found);
    }
    for (const std::uint64_t record : ended) queue_.done(record);
  }

  void end_of_input() override { queue_.end_of_input(); }
  bool ended() const override {
    if (!queue_.ended()) return false;
    const std::lock_guard lock(mutex_);
    return forming_ == 0 && ready_.empty();
  }
  std::uint64_t size() const override { return queue_.messages(); }
  bool durable() const override { return true; }
  void close() override {
    if (batcher_ != nullptr) batcher_->stop();
    queue_.close();
    before_.close();
    behind_.close();
  }

 private:
  // Messages per record, of one formed batch.
  using Parts = std::map<std::uint64_t, std::uint64_t>;

  core::Result<std::optional<Entry>> take_stored(const core::Interrupt& interrupt,
                                                 std::chrono::milliseconds limit) {
    auto taken = queue_.take(interrupt, limit);
    if (!taken) {
      // Who reads asks again at once; a disk that cannot be read needs a pause.
      if (taken.error().code == core::ErrorCode::kUnavailable)
        interrupt.wait_for(std::chrono::milliseconds(200));
      return core::fail(std::move(taken).error());
    }
    if (!*taken) return std::optional<Entry>();
    auto batch = read_batch((*taken)->bytes);
    if (!batch) {
      return core::fail(std::move(batch).error().with_context(
          "the buffer `" + path_ + "`, record " + std::to_string((*taken)->id)));
    }
    Entry entry;
    entry.batch = *std::move(batch);
    entry.id = (*taken)->id;
    entry.recovered = (*taken)->recovered;
    return std::optional<Entry>(std::move(entry));
  }

  void form(Entry entry) {
    if (entry.batch.empty()) {
      queue_.done(entry.id);
      return;
    }
    bool full = false;
    {
      const std::lock_guard lock(mutex_);
      rest_[entry.id] = entry.batch.size();
      forming_ += entry.batch.size();
      forming_bytes_ += entry.batch.footprint();
      full = forming_bytes_ > kFormingBytes;
    }
    // What was there before this start is counted on its own.
    if (entry.recovered != forming_recovered_) batcher_->flush();
    forming_recovered_ = entry.recovered;
    // Ids grow by one, so their low half tells the few records apart that are in here at a time.
    for (core::Message& message : entry.batch) message.tag = static_cast<std::uint32_t>(entry.id);
    {
      const std::lock_guard lock(mutex_);
      ids_[static_cast<std::uint32_t>(entry.id)] = {entry.id, entry.recovered};
    }
    batcher_->add(std::move(entry.batch));
    if (full) batcher_->flush();
  }

  // The batcher's sink, also from its timer.
  void formed(Batch batch) {
    {
      const std::lock_guard lock(mutex_);
      Ready ready;
      for (const core::Message& message : batch.messages()) {
        const auto& [id, recovered] = ids_.at(message.tag);
        ++ready.parts[id];
        ready.entry.recovered = recovered;
      }
      forming_ -= std::min<std::uint64_t>(forming_, batch.size());
      if (forming_ == 0) forming_bytes_ = 0;
      ready.entry.batch = std::move(batch);
      ready.entry.id = ++last_formed_;
      ready_.push_back(std::move(ready));
    }
    queue_.wake();
  }

  std::optional<Entry> take_formed() {
    const std::lock_guard lock(mutex_);
    if (ready_.empty()) return std::nullopt;
    Ready ready = std::move(ready_.front());
    ready_.pop_front();
    formed_.emplace(ready.entry.id, std::move(ready.parts));
    return std::move(ready.entry);
  }

  struct Ready {
    Entry entry;
    Parts parts;
  };
  DiskQueue queue_;
  const std::string path_;
  std::mutex before_mutex_;
  config::ProcessorChain before_;
  config::ProcessorChain behind_;
  std::shared_ptr<config::Batcher> batcher_;
  bool forming_recovered_ = false;  // of the thread that takes
  mutable std::mutex mutex_;        // guards what follows
  std::deque<Ready> ready_;
  std::map<std::uint64_t, Parts> formed_;        // handed out, by the id of the formed batch
  std::map<std::uint64_t, std::uint64_t> rest_;  // messages not done, by record
  std::map<std::uint32_t, std::pair<std::uint64_t, bool>> ids_;  // by tag
  std::uint64_t last_formed_ = 0;
  std::uint64_t forming_ = 0;
  std::uint64_t forming_bytes_ = 0;
};

core::Result<std::unique_ptr<core::StreamBuffer>> make_disk(const DiskConfig& config,
                                                            const config::Resources& resources) {
  const std::string path =
      config.path.empty() ? resources.shared().data_dir + "/buffer" : config.path;
  auto made = std::make_unique<Disk>(path, config, resources);
  WEIR_CHECK_OK(made->make_chains(config, resources));
  return made;
}

}  // namespace

void add_disk(config::Registry& registry) {
  registry.add_buffer(disk_spec(), make_disk);
  // The family's name for it; a `path` there becomes a folder here.
  registry.alias(config::ComponentKind::kBuffer, "sqlite", "disk");
}

}  // namespace weir::buffers
