#pragma once

#include <string>
#include <utility>

#include <sys/types.h>

namespace weir::net {

/// Removes a unix socket's file at the end, but only the one that was bound: when another process
/// has taken the path over, its file stays.
class BoundPath {
 public:
  BoundPath() = default;
  /// `path` has just been bound.
  explicit BoundPath(std::string path);
  ~BoundPath() { remove(); }
  BoundPath(BoundPath&& other) noexcept { *this = std::move(other); }
  BoundPath& operator=(BoundPath&& other) noexcept;

 private:
  void remove();

  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace weir::net
