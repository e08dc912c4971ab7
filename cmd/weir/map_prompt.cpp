#include "map_prompt.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include <histedit.h>
#include <unistd.h>

#include "core/json_index.h"
#include "files.h"
#include "manual.h"
#include "map_line.h"
#include "mapping/registry.h"

namespace weir::cmd {

namespace {

constexpr const char* kHelp =
    "Type a mapping, for example\n"
    "  root.total = this.items.map_each(i -> i.price).sum()\n"
    "and see what it makes of the sample document. A line with open brackets goes on in the next\n"
    "one. `let`, `map` and `import` are kept for later lines.\n"
    "  .doc [json]        show or set the sample document\n"
    "  .load file         take the sample document from a file\n"
    "  .all mapping       not only this: the result becomes the next sample\n"
    "  .kept              show what is kept; `.forget` drops it\n"
    "  .functions [name]  the manual; the tab key completes names\n"
    "  .help, .quit (or Ctrl-D)\n";

constexpr const char* kSample =
    R"({"id":"a1","name":"Ada","items":[{"sku":"x","price":2.5,"count":2},{"sku":"y","price":10,"count":1}],"at":"2024-05-01T10:00:00Z"})";

std::string history_file() {
  const char* const state = std::getenv("XDG_STATE_HOME");
  const char* const home = std::getenv("HOME");
  std::filesystem::path folder;
  if (state != nullptr && *state != 0) {
    folder = state;
  } else if (home != nullptr && *home != 0) {
    folder = std::filesystem::path(home) / ".local" / "state";
  } else {
    return {};
  }
  folder /= "weir";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? std::string() : (folder / "map_history").string();
}

// Brackets, quotes: whether more lines belong to this text.
bool is_open(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i).starts_with("\"\"\"")) {
      const std::size_t end = text.find("\"\"\"", i + 3);
      if (end == std::string_view::npos) return true;
      i = end + 2;
    } else if (c == '"') {
      for (++i; i < text.size() && text[i] != '"' && text[i] != '\n'; ++i) {
        if (text[i] == '\\') ++i;
      }
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    }
  }
  return depth > 0;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_declaration(std::string_view text) {
  return text.starts_with("let ") || text.starts_with("map ") || text.starts_with("import ");
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// The tab key: the rest of the name that stands before the cursor, as far as it is sure.
unsigned char complete(EditLine* editor, int) {
  const LineInfo* const line = el_line(editor);
  const char* start = line->cursor;
  while (start > line->buffer && is_name(start[-1])) --start;
  const std::string_view typed(start, static_cast<std::size_t>(line->cursor - start));
  const bool is_method = start > line->buffer && start[-1] == '.';
  if (typed.empty()) return CC_REFRESH_BEEP;
  const mapping::Registry& registry = mapping::Registry::standard();
  std::vector<std::string_view> found;
  for (const mapping::Callable* one : is_method ? registry.methods() : registry.functions()) {
    if (one->refused_because.empty() && one->name.starts_with(typed)) found.push_back(one->name);
  }
  if (found.empty()) return CC_REFRESH_BEEP;
  std::string_view common = found.front();
  for (const std::string_view one : found) {
    std::size_t same = 0;
    while (same < common.size() && same < one.size() && common[same] == one[same]) ++same;
    common = common.substr(0, same);
  }
  std::string rest(common.substr(typed.size()));
  if (found.size() == 1) rest += "(";
  if (rest.empty()) {
    std::printf("\n");
    for (const std::string_view one : found)
      std::printf("%.*s  ", static_cast<int>(one.size()), one.data());
    std::printf("\n");
    std::fflush(stdout);
    return CC_REDISPLAY;
  }
  return el_insertstr(editor, rest.c_str()) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
}

char* first_prompt(EditLine*) {
  static char text[] = "map> ";
  return text;
}
char* further_prompt(EditLine*) {
  static char text[] = "...> ";
  return text;
}

class Prompt {
 public:
  Prompt(const mapping::Environment& environment, std::string document)
      : environment_(environment), document_(std::move(document)) {
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, 1000);
    history(history_, &event, H_SETUNIQUE, 1);
    file_ = history_file();
    if (!file_.empty()) history(history_, &event, H_LOAD, file_.c_str());
    editor_ = el_init("weir", stdin, stdout, stderr);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_SIGNAL, 1);
    el_set(editor_, EL_HIST, history, history_);
    el_set(editor_, EL_ADDFN, "weir-complete", "complete a name", complete);
    el_set(editor_, EL_BIND, "^I", "weir-complete", nullptr);
    el_source(editor_, nullptr);
  }
  ~Prompt() {
    HistEvent event;
    if (!file_.empty()) history(history_, &event, H_SAVE, file_.c_str());
    el_end(editor_);
    history_end(history_);
  }
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;

  void run() {
    std::string text;
    while (read(text)) {
      const std::string_view line = trimmed(text);
      if (line == ".quit" || line == ".exit") break;
      if (line.empty()) continue;
      HistEvent event;
      history(history_, &event, H_ENTER, std::string(line).c_str());
      if (line[0] == '.') {
        command(line);
      } else {
        try_mapping(line, false);
      }
    }
  }

  void try_mapping(std::string_view line, bool keep_result) {
    const bool declares = is_declaration(line);
    // What stands before is shown in errors only when it is to blame.
    std::string text = kept_ + std::string(line);
    mapping::CompileOptions options;
    options.environment = &environment_;
    auto compiled = mapping::Mapping::compile(text, options);
    if (!compiled) {
      std::printf("%s\n", mapping::to_string(compiled.error(), text).c_str());
      return;
    }
    if (declares) {
      kept_ = text + "\n";
      std::printf("kept\n");
      return;
    }
    LineMapper mapper(*compiled, environment_, true);
    const auto result = mapper.line(document_);
    if (!result) {
      std::printf("%s\n", result.error().message.c_str());
      return;
    }
    if (!*result) {
      std::printf("(the message is dropped)\n");
      return;
    }
    std::printf("%s\n", (*result)->c_str());
    if (keep_result) document_ = **result;
  }

 private:
  bool read(std::string& text) {
    text.clear();
    el_set(editor_, EL_PROMPT, first_prompt);
    while (true) {
      int size = 0;
      const char* const line = el_gets(editor_, &size);
      if (line == nullptr || size <= 0) {
        if (text.empty()) std::printf("\n");
        return !text.empty();
      }
      text.append(line, static_cast<std::size_t>(size));
      if (trimmed(text).starts_with('.') || !is_open(text)) return true;
      el_set(editor_, EL_PROMPT, further_prompt);
    }
  }

  void command(std::string_view line) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(0, blank);
    const std::string rest(trimmed(line.substr(blank)));
    if (name == ".help") {
      std::printf("%s", kHelp);
    } else if (name == ".doc") {
      if (!rest.empty()) set_document(rest);
      std::printf("%s\n", document_.c_str());
    } else if (name == ".load") {
      auto read = read_file(rest);
      if (read) {
        set_document(std::string(trimmed(*read)));
      } else {
        std::printf("%s\n", read.error().message.c_str());
      }
    } else if (name == ".all") {
      try_mapping(rest, true);
    } else if (name == ".kept") {
      std::printf("%s", kept_.c_str());
    } else if (name == ".forget") {
      kept_.clear();
    } else if (name == ".functions") {
      const std::string manual = manual_of(rest);
      std::printf("%s", manual.empty() ? "there is none of this name\n" : manual.c_str());
    } else {
      std::printf("there is no `%s`; `.help` lists what there is\n", std::string(name).c_str());
    }
  }

  void set_document(const std::string& text) {
    core::Arena arena;
    if (auto parsed = core::parse_json(text, arena); !parsed)
      std::printf("note: %s; it is taken as raw text\n", parsed.error().message.c_str());
    document_ = text;
  }

  const mapping::Environment& environment_;
  std::string document_;
  std::string kept_;  // declarations of earlier lines
  std::string file_;
  History* history_ = nullptr;
  EditLine* editor_ = nullptr;
};

}  // namespace

std::string manual_of(const std::string& name) {
  const mapping::Registry& registry = mapping::Registry::standard();
  std::string out;
  if (name.empty()) {
    for (const auto* one : registry.functions()) out += signature(*one) + "\n";
    for (const auto* one : registry.methods()) out += signature(*one) + "\n";
    return out;
  }
  const std::string bare = name[0] == '.' ? name.substr(1) : name;
  if (const auto* function = registry.find_function(bare)) out += function_manual(*function);
  if (const auto* method = registry.find_method(bare))
    out += (out.empty() ? "" : "\n") + function_manual(*method);
  return out;
}

int map_prompt(const mapping::Environment& environment, const std::string& first,
               const std::string& document) {
  Prompt prompt(environment, document.empty() ? kSample : document);
  std::printf("Mappings are tried on this document; `.help` says more.\n%s\n",
              document.empty() ? kSample : document.c_str());
  if (!first.empty()) prompt.try_mapping(first, false);
  prompt.run();
  return 0;
}

}  // namespace weir::cmd
