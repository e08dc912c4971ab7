#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/arena.h"
#include "core/int128.h"
#include "core/result.h"
#include "core/value.h"
#include "windowing/time.h"

namespace weir::windowing {

/// Writes state: the same state always gives the same bytes.
class Writer {
 public:
  void byte(std::uint8_t b) { out_.push_back(static_cast<char>(b)); }
  void flag(bool b) { byte(b ? 1 : 0); }
  void number(std::uint64_t u) {
    while (u >= 0x80) {
      byte(static_cast<std::uint8_t>(u | 0x80));
      u >>= 7;
    }
    byte(static_cast<std::uint8_t>(u));
  }
  void integer(std::int64_t i) {
    number((static_cast<std::uint64_t>(i) << 1) ^ static_cast<std::uint64_t>(i >> 63));
  }
  void wide(core::Int128 i) {
    fixed(static_cast<std::uint64_t>(i >> 64));
    fixed(static_cast<std::uint64_t>(i));
  }
  void real(double d) { fixed(std::bit_cast<std::uint64_t>(d)); }
  /// Big-endian: bytes compare as the numbers do.
  void fixed(std::uint64_t u) {
    for (int shift = 56; shift >= 0; shift -= 8) byte(static_cast<std::uint8_t>(u >> shift));
  }
  void ordered(std::int64_t i) { fixed(static_cast<std::uint64_t>(i) ^ (std::uint64_t{1} << 63)); }
  void text(std::string_view t) {
    number(t.size());
    out_.append(t);
  }
  void raw(std::string_view t) { out_.append(t); }

  [[nodiscard]] const std::string& bytes() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }
  void clear() { out_.clear(); }

 private:
  std::string out_;
};

/// Reads what a Writer wrote. A read past the end gives zeros and makes good() false.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  std::uint8_t byte() {
    if (in_.empty()) {
      good_ = false;
      return 0;
    }
    const auto b = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    return b;
  }
  bool flag() { return byte() != 0; }
  std::uint64_t number() {
    std::uint64_t u = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = byte();
      u |= std::uint64_t{b & 0x7FU} << shift;
      if (b < 0x80) return u;
    }
    good_ = false;
    return 0;
  }
  std::int64_t integer() {
    const std::uint64_t u = number();
    return static_cast<std::int64_t>((u >> 1) ^ (~(u & 1) + 1));
  }
  core::Int128 wide() {
    const std::uint64_t high = fixed();
    const std::uint64_t low = fixed();
    return (core::Int128{static_cast<std::int64_t>(high)} << 64) | static_cast<core::Int128>(low);
  }
  double real() { return std::bit_cast<double>(fixed()); }
  std::uint64_t fixed() {
    std::uint64_t u = 0;
    for (int i = 0; i < 8; ++i) u = (u << 8) | byte();
    return u;
  }
  std::int64_t ordered() { return static_cast<std::int64_t>(fixed() ^ (std::uint64_t{1} << 63)); }
  std::string_view text() { return raw(number()); }
  std::string_view raw(std::uint64_t size) {
    if (size > in_.size()) {
      good_ = false;
      in_ = {};
      return {};
    }
    const std::string_view t = in_.substr(0, size);
    in_.remove_prefix(size);
    return t;
  }
  /// How many entries can follow at most: what a count must not exceed.
  [[nodiscard]] std::size_t left() const { return in_.size(); }
  [[nodiscard]] bool at_end() const { return in_.empty(); }
  [[nodiscard]] bool good() const { return good_; }
  void spoil() { good_ = false; }
  /// A count of entries of at least one byte each.
  std::size_t count() {
    const std::uint64_t n = number();
    if (n > in_.size()) {
      good_ = false;
      return 0;
    }
    return static_cast<std::size_t>(n);
  }

 private:
  std::string_view in_;
  bool good_ = true;
};

/// A value that outlives its batch: every kind but markers, number texts verbatim, keys in order.
/// Error kLimit past the depth of documents.
[[nodiscard]] core::Status write_value(core::Value value, core::Arena& scratch, Writer& out);
/// Texts borrow the reader's bytes; containers are made in the arena.
[[nodiscard]] core::Value read_value(Reader& in, core::Arena& arena, unsigned depth = 0);

}  // namespace weir::windowing
