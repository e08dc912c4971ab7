// Parses any text as a JSONPath, and evaluates what parses against a document that has all kinds in
// it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/message.h"
#include "mapping/functions/json_path_parser.h"
#include "mapping/mapping.h"

namespace weir::mapping {
namespace {

constexpr std::string_view kDocument =
    R"({"a":[1,2.5,{"b":"x","c":null,"d":[[],{}]},"text",true],"b":{"a":{"a":{"a":1}},"e f":-1},"c":1e400})";

const Mapping& evaluation() {
  static const auto compiled = Mapping::compile("root = this.json_path(metadata(\"path\"))");
  if (!compiled) std::abort();
  return *compiled;
}

void run(std::string_view path) {
  static const Environment environment = Environment::sandboxed();
  core::SeededRandom random(1);
  core::Batch batch = core::Batch::fresh();
  batch.add(kDocument);
  batch[0].set_metadata("path", core::Value::string(batch[0].arena().copy(path)));
  Context context(environment, random);
  context.limits.max_steps = 20'000;
  context.limits.max_memory = 8 << 20;
  context.bind(batch.messages(), 0);
  if (evaluation().map(context, batch[0])) (void)batch[0].payload();
}

}  // namespace
}  // namespace weir::mapping

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  if (weir::mapping::JsonPath::parse(path)) weir::mapping::run(path);
  return 0;
}
