#include "http_fields/metadata_filter.h"

#include <re2/re2.h>

#include "core/buffer.h"
#include "core/json_text.h"

namespace weir::http_fields {

const config::Spec<MetadataFilter>& MetadataFilter::spec() {
  static const config::Spec<MetadataFilter> made =
      config::Spec<MetadataFilter>()
          .field("include_prefixes", &MetadataFilter::include_prefixes,
                 {.doc = "Names that begin with one of these pass.",
                  .examples = {"[ kafka_, trace- ]", R"([ "" ])"}})
          .field("include_patterns", &MetadataFilter::include_patterns,
                 {.doc = "Names that one of these regular expressions matches somewhere pass.",
                  .examples = {R"([ "^x-" ])"}});
  return made;
}

struct NameFilter::Impl {
  std::vector<std::string> prefixes;
  std::vector<std::unique_ptr<RE2>> patterns;
};

NameFilter::NameFilter(const MetadataFilter& fields) : impl_(std::make_unique<Impl>()) {
  impl_->prefixes = fields.include_prefixes;
  for (const config::RegexText& text : fields.include_patterns)
    impl_->patterns.push_back(std::make_unique<RE2>(text.pattern, RE2::Quiet));
}
NameFilter::~NameFilter() = default;
NameFilter::NameFilter(NameFilter&&) noexcept = default;
NameFilter& NameFilter::operator=(NameFilter&&) noexcept = default;

bool NameFilter::enabled() const {
  return !impl_->prefixes.empty() || !impl_->patterns.empty();
}

bool NameFilter::matches(std::string_view name) const {
  for (const std::string& prefix : impl_->prefixes) {
    if (name.starts_with(prefix)) return true;
  }
  for (const auto& pattern : impl_->patterns) {
    if (RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *pattern)) return true;
  }
  return false;
}

std::string metadata_text(core::Value value, core::Arena& arena) {
  if (value.is(core::Kind::kString) || value.is(core::Kind::kBytes))
    return std::string(value.text(arena));
  core::Buffer out;
  if (!core::write_json(value, out)) return {};
  return std::string(out.view());
}

}  // namespace weir::http_fields
