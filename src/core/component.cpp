#include "core/component.h"

namespace weir::core {

WriteResult WriteResult::ok(Batch batch) {
  WriteResult result;
  result.delivered = std::move(batch);
  return result;
}

WriteResult WriteResult::all_failed(Batch batch, const Error& error) {
  WriteResult result;
  result.keep_alive = batch.sibling();
  result.failed.reserve(batch.size());
  for (Message& message : batch) result.failed.push_back({std::move(message), error});
  batch.messages().clear();
  return result;
}

Batch WriteResult::take_failed() {
  Batch batch = keep_alive.sibling();
  for (Failed& one : failed) batch.push(std::move(one.message));
  failed.clear();
  return batch;
}

Result<bool> Cache::exists(std::string_view key) {
  auto found = get(key);
  if (found) return true;
  if (found.error().code == ErrorCode::kNotFound) return false;
  return fail(std::move(found).error());
}

std::vector<Result<std::string>> Cache::get_many(const std::vector<std::string_view>& keys) {
  std::vector<Result<std::string>> all;
  all.reserve(keys.size());
  for (const std::string_view key : keys) all.push_back(get(key));
  return all;
}

std::vector<Status> Cache::set_many(const std::vector<CacheItem>& items) {
  std::vector<Status> all;
  all.reserve(items.size());
  for (const CacheItem& item : items) all.push_back(set(item.key, item.value, item.ttl));
  return all;
}

std::vector<Result<bool>> Cache::add_many(const std::vector<CacheItem>& items) {
  std::vector<Result<bool>> all;
  all.reserve(items.size());
  for (const CacheItem& item : items) all.push_back(add(item.key, item.value, item.ttl));
  return all;
}

std::vector<Status> Cache::remove_many(const std::vector<std::string_view>& keys) {
  std::vector<Status> all;
  all.reserve(keys.size());
  for (const std::string_view key : keys) all.push_back(remove(key));
  return all;
}

void Cache::run(Request request, std::function<void(Reply)> done) {
  Reply reply;
  std::vector<std::string_view> keys;
  const auto as_stored = [&](std::vector<Status> all) {
    for (Status& one : all) {
      reply.stored.push_back(one ? Result<bool>(true) : Result<bool>(fail(std::move(one).error())));
    }
  };
  for (const CacheItem& item : request.items) keys.push_back(item.key);
  switch (request.operation) {
    case Operation::kGet: reply.values = get_many(keys); break;
    case Operation::kSet: as_stored(set_many(request.items)); break;
    case Operation::kAdd: reply.stored = add_many(request.items); break;
    case Operation::kRemove: as_stored(remove_many(keys)); break;
  }
  done(std::move(reply));
}

}  // namespace weir::core
