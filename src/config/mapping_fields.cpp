#include "config/mapping_fields.h"

namespace weir::config {

namespace {

// Mappings of a sandboxed configuration are compiled where nothing can be read.
const mapping::Environment& reading_environment(bool sandbox) {
  static const mapping::Environment open = mapping::Environment::system();
  static const mapping::Environment closed = mapping::Environment::sandboxed();
  return sandbox ? closed : open;
}

std::shared_ptr<mapping::Environment> running_environment(const Resources& resources) {
  auto& slot = resources.shared().services[typeid(mapping::Environment)];
  if (slot == nullptr) {
    auto made = std::make_shared<mapping::Environment>(resources.shared().sandbox
                                                           ? mapping::Environment::sandboxed()
                                                           : mapping::Environment::system());
    made->clock = resources.shared().clock;
    slot = made;
  }
  return std::static_pointer_cast<mapping::Environment>(slot);
}

void report(const mapping::ParseErrors& errors, const Node& node, const ReadContext& context) {
  for (const mapping::Issue& issue : errors) {
    context.error(rule::kBadMapping, inside(node, issue.line, issue.column),
                  "field `" + std::string(detail::field_name(context)) + "`: " + issue.message,
                  issue.hint);
  }
}

}  // namespace

Evaluator::Evaluator(const Resources& resources)
    : environment_(running_environment(resources)),
      random_(std::make_unique<core::SeededRandom>(resources.shared().random())),
      context_(*environment_, *random_) {}

Location inside(const Node& scalar, unsigned line, unsigned column) {
  Location at = scalar.where;
  if (scalar.text_start.line != 0) {  // block scalar: its text keeps its lines
    at = scalar.text_start;
    at.line += line - 1;
    at.column += column - 1;
    return at;
  }
  if (line <= 1) at.column += column - 1 + (scalar.quoted ? 1 : 0);
  return at;
}

namespace detail {

bool read_mapping(const Node& node, const ReadContext& context, MappingField& out) {
  std::string text;
  if (!read_string(node, context, text)) return false;
  if (text.empty()) {
    out = MappingField();
    return true;
  }
  mapping::CompileOptions options;
  options.environment = &reading_environment(context.state().sandbox);
  auto compiled = mapping::Mapping::compile(text, options);
  if (!compiled) {
    report(compiled.error(), node, context);
    return false;
  }
  for (const mapping::Issue& issue : compiled->warnings()) {
    context.warning(rule::kMappingWarning, inside(node, issue.line, issue.column), issue.message,
                    issue.hint);
  }
  out = MappingField(*std::move(compiled));
  return true;
}

bool read_template(const Node& node, const ReadContext& context, TemplateField& out) {
  std::string text;
  if (!read_string(node, context, text)) return false;
  mapping::CompileOptions options;
  options.environment = &reading_environment(context.state().sandbox);
  auto parsed = mapping::Template::parse(text, options);
  if (!parsed) {
    report(parsed.error(), node, context);
    return false;
  }
  out = *std::move(parsed);
  return true;
}

}  // namespace detail

}  // namespace weir::config
