#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/field_types.h"

namespace weir::config {

namespace detail {
/// Reports unknown fields (with the nearest known), missing required ones, deprecated ones.
bool check_fields(const Node& node, const ReadContext& context,
                  const std::vector<FieldDoc>& fields);
/// Options, minimum and maximum, after the value was read.
bool check_limits(const Node& node, const ReadContext& context, const FieldDoc& field);
}  // namespace detail

/// The fields of a config struct, declared once: parsing with defaults, lint, pages, schema, create
/// and masking all come from it. Defaults are what `C{}` holds.
template <class C>
class Spec {
 public:
  explicit Spec(std::string name = "") { doc_.name = std::move(name); }

  Spec&& summary(std::string text) && {
    doc_.summary = std::move(text);
    return std::move(*this);
  }
  Spec&& description(std::string text) && {
    doc_.description = std::move(text);
    return std::move(*this);
  }
  Spec&& stability(Stability s) && {
    doc_.stability = s;
    return std::move(*this);
  }
  Spec&& category(std::string text) && {
    doc_.categories.push_back(std::move(text));
    return std::move(*this);
  }
  Spec&& example(std::string title, std::string yaml) && {
    doc_.examples.push_back({std::move(title), std::move(yaml)});
    return std::move(*this);
  }

  /// A field, kept in a member of C.
  template <class T>
  Spec&& field(std::string name, T C::*member, FieldInfo info) && {
    fields_.push_back(make_field(std::move(name), member, std::move(info)));
    doc_.config.children.push_back(fields_.back().doc);
    return std::move(*this);
  }

  /// The fields of another struct among ours (shared groups: TLS, batching, HTTP client, ...).
  template <class G>
  Spec&& group(G C::*member, const Spec<G>& spec) && {
    for (const auto& inner : spec.fields_) {
      Field field;
      field.doc = inner.doc;
      field.read = [member, read = inner.read](const Node& node, const ReadContext& context,
                                               C& out) { return read(node, context, out.*member); };
      fields_.push_back(std::move(field));
      doc_.config.children.push_back(inner.doc);
    }
    for (const auto& check : spec.checks_) {
      checks_.push_back([member, check](const C& config) { return check(config.*member); });
    }
    return std::move(*this);
  }

  /// The component takes one bare value instead of fields: `mapping: root = this`, `try: [...]`.
  template <class T>
  Spec&& value(T C::*member, FieldInfo info) && {
    value_ = std::make_shared<Field>(make_field("", member, std::move(info)));
    return std::move(*this);
  }

  /// A field of the family that weir reads and ignores, with the reason.
  Spec&& ignored(std::string name, std::string reason) && {
    Field field;
    field.doc.name = std::move(name);
    field.doc.kind = FieldKind::kAny;
    field.doc.info.doc = std::move(reason);
    field.doc.info.advanced = true;
    field.doc.info.no_default = true;
    field.read = [](const Node&, const ReadContext&, C&) { return true; };
    doc_.config.children.push_back(field.doc);
    fields_.push_back(std::move(field));
    return std::move(*this);
  }

  /// A rule over several fields, checked when each of them is fine.
  Spec&& check(std::function<core::Status(const C&)> rule) && {
    checks_.push_back(std::move(rule));
    return std::move(*this);
  }
  /// A rule that needs positions or wants to warn.
  Spec&& lint(std::function<void(const C&, const Node&, const ReadContext&)> rule) && {
    lints_.push_back(std::move(rule));
    return std::move(*this);
  }

  /// Reads all fields; reports every mistake; false when there was one.
  bool read(const Node& node, const ReadContext& context, C& out) const {
    if (value_ != nullptr) {
      const bool good =
          value_->read(node, context, out) && detail::check_limits(node, context, value_->doc);
      return good && run_checks(node, context, out);
    }
    if (!node.is_null() && !node.is_mapping())
      return detail::wrong_type(node, context, "a map of fields");
    bool good = detail::check_fields(node, context, doc_.config.children);
    for (const Field& field : fields_) {
      const Node* const given = node.find(field.doc.name);
      if (given == nullptr) continue;
      const ReadContext below = context.below(field.doc.name);
      if (!field.read(*given, below, out) || !detail::check_limits(*given, below, field.doc))
        good = false;
    }
    return good && run_checks(node, context, out);
  }

  /// The spec as one field (of the struct's user).
  [[nodiscard]] FieldDoc field_doc() const {
    if (value_ != nullptr) return value_->doc;
    FieldDoc doc = doc_.config;
    doc.kind = FieldKind::kObject;
    return doc;
  }
  [[nodiscard]] ComponentDoc component_doc(ComponentKind kind) const {
    ComponentDoc doc = doc_;
    doc.kind = kind;
    doc.config = field_doc();
    return doc;
  }
  [[nodiscard]] const std::string& name() const { return doc_.name; }

 private:
  template <class>
  friend class Spec;

  struct Field {
    FieldDoc doc;
    std::function<bool(const Node&, const ReadContext&, C&)> read;
  };

  template <class T>
  static Field make_field(std::string name, T C::*member, FieldInfo info) {
    Field field;
    field.doc.name = std::move(name);
    field.doc.info = std::move(info);
    FieldType<T>::describe(field.doc);
    if (!field.doc.info.required && !field.doc.info.no_default) {
      const C defaults{};
      field.doc.default_json = FieldType<T>::default_json(defaults.*member);
    }
    field.read = [member](const Node& node, const ReadContext& context, C& out) {
      return FieldType<T>::read(node, context, out.*member);
    };
    return field;
  }

  bool run_checks(const Node& node, const ReadContext& context, const C& config) const {
    bool good = true;
    for (const auto& rule : checks_) {
      core::Status status = rule(config);
      if (!status) {
        context.error(rule::kBadComponent, node.where, status.error().message);
        good = false;
      }
    }
    for (const auto& rule : lints_) rule(config, node, context);
    return good;
  }

  ComponentDoc doc_;
  std::vector<Field> fields_;
  std::shared_ptr<Field> value_;
  std::vector<std::function<core::Status(const C&)>> checks_;
  std::vector<std::function<void(const C&, const Node&, const ReadContext&)>> lints_;
};

}  // namespace weir::config
