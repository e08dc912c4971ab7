#include "state/checkpoint.h"

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

namespace weir::state {

namespace {

using core::ErrorCode;
using core::Status;

// Layout: `e` -> the record of the last epoch; `s`, operator (length, name), key group (2 bytes),
// kind, then the key, or time and key of a timer.
constexpr std::string_view kEpoch = "e";
constexpr char kValue = 0;
constexpr char kTimer = 1;
constexpr const char* kManifest = "MANIFEST-weir";

std::string operator_prefix(std::string_view name) {
  std::string key = "s";
  key.push_back(static_cast<char>(name.size()));
  key += name;
  return key;
}

std::string group_prefix(std::string_view name, std::uint32_t group) {
  std::string key = operator_prefix(name);
  key.push_back(static_cast<char>(group >> 8));
  key.push_back(static_cast<char>(group));
  return key;
}

// From the first group's first key to behind the last one's.
std::pair<std::string, std::string> range_of(std::string_view name, std::uint32_t first,
                                             std::uint32_t last) {
  return {group_prefix(name, first),
          last > 0xFFFF ? prefix_end(operator_prefix(name)) : group_prefix(name, last)};
}

// Sorts as a signed number.
std::uint64_t biased(std::int64_t time) {
  return static_cast<std::uint64_t>(time) ^ (std::uint64_t{1} << 63);
}

core::Error failed(const std::string& what, const std::string& path) {
  return {ErrorCode::kUnavailable, what + " `" + path + "`: " + std::strerror(errno)};
}

core::Result<std::pair<std::uint64_t, std::uint64_t>> size_and_sum(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return core::fail(failed("reading", path));
  XXH64_state_t* const sum = XXH64_createState();
  XXH64_reset(sum, 0);
  std::uint64_t size = 0;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto n = static_cast<std::size_t>(file.gcount());
    XXH64_update(sum, buffer.data(), n);
    size += n;
  }
  const std::uint64_t result = XXH64_digest(sum);
  XXH64_freeState(sum);
  if (file.bad()) return core::fail(failed("reading", path));
  return std::pair(size, result);
}

Status sync_path(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return core::fail(failed("syncing", path));
  const int result = ::fsync(fd);
  ::close(fd);
  if (result != 0) return core::fail(failed("syncing", path));
  return {};
}

std::string line_of(const std::string& name, std::uint64_t size, std::uint64_t sum) {
  char text[64];
  std::snprintf(text, sizeof text, "%" PRIu64 " %016" PRIx64 " ", size, sum);
  return text + name + "\n";
}

}  // namespace

core::Result<std::unique_ptr<Checkpoint>> Checkpoint::open(StoreOptions options) {
  WEIR_TRY(auto store, Store::open(std::move(options)));
  auto made = std::unique_ptr<Checkpoint>(new Checkpoint(std::move(store)));
  WEIR_TRY(const std::optional<std::string> record, made->store_->get(kEpoch));
  if (record) {
    WEIR_TRY(made->last_, read_record(*record));
  }
  return made;
}

Status Checkpoint::commit(const EpochRecord& record, const std::vector<OperatorDelta>& operators) {
  if (last_ && record.epoch <= last_->epoch) {
    return core::fail(ErrorCode::kInternal, "committing epoch " + std::to_string(record.epoch) +
                                                ": epoch " + std::to_string(last_->epoch) +
                                                " is committed already");
  }
  if (last_ && record.key_groups != last_->key_groups) {
    return core::invalid_config("the state has " + std::to_string(last_->key_groups) +
                                " key groups; their number cannot change");
  }
  WriteSet changes;
  for (const OperatorDelta& one : operators) {
    if (one.name.empty() || one.name.size() > 255) {
      return core::invalid_config("the label of an operator has 1 to 255 bytes");
    }
    for (const Change& change : one.changes) {
      std::string key = group_prefix(one.name, change.group);
      key.push_back(kValue);
      key += change.key;
      if (change.value) {
        changes.put(key, *change.value);
      } else {
        changes.erase(key);
      }
    }
    if (one.timers == nullptr) continue;
    for (const auto& [timer, there] : *one.timers) {
      std::string key = group_prefix(one.name, group_of(hash_key(timer.key), record.key_groups));
      key.push_back(kTimer);
      append_be64(key, biased(timer.time));
      key += timer.key;
      if (there) {
        changes.put(key, "");
      } else {
        changes.erase(key);
      }
    }
  }
  changes.put(kEpoch, write_record(record));
  WEIR_CHECK_OK(store_->write(changes, Sync::kYes));
  last_ = record;
  return {};
}

Status Checkpoint::load(
    std::string_view operator_name, std::uint16_t first, std::uint32_t last,
    const std::function<void(std::uint16_t, std::string_view, std::string_view)>& entry,
    const std::function<void(std::uint16_t, Timer)>& timer) const {
  const auto [from, to] = range_of(operator_name, first, last);
  const std::size_t head = operator_name.size() + 2;
  bool damaged = false;
  WEIR_CHECK_OK(store_->scan(from, to, [&](std::string_view key, std::string_view value) {
    if (key.size() < head + 3) {
      damaged = true;
      return false;
    }
    const auto group = static_cast<std::uint16_t>(static_cast<unsigned char>(key[head]) << 8 |
                                                  static_cast<unsigned char>(key[head + 1]));
    const char kind = key[head + 2];
    const std::string_view rest = key.substr(head + 3);
    if (kind == kValue) {
      entry(group, rest, value);
    } else if (kind == kTimer && rest.size() >= 8) {
      timer(group, {static_cast<std::int64_t>(biased(static_cast<std::int64_t>(read_be64(rest)))),
                    std::string(rest.substr(8))});
    } else {
      damaged = true;
    }
    return !damaged;
  }));
  if (damaged) {
    return core::fail(ErrorCode::kInternal, "loading the state of `" + std::string(operator_name) +
                                                "`: a key is none that this weir writes");
  }
  return {};
}

Status Checkpoint::drop(std::string_view operator_name, std::uint16_t first, std::uint32_t last) {
  const auto [from, to] = range_of(operator_name, first, last);
  return store_->erase_range(from, to);
}

core::Result<std::vector<std::string>> Checkpoint::operators() const {
  std::vector<std::string> all;
  std::string from = "s";
  while (true) {
    bool found = false;
    WEIR_CHECK_OK(store_->scan(from, "t", [&](std::string_view key, std::string_view) {
      const std::size_t size = key.size() > 1 ? static_cast<unsigned char>(key[1]) : 0;
      all.emplace_back(key.substr(2, size));
      found = true;
      return false;
    }));
    if (!found) return all;
    from = prefix_end(operator_prefix(all.back()));
  }
}

Status Checkpoint::savepoint(const std::string& to) const {
  WEIR_CHECK_OK(store_->checkpoint(to));
  std::string text = "weir-savepoint 1\nepoch " + std::to_string(last_ ? last_->epoch : 0) + "\n";
  std::map<std::string, std::string> lines;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(to, error)) {
    WEIR_TRY(const auto known, size_and_sum(file.path().string()));
    const std::string name = file.path().filename().string();
    lines[name] = line_of(name, known.first, known.second);
  }
  if (error) return core::unavailable("reading `" + to + "`: " + error.message());
  for (const auto& [name, line] : lines) text += line;
  char sum[32];
  std::snprintf(sum, sizeof sum, "sum %016" PRIx64 "\n", XXH64(text.data(), text.size(), 0));
  text += sum;
  const std::string path = to + "/" + kManifest;
  {
    std::ofstream file(path + ".new", std::ios::binary);
    file << text;
    file.flush();
    if (!file) return core::fail(failed("writing", path));
  }
  WEIR_CHECK_OK(sync_path(path + ".new"));
  if (std::rename((path + ".new").c_str(), path.c_str()) != 0) {
    return core::fail(failed("writing", path));
  }
  return sync_path(to);
}

Status Checkpoint::restore(const std::string& savepoint, StoreOptions to) {
  const auto bad = [&](const std::string& why) {
    return core::fail(ErrorCode::kInternal, "restoring the savepoint `" + savepoint + "`: " + why +
                                                "; nothing was restored: take another one");
  };
  std::ifstream file(savepoint + "/" + kManifest, std::ios::binary);
  if (!file) return bad("it has no manifest, so it was not finished, or is none");
  std::stringstream whole;
  whole << file.rdbuf();
  const std::string text = whole.str();
  const std::size_t at = text.rfind("sum ");
  char sum[32];
  std::snprintf(sum, sizeof sum, "sum %016" PRIx64 "\n",
                XXH64(text.data(), at == std::string::npos ? 0 : at, 0));
  if (at == std::string::npos || text.substr(at) != sum) return bad("its manifest is damaged");
  std::istringstream lines(text.substr(0, at));
  std::string line;
  if (!std::getline(lines, line) || line != "weir-savepoint 1") {
    return bad("a newer weir has written it");
  }
  std::getline(lines, line);  // epoch
  std::error_code error;
  if (std::filesystem::exists(to.path, error)) {
    return core::invalid_config("restoring a savepoint: `" + to.path +
                                "` exists; move it away first");
  }
  std::vector<std::string> names;
  while (std::getline(lines, line)) {
    const std::size_t space = line.rfind(' ');
    const std::string name = space == std::string::npos ? "" : line.substr(space + 1);
    if (name.empty() || name.find('/') != std::string::npos) return bad("its manifest is damaged");
    auto known = size_and_sum(savepoint + "/" + name);
    if (!known) return bad("the file `" + name + "` cannot be read");
    if (line_of(name, known->first, known->second) != line + "\n") {
      return bad("the file `" + name + "` is not what it was");
    }
    names.push_back(name);
  }
  // Into a folder beside, then renamed: a restore that dies leaves nothing half.
  const std::string beside = to.path + ".restoring";
  std::filesystem::remove_all(beside, error);
  std::filesystem::create_directories(beside, error);
  for (const std::string& name : names) {
    if (!error) std::filesystem::copy_file(savepoint + "/" + name, beside + "/" + name, error);
    if (error) return core::unavailable("copying `" + name + "`: " + error.message());
    WEIR_CHECK_OK(sync_path(beside + "/" + name));
  }
  std::filesystem::permissions(beside, std::filesystem::perms::owner_all, error);
  WEIR_CHECK_OK(sync_path(beside));
  std::filesystem::rename(beside, to.path, error);
  if (error) return core::unavailable("renaming `" + beside + "`: " + error.message());
  // The copy has no mark, so opening gives it an id of its own.
  WEIR_TRY(const auto store, Store::open(std::move(to)));
  return store->close();
}

}  // namespace weir::state
