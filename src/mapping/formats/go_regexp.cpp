#include "mapping/formats/go_regexp.h"

#include <algorithm>
#include <array>
#include <optional>

#include <re2/re2.h>
#include <utf8proc.h>

#include "core/quote.h"

namespace weir::mapping {

namespace {

constexpr std::int64_t kMaxMemory = std::int64_t{8} << 20;  // of one pattern, its caches included
constexpr std::size_t kMaxPattern = std::size_t{64} << 10;

std::string_view words(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape: return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass: return "invalid character class";
    case re2::RE2::ErrorBadCharRange: return "invalid character class range";
    case re2::RE2::ErrorMissingBracket: return "missing closing ]";
    case re2::RE2::ErrorMissingParen: return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen: return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash: return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument: return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize: return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp: return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp: return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8: return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture: return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge: return "expression too large";
    case re2::RE2::ErrorInternal:
    case re2::RE2::NoError: break;
  }
  return "internal error";
}

tl::unexpected<core::Error> refuse(std::string_view why, std::string_view where) {
  std::string text = "error parsing regexp: ";
  text.append(why).append(": `").append(where).append("`");
  return core::invalid_config(std::move(text));
}

/// Where the character class that opens at `at` ends.
std::size_t class_end(std::string_view pattern, std::size_t at) {
  ++at;
  if (at < pattern.size() && pattern[at] == '^') ++at;
  bool first = true;
  for (; at < pattern.size(); ++at, first = false) {
    if (pattern[at] == ']' && !first) return at + 1;
    if (pattern[at] == '\\') ++at;
    if (pattern.substr(at, 2) == "[:") {
      const std::size_t end = pattern.find(":]", at + 2);
      if (end != std::string_view::npos) at = end + 1;
    }
  }
  return pattern.size();
}

/// The pattern for this RE2, which does not know `(?<name>` yet and knows `\C`.
core::Result<std::string> adapted(std::string_view pattern) {
  std::string out;
  out.reserve(pattern.size());
  std::size_t at = 0;
  const auto take = [&](std::size_t size) {
    out.append(pattern.substr(at, size));
    at += size;
  };
  while (at < pattern.size()) {
    const std::string_view rest = pattern.substr(at);
    if (rest.starts_with("\\Q")) {
      const std::size_t end = rest.find("\\E");
      take(end == std::string_view::npos ? rest.size() : end + 2);
    } else if (rest.starts_with("\\C")) {
      return refuse("invalid escape sequence", "\\C");
    } else if (rest[0] == '\\') {
      take(std::min<std::size_t>(2, rest.size()));
    } else if (rest[0] == '[') {
      take(class_end(pattern, at) - at);
    } else if (rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!")) {
      out.append("(?P<");
      at += 3;
    } else {
      take(1);
    }
  }
  return out;
}

bool is_name_character(char32_t c) {
  if (c < 0x80) {
    return (c >= '0' && c <= '9') || ((c | 0x20U) >= 'a' && (c | 0x20U) <= 'z') || c == '_';
  }
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         category == UTF8PROC_CATEGORY_ND;
}

/// The name behind a `$`, and what it takes of the template.
struct Reference {
  std::string_view name;
  std::size_t size = 0;
};

std::optional<Reference> parse_reference(std::string_view behind_dollar) {
  const bool braces = behind_dollar.starts_with('{');
  const std::string_view from = behind_dollar.substr(braces ? 1 : 0);
  std::size_t size = 0;
  while (size < from.size()) {
    const core::Utf8Step step = core::decode_utf8(from.substr(size));
    if (!is_name_character(step.code_point)) break;
    size += step.size;
  }
  if (size == 0 || (braces && (size >= from.size() || from[size] != '}'))) return std::nullopt;
  return Reference{from.substr(0, size), size + (braces ? 2 : 0)};
}

/// A group number without leading zeros.
std::optional<std::size_t> parse_number(std::string_view name) {
  if (name.size() > 9 || (name.size() > 1 && name[0] == '0')) return std::nullopt;
  std::size_t number = 0;
  for (const char c : name) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::size_t>(c - '0');
  }
  return number;
}

}  // namespace

GoRegexp::GoRegexp() = default;
GoRegexp::GoRegexp(GoRegexp&&) noexcept = default;
GoRegexp& GoRegexp::operator=(GoRegexp&&) noexcept = default;
GoRegexp::~GoRegexp() = default;

core::Result<GoRegexp> GoRegexp::compile(std::string_view pattern) {
  if (pattern.size() > kMaxPattern) {
    return core::fail(core::ErrorCode::kLimit, "error parsing regexp: expression too large");
  }
  WEIR_TRY(const std::string text, adapted(pattern));
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  GoRegexp made;
  made.re_ = std::make_unique<re2::RE2>(text, options);
  if (!made.re_->ok()) {
    const bool no_place = made.re_->error_code() == re2::RE2::ErrorPatternTooLarge;
    return refuse(words(made.re_->error_code()), no_place ? pattern : made.re_->error_arg());
  }
  made.names_.resize(static_cast<std::size_t>(made.re_->NumberOfCapturingGroups()) + 1);
  for (const auto& [group, name] : made.re_->CapturingGroupNames()) {
    made.names_[static_cast<std::size_t>(group)] = name;
  }
  made.keys_ = made.names_;
  for (std::size_t i = 0; i < made.keys_.size(); ++i) {
    if (made.keys_[i].empty()) made.keys_[i] = std::to_string(i);
  }
  return made;
}

bool GoRegexp::matches(std::string_view text) const {
  return re_->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool GoRegexp::find(std::string_view text, std::size_t from, Parts parts) const {
  if (text.data() == nullptr) text = "";  // a group without data took no part
  constexpr std::size_t kInPlace = 16;
  std::array<re2::StringPiece, kInPlace> in_place;
  std::vector<re2::StringPiece> many;
  re2::StringPiece* found = in_place.data();
  if (parts.size() > kInPlace) {
    many.resize(parts.size());
    found = many.data();
  }
  if (!re_->Match({text.data(), text.size()}, from, text.size(), re2::RE2::UNANCHORED, found,
                  static_cast<int>(parts.size()))) {
    return false;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = {found[i].data(), found[i].size()};
  return true;
}

bool GoRegexp::Finder::next(Parts parts) {
  while (at_ <= text_.size() && regexp_.find(text_, at_, parts)) {
    const char* const end = parts[0].data() + parts[0].size();
    const auto end_at = static_cast<std::size_t>(end - text_.data());
    bool accepted = true;
    if (end_at == at_) {  // an empty match at the very start of the search
      accepted = parts[0].data() != previous_end_;
      const std::size_t width = character_size(text_, at_);
      at_ = width > 0 ? at_ + width : text_.size() + 1;
    } else {
      at_ = end_at;
    }
    previous_end_ = end;
    if (accepted) return true;
  }
  return false;
}

GoRegexp::Template GoRegexp::parse_template(std::string_view text) const {
  Template made;
  made.pieces_.emplace_back();
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    made.pieces_.back().text.append(text.substr(0, dollar));
    text.remove_prefix(dollar);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.starts_with('$')) {
      made.pieces_.back().text.push_back('$');
      text.remove_prefix(1);
      continue;
    }
    const auto reference = parse_reference(text);
    if (!reference) {
      made.pieces_.back().text.push_back('$');
      continue;
    }
    text.remove_prefix(reference->size);
    std::vector<std::uint32_t>& groups = made.pieces_.back().groups;
    if (const auto number = parse_number(reference->name)) {
      if (*number < names_.size()) groups.push_back(static_cast<std::uint32_t>(*number));
    } else {
      for (std::size_t i = 1; i < names_.size(); ++i) {
        if (names_[i] == reference->name) groups.push_back(static_cast<std::uint32_t>(i));
      }
    }
    for (const std::uint32_t group : groups)
      made.groups_ = std::max<std::size_t>(made.groups_, group + 1);
    if (!groups.empty()) made.pieces_.emplace_back();
  }
  return made;
}

std::size_t character_size(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  if (static_cast<unsigned char>(text[at]) < 0x80) return 1;
  return core::decode_utf8(text.substr(at)).size;
}

}  // namespace weir::mapping
