// A client on a loop of its own thread; the test's thread plays the provider with raw sockets.
//
// Thread rule: the test's thread. Lifetime: the destructor ends the loop after the last call.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>

#include "net/client.h"
#include "net/raw_peer_test.h"

namespace sluice::net {

// Well before any other limit of a test's call; a loaded machine runs a thread late.
inline constexpr Ms kLate{1'500};

// What came of a call.
struct Outcome {
  Status status;
  int code = 0;
  http::Headers headers;
  std::string body;
  std::vector<std::string> reads;
  bool reused = false;
  Ms took{0};
};

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    origin_.host = "127.0.0.1";
    origin_.port = listener_.port();
    timeouts_ = {.connect = Ms(2000), .first_byte = Ms(4000), .idle = Ms(4000)};
  }
  ~ClientTest() override {
    if (!client_) return;
    on_loop([this] { client_->close_idle(); });
    on_loop([] {});
    loop_.post([this] { loop_.stop(); });
    thread_.join();
  }

  void start() {
    client_ = std::make_unique<Client>(loop_, *workers_, limits_, look_up_);
    thread_ = std::jthread([this] { loop_.run(); });
  }

  // Runs the job on the loop and waits for it.
  void on_loop(std::function<void()> job) {
    std::promise<void> done;
    loop_.post([&] {
      job();
      done.set_value();
    });
    done.get_future().wait();
  }

  struct Pending {
    std::future<Outcome> future;
    std::shared_ptr<Cancel> cancel;
    Outcome get() {
      if (future.wait_for(std::chrono::seconds(8)) == std::future_status::ready) return future.get();
      ADD_FAILURE() << "the call did not end";
      std::abort();  // the loop still holds it
    }
  };

  // Begins a call; read() is called until the end.
  Pending begin(std::string method = "POST", std::string body = "ask", http::Headers headers = {}) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    Pending pending{promise->get_future(), std::make_shared<Cancel>()};
    loop_.post([this, promise, cancel = pending.cancel, method, body, headers] {
      spawn(run(promise, cancel, method, body, headers, origin_, timeouts_), tasks_);
    });
    return pending;
  }
  void cancel(const Pending& pending, FaultKind kind = FaultKind::kClientGone) {
    loop_.post([cancel = pending.cancel, kind] { cancel->cancel(Fault{.kind = kind}); });
  }

  Task<void> run(std::shared_ptr<std::promise<Outcome>> promise, std::shared_ptr<Cancel> cancel, std::string method,
                 std::string body, http::Headers headers, Origin origin, CallTimeouts timeouts) {
    Outcome outcome;
    auto began = now();
    {
      http::RequestHead head{method, "/path?q=1", headers};
      std::string_view piece = body;
      auto call = co_await client_->call(origin, head, {&piece, 1}, timeouts, *cancel, replay_);
      if (call) {
        outcome.code = (*call)->head().status;
        outcome.headers = (*call)->head().headers;
        outcome.reused = (*call)->reused();
        outcome.status = co_await read_all(**call, outcome, leave_at_);
      } else {
        outcome.status = fail_from(call);
      }
    }
    outcome.took = std::chrono::duration_cast<Ms>(now() - began);
    promise->set_value(std::move(outcome));
  }
  static Task<Status> read_all(Call& call, Outcome& outcome, std::string leave_at) {
    while (true) {
      auto bytes = co_await call.read();
      if (!bytes) co_return fail_from(bytes);
      if (bytes->empty()) co_return Status{};
      outcome.body += *bytes;
      outcome.reads.emplace_back(*bytes);
      if (!leave_at.empty() && outcome.body.ends_with(leave_at)) {
        call.leave_rest();
        co_return Status{};
      }
    }
  }

  PoolGauges gauges() { return client_->gauges(); }
  template <class Condition>
  static bool eventually(Condition condition, Ms limit = Ms(3000)) {
    auto until = now() + limit;
    while (!condition()) {
      if (now() > until) return false;
      std::this_thread::sleep_for(Ms(2));
    }
    return true;
  }

  RawListener listener_;
  Loop loop_;
  std::unique_ptr<Workers> workers_ = std::make_unique<Workers>(1);
  ClientLimits limits_;
  LookUp look_up_;
  std::unique_ptr<Client> client_;
  Origin origin_;
  CallTimeouts timeouts_;
  std::string leave_at_;               // the end of what is wanted of a body; empty: all of it
  Replay replay_ = Replay::kWhenDead;  // of calls begun from now on
  TaskGroup tasks_;
  std::jthread thread_;
};

inline FaultKind kind_of(const Outcome& outcome) {
  EXPECT_FALSE(outcome.status) << outcome.code << " " << outcome.body;
  return outcome.status ? FaultKind::kInternal : outcome.status.error().kind;
}

inline std::string answer_with(std::string_view body, std::string_view fields = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" +
         std::string(body);
}

}  // namespace sluice::net
