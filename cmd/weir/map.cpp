#include <cstdio>
#include <string>

#include <unistd.h>

#include "commands.h"
#include "files.h"
#include "map_line.h"
#include "map_prompt.h"
#include "mapping/mapping.h"

namespace weir::cmd {

namespace {

enum class Read { kLine, kEnd, kTooLong };

// One line without its end; the last one may lack it.
Read read_line(std::string& line, std::size_t max) {
  line.clear();
  bool any = false;
  for (int c = 0; (c = getc_unlocked(stdin)) != EOF;) {
    any = true;
    if (c == '\n') break;
    if (line.size() == max) return Read::kTooLong;
    line.push_back(static_cast<char>(c));
  }
  if (!any) return Read::kEnd;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return Read::kLine;
}

bool map_one(LineMapper& mapper, const std::string& line, std::size_t number) {
  const auto result = mapper.line(line);
  if (!result) {
    std::fflush(stdout);
    std::fprintf(stderr, "weir: line %zu: %s\n", number, result.error().message.c_str());
    return false;
  }
  if (!*result) return true;
  std::fwrite((*result)->data(), 1, (*result)->size(), stdout);
  std::fputc('\n', stdout);
  return true;
}

int map_lines(LineMapper& mapper, const MapOptions& options) {
  bool good = true;
  std::string line;
  for (std::size_t number = 1;; ++number) {
    const Read read = read_line(line, options.max_line);
    if (read == Read::kEnd) break;
    if (read == Read::kTooLong) {
      std::fflush(stdout);
      std::fprintf(stderr,
                   "weir: line %zu: longer than %zu bytes; `--max-token-length` allows more\n",
                   number, options.max_line);
      return 1;
    }
    if (map_one(mapper, line, number)) continue;
    good = false;
    if (!options.keep_going) break;
  }
  if (std::fflush(stdout) != 0) {
    std::fprintf(stderr, "weir: writing standard output failed\n");
    return 1;
  }
  return good ? 0 : 1;
}

}  // namespace

int map(const MapOptions& options) {
  if (options.list_functions) {
    const std::string manual = manual_of(options.functions);
    if (manual.empty()) {
      std::fprintf(stderr, "weir: there is no function or method `%s`\n",
                   options.functions.c_str());
      return 1;
    }
    std::printf("%s", manual.c_str());
    return 0;
  }
  std::string text = options.mapping;
  if (!options.mapping_file.empty()) {
    if (!text.empty()) {
      std::fprintf(stderr, "weir: give a mapping or `-f file`, not both\n");
      return 2;
    }
    auto read = read_file(options.mapping_file);
    if (!read) {
      std::fprintf(stderr, "weir: %s\n", read.error().message.c_str());
      return 5;
    }
    text = *std::move(read);
  }
  mapping::Environment environment = mapping::Environment::system();
  if (!options.common.env_files.empty()) {
    auto variables = make_env(options.common.env_files);
    if (!variables) {
      std::fprintf(stderr, "weir: %s\n", variables.error().message.c_str());
      return exit_code(variables.error());
    }
    environment.env = *std::move(variables);
  }
  const bool on_terminal = isatty(STDIN_FILENO) == 1;
  if (on_terminal && (!options.has_input || text.empty()))
    return map_prompt(environment, text, options.input);
  if (text.empty()) {
    std::fprintf(stderr, "weir: give a mapping, e.g. `weir map 'root = this.a'`, or `-f file`\n");
    return 2;
  }
  mapping::CompileOptions compile;
  compile.environment = &environment;
  const std::size_t slash = options.mapping_file.rfind('/');
  if (slash != std::string::npos) compile.directory = options.mapping_file.substr(0, slash);
  auto compiled = mapping::Mapping::compile(text, compile);
  if (!compiled) {
    std::fprintf(stderr, "%s\n", mapping::to_string(compiled.error(), text).c_str());
    return 1;
  }
  if (!compiled->warnings().empty() && isatty(STDERR_FILENO) == 1) {
    std::fprintf(stderr, "%s\n", mapping::to_string(compiled->warnings(), text).c_str());
  }
  LineMapper mapper(*compiled, environment, options.pretty && !options.raw);
  if (options.has_input) return map_one(mapper, options.input, 1) ? 0 : 1;
  return map_lines(mapper, options);
}

}  // namespace weir::cmd
