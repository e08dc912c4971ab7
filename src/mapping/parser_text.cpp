#include <cstring>

#include "mapping/parser.h"

namespace weir::mapping {

namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

}  // namespace

std::nullptr_t Parser::fail_at(std::size_t at, std::string message, std::string hint) {
  if (!failure_ || at > failure_->at)
    failure_ = SyntaxError{at, std::move(message), std::move(hint)};
  return nullptr;
}

bool Parser::blanks() {
  const std::size_t from = pos_;
  while (peek() == ' ' || peek() == '\t') ++pos_;
  return pos_ > from;
}

bool Parser::line_break() {
  const std::size_t from = pos_;
  if (peek() == '#') {
    const std::size_t end = text_.find('\n', pos_);
    pos_ = end == std::string_view::npos ? text_.size() : end;
    if (at_end()) return true;
  }
  if (peek() == '\r' && peek(1) == '\n') ++pos_;
  if (peek() == '\n') {
    ++pos_;
    return true;
  }
  pos_ = from;
  return false;
}

void Parser::white() {
  while (!at_end() && (blanks() || line_break())) {
  }
}

std::string_view Parser::peek_name() const {
  std::size_t end = pos_;
  while (end < text_.size() && is_name_char(text_[end])) ++end;
  return text_.substr(pos_, end - pos_);
}

bool Parser::escape(std::string& out) {
  const std::size_t from = pos_;
  const auto bad = [&] {
    fail_at(from, "required: unknown or unfinished escape in a string",
            "a literal backslash is written `\\\\`; raw strings stand between triple quotes");
    return false;
  };
  const auto digits = [&](std::size_t count, std::uint32_t& code) {
    code = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const int digit = hex_digit(peek(i));
      if (digit < 0) return false;
      code = code << 4 | static_cast<std::uint32_t>(digit);
    }
    pos_ += count;
    return true;
  };
  ++pos_;  // the backslash
  const char c = peek();
  ++pos_;
  std::uint32_t code = 0;
  switch (c) {
    case 'a': out += '\a'; return true;
    case 'b': out += '\b'; return true;
    case 'f': out += '\f'; return true;
    case 'n': out += '\n'; return true;
    case 'r': out += '\r'; return true;
    case 't': out += '\t'; return true;
    case 'v': out += '\v'; return true;
    case '\\':
    case '"': out += c; return true;
    case 'x':
      if (!digits(2, code)) return bad();
      out += static_cast<char>(code);
      return true;
    case 'u':
    case 'U':
      if (!digits(c == 'u' ? 4 : 8, code)) return bad();
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return bad();
      append_utf8(code, out);
      return true;
    default: break;
  }
  if (c < '0' || c > '7') return bad();
  code = static_cast<std::uint32_t>(c - '0');
  for (int i = 0; i < 2; ++i, ++pos_) {
    if (peek() < '0' || peek() > '7') return bad();
    code = code << 3 | static_cast<std::uint32_t>(peek() - '0');
  }
  if (code > 0xff) return bad();
  out += static_cast<char>(code);
  return true;
}

std::optional<std::string> Parser::quoted() {
  if (peek() != '"') return std::nullopt;
  if (sees("\"\"\"")) {
    const std::size_t from = pos_ + 3;
    const std::size_t end = text_.find("\"\"\"", from);
    if (end == std::string_view::npos) {
      fail_at(text_.size(), "required: expected end quote", "a raw string ends with three quotes");
      return std::nullopt;
    }
    pos_ = end + 3;
    return std::string(text_.substr(from, end - from));
  }
  std::string out;
  ++pos_;
  while (true) {
    if (at_end() || peek() == '\n') {
      fail("required: expected end quote");
      return std::nullopt;
    }
    if (peek() == '"') {
      ++pos_;
      return out;
    }
    if (peek() == '\\') {
      if (!escape(out)) return std::nullopt;
      continue;
    }
    out += text_[pos_++];
  }
}

std::optional<std::string> Parser::name_or_quoted() {
  if (peek() == '"') return quoted();
  const std::string_view name = peek_name();
  if (name.empty()) return std::nullopt;
  pos_ += name.size();
  return std::string(name);
}

Ast* Parser::make(AstKind kind, std::size_t begin) {
  Ast& made = store_.expressions.emplace_back();
  made.kind = kind;
  made.begin = static_cast<std::uint32_t>(begin);
  return &made;
}

Ast* Parser::done(Ast* made) {
  made->end = static_cast<std::uint32_t>(pos_);
  std::uint32_t below = made->target == nullptr ? 0 : made->target->depth;
  const auto look = [&](const Ast* child) {
    if (child != nullptr && child->depth > below) below = child->depth;
  };
  for (const Ast* child : made->children) look(child);
  for (const AstArgument& argument : made->args) look(argument.value);
  made->depth = below + 1;
  if (made->depth > kMaxTreeDepth) return fail("expression is nested or chained too deeply");
  return made;
}

}  // namespace weir::mapping
