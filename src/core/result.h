#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace weir::core {

/// What the caller can do about an error.
enum class ErrorCode : unsigned char {
  kInvalidConfig,  ///< tell the user; never retried
  kInvalidData,    ///< this message is bad for good: mark it failed
  kUnavailable,    ///< may pass later: retry with back-off
  kNotFound,       ///< the thing asked for does not exist
  kLimit,          ///< a size, depth, count or time limit was hit; as kInvalidData for a message
  kCancelled,      ///< the work was given up because we are stopping
  kInternal,       ///< a broken invariant of ours
};

/// Stable lower-case name, for logs, metrics and dead letters: `invalid_data`, ...
[[nodiscard]] std::string_view name(ErrorCode code);

/// Where in a config or mapping text something stands. 1-based; 0 means unknown.
struct SourcePos {
  unsigned line = 0;
  unsigned column = 0;
};

/// A failure a person can act on: gerund, object, cause ("evaluating `key`: field `id` is
/// missing").
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  /// Adds a layer in front: `context: message`.
  [[nodiscard]] Error with_context(std::string_view context) const&;
  [[nodiscard]] Error with_context(std::string_view context) &&;
};

/// A value or an Error. A class, not an alias, so that ignoring one is a warning.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}
[[nodiscard]] inline tl::unexpected<Error> invalid_config(std::string message) {
  return fail(ErrorCode::kInvalidConfig, std::move(message));
}
[[nodiscard]] inline tl::unexpected<Error> invalid_data(std::string message) {
  return fail(ErrorCode::kInvalidData, std::move(message));
}
[[nodiscard]] inline tl::unexpected<Error> unavailable(std::string message) {
  return fail(ErrorCode::kUnavailable, std::move(message));
}

}  // namespace weir::core

#define WEIR_CONCAT_INNER(a, b) a##b
#define WEIR_CONCAT(a, b) WEIR_CONCAT_INNER(a, b)

/// `WEIR_TRY(auto value, expression);` binds the value or returns the error to the caller.
#define WEIR_TRY(declaration, ...)                                                  \
  auto WEIR_CONCAT(weir_try_, __LINE__) = (__VA_ARGS__);                            \
  if (!WEIR_CONCAT(weir_try_, __LINE__))                                            \
    return ::weir::core::fail(std::move(WEIR_CONCAT(weir_try_, __LINE__)).error()); \
  declaration = *std::move(WEIR_CONCAT(weir_try_, __LINE__))

/// `WEIR_CHECK_OK(expression);` returns the error of a Status to the caller.
#define WEIR_CHECK_OK(...)                                                       \
  do {                                                                           \
    auto weir_status = (__VA_ARGS__);                                            \
    if (!weir_status) return ::weir::core::fail(std::move(weir_status).error()); \
  } while (false)
