#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/spec.h"
#include "core/message.h"

namespace weir::http_fields {

/// Which names pass: fields `include_prefixes` and `include_patterns`. Without either none does.
struct MetadataFilter {
  std::vector<std::string> include_prefixes;
  std::vector<config::RegexText> include_patterns;

  [[nodiscard]] bool enabled() const {
    return !include_prefixes.empty() || !include_patterns.empty();
  }
  static const config::Spec<MetadataFilter>& spec();
};

/// The same, ready for use. Thread-safe.
class NameFilter {
 public:
  explicit NameFilter(const MetadataFilter& fields);
  ~NameFilter();
  NameFilter(NameFilter&&) noexcept;
  NameFilter& operator=(NameFilter&&) noexcept;
  [[nodiscard]] bool matches(std::string_view name) const;
  [[nodiscard]] bool enabled() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A metadata value as a header shows it: strings as they are, the rest as JSON.
[[nodiscard]] std::string metadata_text(core::Value value, core::Arena& arena);

}  // namespace weir::http_fields
