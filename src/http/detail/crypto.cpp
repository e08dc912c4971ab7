#include "http/detail/crypto.h"

#include <cstdlib>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "core/buffer.h"
#include "core/json_text.h"

namespace weir::http::detail {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

const EVP_MD* algorithm_of(const char* name) {
  const EVP_MD* algorithm = EVP_get_digestbyname(name);
  if (algorithm == nullptr) std::abort();
  return algorithm;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string result((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(bytes_of(result), bytes_of(bytes), static_cast<int>(bytes.size()));
  result.resize(static_cast<std::size_t>(size));
  return result;
}

std::string base64_url(std::string_view bytes) {
  std::string result = base64(bytes);
  while (result.ends_with('=')) result.pop_back();
  for (char& c : result) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return result;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  // OpenSSL skips white space around the text; here it is not base64.
  for (const char c : text.substr(0, text.size() - padding)) {
    const bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '+' || c == '/';
    if (!ok) return std::nullopt;
  }
  std::string result(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(bytes_of(result), bytes_of(text), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  result.resize(static_cast<std::size_t>(size) - padding);
  return result;
}

std::string digest(const char* algorithm, std::string_view data) {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), bytes_of(result), &size, algorithm_of(algorithm),
                 nullptr) != 1) {
    std::abort();
  }
  result.resize(size);
  return result;
}

std::string hmac(const char* algorithm, std::string_view key, std::string_view data) {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (HMAC(algorithm_of(algorithm), key.data(), static_cast<int>(key.size()), bytes_of(data),
           data.size(), bytes_of(result), &size) == nullptr) {
    std::abort();
  }
  result.resize(size);
  return result;
}

std::string random_bytes(std::size_t count) {
  std::string result(count, '\0');
  if (RAND_bytes(bytes_of(result), static_cast<int>(count)) != 1) std::abort();
  return result;
}

std::string json_quoted(std::string_view text) {
  core::Buffer buffer;
  core::write_json_string(text, buffer);
  return std::string(buffer.view());
}

}  // namespace weir::http::detail
