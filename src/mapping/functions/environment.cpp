#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mapping/functions/all.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Result;
using core::Value;

core::Error switched_off(std::string_view name) {
  return {core::ErrorCode::kInvalidConfig, "`" + std::string(name) + "` is switched off here"};
}

// Text that was read during an evaluation, put into its arena.
Value copied(Call& call, std::string_view text, core::Kind kind) {
  char* const to = call.room(text.size());
  if (to == nullptr) return call.too_big();
  text.copy(to, text.size());
  const std::string_view made(to, text.size());
  return kind == core::Kind::kBytes ? Value::bytes(made) : Value::string(made);
}

// ---- env

// What was read when the mapping was compiled, and lives as long; nothing with `no_cache` or a
// dynamic name.
struct Variable {
  bool read_each_time;
  std::optional<std::string> value;
};

Result<Prepared> prepare_env(const PrepareCall& call) {
  if (!call.environment.env) return core::fail(switched_off("env"));
  Variable variable{call.flag(1) || !call.is_constant, std::nullopt};
  if (!variable.read_each_time) variable.value = call.environment.env(std::string(call.text(0)));
  return std::make_shared<const Variable>(std::move(variable));
}

Value env(Call& call) {
  const auto& variable = call.prepared<Variable>();
  if (!variable.read_each_time) {
    return variable.value ? Value::string(*variable.value) : Value::null();
  }
  if (!call.environment().env) return call.fail(switched_off("env"));
  const auto value = call.environment().env(std::string(call.text(0)));
  return value ? copied(call, *value, core::Kind::kString) : Value::null();
}

// ---- file, file_rel

struct File {
  std::string path;
  bool read_each_time;
  std::string content;
};

Result<Prepared> prepare(const PrepareCall& call, std::string path, std::string_view name) {
  if (!call.environment.read_file) return core::fail(switched_off(name));
  File file{std::move(path), call.flag(1) || !call.is_constant, {}};
  if (!file.read_each_time) {
    WEIR_TRY(file.content, call.environment.read_file(file.path));
  }
  return std::make_shared<const File>(std::move(file));
}

Result<Prepared> prepare_file(const PrepareCall& call) {
  return prepare(call, std::string(call.text(0)), "file");
}

Result<Prepared> prepare_file_rel(const PrepareCall& call) {
  std::string path(call.text(0));
  if (!path.starts_with('/') && !call.directory.empty()) {
    path.insert(0, std::string(call.directory) + "/");
  }
  return prepare(call, std::move(path), "file_rel");
}

Value file(Call& call) {
  const auto& file = call.prepared<File>();
  if (!file.read_each_time) return Value::bytes(file.content);
  if (!call.environment().read_file) return call.fail(switched_off("file"));
  const auto content = call.environment().read_file(file.path);
  if (!content) return call.fail(content.error());
  return copied(call, *content, core::Kind::kBytes);
}

// ---- hostname

Result<Prepared> prepare_hostname(const PrepareCall& call) {
  if (!call.environment.hostname) return core::fail(switched_off("hostname"));
  WEIR_TRY(std::string name, call.environment.hostname());
  return std::make_shared<const std::string>(std::move(name));
}

Value hostname(Call& call) {
  return Value::string(call.prepared<std::string>());
}

constexpr std::string_view kNoCacheDoc =
    "Read at every evaluation, not just when the mapping is compiled.";

}  // namespace

void add_environment(Registry& registry) {
  registry.function("env")
      .in(Category::kEnvironment)
      .says(
          "An environment variable as a string, null when it is not set. It is read when the "
          "mapping is "
          "compiled.")
      .arg("name", ArgKind::kString, "The variable.")
      .defaulted("no_cache", ArgKind::kBool, kNoCacheDoc, false)
      .prepared_by(prepare_env)
      .impure()
      .nondeterministic()
      .example("root.name = env(\"WEIR_A_NAME_THAT_IS_NOT_SET\").or(\"default\")", "{}",
               R"({"name":"default"})")
      .evaluates(env);

  registry.function("file")
      .in(Category::kEnvironment)
      .says(
          "The content of a file as bytes. It is read when the mapping is compiled, where a "
          "missing "
          "file is an error.")
      .arg("path", ArgKind::kString,
           "From the working directory, when it does not begin with a slash.")
      .defaulted("no_cache", ArgKind::kBool, kNoCacheDoc, false)
      .prepared_by(prepare_file)
      .impure()
      .nondeterministic()
      .costs(Cost::kLinear)
      .example("root.doc = file(\"/no/such/file\")", "{}", "error: /no/such/file")
      .evaluates(file);

  registry.function("file_rel")
      .in(Category::kEnvironment)
      .says("As `file`, with a path from the folder of the mapping.")
      .arg("path", ArgKind::kString, "From the folder of the mapping file.")
      .defaulted("no_cache", ArgKind::kBool, kNoCacheDoc, false)
      .prepared_by(prepare_file_rel)
      .impure()
      .nondeterministic()
      .costs(Cost::kLinear)
      .example("root.doc = file_rel(\"no/such/file\")", "{}", "error: no/such/file")
      .evaluates(file);

  registry.function("hostname")
      .in(Category::kEnvironment)
      .says("The name of this machine.")
      .prepared_by(prepare_hostname)
      .impure()
      .nondeterministic()
      .example("root.has_name = hostname() != \"\"", "{}", R"({"has_name":true})")
      .evaluates(hostname);
}

}  // namespace weir::mapping
