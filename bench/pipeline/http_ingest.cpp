#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

namespace weir::bench {

namespace {

constexpr int kClients = 8;
constexpr int kRequests = 5000;  // each

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  (void)bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  (void)getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

// The limit: one thread, one epoll, a request ends where its body does, the answer is fixed.
[[noreturn]] void raw_server(std::uint16_t port) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address = loopback(port);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 128) != 0)
    _exit(1);
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  static constexpr char kAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  std::array<epoll_event, 64> events{};
  std::array<char, 16384> buffer{};
  while (true) {
    const int n = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events.at(static_cast<std::size_t>(i)).data.fd;
      if (fd == listener) {
        const int client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        event.data.fd = client;
        epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
        continue;
      }
      if (read(fd, buffer.data(), buffer.size()) <= 0 || write(fd, kAnswer, sizeof kAnswer - 1) < 0)
        close(fd);
    }
  }
}

int dial(std::uint16_t port) {
  for (int attempt = 0; attempt < 500; ++attempt) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      const int one = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      return fd;
    }
    close(fd);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return -1;
}

// Requests one after the other on each connection; counts the answers with status 200.
int load(std::uint16_t port, int requests) {
  const std::string body = flat_lines(1);
  const std::string request =
      "POST /post HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
      "application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&] {
      const int fd = dial(port);
      std::array<char, 4096> buffer{};
      for (int i = 0; i < requests && fd >= 0; ++i) {
        if (write(fd, request.data(), request.size()) < 0) break;
        const ssize_t n = read(fd, buffer.data(), buffer.size());
        if (n <= 0) break;
        good += std::memcmp(buffer.data(), "HTTP/1.1 200", 12) == 0 ? 1 : 0;
      }
      if (fd >= 0) close(fd);
    });
  }
  for (std::thread& client : clients) client.join();
  return good;
}

double raw_cost() {
  const std::uint16_t port = free_port();
  const pid_t server = fork();
  if (server == 0) raw_server(port);
  const int good = load(port, kRequests);
  kill(server, SIGKILL);
  rusage usage{};
  wait4(server, nullptr, 0, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return (seconds(usage.ru_utime) + seconds(usage.ru_stime)) * 1e6 / std::max(good, 1);
}

double weir_cost(const Bench& bench) {
  const std::uint16_t port = free_port();
  const std::string config = bench.file(
      "ingest.yaml", "input: {http_server: {address: '127.0.0.1:" + std::to_string(port) +
                         "', path: /post}}\noutput: {drop: {}}\nlogger: {level: ERROR}\n"
                         "http: {enabled: false}\n");
  Child child({bench.weir, "run", config});
  (void)load(port, 10);
  const double before = child.cpu();
  const int good = load(port, kRequests);
  const double used = child.cpu() - before;
  child.signal(SIGTERM);
  (void)child.wait();
  if (good < kClients * kRequests)
    std::fprintf(stderr, "T14: %d of %d requests were answered with 200\n", good,
                 kClients * kRequests);
  return used * 1e6 / std::max(good, 1);
}

}  // namespace

void http_ingest(const Bench& bench) {
  const Pair pair = in_turn(
      bench.rounds, [&] { return weir_cost(bench); }, [] { return raw_cost(); });
  print("T14", "HTTP ingest, CPU per request; limit: epoll", pair.b, pair.a, "us", pair.ratio,
        "<= 2.2 (1.5)");
}

}  // namespace weir::bench
