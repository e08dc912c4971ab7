#include "inputs/all.h"
#include "inputs/file_follow.h"
#include "inputs/file_sequence.h"
#include "inputs/scanned_stream.h"

namespace weir::inputs {
namespace {

struct FileConfig {
  std::vector<std::string> paths;
  config::Child<core::Scanner> scanner;
  bool delete_on_finish = false;
  bool follow = false;
  std::chrono::nanoseconds commit_period = std::chrono::seconds(1);
};

config::Spec<FileConfig> file_spec() {
  return config::Spec<FileConfig>("file")
      .summary("Reads files, one after the other, or follows them while they grow.")
      .description(
          "Each message carries the metadata `path`, `mod_time_unix` and `mod_time` of its file. "
          "With `follow` files are "
          "read on when they grow, are renamed and made anew (rotation), or truncated; how far "
          "everything was delivered is "
          "kept in `data_dir`, so that a restart goes on there.")
      .category("local")
      .field("paths", &FileConfig::paths,
             {.doc = "Files to read, in order. Patterns with `*`, `?`, `[a-z]`, `{a,b}` and `**` "
                     "stand for all files they "
                     "match, sorted.",
              .required = true,
              .examples = {R"([ "/var/log/app/*.log" ])"}})
      .field("scanner", &FileConfig::scanner,
             {.doc = "How the bytes are cut into messages. Default: `lines`.", .no_default = true})
      .field(
          "delete_on_finish", &FileConfig::delete_on_finish,
          {.doc = "Delete each file when all its messages have been delivered.", .advanced = true})
      .field("follow", &FileConfig::follow,
             {.doc = "Wait for more at the end of the files, for ever."})
      .field("commit_period", &FileConfig::commit_period,
             {.doc = "With `follow`: how often positions are saved.",
              .advanced = true,
              .min = 0.01,
              .max = 3600})
      .ignored("auto_replay_nacks",
               "Messages that come back undelivered are always handed out again.")
      .check([](const FileConfig& config) -> core::Status {
        if (config.paths.empty()) return core::invalid_config("field `paths` is empty");
        if (config.follow && config.delete_on_finish) {
          return core::invalid_config(
              "`delete_on_finish` and `follow` do not go together: followed files never finish");
        }
        return {};
      })
      .example("All lines of the logs of a folder", "file:\n  paths: [ ./logs/*.log ]\n");
}

core::Result<std::unique_ptr<core::Input>> make_file(FileConfig config,
                                                     const config::Resources& resources) {
  if (config.follow)
    return make_follow_input({config.paths, config.scanner, config.commit_period}, resources);
  FileSequenceOptions options;
  options.paths = std::move(config.paths);
  options.make_scanner = [child = config.scanner, resources] {
    return make_scanner(child, resources);
  };
  options.delete_on_finish = config.delete_on_finish;
  return make_file_sequence(std::move(options), resources);
}

}  // namespace

void add_file(config::Registry& registry) {
  registry.add_input(file_spec(), make_file);
}

}  // namespace weir::inputs
