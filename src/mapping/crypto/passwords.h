#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::mapping {

// Whether a password is the one that a hash was made of. Compared in constant time.

/// Of bcrypt, `$2a$10$...`, `$2b$`, `$2y$`; bytes of the password behind the 72nd do not count.
/// Errors: kInvalidData for another kind of hash or a password with a zero byte; kLimit for a cost
/// above 16, which takes seconds.
[[nodiscard]] core::Result<bool> matches_bcrypt(std::string_view password, const std::string& hash);

/// Of Argon2, `$argon2id$v=19$m=4096,t=3,p=1$salt$hash` or `$argon2i$`.
/// Errors: kInvalidData for another kind of hash or a malformed one; kLimit for more than 256 MiB
/// of memory or 16 GiB written in all passes.
[[nodiscard]] core::Result<bool> matches_argon2(std::string_view password, const std::string& hash);

}  // namespace weir::mapping
