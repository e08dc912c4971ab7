#include "mapping/stack.h"

#include <cstdint>

#include <pthread.h>

namespace weir::mapping {

namespace {

// Lowest usable address of this thread's stack.
std::uintptr_t lowest_address() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void* start = nullptr;
  std::size_t size = 0;
  pthread_attr_getstack(&attributes, &start, &size);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<std::uintptr_t>(start);
}

thread_local std::uintptr_t lowest = 0;

void* run_body(void* body) {
  (*static_cast<const std::function<void()>*>(body))();
  return nullptr;
}

}  // namespace

std::size_t stack_left() {
  if (lowest == 0) lowest = lowest_address();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return here > lowest ? here - lowest : 0;
}

bool on_big_stack(const std::function<void()>& body) {
  // Address space, not memory: pages come as they are touched.
  constexpr std::size_t kSize = std::size_t{128} << 20;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kSize);
  pthread_t thread;
  auto* const argument = const_cast<std::function<void()>*>(&body);
  const int error = pthread_create(&thread, &attributes, run_body, argument);
  pthread_attr_destroy(&attributes);
  if (error != 0) return false;
  pthread_join(thread, nullptr);
  return true;
}

}  // namespace weir::mapping
