// Server and client against each other over real sockets.
#include <gtest/gtest.h>

#include <thread>

#include "net/client.h"
#include "net/server.h"

namespace sluice::net::net_test {
namespace {

class Echo : public Service {
 public:
  Task<void> serve(Request& request) override {
    if (request.head().target == "/slow") {
      Cancel& cancel = request.cancel();
      cancelled_ = !co_await sleep(request.loop(), Ms(5000), cancel);
      gone_ = cancel.cancelled() && cancel.reason().kind == FaultKind::kClientGone;
      co_return request.abort();
    }
    auto body = co_await request.body();
    if (!body) {
      auto refusal = refuse(&request.head(), body.error());
      co_await request.send(refusal.head, refusal.body);
      co_return;
    }
    if (request.head().target == "/stream") {
      request.start({200, {}});
      for (int i = 0; i < 3; ++i) {
        std::string piece = *body + std::to_string(i);
        std::string_view view = piece;
        if (!co_await request.write({&view, 1})) co_return;
      }
      co_await request.finish();
      co_return;
    }
    if (request.head().target == "/die") co_return request.abort();
    co_await request.send({200, {{"x-method", request.head().method}}}, *body);
  }

  Refusal refuse(const http::RequestHead*, const Fault& fault) override {
    return {{fault.kind == FaultKind::kTooLarge ? 413 : 400, {}}, fault.told};
  }

  bool cancelled_ = false;
  bool gone_ = false;
};

// One loop that runs a server, a client and a test's coroutine.
class NetTest : public ::testing::Test {
 protected:
  NetTest() : server_(loop_, workers_, echo_, small_limits()), client_(loop_, workers_, ClientLimits{}) {
    auto port = server_.listen("127.0.0.1", 0, nullptr);
    EXPECT_TRUE(port);
    origin_.host = "127.0.0.1";
    origin_.port = *port;
  }

  static ServerLimits small_limits() {
    ServerLimits limits;
    limits.body_bytes = 1 << 20;
    limits.idle_timeout = Ms(2000);
    return limits;
  }

  // Runs the task to its end, drains the server and stops the loop.
  template <class Body>
  void run(Body body) {
    TaskGroup group;
    auto all = [&]() -> Task<void> {
      co_await body();
      client_.close_idle();
      co_await server_.drain(Ms(1000));
      loop_.stop();
    };
    loop_.post([&] { spawn(all(), group); });
    loop_.run();
    EXPECT_EQ(group.size(), 0u);
  }

  Task<Result<std::string>> fetch(std::string target, std::string body) {
    http::RequestHead head{"POST", std::move(target), {}};
    std::string_view piece = body;
    Cancel cancel;
    auto call = co_await client_.call(origin_, head, {&piece, 1}, CallTimeouts{}, cancel);
    if (!call) co_return fail_from(call);
    std::string all = std::to_string((*call)->head().status) + " ";
    while (true) {
      auto bytes = co_await (*call)->read();
      if (!bytes) co_return fail_from(bytes);
      if (bytes->empty()) co_return all;
      all += *bytes;
    }
  }

  Loop loop_;
  Workers workers_{1};
  Echo echo_;
  Server server_;
  Client client_;
  Origin origin_;
};

TEST_F(NetTest, AnswersAndReusesTheConnection) {
  run([&]() -> Task<void> {
    for (int i = 0; i < 5; ++i) {
      auto answer = co_await fetch("/", "hello");
      EXPECT_EQ(answer.value_or("failed"), "200 hello");
    }
    EXPECT_EQ(client_.gauges().open, 1u);
    EXPECT_EQ(client_.gauges().idle, 1u);
    EXPECT_EQ(server_.connections(), 1u);
  });
}

TEST_F(NetTest, StreamsChunks) {
  run([&]() -> Task<void> {
    auto answer = co_await fetch("/stream", "x");
    EXPECT_EQ(answer.value_or("failed"), "200 x0x1x2");
  });
}

TEST_F(NetTest, LargeBodiesPassBothWays) {
  run([&]() -> Task<void> {
    std::string large(900'000, 'a');
    auto answer = co_await fetch("/", large);
    EXPECT_EQ(answer.value_or("failed"), "200 " + large);
  });
}

TEST_F(NetTest, RefusesABodyAboveTheLimitWithAnAnswer) {
  run([&]() -> Task<void> {
    auto answer = co_await fetch("/", std::string(2 << 20, 'a'));
    EXPECT_TRUE(answer.has_value()) << answer.error().told;
    EXPECT_TRUE(answer.value_or("").starts_with("413 The request body is 2097152 bytes; the limit is 1048576"));
  });
}

TEST_F(NetTest, ConnectionLostBeforeAnyByteIsAFault) {
  run([&]() -> Task<void> {
    auto answer = co_await fetch("/die", "x");
    EXPECT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, FaultKind::kConnectionLost);
  });
}

TEST_F(NetTest, CancellingTheCallClosesTheSocketAndTheServerNotices) {
  run([&]() -> Task<void> {
    http::RequestHead head{"GET", "/slow", {}};
    Cancel cancel;
    Timer timer(loop_, [&] { cancel.cancel(Fault{.kind = FaultKind::kClientGone}); });
    timer.arm(Ms(50));
    auto began = now();
    auto call = co_await client_.call(origin_, head, {}, CallTimeouts{}, cancel);
    EXPECT_FALSE(call.has_value());
    EXPECT_LT(now() - began, Ms(250));
    EXPECT_EQ(client_.gauges().open, 0u);
    Cancel never;
    co_await sleep(loop_, Ms(50), never);
    EXPECT_TRUE(echo_.cancelled_);
    EXPECT_TRUE(echo_.gone_);
  });
}

TEST_F(NetTest, FirstByteLimitFires) {
  run([&]() -> Task<void> {
    http::RequestHead head{"GET", "/slow", {}};
    Cancel cancel;
    CallTimeouts timeouts;
    timeouts.first_byte = Ms(100);
    auto began = now();
    auto call = co_await client_.call(origin_, head, {}, timeouts, cancel);
    EXPECT_FALSE(call.has_value());
    EXPECT_EQ(call.error().code, "first_byte_timeout");
    EXPECT_GE(now() - began, Ms(100));
    EXPECT_LT(now() - began, Ms(200));
  });
}

TEST_F(NetTest, RefusedConnectionIsUnreachable) {
  run([&]() -> Task<void> {
    origin_.port = 1;
    auto answer = co_await fetch("/", "x");
    EXPECT_EQ(answer.error().kind, FaultKind::kUnreachable);
  });
}

TEST_F(NetTest, ResolvesLocalhostOverEitherFamily) {
  run([&]() -> Task<void> {
    origin_.host = "localhost";
    auto answer = co_await fetch("/", "x");
    EXPECT_EQ(answer.value_or("failed"), "200 x");
  });
}

}  // namespace
}  // namespace sluice::net::net_test
