#include <atomic>

#include "mapping/evaluator.h"
#include "mapping/values.h"

// Writing: `root`, `root.a.b`, deletions.

namespace weir::mapping {

using core::Kind;
using core::Value;

namespace {

std::string joined(const std::vector<PathStep>& path, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += '.';
    out += path[i].key;
  }
  return out;
}

std::string blocked(const std::vector<PathStep>& path, std::size_t at, Value found) {
  std::string out = "unable to set target path " + joined(path, path.size()) + " as the value of ";
  out += at == 0 ? "the root" : joined(path, at);
  out += " was a non-object type (" + std::string(type_name(found)) + ")";
  return out;
}

}  // namespace

void Evaluator::alias_root(core::Message& target) {
  auto root = target.root();
  if (!root) return;
  if (!context_.has_message() || &target != &context_.message()) {
    frame_->own_root = core::share(*root);
    return;
  }
  aliased_ = &target;
  frame_->own_root = *root;
  document_ = &frame_->own_root;
  document_ready_ = true;
}

Value Evaluator::assign(const Statement& s, Value value) {
  if (s.path.empty()) return assign_root(value);
  return value.is(Kind::kDelete) ? delete_path(s) : assign_path(s, value);
}

Value Evaluator::assign_root(Value value) {
  if (aliased_ != nullptr && frame_ == &main_) {
    // The document stays as it has become; root goes its own way.
    set_document(main_.own_root);
    aliased_ = nullptr;
  }
  if (in_place_allowed_ && frame_ == &main_ && value.is(Kind::kObject) &&
      !value.as_container().shared) {
    // The plan allows it for the document alone.
    in_place_ = &value.as_container();
    saved_ = *in_place_;
    in_place_allowed_ = false;
    *frame_->root = value;
    return Value::nothing();
  }
  *frame_->root = core::share(value);
  return Value::nothing();
}

void Evaluator::undo_in_place() {
  if (in_place_ == nullptr) return;
  for (const Overwritten* o = overwritten_; o != nullptr; o = o->before) {
    in_place_->members[o->position].value = o->value;
  }
  in_place_->size = saved_.size;
  in_place_->raw = saved_.raw;
  in_place_->raw_size = saved_.raw_size;
  in_place_->hash = nullptr;  // it may hold members that are gone
  in_place_ = nullptr;
}

Value Evaluator::set_root_member(const PathStep& step, Value value, bool fresh) {
  Value& root = *frame_->root;
  if (fresh) {
    core::append_member(root, step.key_value, value, arena_);
    return Value::nothing();
  }
  const std::atomic_ref<std::uint32_t> shared_hint(step.hint);
  std::uint32_t hint = shared_hint.load(std::memory_order_relaxed);
  core::Member* const member = core::find(root, step.key, hint);
  if (member == nullptr) {
    core::append_member(root, step.key_value, value, arena_);
    return Value::nothing();
  }
  const auto position = static_cast<std::uint32_t>(member - root.as_container().members);
  if (in_place_ == &root.as_container() && position < saved_.size) {
    overwritten_ = arena_.create<Overwritten>(position, member->value, overwritten_);
  }
  core::writable(root, arena_).members[position].value = value;
  return Value::nothing();
}

Value Evaluator::assign_path(const Statement& s, Value value) {
  Value& root = *frame_->root;
  if (root.is(Kind::kNothing) || root.is_null()) {
    root = Value::object(arena_, frame_->body->root_members);
  }
  core::share(value);
  const bool is_member = s.path.size() == 1 && root.is(Kind::kObject);
  const bool fresh = s.fresh_member && (fresh_ || frame_ != &main_);
  const Value result =
      is_member ? set_root_member(s.path[0], value, fresh) : assign_below(s, &root, 0, value);
  if (aliased_ != nullptr && frame_ == &main_ && !result.is(Kind::kError)) {
    if (auto slot = aliased_->mutable_root()) **slot = root;
  }
  return result;
}

// Follows the path from `at`, creating what is missing, and sets its last step.
Value Evaluator::assign_below(const Statement& s, Value* at, std::size_t step, Value value) {
  for (; step < s.path.size(); ++step) {
    const PathStep& next = s.path[step];
    const bool is_last = step + 1 == s.path.size();
    if (at->is_null()) *at = Value::object(arena_);
    if (at->is(Kind::kObject)) {
      if (is_last) {
        core::set_member(*at, next.key_value, value, arena_);
        return Value::nothing();
      }
      core::writable(*at, arena_);
      core::Member* member = core::find(*at, next.key);
      if (member == nullptr) {
        core::append_member(*at, next.key_value, Value::object(arena_), arena_);
        member = core::find(*at, next.key);
      }
      at = &member->value;
      continue;
    }
    if (at->is(Kind::kArray)) {
      core::writable(*at, arena_);
      const core::ItemSpan span = core::items(*at);
      if (next.key == "-") {
        if (span.count >= core::kMaxMembers)
          return fail_text("array grows beyond its limit", core::ErrorCode::kLimit);
        core::append_item(*at, is_last ? value : Value::object(arena_), arena_);
        if (is_last) return Value::nothing();
        at = &core::items(*at).first[span.count];
        continue;
      }
      if (next.index < 0 || next.index >= span.count) {
        std::string text = "unable to set target path " + joined(s.path, s.path.size()) + ": ";
        if (next.index < 0) {
          text += "`" + next.key + "` is not an index of an array";
        } else {
          text +=
              "index " + next.key + " is past the end of an array of " + std::to_string(span.count);
        }
        return fail_text(text);
      }
      at = &span.first[next.index];
      if (is_last) {
        *at = value;
        return Value::nothing();
      }
      continue;
    }
    return fail_text(blocked(s.path, step, *at));
  }
  return Value::nothing();
}

Value Evaluator::delete_path(const Statement& s) {
  Value& root = *frame_->root;
  if (in_place_ != nullptr && frame_ == &main_) {
    // Deleting moves members about: from here on in a copy.
    core::share(root);
    core::writable(root, arena_);
    undo_in_place();
  }
  if (root.is(Kind::kNothing)) {
    root = Value::object(arena_);
    return Value::nothing();
  }
  // Look first: a path that is not there must not copy anything.
  Value probe = root;
  for (std::size_t i = 0; i < s.path.size(); ++i) {
    const PathStep& step = s.path[i];
    if (probe.is(Kind::kObject)) {
      const core::Member* member = core::find(probe, step.key);
      if (member == nullptr) return Value::nothing();
      probe = member->value;
    } else if (probe.is(Kind::kArray)) {
      const core::ItemSpan span = core::items(probe);
      // Elements of a root that is an array stay: so the family does.
      if (step.index < 0 || step.index >= span.count || (i == 0 && s.path.size() == 1)) {
        return Value::nothing();
      }
      probe = span.first[step.index];
    } else {
      return Value::nothing();
    }
  }
  Value* at = &root;
  for (std::size_t i = 0; i < s.path.size(); ++i) {
    const PathStep& step = s.path[i];
    const bool is_last = i + 1 == s.path.size();
    core::writable(*at, arena_);
    if (at->is(Kind::kObject)) {
      if (is_last) {
        core::erase_member(*at, step.key, arena_);
      } else {
        at = &core::find(*at, step.key)->value;
      }
    } else if (is_last) {
      core::erase_item(*at, static_cast<std::uint32_t>(step.index), arena_);
    } else {
      at = &core::items(*at).first[step.index];
    }
  }
  if (aliased_ != nullptr && frame_ == &main_) {
    if (auto slot = aliased_->mutable_root()) **slot = root;
  }
  return Value::nothing();
}

}  // namespace weir::mapping
