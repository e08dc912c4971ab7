// In the common case evaluating a mapping asks the heap for nothing: everything is made in the
// batch's arena.

#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "mapping/mapping.h"
#include "mapping/template.h"
#include "support.h"

namespace {
thread_local std::size_t allocations = 0;
}  // namespace

// Counting is all these add to the usual ones.
void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace weir::mapping {
namespace {

// Allocations per message once everything is warm. The arena's own chunks come from malloc and are
// not counted here: they are recycled per thread.
double per_message(std::string_view text, bool mutation, const std::string& document) {
  const auto compiled = Mapping::compile(text);
  EXPECT_TRUE(compiled) << text << (compiled ? "" : to_string(compiled.error()));
  const Environment environment = Environment::system();
  core::SeededRandom random(1);
  Context context(environment, random);
  constexpr int kMessages = 200;
  std::string lines;
  for (int i = 0; i < kMessages; ++i) lines += document + "\n";
  const auto block = core::Block::copy_of(lines);
  std::size_t counted = 0;
  for (int round = 0; round < 2; ++round) {
    core::Batch batch = core::Batch::fresh();
    const std::uint32_t number = batch.storage().add_block(block, block->view());
    for (int i = 0; i < kMessages; ++i) {
      batch.push(
          core::Message(batch.storage(), number,
                        block->view().substr(static_cast<std::size_t>(i) * (document.size() + 1),
                                             document.size())));
    }
    EXPECT_TRUE(batch[0].root());
    const std::size_t before = allocations;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      context.bind(batch.messages(), i);
      const auto verdict =
          mutation ? compiled->mutate(context, batch[i]) : compiled->map(context, batch[i]);
      EXPECT_TRUE(verdict) << (verdict ? "" : verdict.error().message);
      if (!batch[i].payload()) ADD_FAILURE() << text;
    }
    counted = allocations - before;
  }
  return static_cast<double>(counted) / kMessages;
}

TEST(Allocations, CommonMappingsMakeNone) {
  const std::string document =
      R"({"id":"a\u0041b","status":200,"bytes":5120,"tags":["x","y"],"o":{"v":1.50,"w":null},"text":"hello"})";
  for (const char* text :
       {"root = if this.status >= 500 { deleted() }", "root = this\nroot.kb = this.bytes / 1024",
        "root.id = this.id\nroot.o = this.o\nroot.n = this.bytes * 2 + 1\nroot.s = \"a\" + "
        "this.text",
        "root = {\"a\": this.o.v, \"b\": [this.status, 1], \"c\": {\"d\": \"constant\"}}",
        "let x = this.o.v\nmeta k = this.id\nroot.x = $x\nroot.m = @k",
        "root.v = match this.status { 200 => \"ok\", this > 500 => \"bad\", _ => \"other\" }",
        "root.a = this.o.w | this.missing | \"fallback\"\nroot.b = this.id.string()\nroot.c = "
        "this.o.(v + 1)",
        "root.a = this.text.not_null()\nroot.t = this.o.type()\nroot.n = this.status.int64()",
        "map m { root.x = this.v }\nroot = this.o.apply(\"m\")"}) {
    EXPECT_LT(per_message(text, false, document), 0.1) << text;
  }
  EXPECT_LT(
      per_message("root.kb = this.bytes / 1024\nroot.o.x = this.status\nroot.text = deleted()",
                  true, document),
      0.1);
}

}  // namespace
}  // namespace weir::mapping
