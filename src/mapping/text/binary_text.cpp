#include "mapping/text/binary_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/number_text.h"
#include "core/quote.h"

namespace weir::mapping::text {
namespace {

using core::Status;

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64UrlDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kZ85Digits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

constexpr std::uint8_t kNoDigit = 0xFF;
using DigitValues = std::array<std::uint8_t, 256>;

constexpr DigitValues values_of(std::string_view digits) {
  DigitValues values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr DigitValues kBase64Values = values_of(kBase64Digits);
constexpr DigitValues kBase64UrlValues = values_of(kBase64UrlDigits);
constexpr DigitValues kZ85Values = values_of(kZ85Digits);

std::uint32_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// `#U` of Go: U+0067 'g'.
void append_shown_byte(std::string& out, unsigned char byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  out.append("U+00");
  out.push_back(kDigits[byte >> 4]);
  out.push_back(kDigits[byte & 0xF]);
  if (core::is_printable(byte)) {
    out.append(" '");
    core::append_utf8(out, byte);
    out.push_back('\'');
  }
}

void encode_base64(std::string& out, std::string_view bytes, std::string_view digits, bool padded) {
  const std::size_t rest = bytes.size() % 3;
  const std::size_t tail = rest == 0 ? 0 : padded ? 4 : rest + 1;
  const std::size_t before = out.size();
  out.resize(before + bytes.size() / 3 * 4 + tail);
  char* to = out.data() + before;
  const auto put = [&](std::uint32_t bits, int shift) { *to++ = digits[bits >> shift & 63]; };
  std::size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const std::uint32_t bits =
        byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    put(bits, 18);
    put(bits, 12);
    put(bits, 6);
    put(bits, 0);
  }
  if (rest == 0) return;
  const std::uint32_t bits =
      byte_at(bytes, at) << 16 | (rest == 2 ? byte_at(bytes, at + 1) << 8 : 0);
  put(bits, 18);
  put(bits, 12);
  if (rest == 2) put(bits, 6);
  if (padded) std::fill(to, out.data() + out.size(), '=');
}

Status decode_base64(std::string& out, std::string_view text, const DigitValues& values,
                     bool padded) {
  const auto bad = [](std::size_t at) {
    return core::invalid_data("illegal base64 data at input byte " + std::to_string(at));
  };
  out.reserve(out.size() + text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int count = 0;  // digits collected of a group of four
  std::size_t at = 0;
  const auto skip_breaks = [&] {
    while (at < text.size() && (text[at] == '\n' || text[at] == '\r')) ++at;
  };
  for (skip_breaks(); at < text.size(); skip_breaks()) {
    const std::uint8_t value = values[static_cast<unsigned char>(text[at])];
    if (value == kNoDigit) break;
    bits = bits << 6 | value;
    ++at;
    if (++count < 4) continue;
    out.push_back(static_cast<char>(bits >> 16));
    out.push_back(static_cast<char>(bits >> 8));
    out.push_back(static_cast<char>(bits));
    bits = 0;
    count = 0;
  }
  if (at < text.size()) {  // padding, or something that has no business here
    if (text[at] != '=' || !padded || count < 2) return bad(at);
    ++at;
    if (count == 2) {
      skip_breaks();
      if (at == text.size()) return bad(text.size());
      if (text[at] != '=') return bad(at);
      ++at;
    }
    skip_breaks();
    if (at < text.size()) return bad(at);
  } else if (count == 1 || (padded && count != 0)) {
    return bad(at - static_cast<std::size_t>(count));
  }
  if (count >= 2) out.push_back(static_cast<char>(bits >> (count == 2 ? 4 : 10)));
  if (count == 3) out.push_back(static_cast<char>(bits >> 2));
  return {};
}

void encode_hex(std::string& out, std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  const std::size_t before = out.size();
  out.resize(before + bytes.size() * 2);
  char* to = out.data() + before;
  for (const char c : bytes) {
    *to++ = kDigits[static_cast<unsigned char>(c) >> 4];
    *to++ = kDigits[c & 0xF];
  }
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Status decode_hex(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const int high = hex_value(text[at]);
    const int low = at + 1 < text.size() ? hex_value(text[at + 1]) : 0;
    if (high < 0 || low < 0) {
      std::string message("encoding/hex: invalid byte: ");
      append_shown_byte(message, static_cast<unsigned char>(text[high < 0 ? at : at + 1]));
      return core::invalid_data(std::move(message));
    }
    if (at + 1 == text.size()) return core::invalid_data("encoding/hex: odd length hex string");
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return {};
}

constexpr std::array<std::uint32_t, 5> kPowersOf85 = {85 * 85 * 85 * 85, 85 * 85 * 85, 85 * 85, 85,
                                                      1};

void encode_ascii85(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 3) / 4 * 5);
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    const std::size_t size = std::min<std::size_t>(bytes.size() - at, 4);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value = value << 8 | (i < size ? byte_at(bytes, at + i) : 0);
    if (value == 0 && size == 4) {
      out.push_back('z');
      continue;
    }
    for (std::size_t i = 0; i <= size; ++i) {
      out.push_back(static_cast<char>('!' + value / kPowersOf85[i] % 85));
    }
  }
}

Status decode_ascii85(std::string& out, std::string_view text) {
  const auto bad = [](std::size_t at) {
    return core::invalid_data("illegal ascii85 data at input byte " + std::to_string(at));
  };
  std::uint32_t value = 0;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) <= ' ') continue;
    if (c == 'z' && count == 0) {
      out.append(4, '\0');
      continue;
    }
    if (c < '!' || c > 'u') return bad(at);
    value = value * 85 + static_cast<std::uint32_t>(c - '!');  // wraps, as in the reference
    if (++count < 5) continue;
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
    value = 0;
    count = 0;
  }
  if (count == 0) return {};
  if (count == 1) return bad(text.size());
  for (std::size_t i = count; i < 5; ++i) value = value * 85 + 84;  // round up
  for (std::size_t i = 0; i + 1 < count; ++i)
    out.push_back(static_cast<char>(value >> (24 - 8 * i)));
  return {};
}

Status encode_z85(std::string& out, std::string_view bytes) {
  if (bytes.size() % 4 != 0) return core::invalid_data("z85: wrongly aligned input data");
  out.reserve(out.size() + bytes.size() / 4 * 5);
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | byte_at(bytes, at + i);
    for (const std::uint32_t power : kPowersOf85) out.push_back(kZ85Digits[value / power % 85]);
  }
  return {};
}

Status decode_z85(std::string& out, std::string_view text) {
  if (text.size() % 5 != 0) return core::invalid_data("z85: wrongly aligned input data");
  out.reserve(out.size() + text.size() / 5 * 4);
  for (std::size_t at = 0; at < text.size(); at += 5) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      if (kZ85Values[byte] == kNoDigit) {
        std::string message("z85: invalid input byte: ");
        append_shown_byte(message, byte);
        return core::invalid_data(std::move(message));
      }
      value = value * 85 + kZ85Values[byte];
    }
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
  }
  return {};
}

}  // namespace

std::optional<BinaryScheme> binary_scheme(std::string_view name) {
  if (name == "base64") return BinaryScheme::kBase64;
  if (name == "base64url") return BinaryScheme::kBase64Url;
  if (name == "base64rawurl") return BinaryScheme::kBase64RawUrl;
  if (name == "hex") return BinaryScheme::kHex;
  if (name == "ascii85") return BinaryScheme::kAscii85;
  if (name == "z85") return BinaryScheme::kZ85;
  return std::nullopt;
}

Status append_encoded(std::string& out, std::string_view bytes, BinaryScheme scheme) {
  switch (scheme) {
    case BinaryScheme::kBase64: encode_base64(out, bytes, kBase64Digits, true); break;
    case BinaryScheme::kBase64Url: encode_base64(out, bytes, kBase64UrlDigits, true); break;
    case BinaryScheme::kBase64RawUrl: encode_base64(out, bytes, kBase64UrlDigits, false); break;
    case BinaryScheme::kHex: encode_hex(out, bytes); break;
    case BinaryScheme::kAscii85: encode_ascii85(out, bytes); break;
    case BinaryScheme::kZ85: return encode_z85(out, bytes);
  }
  return {};
}

Status append_decoded(std::string& out, std::string_view text, BinaryScheme scheme) {
  switch (scheme) {
    case BinaryScheme::kBase64: return decode_base64(out, text, kBase64Values, true);
    case BinaryScheme::kBase64Url: return decode_base64(out, text, kBase64UrlValues, true);
    case BinaryScheme::kBase64RawUrl: return decode_base64(out, text, kBase64UrlValues, false);
    case BinaryScheme::kHex: return decode_hex(out, text);
    case BinaryScheme::kAscii85: return decode_ascii85(out, text);
    case BinaryScheme::kZ85: return decode_z85(out, text);
  }
  return {};
}

}  // namespace weir::mapping::text
