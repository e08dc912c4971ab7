#include "mapping/formats/html_strip.h"

#include <algorithm>
#include <array>
#include <optional>

#include "mapping/text/html_text.h"

namespace weir::mapping {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

template <std::size_t kCount>
bool is_one_of(std::string_view name, const std::array<std::string_view, kCount>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What is inside them is not text of the page.
constexpr std::array<std::string_view, 11> kHidden = {"frame",    "frameset", "iframe",  "noembed",
                                                      "noframes", "noscript", "nostyle", "object",
                                                      "script",   "style",    "title"};
// Never kept.
constexpr std::array<std::string_view, 2> kUnsafe = {"script", "style"};
// Up to their end tag nothing is a tag.
constexpr std::array<std::string_view, 10> kRaw = {"iframe",    "noembed", "noframes", "noscript",
                                                   "plaintext", "script",  "style",    "textarea",
                                                   "title",     "xmp"};
// Of those, the ones in which character references are resolved.
constexpr std::array<std::string_view, 2> kRawWithReferences = {"textarea", "title"};
constexpr std::array<std::string_view, 18> kNothingWithoutAttributes = {
    "a",   "area",  "base",  "basefont", "embed", "font", "form",  "frame",  "iframe",
    "img", "input", "label", "link",     "map",   "meta", "param", "source", "track"};

bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

class HtmlStripper {
 public:
  HtmlStripper(std::string_view html, const std::set<std::string, std::less<>>& keep,
               std::string& out)
      : html_(html), keep_(keep), out_(out) {}

  void run() {
    while (at_ < html_.size()) {
      const std::size_t open = std::min(html_.find('<', at_), html_.size());
      text(html_.substr(at_, open - at_), true);
      at_ = open;
      if (at_ < html_.size()) markup();
    }
  }

 private:
  struct Tag {
    std::string name;  // lower case
    bool closes = false;
    bool is_empty = false;  // `<br/>`
  };

  [[nodiscard]] char peek(std::size_t ahead) const {
    return at_ + ahead < html_.size() ? html_[at_ + ahead] : '\0';
  }

  void markup() {
    const std::string_view rest = html_.substr(at_);
    if (rest.starts_with("<!--")) {
      const std::size_t end = html_.find("-->", at_ + 2);  // `<!-->` is one too
      at_ = end == kNone ? html_.size() : end + 3;
    } else if (is_letter(peek(1)) || (peek(1) == '/' && is_letter(peek(2)))) {
      if (const auto found = tag()) apply(*found);
    } else if (peek(1) == '!' || peek(1) == '?' || (peek(1) == '/' && rest.size() > 2)) {
      const std::size_t end = html_.find('>', at_);
      at_ = end == kNone ? html_.size() : end + 1;
    } else {
      text("<", false);
      ++at_;
    }
  }

  /// Takes a tag; nothing when the text ends inside it.
  std::optional<Tag> tag() {
    Tag tag;
    tag.closes = peek(1) == '/';
    at_ += tag.closes ? 2 : 1;
    while (at_ < html_.size() && !is_blank(html_[at_]) && html_[at_] != '/' && html_[at_] != '>') {
      const char c = html_[at_++];
      tag.name += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
    while (true) {
      while (at_ < html_.size() && (is_blank(html_[at_]) || html_[at_] == '/')) ++at_;
      if (at_ == html_.size()) return std::nullopt;
      if (html_[at_] == '>') break;
      attribute();
    }
    tag.is_empty = html_[at_ - 1] == '/';
    ++at_;
    return tag;
  }

  void attribute() {
    ++at_;  // a name may begin with anything, also `=`
    while (at_ < html_.size() && !is_blank(html_[at_]) && html_[at_] != '/' && html_[at_] != '>' &&
           html_[at_] != '=') {
      ++at_;
    }
    std::size_t equals = at_;
    while (equals < html_.size() && is_blank(html_[equals])) ++equals;
    if (equals == html_.size() || html_[equals] != '=') return;
    at_ = equals + 1;
    while (at_ < html_.size() && is_blank(html_[at_])) ++at_;
    if (at_ == html_.size()) return;
    const char quote = html_[at_];
    if (quote == '"' || quote == '\'') {
      const std::size_t end = html_.find(quote, at_ + 1);
      at_ = end == kNone ? html_.size() : end + 1;
      return;
    }
    while (at_ < html_.size() && !is_blank(html_[at_]) && html_[at_] != '>') ++at_;
  }

  void apply(const Tag& tag) {
    const bool kept = keep_.contains(tag.name) && !is_one_of(tag.name, kUnsafe);
    if (!kept && is_one_of(tag.name, kHidden)) {
      if (tag.closes) {
        hidden_ -= hidden_ > 0 ? 1 : 0;
      } else if (!tag.is_empty) {
        ++hidden_;
      }
    } else if (kept && hidden_ == 0 && !is_one_of(tag.name, kNothingWithoutAttributes)) {
      out_.append(tag.closes ? "</" : "<").append(tag.name).append(tag.is_empty ? "/>" : ">");
    }
    if (!tag.closes && !tag.is_empty && is_one_of(tag.name, kRaw)) raw_text(tag.name);
  }

  /// What stands before the end tag of an element without tags in it.
  void raw_text(std::string_view name) {
    std::size_t end = at_;
    while (name != "plaintext") {
      end = html_.find("</", end);
      if (end == kNone) break;
      if (ends_element(html_.substr(end + 2), name)) break;
      end += 2;
    }
    if (name == "plaintext" || end == kNone) end = html_.size();
    text(html_.substr(at_, end - at_), is_one_of(name, kRawWithReferences));
    at_ = end;
  }

  static bool ends_element(std::string_view rest, std::string_view name) {
    if (rest.size() <= name.size()) return false;
    const bool same = std::equal(name.begin(), name.end(), rest.begin(),
                                 [](char a, char b) { return a == static_cast<char>(b | 0x20); });
    const char behind = rest[name.size()];
    return same && (is_blank(behind) || behind == '/' || behind == '>');
  }

  void text(std::string_view text, bool has_references) {
    if (hidden_ > 0 || text.empty()) return;
    plain_.clear();
    if (has_references) {
      text::append_unescaped_html(plain_, text);
    } else {
      plain_ = text;
    }
    text::append_escaped_html(out_, plain_);
  }

  std::string_view html_;
  const std::set<std::string, std::less<>>& keep_;
  std::string& out_;
  std::size_t at_ = 0;
  std::size_t hidden_ = 0;  // elements open whose content is left out
  std::string plain_;
};

}  // namespace

void append_stripped_html(std::string& out, std::string_view html,
                          const std::set<std::string, std::less<>>& keep) {
  HtmlStripper(html, keep, out).run();
}

}  // namespace weir::mapping
