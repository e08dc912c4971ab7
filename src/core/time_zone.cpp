#include "core/time_zone.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/int128.h"
#include "core/quote.h"
#include "core/tzif.h"

namespace weir::core {
namespace {

constexpr std::int32_t kMaxOffset = 25 * 3600;
constexpr std::size_t kMaxFixedZones = 8192;
constexpr std::size_t kMaxAbbreviation = 8;
constexpr std::size_t kMaxNameSize = 64;
constexpr std::size_t kMaxFileSize = 1 << 20;

constexpr std::array<const char*, 3> kZoneFolders = {"/usr/share/zoneinfo/", "/usr/lib/zoneinfo/",
                                                     "/etc/zoneinfo/"};

/// Every zone handed out. Leaked on purpose: timestamps that outlive static destruction stay valid.
struct Registry {
  std::shared_mutex mutex;
  std::map<std::pair<std::int32_t, std::string>, std::unique_ptr<Zone>, std::less<>> fixed;
  std::map<std::string, std::unique_ptr<Zone>, std::less<>> named;
};

Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

std::unique_ptr<Zone> make_fixed(std::int32_t offset, std::string_view abbreviation) {
  auto rules = std::make_unique<ZoneRules>();
  rules->types.push_back({offset, false, std::string(abbreviation)});
  return std::make_unique<Zone>(std::string(abbreviation), std::move(rules));
}

/// The zones that times with a numeric offset use: found without a lock, and few enough to keep
/// all.
const Zone& whole_minute_zone(std::int32_t minutes) {
  static std::array<std::atomic<const Zone*>, 2 * kMaxOffset / 60 + 1> zones{};
  auto& slot = zones[static_cast<std::size_t>(minutes + kMaxOffset / 60)];
  const Zone* zone = slot.load(std::memory_order_acquire);
  if (zone != nullptr) return *zone;
  auto made = make_fixed(minutes * 60, {});
  if (slot.compare_exchange_strong(zone, made.get(), std::memory_order_acq_rel)) {
    zone = made.release();
  }
  return *zone;
}

/// Names come out of data, so they must not lead out of the folder.
bool is_safe_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameSize || name.front() == '/' ||
      name.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  });
}

/// The file's bytes; empty when it is absent, no regular file, or too big.
std::string read_zone_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {};
  std::string data;
  struct stat info = {};
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
      static_cast<std::size_t>(info.st_size) <= kMaxFileSize) {
    data.resize(static_cast<std::size_t>(info.st_size));
    std::size_t used = 0;
    while (used < data.size()) {
      const ssize_t got = ::read(fd, data.data() + used, data.size() - used);
      if (got <= 0) break;
      used += static_cast<std::size_t>(got);
    }
    data.resize(used);
  }
  ::close(fd);
  return data;
}

tl::unexpected<Error> unknown_zone(std::string_view name) {
  std::string message("unknown time zone ");
  const std::string_view shown = name.substr(0, kMaxNameSize);
  if (is_safe_name(shown)) {
    message.append(shown);
  } else {
    append_quoted(message, shown);
  }
  return fail(ErrorCode::kNotFound, std::move(message));
}

std::atomic<const Zone*> g_local_zone{nullptr};  // NOLINT: written once, at start

}  // namespace

Zone::Zone(std::string name, std::unique_ptr<const ZoneRules> rules)
    : name_(std::move(name)), rules_(std::move(rules)) {}

Zone::~Zone() = default;

ZoneOffset Zone::at(std::int64_t unix_seconds) const {
  const ZoneRules& rules = *rules_;
  const auto& transitions = rules.transitions;
  if (rules.tail && (transitions.empty() || unix_seconds >= transitions.back())) {
    if (is_daylight(*rules.tail, unix_seconds)) {
      return {rules.tail->daylight_offset, true, rules.tail->daylight_name};
    }
    return {rules.tail->standard_offset, false, rules.tail->standard_name};
  }
  std::size_t type = 0;
  const auto next = std::upper_bound(transitions.begin(), transitions.end(), unix_seconds);
  if (next != transitions.begin()) {
    type = rules.transition_type[static_cast<std::size_t>(next - transitions.begin()) - 1];
  }
  return {rules.types[type].offset, rules.types[type].daylight, rules.types[type].name};
}

std::int64_t Zone::from_local(std::int64_t local_seconds) const {
  const std::int64_t guess = saturate_int64(Int128{local_seconds} - at(local_seconds).seconds);
  return saturate_int64(Int128{local_seconds} - at(guess).seconds);
}

std::optional<std::int32_t> Zone::offset_of(std::string_view abbreviation,
                                            std::int64_t local_seconds) const {
  const auto holds = [&](std::int32_t offset) {
    return at(saturate_int64(Int128{local_seconds} - offset)).abbreviation == abbreviation;
  };
  std::optional<std::int32_t> any;
  const auto consider = [&](std::string_view name, std::int32_t offset) {
    if (name != abbreviation) return false;
    if (!any) any = offset;
    if (!holds(offset)) return false;
    any = offset;
    return true;
  };
  for (const ZoneRules::Type& type : rules_->types) {
    if (consider(type.name, type.offset)) return any;
  }
  if (const auto& tail = rules_->tail) {
    if (consider(tail->standard_name, tail->standard_offset)) return any;
    if (tail->has_daylight) consider(tail->daylight_name, tail->daylight_offset);
  }
  return any;
}

const Zone& utc_zone() {
  static const Zone* const zone = make_fixed(0, "UTC").release();
  return *zone;
}

const Zone& fixed_zone(std::int32_t offset_seconds, std::string_view abbreviation) {
  offset_seconds = std::clamp(offset_seconds, -kMaxOffset, kMaxOffset);
  if (abbreviation.empty() && offset_seconds % 60 == 0)
    return whole_minute_zone(offset_seconds / 60);
  if (offset_seconds == 0 && abbreviation == "UTC") return utc_zone();
  if (abbreviation.size() > kMaxAbbreviation)
    abbreviation = abbreviation.substr(0, kMaxAbbreviation);
  const auto key = std::pair<std::int32_t, std::string>(offset_seconds, abbreviation);
  Registry& zones = registry();
  {
    const std::shared_lock lock(zones.mutex);
    if (const auto found = zones.fixed.find(key); found != zones.fixed.end()) return *found->second;
  }
  {
    const std::unique_lock lock(zones.mutex);
    if (zones.fixed.size() < kMaxFixedZones) {
      auto& zone = zones.fixed[key];
      if (!zone) zone = make_fixed(offset_seconds, abbreviation);
      return *zone;
    }
  }
  if (!abbreviation.empty()) return fixed_zone(offset_seconds);
  return fixed_zone(offset_seconds / 60 * 60);
}

Result<const Zone*> load_zone(std::string_view name) {
  if (name.empty() || name == "UTC") return &utc_zone();
  if (name == "Local") return &local_zone();
  Registry& zones = registry();
  {
    const std::shared_lock lock(zones.mutex);
    if (const auto found = zones.named.find(name); found != zones.named.end()) {
      return found->second.get();
    }
  }
  if (!is_safe_name(name)) return unknown_zone(name);
  for (const char* folder : kZoneFolders) {
    const std::string data = read_zone_file(std::string(folder).append(name));
    if (data.empty()) continue;
    Result<ZoneRules> rules = parse_tzif(data);
    if (!rules) {
      return fail(
          std::move(rules).error().with_context("reading time zone `" + std::string(name) + "`"));
    }
    auto zone = std::make_unique<Zone>(std::string(name),
                                       std::make_unique<const ZoneRules>(*std::move(rules)));
    const std::unique_lock lock(zones.mutex);
    return zones.named.try_emplace(std::string(name), std::move(zone)).first->second.get();
  }
  return unknown_zone(name);
}

Result<const Zone*> zone_from_tz(const char* value) {
  std::string_view name = value == nullptr ? std::string_view() : std::string_view(value);
  if (!name.empty() && name.front() == ':') name.remove_prefix(1);
  if (name == "Local") return unknown_zone(name);
  return load_zone(name);
}

const Zone& local_zone() {
  const Zone* const zone = g_local_zone.load(std::memory_order_acquire);
  return zone == nullptr ? utc_zone() : *zone;
}

void set_local_zone(const Zone& zone) {
  g_local_zone.store(&zone, std::memory_order_release);
}

}  // namespace weir::core
