#include <algorithm>
#include <memory>
#include <vector>

#include "mapping/call.h"
#include "mapping/evaluator.h"

namespace weir::mapping {

namespace {

// Builders nest (a query may build text while another builder is open): a stack of buffers.
struct Buffers {
  std::vector<std::unique_ptr<core::Buffer>> all;
  std::size_t used = 0;
};
thread_local Buffers buffers;

constexpr std::size_t kKeep = 1 << 20;

}  // namespace

TextBuilder::TextBuilder(Call& call)
    : call_(call),
      limit_(std::min(call.context().limits.max_text, call.evaluator().memory_left())) {
  if (buffers.used == buffers.all.size()) buffers.all.push_back(std::make_unique<core::Buffer>());
  buffer_ = buffers.all[buffers.used++].get();
  buffer_->clear();
}

TextBuilder::~TextBuilder() {
  buffer_->trim(kKeep);
  --buffers.used;
}

bool TextBuilder::append_value(core::Value value) {
  const core::Status done = append_text(value, *buffer_);
  if (!done) failure_ = call_.fail(done.error());
  if (buffer_->size() > limit_) over_ = true;
  return done.has_value() && !over_;
}

core::Value TextBuilder::finish(core::Kind kind) {
  if (failure_.is(core::Kind::kError)) return failure_;
  if (over_ || buffer_->size() > limit_) return call_.too_big();
  const std::string_view made = call_.arena().copy(buffer_->view());
  return kind == core::Kind::kBytes ? core::Value::bytes(made) : core::Value::string(made);
}

core::Value TextBuilder::finish_string() {
  return finish(core::Kind::kString);
}
core::Value TextBuilder::finish_bytes() {
  return finish(core::Kind::kBytes);
}
core::Value TextBuilder::finish_like_target() {
  return finish(call_.target().kind());
}

}  // namespace weir::mapping
