#pragma once

#include <memory>
#include <string>
#include <utility>

#include "config/field_types.h"
#include "config/resources.h"
#include "mapping/mapping.h"
#include "mapping/template.h"

/// Fields that hold mappings and interpolated strings, and what components need to evaluate them.
namespace weir::config {

/// A compiled mapping (statements or an expression); empty when the field is absent.
class MappingField {
 public:
  MappingField() = default;
  explicit MappingField(mapping::Mapping mapping)
      : mapping_(std::make_shared<const mapping::Mapping>(std::move(mapping))) {}
  [[nodiscard]] explicit operator bool() const { return mapping_ != nullptr; }
  [[nodiscard]] const mapping::Mapping& operator*() const { return *mapping_; }
  [[nodiscard]] const mapping::Mapping* operator->() const { return mapping_.get(); }

 private:
  std::shared_ptr<const mapping::Mapping> mapping_;
};

/// A string with `${! }`.
using TemplateField = mapping::Template;

/// Environment, random numbers and context for the mappings of one component instance (one thread).
class Evaluator {
 public:
  explicit Evaluator(const Resources& resources);
  /// Bind it to a batch or message before evaluating.
  [[nodiscard]] mapping::Context& context() { return context_; }

 private:
  std::shared_ptr<mapping::Environment> environment_;
  std::unique_ptr<core::SeededRandom> random_;
  mapping::Context context_;
};

namespace detail {
bool read_mapping(const Node& node, const ReadContext& context, MappingField& out);
bool read_template(const Node& node, const ReadContext& context, TemplateField& out);
}  // namespace detail

template <>
struct FieldType<MappingField> {
  static void describe(FieldDoc& doc) {
    doc.kind = FieldKind::kMapping;
    doc.info.no_default = doc.info.no_default || !doc.info.required;
  }
  static bool read(const Node& node, const ReadContext& context, MappingField& out) {
    return detail::read_mapping(node, context, out);
  }
  static std::string default_json(const MappingField& value) {
    return value ? detail::json_text(value->text()) : "";
  }
};

template <>
struct FieldType<TemplateField> {
  static void describe(FieldDoc& doc) { doc.kind = FieldKind::kTemplate; }
  static bool read(const Node& node, const ReadContext& context, TemplateField& out) {
    return detail::read_template(node, context, out);
  }
  static std::string default_json(const TemplateField& value) {
    return detail::json_text(value.text());
  }
};

}  // namespace weir::config
