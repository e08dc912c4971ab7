// What a request costs: 200 bytes of JSON by POST over 32 kept connections, answered 200 from
// within the handler. The limit is a bare epoll loop that looks for the end of the headers and
// nothing else. Time is the CPU time of the server's thread per request: that of the process
// without the client's thread.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"
#include "net/socket.h"

namespace weir::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kConnections = 32;
constexpr int kRequestsPerRound = 20'000;

std::string make_request() {
  std::string body = R"({"id":"0000-1111-2222","user":"someone","amount":12.50,"text":")";
  body.append(198 - body.size(), 'x').append("\"}");
  return "POST /post HTTP/1.1\r\nHost: 127.0.0.1:4195\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

double cpu_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void must(bool ok) {
  if (!ok) std::abort();
}

/// Keeps one request under way on each connection.
class Load {
 public:
  explicit Load(std::uint16_t port) : request_(make_request()), epoll_(::epoll_create1(0)) {
    for (std::size_t i = 0; i < kConnections; ++i) {
      auto socket =
          net::connect_socket({"127.0.0.1", port}, {}, net::deadline_in(std::chrono::seconds(10)));
      must(socket.has_value());
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      must(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket->get(), &event) == 0);
      sockets_.push_back(*std::move(socket));
    }
  }

  void run(int requests) {
    std::array<epoll_event, kConnections> events;
    std::array<char, 4096> buffer;
    int sent = 0;
    int answered = 0;
    for (std::size_t i = 0; i < kConnections; ++i, ++sent) send(i);
    while (answered < requests) {
      const int ready = ::epoll_wait(epoll_.get(), events.data(), kConnections, -1);
      for (int e = 0; e < ready; ++e) {
        const std::size_t i = events[static_cast<std::size_t>(e)].data.u64;
        const ssize_t got = ::recv(sockets_[i].get(), buffer.data(), buffer.size(), 0);
        must(got > 0 && std::string_view(buffer.data(), static_cast<std::size_t>(got))
                            .starts_with("HTTP/1.1 200"));
        latencies_.push_back(
            std::chrono::duration<double, std::micro>(Clock::now() - started_[i]).count());
        ++answered;
        if (sent < requests) {
          send(i);
          ++sent;
        }
      }
    }
  }

  [[nodiscard]] double p99() {
    const auto at = latencies_.begin() + static_cast<std::ptrdiff_t>(latencies_.size() * 99 / 100);
    std::nth_element(latencies_.begin(), at, latencies_.end());
    return *at;
  }

 private:
  void send(std::size_t i) {
    started_[i] = Clock::now();
    must(::send(sockets_[i].get(), request_.data(), request_.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(request_.size()));
  }

  const std::string request_;
  net::Fd epoll_;
  std::vector<net::Fd> sockets_;
  std::array<Clock::time_point, kConnections> started_;
  std::vector<double> latencies_;
};

void measure(benchmark::State& state, std::uint16_t port) {
  Load load(port);
  for (auto _ : state) {
    const double process = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    const double client = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    load.run(kRequestsPerRound);
    const double own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - client;
    state.SetIterationTime((cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - process - own) /
                           kRequestsPerRound);
  }
  state.counters["p99_us"] = load.p99();
}

/// The limit.
class EpollLoop {
 public:
  EpollLoop() : listener_(*net::listen_socket({"127.0.0.1", 0}, {})) {
    thread_ = std::thread([this] { run(); });
  }
  ~EpollLoop() {
    const std::uint64_t one = 1;
    must(::write(stop_.get(), &one, sizeof one) == sizeof one);
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return net::local_port(listener_.get()); }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    must(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0);
  }
  void run() {
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    std::vector<net::Fd> connections;
    std::array<epoll_event, 64> events;
    std::array<char, 16384> buffer;
    watch(listener_.get());
    watch(stop_.get());
    for (;;) {
      const int ready = ::epoll_wait(epoll_.get(), events.data(), 64, -1);
      for (int e = 0; e < ready; ++e) {
        const int fd = events[static_cast<std::size_t>(e)].data.fd;
        if (fd == stop_.get()) return;
        if (fd == listener_.get()) {
          net::Fd connection(::accept4(fd, nullptr, nullptr, SOCK_NONBLOCK));
          if (!connection.valid()) continue;
          const int on = 1;
          ::setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          watch(connection.get());
          connections.push_back(std::move(connection));
          continue;
        }
        const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
          ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
          continue;
        }
        const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
        if (text.find("\r\n\r\n") != std::string_view::npos) {
          (void)::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
        }
      }
    }
  }

  net::Fd listener_;
  net::Fd epoll_{::epoll_create1(0)};
  net::Fd stop_{::eventfd(0, 0)};
  std::thread thread_;
};

void epoll_loop(benchmark::State& state) {
  EpollLoop server;
  measure(state, server.port());
}

void http_server(benchmark::State& state) {
  ServerOptions options;
  options.address = "127.0.0.1:0";
  auto server = Server::bind(std::move(options));
  must(server.has_value());
  RouteOptions route_options;
  route_options.path = "/post";
  route_options.methods = {"POST"};
  auto route =
      (*server)->add_route(std::move(route_options), [](Request& request, Responder responder) {
        const auto payload = request.body.release();  // as an input takes it
        benchmark::DoNotOptimize(payload->data());
        Response response;
        response.headers.add("Content-Type", "application/octet-stream");
        response.body = "ok";
        responder.send(std::move(response));
      });
  must(route.has_value());
  (*server)->start();
  measure(state, (*server)->port());
}

// In turns, so that a load on the machine falls on both.
BENCHMARK(epoll_loop)->UseManualTime()->Iterations(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(http_server)->UseManualTime()->Iterations(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(epoll_loop)->UseManualTime()->Iterations(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(http_server)->UseManualTime()->Iterations(5)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weir::http
