#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "http/raw_client.h"
#include "http/server.h"

namespace weir::http::test {

/// A value that another thread provides.
template <class T>
class Mailbox {
 public:
  void put(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    ready_.notify_all();
  }
  /// Waits for the next value.
  T take() {
    std::unique_lock lock(mutex_);
    const bool came = ready_.wait_until(lock, soon(), [this] { return !values_.empty(); });
    if (!came) {
      ADD_FAILURE() << "nothing came";
      std::abort();
    }
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }
  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock(mutex_);
    return values_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<T> values_;
};

/// A server on a free port of loopback.
class TestServer {
 public:
  explicit TestServer(ServerOptions options = {}) {
    options.address = "127.0.0.1:0";
    auto server = Server::bind(std::move(options));
    if (!server) {
      ADD_FAILURE() << server.error().message;
      std::abort();
    }
    server_ = *std::move(server);
    server_->start();
  }

  void route(RouteOptions options, Handler handler) {
    auto route = server_->add_route(std::move(options), std::move(handler));
    ASSERT_TRUE(route) << route.error().message;
    routes_.push_back(*std::move(route));
  }
  void route(std::string path, Handler handler) {
    RouteOptions options;
    options.path = std::move(path);
    route(std::move(options), std::move(handler));
  }
  /// Answers with the body it gets.
  void echo(std::string path = "/echo") {
    route(std::move(path), [](Request& request, Responder responder) {
      Response response;
      response.body = request.body.view();
      responder.send(std::move(response));
    });
  }

  [[nodiscard]] RawClient connect() { return RawClient(server_->port()); }
  [[nodiscard]] Server& operator*() { return *server_; }
  [[nodiscard]] Server* operator->() { return server_.get(); }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  void drop_routes() { routes_.clear(); }
  void destroy() { server_.reset(); }

 private:
  std::unique_ptr<Server> server_;
  std::vector<Route> routes_;
};

inline std::string post(std::string_view path, std::string_view body,
                        std::string_view headers = "") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}
inline std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}

}  // namespace weir::http::test
