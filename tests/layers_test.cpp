// Compares every #include below src/ and cmd/ with the table in cmake/layers.txt.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <re2/re2.h>

namespace {

using Findings = std::vector<std::string>;

struct File {
  std::string path;  ///< `core/result.h`, `cmd/main.cpp`: the first part is the layer
  std::string text;
};

struct Forbidden {
  std::set<std::string> folders;
  std::shared_ptr<RE2> pattern;  ///< its first group is what to report
  std::string except;            ///< start of the paths that may; empty: none
};

struct Table {
  std::map<std::string, std::set<std::string>> layers;     ///< folder -> folders it may include
  std::map<std::string, std::set<std::string>> libraries;  ///< include -> folders that own it
  std::set<std::string> component_folders;
  std::vector<Forbidden> forbidden;
};

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  return {std::istream_iterator<std::string>(in), {}};
}

std::set<std::string> word_set(std::string_view text) {
  const std::vector<std::string> list = words(text);
  return {list.begin(), list.end()};
}

Table parse_table(const std::string& text) {
  Table table;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t colon = line.find(": ");
    const std::string left = line.substr(0, std::min(colon, line.find_last_not_of(": ") + 1));
    const std::string right = colon == std::string::npos ? "" : line.substr(colon + 2);
    std::vector<std::string> names = words(left);
    const std::string kind = names.front();
    names.erase(names.begin());
    if (kind == "layer") {
      table.layers[names.front()] = word_set(right);
    } else if (kind == "component") {
      table.component_folders.insert(names.begin(), names.end());
    } else if (kind == "library") {
      for (const std::string& name : names) table.libraries[name] = word_set(right);
    } else if (kind == "forbid") {
      const std::size_t except = right.find(" except ");
      table.forbidden.push_back({{names.begin(), names.end()},
                                 std::make_shared<RE2>("(" + right.substr(0, except) + ")"),
                                 except == std::string::npos ? "" : right.substr(except + 8)});
    } else {
      ADD_FAILURE() << "cmake/layers.txt: what is `" << line << "`?";
    }
  }
  return table;
}

std::string folder_of(std::string_view path) {
  return std::string(path.substr(0, path.find('/')));
}

std::string stem_of(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

/// The text with comments blanked and line breaks kept. Literals stay.
std::string without_comments(std::string_view text) {
  std::string out;
  char literal = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (literal == 0 && rest.starts_with("'\"'")) {
      out += "'\"'";
      i += 2;
    } else if (literal == 0 && rest.starts_with("//")) {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (literal == 0 && rest.starts_with("/*")) {
      const std::size_t end = std::min(text.find("*/", i), text.size() - 2);
      out.append(static_cast<std::size_t>(
                     std::count(rest.begin(), rest.begin() + static_cast<long>(end - i), '\n')),
                 '\n');
      i = end + 1;
    } else {
      if (literal != 0 && text[i] == '\\') {
        out += text[i++];
        if (i == text.size()) break;
      } else if (literal != 0 && (text[i] == literal || text[i] == '\n')) {
        literal = 0;
      } else if (literal == 0 && text[i] == '"') {
        literal = text[i];
      }
      out += text[i];
    }
  }
  return out;
}

/// The owners of a header in <>, or nullopt when the table does not know it.
std::optional<std::set<std::string>> owners(const Table& table, const std::string& header) {
  if (header.find('.') == std::string::npos && header.find('/') == std::string::npos)
    return std::set<std::string>{"*"};  // standard C++
  for (const auto& [name, folders] : table.libraries) {
    if (name == header || (name.ends_with('/') && header.starts_with(name))) return folders;
  }
  return std::nullopt;
}

/// `inputs/file` for every inputs/file.cpp that defines or declares `add_file`; `add_all` is the
/// list of them.
std::set<std::string> components(const Table& table, const std::vector<File>& files) {
  std::set<std::string> found;
  for (const File& file : files) {
    const std::string stem = stem_of(file.path);
    if (stem != "all" && table.component_folders.contains(folder_of(file.path)) &&
        file.path.ends_with(".cpp") &&
        file.text.find("void add_" + stem + "(") != std::string::npos)
      found.insert(folder_of(file.path) + "/" + stem);
  }
  return found;
}

/// Everything that breaks the table, as `path:line: what`, in the order of the files.
std::vector<std::string> check(const Table& table, const std::vector<File>& files) {
  static const RE2 include(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
  const std::set<std::string> all_components = components(table, files);
  std::vector<std::string> found;
  for (const File& file : files) {
    const std::string folder = folder_of(file.path);
    const auto layer = table.layers.find(folder);
    if (layer == table.layers.end()) {
      found.push_back(file.path + ": `" + folder + "` is not in cmake/layers.txt");
      continue;
    }
    std::istringstream lines(without_comments(file.text));
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      const auto report = [&](const std::string& what) {
        found.push_back(file.path + ":" + std::to_string(number) + ": " + what);
      };
      ++number;
      for (const Forbidden& rule : table.forbidden) {
        std::string hit;
        if (rule.folders.contains(folder) &&
            (rule.except.empty() || !file.path.starts_with(rule.except)) &&
            RE2::PartialMatch(line, *rule.pattern, &hit))
          report(folder + " may not name `" + hit + "`");
      }
      std::string bracket;
      std::string header;
      if (!RE2::PartialMatch(line, include, &bracket, &header)) continue;
      if (bracket == "<") {
        const auto may = owners(table, header);
        if (!may) {
          report("<" + header + "> is not in cmake/layers.txt");
        } else if (!may->contains("*") && !may->contains(folder)) {
          report(folder + " may not include <" + header + ">");
        }
        continue;
      }
      const std::string target = folder_of(header);
      if (header.find('/') == std::string::npos) {
        if (folder != "cmd") report("\"" + header + "\" needs its folder in front");
      } else if (target != folder && !layer->second.contains("*") &&
                 !layer->second.contains(target)) {
        report(folder + " may not include \"" + header + "\"");
      } else if (all_components.contains(target + "/" + stem_of(header)) &&
                 stem_of(header) != stem_of(file.path) && folder != "cmd") {
        report("\"" + header + "\" is a component; only its own file may include it");
      }
    }
  }
  return found;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<File> read_tree(const std::filesystem::path& root) {
  std::vector<File> files;
  for (const std::string top : {"src", "cmd"}) {
    if (!std::filesystem::exists(root / top)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
      const std::filesystem::path& path = entry.path();
      if (path.extension() != ".h" && path.extension() != ".cpp") continue;
      const std::filesystem::path base = top == "src" ? root / "src" : root;
      files.push_back({path.lexically_relative(base).string(), read(path)});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

const std::filesystem::path kRoot = WEIR_SOURCE_DIR;

Table small_table() {
  return parse_table(
      "# a comment\n"
      "layer core:\n"
      "layer http: core\n"
      "layer inputs: core http\n"
      "layer cmd: *\n"
      "component inputs\n"
      "library curl/ boost/: http\n"
      "library unistd.h: *\n"
      "forbid core: \\bgetenv\\b except core/env\n");
}

TEST(Layers, TheTreeKeepsToTheTable) {
  const Table table = parse_table(read(kRoot / "cmake" / "layers.txt"));
  const std::vector<File> files = read_tree(kRoot);
  ASSERT_GT(files.size(), 2U);
  for (const std::string& finding : check(table, files)) ADD_FAILURE() << finding;
}

TEST(Layers, TheTableNamesOnlyLayersItHas) {
  const Table table = parse_table(read(kRoot / "cmake" / "layers.txt"));
  const auto known = [&](const std::string& name) {
    return name == "*" || table.layers.contains(name);
  };
  for (const auto& [folder, may] : table.layers)
    for (const std::string& other : may) EXPECT_TRUE(known(other)) << folder << ": " << other;
  for (const auto& [header, may] : table.libraries)
    for (const std::string& other : may) EXPECT_TRUE(known(other)) << header << ": " << other;
  for (const std::string& folder : table.component_folders) EXPECT_TRUE(known(folder)) << folder;
  for (const Forbidden& rule : table.forbidden) {
    EXPECT_TRUE(rule.pattern->ok()) << rule.pattern->pattern();
    for (const std::string& folder : rule.folders) EXPECT_TRUE(known(folder)) << folder;
  }
}

TEST(Layers, TheTableHasNoCircle) {
  const Table table = parse_table(read(kRoot / "cmake" / "layers.txt"));
  std::set<std::string> done;
  for (bool more = true; more;) {
    more = false;
    for (const auto& [folder, may] : table.layers) {
      const bool ready = std::all_of(may.begin(), may.end(), [&](const std::string& other) {
        return other == "*" || done.contains(other);
      });
      if (ready) more |= done.insert(folder).second;
    }
  }
  for (const auto& entry : table.layers)
    EXPECT_TRUE(done.contains(entry.first)) << entry.first << " is part of a circle";
}

TEST(Layers, AllowedIncludesPass) {
  EXPECT_EQ(check(small_table(), {{"http/client.cpp",
                                   "#include <string>\n#include <curl/curl.h>\n"
                                   "#include <unistd.h>\n"
                                   "#include \"core/result.h\"\n"},
                                  {"cmd/main.cpp", "#include \"inputs/all.h\"\n"}}),
            Findings{});
}

TEST(Layers, AnUpwardIncludeIsFound) {
  EXPECT_EQ(check(small_table(), {{"core/a.h", "\n#include \"http/client.h\"\n"}}),
            (Findings{"core/a.h:2: core may not include \"http/client.h\""}));
}

TEST(Layers, ALibraryOutsideItsOwnerIsFound) {
  EXPECT_EQ(check(small_table(), {{"core/a.cpp", "#include <boost/asio/io_context.hpp>\n"},
                                  {"core/b.cpp", "# include <lua.h>\n"}}),
            (Findings{"core/a.cpp:1: core may not include <boost/asio/io_context.hpp>",
                      "core/b.cpp:1: <lua.h> is not in cmake/layers.txt"}));
}

TEST(Layers, AFolderThatIsNotInTheTableIsFound) {
  EXPECT_EQ(check(small_table(), {{"extras/a.cpp", ""}}),
            (Findings{"extras/a.cpp: `extras` is not in cmake/layers.txt"}));
}

TEST(Layers, AnIncludeWithoutFolderIsFound) {
  EXPECT_EQ(check(small_table(), {{"core/a.cpp", "#include \"result.h\"\n"}}),
            (Findings{"core/a.cpp:1: \"result.h\" needs its folder in front"}));
}

TEST(Layers, AComponentThatIncludesAnotherIsFoundButAHelperIsFree) {
  const std::vector<File> files = {
      {"inputs/file.cpp", "#include \"inputs/file.h\"\nvoid add_file(Registry& registry) {}\n"},
      {"inputs/lines.cpp", "#include \"inputs/lines.h\"\n"},
      {"inputs/stdin.cpp", "#include \"inputs/lines.h\"\n#include \"inputs/file.h\"\n"}};
  EXPECT_EQ(check(small_table(), files),
            (Findings{"inputs/stdin.cpp:2: \"inputs/file.h\" is a component; only its own file "
                      "may include it"}));
}

TEST(Layers, AForbiddenNameIsFoundOutsideComments) {
  EXPECT_EQ(check(small_table(),
                  {{"core/a.cpp", "// getenv is out\n/* getenv\n*/ auto s = \"//\"; getenv(s);\n"},
                   {"core/env.cpp", "getenv(s);\n"}}),
            (Findings{"core/a.cpp:3: core may not name `getenv`"}));
}

}  // namespace
