#include "processors/workflow_record.h"

namespace weir::processors {

using core::Arena;
using core::Kind;
using core::Member;
using core::Value;

namespace {

Value list(const std::set<std::string, std::less<>>& names, Arena& arena) {
  Value made = Value::array(arena, static_cast<std::uint32_t>(names.size()));
  for (const std::string& name : names)
    core::append_item(made, Value::string(arena.copy(name)), arena);
  return made;
}

const Value* at_path(const Value& root, const std::vector<std::string>& path) {
  const Value* at = &root;
  for (const std::string& step : path) {
    if (!at->is(Kind::kObject)) return nullptr;
    const Member* member = core::find(*at, step);
    if (member == nullptr) return nullptr;
    at = &member->value;
  }
  return at;
}

std::set<std::string, std::less<>> names_at(const Value* record, std::string_view key,
                                            Arena& arena) {
  std::set<std::string, std::less<>> names;
  if (record == nullptr || !record->is(Kind::kObject)) return names;
  const Member* member = core::find(*record, key);
  if (member == nullptr || !member->value.is(Kind::kArray)) return names;
  for (const Value& item : core::items(member->value)) {
    if (item.is(Kind::kString)) names.emplace(item.text(arena));
  }
  return names;
}

}  // namespace

std::vector<std::string> split_document_path(std::string_view path) {
  std::vector<std::string> steps;
  if (path.empty()) return steps;
  std::string step;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      steps.push_back(std::move(step));
      step.clear();
    } else if (path[i] == '~' && i + 1 < path.size() &&
               (path[i + 1] == '0' || path[i + 1] == '1')) {
      step += path[++i] == '1' ? '.' : '~';
    } else {
      step += path[i];
    }
  }
  steps.push_back(std::move(step));
  return steps;
}

std::set<std::string, std::less<>> stages_to_skip(core::Message& message,
                                                  const std::vector<std::string>& path,
                                                  const std::vector<std::string>& stages) {
  std::set<std::string, std::less<>> skip;
  const auto root = message.root();
  if (!root) return skip;
  const Value* record = at_path(*root, path);
  if (record == nullptr) return skip;
  const auto apply = names_at(record, "apply", message.arena());
  const auto succeeded = names_at(record, "succeeded", message.arena());
  const auto skipped = names_at(record, "skipped", message.arena());
  for (const std::string& stage : stages) {
    if ((!apply.empty() && !apply.contains(stage)) || succeeded.contains(stage) ||
        skipped.contains(stage)) {
      skip.insert(stage);
    }
  }
  return skip;
}

core::Status WorkflowRecord::write(core::Message& message,
                                   const std::vector<std::string>& path) const {
  auto root = message.mutable_root();
  if (!root) return core::fail(std::move(root).error());
  if (!(*root)->is(Kind::kObject))
    return core::invalid_data("writing the workflow's record: the document is not an object");
  Arena& arena = message.arena();
  const Value* before = at_path(**root, path);
  Value record = Value::object(arena, 4);
  if (before != nullptr) core::set_member(record, "previous", core::share(*before), arena);
  if (!succeeded.empty()) core::set_member(record, "succeeded", list(succeeded, arena), arena);
  if (!skipped.empty()) core::set_member(record, "skipped", list(skipped, arena), arena);
  if (!failed.empty()) {
    Value map = Value::object(arena, static_cast<std::uint32_t>(failed.size()));
    for (const auto& [stage, text] : failed)
      core::set_member(map, arena.copy(stage), Value::string(arena.copy(text)), arena);
    core::set_member(record, "failed", map, arena);
  }
  Value* at = *root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    (void)core::writable(*at, arena);
    Member* member = core::find(*at, path[i]);
    if (member == nullptr) {
      core::set_member(*at, arena.copy(path[i]), Value::object(arena, 1), arena);
      member = core::find(*at, path[i]);
    } else if (!member->value.is(Kind::kObject)) {
      return core::invalid_data("writing the workflow's record: `" + path[i] +
                                "` is not an object");
    }
    at = &member->value;
  }
  (void)core::writable(*at, arena);
  core::set_member(*at, arena.copy(path.back()), record, arena);
  return {};
}

}  // namespace weir::processors
