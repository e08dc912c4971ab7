// Runs the shared mapping cases. Where they are: WEIR_CONFORMANCE_DIR, else ../shared/conformance
// beside the source tree; skipped when absent. Cases that may differ stand in
// docs/mapping/differences.md, each with its reason.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/json_index.h"
#include "core/json_text.h"
#include "core/message.h"
#include "core/time_zone.h"
#include "mapping/mapping.h"
#include "mapping/template.h"

namespace weir::mapping {
namespace {

using core::Arena;
using core::Batch;
using core::Kind;
using core::Value;

std::string data_file(const std::string& name) {
  const char* const given = std::getenv("WEIR_CONFORMANCE_DIR");
  const std::filesystem::path root =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(WEIR_SOURCE_DIR) / ".." / "shared" / "conformance";
  return (root / "mapping" / name).string();
}

// Ids in the first column of the tables of docs/mapping/differences.md.
const std::set<std::string>& differences() {
  static const std::set<std::string> all = [] {
    std::set<std::string> ids;
    std::ifstream file(std::string(WEIR_SOURCE_DIR) + "/docs/mapping/differences.md");
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("| `")) continue;
      const std::size_t end = line.find('`', 3);
      if (end != std::string::npos) ids.insert(line.substr(3, end - 3));
    }
    return ids;
  }();
  return all;
}

std::optional<std::string> text_member(Value object, std::string_view key, Arena& arena) {
  const core::Member* const member = core::find(object, key);
  if (member == nullptr || !member->value.is(Kind::kString)) return std::nullopt;
  return std::string(member->value.text(arena));
}

bool flag_member(Value object, std::string_view key) {
  const core::Member* const member = core::find(object, key);
  return member != nullptr && member->value.is(Kind::kBool) && member->value.as_bool();
}

// Keys sorted, number text as it is: what "equal as JSON" means here.
std::string canonical(const std::string& json) {
  Arena arena;
  const auto value = core::parse_json(json, arena);
  if (!value) return json;
  core::Buffer out;
  if (!core::write_json(*value, out, {.sort_keys = true})) return json;
  return std::string(out.view());
}

std::string canonical(Value value) {
  core::Buffer out;
  const auto done = core::write_json(value, out, {.sort_keys = true});
  return done ? canonical(std::string(out.view())) : done.error().message;
}

struct Tally {
  int passed = 0;
  int text_differs = 0;  // fails in the right phase, with other words
  int allowed = 0;
  std::vector<std::string> failed;
};

struct Outcome {
  bool good = true;
  bool text_differs = false;
  std::string why;
};

Outcome bad(std::string why) {
  return {false, false, std::move(why)};
}

void add_metadata(core::Message& message, Value metadata, Arena& arena) {
  if (!metadata.is(Kind::kObject)) return;
  for (const core::Member& member : core::members(metadata)) {
    const auto copied = core::deep_copy(member.value, message.arena());
    message.set_metadata(message.arena().copy(member.key.text(arena)), *copied);
  }
}

class Case {
 public:
  Case(Value json, Arena& arena) : json_(json), arena_(arena) {
    id = *text_member(json, "id", arena);
    fill_batch();
    environment_ = Environment::system();
    const core::Member* const files = core::find(json, "files");
    if (files != nullptr) {
      for (const core::Member& file : core::members(files->value)) {
        files_[std::string(file.key.text(arena))] = std::string(file.value.text(arena));
      }
      environment_.read_import = [this](const std::string& path) -> core::Result<std::string> {
        const auto at = files_.find(path);
        if (at != files_.end()) return at->second;
        return core::fail(core::ErrorCode::kNotFound, path + ": no such file or directory");
      };
    }
  }

  Outcome run() {
    const auto expected = core::find(json_, "expected")->value;
    const auto wanted_error =
        expected.is(Kind::kObject) ? text_member(expected, "error", arena_) : std::nullopt;
    const bool at_parse = text_member(json_, "phase", arena_).value_or("run") == "parse";
    CompileOptions options;
    options.environment = &environment_;
    core::SeededRandom random(1);
    Context context(environment_, random);
    context.bind(batch_.messages(), index_);

    std::string error;
    if (const auto text = text_member(json_, "template", arena_)) {
      const auto made = Template::parse(*text, options);
      if (!made) return judge_failure(wanted_error, at_parse, true, to_string(made.error()));
      const auto result = made->render(context);
      if (!result) return judge_failure(wanted_error, at_parse, false, result.error().message);
      if (wanted_error) return bad("did not fail: " + std::string(*result));
      Arena scratch;
      const std::string wanted(core::parse_json(expected.text(arena_), scratch)->text(scratch));
      return *result == wanted ? Outcome{}
                               : bad("got " + std::string(*result) + ", expected " + wanted);
    }
    const auto made = Mapping::compile(*text_member(json_, "mapping", arena_), options);
    if (!made) return judge_failure(wanted_error, at_parse, true, to_string(made.error()));
    core::Message& target = batch_[index_];
    const auto mode = text_member(json_, "mode", arena_);
    const auto verdict =
        mode == "mutation" ? made->mutate(context, target) : made->map(context, target);
    if (!verdict) return judge_failure(wanted_error, at_parse, false, verdict.error().message);
    if (*verdict == Verdict::kDeleted) {
      if (expected.is(Kind::kObject) && flag_member(expected, "deleted")) return {};
      return bad("the message was deleted");
    }
    const auto payload = target.payload();
    if (!payload) return judge_failure(wanted_error, at_parse, false, payload.error().message);
    if (wanted_error) return bad("did not fail: " + std::string(*payload));
    if (expected.is(Kind::kObject)) return bad("was not deleted: " + std::string(*payload));
    return judge_payload(std::string(*payload), std::string(expected.text(arena_)));
  }

  std::string id;

 private:
  void fill_batch() {
    batch_ = Batch::fresh();
    const core::Member* const batch = core::find(json_, "batch");
    const auto add = [this](Value one) {
      const auto input = text_member(one, "input", arena_);
      batch_.add(input.value_or(""));
      const core::Member* const metadata = core::find(one, "meta");
      core::Message& added = batch_[batch_.size() - 1];
      if (metadata != nullptr) add_metadata(added, metadata->value, arena_);
      if (const auto error = text_member(one, "error", arena_)) {
        added.fail(core::ErrorCode::kInvalidData, *error);
      }
    };
    if (batch == nullptr) {
      add(json_);
    } else {
      for (const Value one : core::items(batch->value)) add(one);
    }
    const core::Member* const index = core::find(json_, "index");
    if (index != nullptr) index_ = std::stoul(std::string(index->value.stored()));
    input_ = *batch_[index_].payload();
  }

  Outcome judge_failure(const std::optional<std::string>& wanted, bool at_parse, bool was_parse,
                        const std::string& error) {
    if (!wanted) return bad("failed: " + error);
    if (at_parse != was_parse) return bad("failed in the wrong phase: " + error);
    if (error.find(*wanted) == std::string::npos)
      return {true, true, "said " + error + "\n      not  " + *wanted};
    return {};
  }

  Outcome judge_payload(const std::string& payload, const std::string& expected) {
    if (flag_member(json_, "unchanged")) {
      return payload == input_ ? check_metadata() : bad("was changed: " + payload);
    }
    if (flag_member(json_, "raw")) {
      Arena scratch;
      const std::string wanted(core::parse_json(expected, scratch)->text(scratch));
      return payload == wanted ? check_metadata()
                               : bad("got " + payload + ", expected raw " + wanted);
    }
    if (canonical(payload) != canonical(expected))
      return bad("got " + payload + ", expected " + expected);
    return check_metadata();
  }

  Outcome check_metadata() {
    const core::Member* const wanted = core::find(json_, "expected_meta");
    if (wanted == nullptr) return {};
    const std::string got = canonical(shown_metadata());
    const std::string expected = wanted->value.is_null() ? "{}" : canonical(wanted->value);
    return got == expected ? Outcome{} : bad("metadata " + got + ", expected " + expected);
  }

  // Byte arrays as the text they hold: so the cases write them.
  Value shown_metadata() {
    Value shown = Value::object(arena_);
    const Value metadata = batch_[index_].metadata();
    if (metadata.is_null()) return shown;
    for (const core::Member& member : core::members(metadata)) {
      const bool is_bytes = member.value.is(Kind::kBytes);
      core::append_member(shown, member.key,
                          is_bytes ? Value::string(member.value.stored()) : member.value, arena_);
    }
    return shown;
  }

  Value json_;
  Arena& arena_;
  Batch batch_;
  std::size_t index_ = 0;
  std::string input_;
  std::map<std::string, std::string> files_;
  Environment environment_;
};

void run_file(const std::string& name) {
  std::ifstream file(data_file(name));
  if (!file) GTEST_SKIP() << "skipped: not present";
  core::set_local_zone(core::utc_zone());
  Tally tally;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    Arena arena;
    const auto json = core::parse_json(line, arena);
    ASSERT_TRUE(json) << line;
    Case one(*json, arena);
    const Outcome outcome = one.run();
    if (outcome.good) {
      ++tally.passed;
      if (outcome.text_differs) {
        ++tally.text_differs;
        if (std::getenv("WEIR_CONFORMANCE_VERBOSE") != nullptr) {
          std::cout << "  words differ: " << one.id << "\n      " << outcome.why << "\n";
        }
      }
    } else if (differences().contains(one.id) || flag_member(*json, "impl_specific")) {
      ++tally.allowed;
    } else {
      tally.failed.push_back(
          one.id + "\n    " +
          text_member(*json, "mapping", arena).value_or(*text_member(*json, "id", arena)) +
          "\n    " + outcome.why);
    }
  }
  std::cout << name << ": " << tally.passed << " passed (" << tally.text_differs
            << " of them with other words in the error), " << tally.allowed
            << " listed as different, " << tally.failed.size() << " failed\n";
  for (const std::string& one : tally.failed) ADD_FAILURE() << one;
}

TEST(MappingConformance, PublishedExamplesHold) {
  run_file("docs_examples.jsonl");
}
TEST(MappingConformance, ReferenceCasesHold) {
  run_file("reference_cases.jsonl");
}
TEST(MappingConformance, BatchAndFileCasesHold) {
  run_file("reference_cases_ext.jsonl");
}
TEST(MappingConformance, InterpolationsHold) {
  run_file("interpolation_cases.jsonl");
}

}  // namespace
}  // namespace weir::mapping
