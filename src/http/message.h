#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/block.h"

namespace weir::http {

/// Owned bytes that grow, in a core::Block: readable for core::Block::kPadding (zero) bytes behind
/// their end, and handed on to messages without a copy.
class Body {
 public:
  Body() = default;
  explicit Body(std::string_view bytes) { append(bytes); }

  [[nodiscard]] const char* data() const { return block_ != nullptr ? block_->data() : ""; }
  [[nodiscard]] std::size_t size() const { return block_ != nullptr ? block_->size() : 0; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t capacity() const { return block_ != nullptr ? block_->capacity() : 0; }
  [[nodiscard]] std::string_view view() const { return {data(), size()}; }

  void append(std::string_view bytes);
  void reserve(std::size_t capacity);
  /// Room for `size` more bytes behind the end, of unspecified content; commit() makes them
  /// payload.
  [[nodiscard]] char* prepare(std::size_t size);
  void commit(std::size_t size);
  void clear() { block_.reset(); }
  /// The block itself, never null; the body is empty afterwards.
  [[nodiscard]] std::shared_ptr<const core::Block> release();

 private:
  std::shared_ptr<core::Block> block_;
};

/// Header lines in order, duplicates kept, names compared without case. Two allocations in all.
class Headers {
 public:
  struct Line {
    std::string_view name;
    std::string_view value;
  };

  Headers() = default;
  Headers(std::initializer_list<Line> lines);

  /// Where a line stands in the text that adopt() was given.
  struct Span {
    std::uint32_t name_at, name_size, value_at, value_size;
  };
  /// Replaces everything by lines that stand in `text`, one copy for all. For parsers: names must
  /// be tokens, values free of CR, LF and NUL. `lines` is swapped with the old ones.
  void adopt(std::string_view text, std::vector<Span>& lines);

  /// Adds a line. Bytes that could end a line (CR, LF, NUL) are replaced by spaces: data cannot add
  /// headers. A name that is not an HTTP token adds nothing and gives false.
  bool add(std::string_view name, std::string_view value);
  /// Replaces every line of that name by one.
  bool set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  void clear();

  [[nodiscard]] std::size_t size() const { return lines_.size(); }
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  /// Views are good until the next change.
  [[nodiscard]] Line operator[](std::size_t index) const;
  /// The first value of that name.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return get(name).has_value(); }
  /// Every value of that name, in order.
  [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;
  /// True when `token` is an element of the comma-separated list(s) of that name, without case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;

 private:
  std::string text_;
  std::vector<Span> lines_;
};

/// ASCII comparison without case.
[[nodiscard]] bool equals_no_case(std::string_view a, std::string_view b);

/// A request as a server got it.
struct Request {
  std::string method;  ///< as sent: `GET`, `POST`, ...
  std::string target;  ///< as sent: `/a%20b?x=1`
  std::string path;    ///< percent-decoded, without the query: `/a b`
  std::string query;   ///< raw, after the `?`; see parse_query in url.h
  std::vector<std::pair<std::string, std::string>> params;  ///< `{name}` of the route, decoded
  Headers headers;
  Body body;
  std::string remote;  ///< `1.2.3.4:5678`
  std::string local;   ///< the address the client reached
  bool tls = false;
  bool peer_verified = false;      ///< the client showed a certificate that was verified
  std::string peer_subject;        ///< its subject
  bool loopback = false;           ///< both ends are loopback addresses
  bool websocket_upgrade = false;  ///< the client asks for a WebSocket: Responder::accept_websocket
  std::string route;               ///< the pattern that matched

  /// The first query parameter of that name, decoded.
  [[nodiscard]] std::optional<std::string> query_param(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const;
};

/// A whole answer. `Content-Length`, `Date` and `Connection` are the server's business.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  /// `text/plain` with a line feed at the end.
  [[nodiscard]] static Response text(int status, std::string_view text);
  [[nodiscard]] static Response json(int status, std::string body);
};

/// `Not Found`; empty for codes without a registered name.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace weir::http
