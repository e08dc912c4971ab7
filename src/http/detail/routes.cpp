#include "http/detail/routes.h"

#include <algorithm>
#include <array>

#include "http/url.h"

namespace weir::http::detail {
namespace {

using Segment = RouteEntry::Segment;
using Params = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

core::Result<std::vector<Segment>> parse_pattern(const std::string& path) {
  const auto bad = [&](std::string_view why) {
    return core::invalid_config("adding path `" + path + "`: " + std::string(why));
  };
  if (!path.starts_with('/')) return bad("it must start with `/`");
  if (path.find_first_of("?# \t\r\n") != std::string::npos || path.find('\0') != path.npos) {
    return bad("it holds a character that paths do not have");
  }
  std::vector<Segment> segments;
  bool pattern = false;
  const auto parts = split(path);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = parts[i];
    if (part == "*") {
      if (i + 1 != parts.size()) return bad("`*` must be the last segment");
      segments.push_back({Segment::Kind::kRest, "*"});
      pattern = true;
    } else if (part.find_first_of("{}*") == std::string_view::npos) {
      segments.push_back({Segment::Kind::kLiteral, std::string(part)});
    } else if (part.size() > 2 && part.front() == '{' && part.back() == '}' &&
               part.find_first_of("{}*:", 1) == part.size() - 1) {
      segments.push_back({Segment::Kind::kParameter, std::string(part.substr(1, part.size() - 2))});
      pattern = true;
    } else {
      return bad("a segment is a literal, a whole `{name}`, or a last `*`");
    }
  }
  if (!pattern) segments.clear();
  return segments;
}

/// More literal segments first, then more parameters, then what has no `*`.
bool better(const std::shared_ptr<RouteEntry>& a, const std::shared_ptr<RouteEntry>& b) {
  const auto rank = [](const RouteEntry& entry) {
    std::array<std::ptrdiff_t, 3> counts{};
    for (const Segment& segment : entry.segments) {
      counts[static_cast<std::size_t>(segment.kind)] += 1;
    }
    counts[2] = -counts[2];
    return counts;
  };
  return rank(*a) > rank(*b);
}

bool matches(const RouteEntry& entry, const std::vector<std::string_view>& parts, Params* params) {
  const auto& segments = entry.segments;
  const bool open = segments.back().kind == Segment::Kind::kRest;
  if (open ? parts.size() < segments.size() : parts.size() != segments.size()) return false;
  Params found;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].kind == Segment::Kind::kRest) {
      // From here to the end of the path, slashes included.
      const std::string_view last = parts.back();
      const char* const start = parts[i].data();
      auto rest =
          percent_decode({start, static_cast<std::size_t>(last.data() + last.size() - start)});
      if (!rest) return false;
      found.emplace_back("*", *std::move(rest));
      break;
    }
    auto part = percent_decode(parts[i]);
    if (!part) return false;
    if (segments[i].kind == Segment::Kind::kLiteral) {
      if (*part != segments[i].text) return false;
    } else {
      if (part->empty()) return false;
      found.emplace_back(segments[i].text, *std::move(part));
    }
  }
  if (params != nullptr) *params = std::move(found);
  return true;
}

/// True when no request could tell the two patterns apart.
bool same_pattern(const RouteEntry& a, const RouteEntry& b) {
  if (a.segments.empty() || b.segments.empty()) return a.options.path == b.options.path;
  return std::equal(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
                    [](const Segment& x, const Segment& y) {
                      return x.kind == y.kind &&
                             (x.kind != Segment::Kind::kLiteral || x.text == y.text);
                    });
}

bool share_method(const RouteEntry& a, const RouteEntry& b) {
  const auto& methods = a.options.methods;
  if (methods.empty() || b.options.methods.empty()) return true;
  return std::any_of(methods.begin(), methods.end(), [&](const std::string& method) {
    return std::find(b.options.methods.begin(), b.options.methods.end(), method) !=
           b.options.methods.end();
  });
}

}  // namespace

bool RouteEntry::allows(std::string_view method) const {
  if (options.methods.empty()) return true;
  return std::any_of(options.methods.begin(), options.methods.end(), [&](const std::string& ours) {
    return ours == method || (ours == "GET" && method == "HEAD");
  });
}

bool RouteEntry::enter() {
  inside_.fetch_add(1);
  if (!closed_.load()) return true;
  leave();
  return false;
}

void RouteEntry::leave() {
  if (inside_.fetch_sub(1) == 1 && closed_.load()) inside_.notify_all();
}

void RouteEntry::close() {
  closed_.store(true);
  for (int count = inside_.load(); count != 0; count = inside_.load()) inside_.wait(count);
}

RouteTable::RouteTable(std::vector<std::shared_ptr<RouteEntry>> entries)
    : entries_(std::move(entries)) {
  for (const auto& entry : entries_) {
    if (entry->segments.empty()) {
      exact_[entry->options.path].push_back(entry);
    } else {
      patterns_.push_back(entry);
    }
  }
  std::stable_sort(patterns_.begin(), patterns_.end(), better);
}

RouteMatch RouteTable::find(std::string_view method, const std::string& path,
                            std::string_view raw_path, Params& params) const {
  RouteMatch match;
  const auto consider = [&](const std::shared_ptr<RouteEntry>& entry) {
    if (entry->allows(method)) {
      match.entry = entry;
      return true;
    }
    for (const std::string& allowed : entry->options.methods) {
      if (!match.allow.empty()) match.allow += ", ";
      match.allow += allowed == "GET" ? "GET, HEAD" : allowed;
    }
    return false;
  };
  if (const auto found = exact_.find(path); found != exact_.end()) {
    for (const auto& entry : found->second) {
      if (consider(entry)) return match;
    }
    return match;
  }
  if (patterns_.empty() || !raw_path.starts_with('/')) return match;
  const auto parts = split(raw_path);
  for (const auto& entry : patterns_) {
    if (matches(*entry, parts, &params) && consider(entry)) return match;
  }
  params.clear();
  return match;
}

std::vector<std::shared_ptr<RouteEntry>> RouteTable::at(const std::string& path,
                                                        std::string_view raw_path,
                                                        Params* params) const {
  if (const auto found = exact_.find(path); found != exact_.end()) return found->second;
  std::vector<std::shared_ptr<RouteEntry>> result;
  if (patterns_.empty() || !raw_path.starts_with('/')) return result;
  const auto parts = split(raw_path);
  for (const auto& entry : patterns_) {
    if (matches(*entry, parts, params)) result.push_back(entry);
  }
  return result;
}

Routes::Routes()
    : table_(std::make_shared<RouteTable>(std::vector<std::shared_ptr<RouteEntry>>())) {}

core::Result<std::shared_ptr<RouteEntry>> Routes::add(RouteOptions options, Handler handler) {
  auto entry = std::make_shared<RouteEntry>();
  WEIR_TRY(entry->segments, parse_pattern(options.path));
  entry->options = std::move(options);
  entry->handler = std::move(handler);
  const std::lock_guard lock(mutex_);
  for (const auto& other : table_->entries()) {
    if (same_pattern(*other, *entry) && share_method(*other, *entry)) {
      const std::string& owner = other->options.owner;
      return core::invalid_config("adding path `" + entry->options.path + "`: it is taken by " +
                                  (owner.empty() ? "another component" : owner));
    }
  }
  auto entries = table_->entries();
  entries.push_back(entry);
  table_ = std::make_shared<RouteTable>(std::move(entries));
  version_.fetch_add(1, std::memory_order_release);
  return entry;
}

void Routes::remove(const std::shared_ptr<RouteEntry>& entry) {
  const std::lock_guard lock(mutex_);
  auto entries = table_->entries();
  std::erase(entries, entry);
  table_ = std::make_shared<RouteTable>(std::move(entries));
  version_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const RouteTable> Routes::table() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

std::optional<std::string_view> without_prefix(std::string_view path, std::string_view prefix) {
  if (prefix.empty() || !path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  if (!path.starts_with('/')) return std::nullopt;
  return path;
}

}  // namespace weir::http::detail
