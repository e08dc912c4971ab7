#include "config/registry.h"

#include <cstdio>
#include <cstdlib>

namespace weir::config {

namespace {

bool takes_processors(ComponentKind kind) {
  return kind == ComponentKind::kInput || kind == ComponentKind::kOutput;
}

bool is_reserved(ComponentKind kind, std::string_view key) {
  return key == "label" || key == "type" || key == "plugin" || key == "meta" ||
         (key == "processors" && takes_processors(kind)) ||
         (key == "mapping" && kind == ComponentKind::kMetrics);
}

bool good_label(std::string_view label) {
  if (label.empty() || label.front() == '_' || label.front() == '-') return false;
  for (const char c : label) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) return false;
  }
  return true;
}

std::string article(std::string_view noun) {
  return (noun.find_first_of("aeiou") == 0 ? "an " : "a ") + std::string(noun);
}

}  // namespace

void Registry::insert(ComponentKind kind, const std::string& name,
                      std::unique_ptr<EntryBase> entry) {
  if (!names_[static_cast<std::size_t>(kind)].entries.emplace(name, std::move(entry)).second) {
    std::fprintf(stderr, "component registered twice: %s\n", name.c_str());
    std::abort();
  }
}

void Registry::refuse(ComponentKind kind, std::string name, std::string instead) {
  names_[static_cast<std::size_t>(kind)].refused.emplace(std::move(name), std::move(instead));
}

void Registry::alias(ComponentKind kind, std::string old_name, std::string name) {
  names_[static_cast<std::size_t>(kind)].aliases.emplace(std::move(old_name), std::move(name));
}

const ComponentDoc* Registry::find(ComponentKind kind, std::string_view name) const {
  const auto found = names(kind).entries.find(name);
  return found == names(kind).entries.end() ? nullptr : &found->second->doc;
}

std::vector<const ComponentDoc*> Registry::list(ComponentKind kind) const {
  std::vector<const ComponentDoc*> all;
  for (const auto& [name, entry] : names(kind).entries) all.push_back(&entry->doc);
  return all;
}

std::vector<Registry::Refused> Registry::refused(ComponentKind kind) const {
  std::vector<Refused> all;
  for (const auto& [name, instead] : names(kind).refused) all.push_back({name, instead});
  return all;
}

Registry::Head Registry::read_head(ComponentKind kind, const Node& node,
                                   const ReadContext& context) const {
  Head head;
  const Names& known = names(kind);
  const std::string noun(config::name(kind));
  // `noop` and the like may be written as a bare word.
  static const Node kNothing;
  if (node.is_scalar() && known.entries.contains(node.scalar)) {
    head.entry = known.entries.find(node.scalar)->second.get();
    head.config = &kNothing;
    return head;
  }
  if (!node.is_mapping()) {
    head.good = false;
    context.error(rule::kNoComponent, node.where,
                  "expected " + article(noun) + ", got a " + std::string(config::name(node.kind)),
                  "write its type as a key, e.g. `" +
                      (known.entries.empty() ? noun : known.entries.begin()->first) + ": ...`");
    return head;
  }
  if (const Node* label = node.find("label");
      label != nullptr && !(label->is_scalar() && label->scalar.empty())) {
    if (!label->is_scalar() || !good_label(label->scalar)) {
      head.good = false;
      context.error(
          rule::kBadLabel, label->where, "label `" + label->scalar + "` is not allowed",
          "use lower-case letters, digits, `_` and `-`, beginning with a letter or digit");
    } else {
      head.label = label->scalar;
      const auto [at, fresh] = context.state().labels.emplace(head.label, label->where);
      if (!fresh) {
        head.good = false;
        context.error(rule::kDuplicateLabel, label->where,
                      "label `" + head.label + "` is already used at " + at->second.to_string(),
                      "labels name state, metrics and resources: choose another");
      }
    }
  } else if (context.state().require_labels && takes_processors(kind)) {
    context.warning(rule::kMissingLabel, node.where, article(noun) + " has no label",
                    "add `label: ...`");
  }
  head.processors = takes_processors(kind) ? node.find("processors") : nullptr;

  const Node::Member* chosen = nullptr;
  Node::Member explicit_type;
  for (const Node::Member& member : node.members) {
    if (is_reserved(kind, member.key)) continue;
    if (chosen == nullptr) {
      chosen = &member;
      continue;
    }
    head.good = false;
    const bool known_key = known.entries.contains(member.key) || known.aliases.contains(member.key);
    const bool chosen_known =
        known.entries.contains(chosen->key) || known.aliases.contains(chosen->key);
    if (known_key && chosen_known) {
      context.error(rule::kNoComponent, member.key_where,
                    "both `" + chosen->key + "` and `" + member.key + "` are given for one " + noun,
                    "keep one; is a `- ` missing in a list?");
    } else {
      context.error(rule::kUnknownField, member.key_where,
                    "field `" + member.key + "` is not recognised beside " + article(noun) + " `" +
                        chosen->key + "`",
                    "fields of the component belong under its name; is the indentation right?");
    }
    if (known_key && !chosen_known) chosen = &member;
  }
  if (chosen == nullptr) {
    if (const Node* type = node.find("type"); type != nullptr && type->is_scalar()) {
      explicit_type.key = type->scalar;
      explicit_type.key_where = type->where;
      if (const Node* plugin = node.find("plugin")) explicit_type.value = *plugin;
      explicit_type.value.where = type->where;
      chosen = &explicit_type;
      if (known.entries.contains(type->scalar)) {
        head.entry = known.entries.find(type->scalar)->second.get();
        const Node* plugin = node.find("plugin");
        head.config = plugin != nullptr ? plugin : &kNothing;
        return head;
      }
    } else {
      head.good = false;
      context.error(rule::kNoComponent, node.where, "this " + noun + " has no type",
                    "add the type as a key, e.g. `" +
                        (known.entries.empty() ? noun : known.entries.begin()->first) + ": ...`");
      return head;
    }
  }
  std::string type = chosen->key;
  if (const auto alias = known.aliases.find(type); alias != known.aliases.end()) {
    if (context.state().check_deprecated) {
      context.warning(rule::kDeprecated, chosen->key_where, noun + " `" + type + "` is an old name",
                      "write `" + alias->second + "`");
    }
    type = alias->second;
  }
  if (const auto entry = known.entries.find(type); entry != known.entries.end()) {
    head.entry = entry->second.get();
    head.config = &chosen->value;
    if (head.entry->doc.stability == Stability::kDeprecated && context.state().check_deprecated) {
      context.warning(rule::kDeprecated, chosen->key_where, noun + " `" + type + "` is deprecated");
    }
    return head;
  }
  head.good = false;
  if (const auto refused = known.refused.find(type); refused != known.refused.end()) {
    context.error(rule::kNotSupported, chosen->key_where, noun + " `" + type + "` is not in weir",
                  refused->second);
    return head;
  }
  std::vector<std::string_view> candidates;
  for (const auto& [name, entry] : known.entries) candidates.push_back(name);
  const std::string_view near = nearest(type, candidates);
  std::string hint = near.empty() ? "`weir list " + std::string(plural(kind)) + "` shows all"
                                  : "did you mean `" + std::string(near) + "`?";
  for (std::size_t other = 0; near.empty() && other < kComponentKinds; ++other) {
    if (names_[other].entries.contains(type)) {
      hint = "`" + type + "` is " + article(config::name(static_cast<ComponentKind>(other))) +
             ", not " + article(noun);
    }
  }
  context.error(rule::kUnknownComponent, chosen->key_where, noun + " `" + type + "` is not known",
                std::move(hint));
  return head;
}

bool Registry::read_processors(const Node& node, const ReadContext& context,
                               ProcessorList& out) const {
  return FieldType<ProcessorList>::read(node, context.below("processors"), out);
}

}  // namespace weir::config
