#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "commands.h"
#include "manual.h"
#include "registry.h"

namespace weir::cmd {

namespace {

using config::ComponentKind;

bool write_page(const std::filesystem::path& path, const std::string& text, bool check) {
  std::ifstream old(path);
  std::stringstream content;
  content << old.rdbuf();
  if (old && content.str() == text) return true;
  if (check) {
    std::fprintf(stderr, "%s is stale: run `weir docs`\n", path.string().c_str());
    return false;
  }
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::ofstream out(path, std::ios::trunc);
  out << text;
  if (!out) std::fprintf(stderr, "weir: writing %s failed\n", path.string().c_str());
  return static_cast<bool>(out);
}

}  // namespace

int docs(const DocsOptions& options) {
  const std::filesystem::path folder(options.directory);
  bool good = true;
  std::string index = "# Components\n\n<!-- Written by `weir docs`. -->\n";
  for (const ComponentKind kind :
       {ComponentKind::kInput, ComponentKind::kBuffer, ComponentKind::kProcessor,
        ComponentKind::kOutput, ComponentKind::kCache, ComponentKind::kRateLimit,
        ComponentKind::kScanner, ComponentKind::kMetrics, ComponentKind::kTracer}) {
    const std::string section(plural(kind));
    index += "\n## " + section + "\n\n| name | what it does |\n|---|---|\n";
    for (const config::ComponentDoc* doc : all_components().list(kind)) {
      index +=
          "| [" + doc->name + "](" + section + "/" + doc->name + ".md) | " + doc->summary + " |\n";
      good =
          write_page(folder / section / (doc->name + ".md"), component_page(*doc), options.check) &&
          good;
    }
    const auto refused = all_components().refused(kind);
    if (!refused.empty()) {
      index += "\nNot in weir: ";
      for (std::size_t i = 0; i < refused.size(); ++i)
        index += (i == 0 ? "`" : ", `") + refused[i].name + "`";
      index += ".\n";
    }
  }
  good = write_page(folder / "README.md", index, options.check) && good;
  const std::filesystem::path language(options.mapping_directory);
  good = write_page(language / "functions.md", mapping_reference(false), options.check) && good;
  good = write_page(language / "methods.md", mapping_reference(true), options.check) && good;
  return good ? 0 : 1;
}

}  // namespace weir::cmd
