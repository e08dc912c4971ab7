#include <cstdio>
#include <iostream>
#include <string>

#include <unistd.h>

#include "commands.h"
#include "core/buffer.h"
#include "core/json_text.h"
#include "files.h"
#include "manual.h"
#include "mapping/mapping.h"
#include "mapping/registry.h"

namespace weir::cmd {

namespace {

using core::Message;

int show_functions(const std::string& name) {
  const mapping::Registry& registry = mapping::Registry::standard();
  if (name.empty()) {
    for (const auto* one : registry.functions()) std::printf("%s\n", signature(*one).c_str());
    for (const auto* one : registry.methods()) std::printf("%s\n", signature(*one).c_str());
    return 0;
  }
  const mapping::Callable* function = registry.find_function(name);
  const mapping::Callable* method = registry.find_method(name);
  if (function == nullptr && method == nullptr) {
    std::fprintf(stderr, "weir: there is no function or method `%s`\n", name.c_str());
    return 1;
  }
  if (function != nullptr) std::printf("%s", function_manual(*function).c_str());
  if (method != nullptr)
    std::printf("%s%s", function != nullptr ? "\n" : "", function_manual(*method).c_str());
  return 0;
}

class LineMapper {
 public:
  LineMapper(const mapping::Mapping& mapping, const mapping::Environment& environment,
             const MapOptions& options)
      : mapping_(mapping),
        options_(options),
        random_(core::secure_random()),
        context_(environment, random_) {}

  // False when the line failed.
  bool line(std::string_view text) {
    ++number_;
    core::Batch batch = core::Batch::fresh();
    Message& message = batch.add(text);
    context_.bind(batch.messages(), 0);
    auto verdict = mapping_.map(context_, message);
    if (!verdict) return failed(verdict.error().message);
    if (*verdict == mapping::Verdict::kDeleted) return true;
    core::Buffer out;
    auto root = message.root();
    if (!options_.raw && options_.pretty && root) {
      if (core::Status status = core::write_json(
              *root, out, {.sort_keys = false, .escape_html = false, .indent = "  "});
          !status) {
        return failed(status.error().message);
      }
    } else {
      auto payload = message.payload();
      if (!payload) return failed(payload.error().message);
      out.append(*payload);
    }
    out.push('\n');
    std::fwrite(out.data(), 1, out.size(), stdout);
    return true;
  }

 private:
  bool failed(const std::string& why) const {
    std::fflush(stdout);
    std::fprintf(stderr, "weir: line %zu: %s\n", number_, why.c_str());
    return false;
  }

  const mapping::Mapping& mapping_;
  const MapOptions& options_;
  core::SeededRandom random_;
  mapping::Context context_;
  std::size_t number_ = 0;
};

}  // namespace

int map(const MapOptions& options) {
  if (options.list_functions) return show_functions(options.functions);
  std::string text = options.mapping;
  if (!options.mapping_file.empty()) {
    auto read = read_file(options.mapping_file);
    if (!read) {
      std::fprintf(stderr, "weir: %s\n", read.error().message.c_str());
      return 5;
    }
    text = *std::move(read);
  }
  if (text.empty()) {
    std::fprintf(stderr, "weir: give a mapping, e.g. `weir map 'root = this.a'`, or `-f file`\n");
    return 2;
  }
  const mapping::Environment environment = mapping::Environment::system();
  mapping::CompileOptions compile;
  compile.environment = &environment;
  auto compiled = mapping::Mapping::compile(text, compile);
  if (!compiled) {
    std::fprintf(stderr, "%s\n", mapping::to_string(compiled.error(), text).c_str());
    return 1;
  }
  LineMapper mapper(*compiled, environment, options);
  if (options.has_input) return mapper.line(options.input) ? 0 : 1;
  bool good = true;
  std::string line;
  while (std::getline(std::cin, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (mapper.line(line)) continue;
    good = false;
    if (!options.keep_going) break;
  }
  std::fflush(stdout);
  return good ? 0 : 1;
}

}  // namespace weir::cmd
