// A server on a loop of its own thread, whose service is what the test says.
//
// Thread rule: the test's thread; serve functions run on the loop's. Lifetime: the destructor drains and joins.
#pragma once

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "net/raw_peer_test.h"
#include "net/server.h"

namespace sluice::net {

class ServerTest : public ::testing::Test, public Service {
 protected:
  ServerTest() {
    limits_.body_bytes = 1 << 20;
    limits_.header_timeout = Ms(5000);
    // Answers with what it understood.
    handler_ = [](Request& request) -> Task<void> {
      auto body = co_await request.body();
      if (!body) {
        auto status = body.error().kind == FaultKind::kTooLarge        ? 413
                      : body.error().kind == FaultKind::kClientTimeout ? 408
                                                                       : 400;
        co_await request.send({status, {}}, body.error().told);
        co_return;
      }
      co_await request.send({200, {}}, request.head().method + " " + request.head().target + " " + *body);
    };
  }
  ~ServerTest() override { drain(Ms(1000)); }

  void start(std::shared_ptr<ServerTls> tls = nullptr) {
    server_ = std::make_unique<Server>(loop_, workers_, *this, limits_);
    auto port = server_->listen("127.0.0.1", 0, std::move(tls));
    ASSERT_TRUE(port) << port.error().told;
    port_ = *port;
    thread_ = std::jthread([this] { loop_.run(); });
  }

  RawPeer connect() { return RawPeer::to(port_); }

  // The answer to some bytes, sent at once; the connection stays as it is after it.
  std::string answer_to(std::string_view bytes) {
    auto peer = connect();
    peer.send(bytes);
    return peer.read_message();
  }

  void begin_drain(Ms limit) {
    loop_.post([this, limit] {
      auto all = [](ServerTest& self, Ms most) -> Task<void> {
        co_await self.server_->drain(most);
        self.loop_.post([&self] { self.loop_.stop(); });
      };
      spawn(all(*this, limit), tasks_);
    });
  }
  void drain(Ms limit) {
    if (!thread_.joinable()) return;
    begin_drain(limit);
    thread_.join();
  }

  // Waits until the condition holds; at most three seconds.
  template <class Condition>
  static bool eventually(Condition condition, Ms limit = Ms(3000)) {
    auto until = now() + limit;
    while (!condition()) {
      if (now() > until) return false;
      std::this_thread::sleep_for(Ms(2));
    }
    return true;
  }

  Task<void> serve(Request& request) override {
    ++served_;
    return handler_(request);
  }
  bool is_always_served(const http::RequestHead& head) const override { return head.target == "/always"; }
  Refusal refuse(const http::RequestHead* head, const Fault& fault) override {
    std::string told = fault.told;
    if (head) told += " Asked: " + head->method + " " + head->target;
    if (head && head->headers.has("origin")) told += " by " + std::string(*head->headers.get("origin"));
    return {{refusal_status(fault), {}}, std::move(told)};
  }
  static int refusal_status(const Fault& fault) {
    switch (fault.kind) {
      case FaultKind::kTooLarge:
        return fault.code.starts_with("header") ? 431 : 413;
      case FaultKind::kClientTimeout:
        return 408;
      case FaultKind::kOverloaded:
      case FaultKind::kShuttingDown:
        return 503;
      case FaultKind::kInternal:
        return 500;
      default:
        return 400;
    }
  }

  Loop loop_;
  Workers workers_{1};
  ServerLimits limits_;
  std::function<Task<void>(Request&)> handler_;
  std::atomic<int> served_{0};
  std::unique_ptr<Server> server_;
  TaskGroup tasks_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

inline int status_in(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(std::string(answer.substr(9, 3))) : 0;
}
inline std::string_view body_in(std::string_view answer) {
  auto end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string_view{} : answer.substr(end + 4);
}

inline constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

inline std::string post(std::string_view body, std::string_view fields = "") {
  return "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}
inline std::string chunked(std::string_view body, std::string_view fields = "") {
  return "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + std::string(fields) + "\r\n" +
         std::string(body);
}

}  // namespace sluice::net
