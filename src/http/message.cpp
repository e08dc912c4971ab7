#include "http/message.h"

#include <algorithm>
#include <cstring>

#include "http/url.h"

namespace weir::http {
namespace {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_token(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool equals_no_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return x == y || lower(x) == lower(y);
         });
}

void Body::reserve(std::size_t capacity) {
  if (capacity <= this->capacity()) return;
  auto block = core::Block::allocate(capacity);
  if (block_ != nullptr && block_->size() > 0) {
    std::memcpy(block->data(), block_->data(), block_->size());
    block->resize(block_->size());
  }
  block_ = std::move(block);
}

char* Body::prepare(std::size_t size) {
  const std::size_t needed = this->size() + size;
  if (block_ == nullptr || needed > capacity()) reserve(std::max(needed, capacity() * 2));
  return block_->data() + block_->size();
}

void Body::commit(std::size_t size) {
  block_->resize(block_->size() + size);
}

void Body::append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
  commit(bytes.size());
}

std::shared_ptr<const core::Block> Body::release() {
  if (block_ == nullptr) return core::Block::allocate(0);
  return std::exchange(block_, nullptr);
}

Headers::Headers(std::initializer_list<Line> lines) {
  for (const Line& line : lines) add(line.name, line.value);
}

void Headers::adopt(std::string_view text, std::vector<Span>& lines) {
  text_.assign(text);
  lines_.swap(lines);
}

bool Headers::add(std::string_view name, std::string_view value) {
  if (!is_token(name)) return false;
  const auto at = static_cast<std::uint32_t>(text_.size());
  text_.append(name).append(value);
  const auto value_at = static_cast<std::uint32_t>(at + name.size());
  for (std::size_t i = value_at; i < text_.size(); ++i) {
    if (text_[i] == '\r' || text_[i] == '\n' || text_[i] == '\0') text_[i] = ' ';
  }
  lines_.push_back({at, static_cast<std::uint32_t>(name.size()), value_at,
                    static_cast<std::uint32_t>(value.size())});
  return true;
}

bool Headers::set(std::string_view name, std::string_view value) {
  if (!is_token(name)) return false;
  const std::string copy(value);  // may be a view into this object
  remove(name);
  return add(name, copy);
}

void Headers::remove(std::string_view name) {
  std::erase_if(lines_, [&](const Span& span) {
    return equals_no_case({text_.data() + span.name_at, span.name_size}, name);
  });
}

void Headers::clear() {
  text_.clear();
  lines_.clear();
}

Headers::Line Headers::operator[](std::size_t index) const {
  const Span& span = lines_[index];
  return {{text_.data() + span.name_at, span.name_size},
          {text_.data() + span.value_at, span.value_size}};
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line line = (*this)[i];
    if (equals_no_case(line.name, name)) return line.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line line = (*this)[i];
    if (equals_no_case(line.name, name)) values.push_back(line.value);
  }
  return values;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line line = (*this)[i];
    if (!equals_no_case(line.name, name)) continue;
    std::string_view rest = line.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (equals_no_case(trim(rest.substr(0, comma)), token)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

std::optional<std::string> Request::query_param(std::string_view name) const {
  for (auto& [key, value] : parse_query(query)) {
    if (key == name) return std::move(value);
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::param(std::string_view name) const {
  for (const auto& [key, value] : params) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Response Response::text(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body.assign(text).push_back('\n');
  return response;
}

Response Response::json(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    case 508: return "Loop Detected";
    case 511: return "Network Authentication Required";
    default: return {};
  }
}

}  // namespace weir::http
