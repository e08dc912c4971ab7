#include "mapping/prepared_cache.h"

#include <functional>

#include "core/buffer.h"
#include "core/json_text.h"
#include "mapping/values.h"

namespace weir::mapping {

PreparedCache& PreparedCache::of_this_thread() {
  thread_local PreparedCache cache;
  return cache;
}

core::Result<Prepared> PreparedCache::get(const Callable& callable, const PrepareCall& call) {
  constexpr std::size_t kLongestKey = 4096;  // bigger ones are not worth keeping
  bool keep = callable.is_pure;              // the world may look different next time
  key_.clear();
  for (const core::Value argument : call.arguments) {
    core::Buffer text;
    const bool is_plain = is_text(argument) || argument.is_number() ||
                          argument.is(core::Kind::kBool) || argument.is_null() ||
                          argument.is(core::Kind::kNothing);
    keep = keep && is_plain && append_text(argument, text).has_value();
    if (!keep || text.size() + key_.size() > kLongestKey) {
      keep = false;
      break;
    }
    key_ += static_cast<char>(argument.kind());
    key_ += std::to_string(text.size());
    key_ += ':';
    key_ += text.view();
  }
  if (!keep) return callable.prepare(call);
  const std::size_t hash = std::hash<std::string>()(key_) ^ std::hash<const void*>()(&callable);
  Entry& entry = entries_[hash % kEntries];
  if (entry.callable == &callable && entry.key == key_) return entry.prepared;
  std::string key = key_;  // the hook may evaluate and come back here
  WEIR_TRY(Prepared made, callable.prepare(call));
  entry = Entry{&callable, std::move(key), made};
  return made;
}

}  // namespace weir::mapping
