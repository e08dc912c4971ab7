#include "core/interrupt.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace weir::core {

Interrupt::Interrupt() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) std::abort();
}

Interrupt::~Interrupt() {
  close(fd_);
}

void Interrupt::raise() {
  raised_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  // The counter cannot be full after so few raises; a failed write would mean it already is
  // readable.
  if (write(fd_, &one, sizeof one) < 0) return;
}

namespace {

Interrupt::Wait wait(int interrupt_fd, int fd, short events, std::chrono::milliseconds limit,
                     const std::atomic<bool>& raised) {
  const auto until = std::chrono::steady_clock::now() + limit;
  pollfd fds[2] = {{fd, events, 0}, {interrupt_fd, POLLIN, 0}};
  while (true) {
    if (raised.load(std::memory_order_acquire)) return Interrupt::Wait::kInterrupted;
    int timeout = -1;
    if (limit.count() >= 0) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      timeout = left.count() < 0 ? 0 : static_cast<int>(std::min<long long>(left.count(), 1 << 30));
    }
    const int ready = poll(fds, 2, timeout);
    if (ready < 0 && errno == EINTR) continue;
    if (ready > 0 && fds[0].revents != 0) return Interrupt::Wait::kReady;
    if (ready > 0 && fds[1].revents != 0) return Interrupt::Wait::kInterrupted;
    if (ready == 0 && limit.count() >= 0 && std::chrono::steady_clock::now() >= until) {
      return Interrupt::Wait::kTimeout;
    }
  }
}

}  // namespace

Interrupt::Wait Interrupt::wait_readable(int fd, std::chrono::milliseconds limit) const {
  return wait(fd_, fd, POLLIN, limit, raised_);
}

Interrupt::Wait Interrupt::wait_writable(int fd, std::chrono::milliseconds limit) const {
  return wait(fd_, fd, POLLOUT, limit, raised_);
}

bool Interrupt::wait_for(std::chrono::milliseconds time) const {
  return wait(fd_, -1, 0, time, raised_) != Wait::kInterrupted;
}

}  // namespace weir::core
