// A mapping text, a zero byte, a document: compiled, run as mapping and as mutation, with and
// without plans. Whatever the plan, the result must be the same; whatever the text, it must end
// within its budget.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/json_text.h"
#include "core/message.h"
#include "mapping/mapping.h"
#include "mapping/template.h"

namespace {

using namespace weir;

struct Seen {
  std::string text;
  bool limited = false;
};

std::string json_of(core::Value value) {
  core::Buffer out;
  const auto done = core::write_json(value, out, {.sort_keys = true});
  return done ? std::string(out.view()) : done.error().message;
}

void tighten(mapping::Limits& limits) {
  limits.max_steps = 20'000;
  limits.max_memory = std::size_t{16} << 20;
  limits.max_text = std::size_t{4} << 20;
  limits.max_map_depth = 200;
}

Seen run(const mapping::Mapping& compiled, const mapping::Environment& environment,
         std::string_view document, bool mutation) {
  core::Batch batch = core::Batch::of({std::string(document), "{\"other\":1}"});
  core::Message& message = batch[0];
  message.set_metadata("k", core::Value::string("v"));
  core::SeededRandom random(1);
  mapping::Context context(environment, random);
  tighten(context.limits);
  context.bind(batch.messages(), 0);
  const auto verdict =
      mutation ? compiled.mutate(context, message) : compiled.map(context, message);
  Seen seen;
  if (!verdict) {
    seen.limited = verdict.error().code == core::ErrorCode::kLimit;
    seen.text = "error: " + verdict.error().message + "\n";
  } else if (*verdict == mapping::Verdict::kDeleted) {
    seen.text = "deleted\n";
  }
  const auto payload = message.payload();
  if (!payload && payload.error().code == core::ErrorCode::kLimit) seen.limited = true;
  const auto root = message.root();
  // The text itself may keep another order of members: compared as a document where it is one.
  seen.text += root ? json_of(*root) : (payload ? std::string(*payload) : payload.error().message);
  seen.text += "\n" + json_of(message.metadata());
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = all.find('\0');
  const std::string_view text = all.substr(0, cut);
  const std::string_view document = cut == std::string_view::npos ? "{}" : all.substr(cut + 1);
  static const mapping::Environment environment = mapping::Environment::sandboxed();
  mapping::CompileOptions options;
  options.environment = &environment;

  if (const auto made = mapping::Template::parse(text, options)) {
    core::Batch batch = core::Batch::of({std::string(document)});
    core::SeededRandom random(1);
    mapping::Context context(environment, random);
    tighten(context.limits);
    context.bind(batch[0]);
    (void)made->render(context).has_value();
  }
  const auto planned = mapping::Mapping::compile(text, options);
  if (!planned) {
    (void)mapping::to_string(planned.error(), text);
    return 0;
  }
  (void)mapping::to_string(planned->warnings(), text);
  options.plain_tree = true;
  const auto plain = mapping::Mapping::compile(text, options);
  for (const bool mutation : {false, true}) {
    const Seen one = run(*planned, environment, document, mutation);
    const Seen other = run(*plain, environment, document, mutation);
    if (one.limited || other.limited || !planned->is_deterministic() || one.text == other.text)
      continue;
    std::fprintf(stderr, "plan %.*s differs\n%.*s\n--- planned\n%s\n--- plain\n%s\n",
                 static_cast<int>(planned->plan().size()), planned->plan().data(),
                 static_cast<int>(text.size()), text.data(), one.text.c_str(), other.text.c_str());
    std::abort();
  }
  return 0;
}
