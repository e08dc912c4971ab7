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

}  // namespace weir::core
