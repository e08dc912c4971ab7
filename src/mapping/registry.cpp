#include "mapping/registry.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "mapping/functions/all.h"

namespace weir::mapping {

const Registry& Registry::standard() {
  static const Registry* const all = [] {
    auto* made = new Registry;  // never destroyed: mappings in static storage may outlive us
    add_all_functions(*made);
    return made;
  }();
  return *all;
}

Callable& Registry::add(Table& table, std::string_view name, bool is_method) {
  auto [at, is_new] = table.try_emplace(name, std::make_unique<Callable>(name, is_method));
  if (!is_new) {
    std::fprintf(stderr, "mapping: `%.*s` is registered twice\n", static_cast<int>(name.size()),
                 name.data());
    std::abort();
  }
  return *at->second;
}

void Registry::alias(Table& table, std::string_view alias, std::string_view name, Support support) {
  const auto original = table.find(name);
  if (original == table.end()) {
    std::fprintf(stderr, "mapping: alias of unknown `%.*s`\n", static_cast<int>(name.size()),
                 name.data());
    std::abort();
  }
  auto copy = std::make_unique<Callable>(*original->second);
  copy->name = alias;
  copy->alias_of = name;
  copy->support = support;
  copy->examples.clear();
  table.emplace(alias, std::move(copy));
}

Callable& Registry::function(std::string_view name) {
  return add(functions_, name, false);
}
Callable& Registry::method(std::string_view name) {
  return add(methods_, name, true);
}

void Registry::function_alias(std::string_view alias_name, std::string_view name, Support support) {
  alias(functions_, alias_name, name, support);
}
void Registry::method_alias(std::string_view alias_name, std::string_view name, Support support) {
  alias(methods_, alias_name, name, support);
}
void Registry::refuse_function(std::string_view name, std::string_view reason) {
  function(name).refused_because = reason;
}
void Registry::refuse_method(std::string_view name, std::string_view reason) {
  method(name).refused_because = reason;
}

namespace {

template <class Table>
const Callable* find_in(const Table& table, std::string_view name) {
  const auto at = table.find(name);
  return at == table.end() ? nullptr : at->second.get();
}

template <class Table>
std::vector<const Callable*> sorted(const Table& table) {
  std::vector<const Callable*> all;
  all.reserve(table.size());
  for (const auto& [name, callable] : table) all.push_back(callable.get());
  std::sort(all.begin(), all.end(),
            [](const Callable* a, const Callable* b) { return a->name < b->name; });
  return all;
}

}  // namespace

const Callable* Registry::find_function(std::string_view name) const {
  return find_in(functions_, name);
}
const Callable* Registry::find_method(std::string_view name) const {
  return find_in(methods_, name);
}
std::vector<const Callable*> Registry::functions() const {
  return sorted(functions_);
}
std::vector<const Callable*> Registry::methods() const {
  return sorted(methods_);
}

}  // namespace weir::mapping
