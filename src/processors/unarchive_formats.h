#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/value.h"

namespace weir::processors {

/// A part of an archive: a payload, or a document. The texts may go after the call.
struct ArchivePart {
  std::string_view payload;
  const core::Value* document = nullptr;  ///< instead of the payload; lives in the arena
  std::string_view key;                   ///< file name or object key; empty when there is none
};
using TakePart = std::function<core::Status(const ArchivePart&)>;

/// Most parts and bytes that one message may become.
inline constexpr std::size_t kMostParts = 1'000'000;
inline constexpr std::size_t kMostPartBytes = std::size_t{1} << 30;

// Each takes an archive apart, in order. Errors: kInvalidData, kLimit, or what `take` returned.
[[nodiscard]] core::Status unarchive_binary(std::string_view bytes, const TakePart& take);
[[nodiscard]] core::Status unarchive_lines(std::string_view bytes, const TakePart& take);
[[nodiscard]] core::Status unarchive_csv(std::string_view bytes, char32_t delimiter,
                                         core::Arena& arena, const TakePart& take);
[[nodiscard]] core::Status unarchive_json_documents(std::string_view bytes, core::Arena& arena,
                                                    const TakePart& take);
[[nodiscard]] core::Status unarchive_tar(std::string_view bytes, const TakePart& take);
[[nodiscard]] core::Status unarchive_zip(std::string_view bytes, const TakePart& take);

}  // namespace weir::processors
