// What the server does over time: clients that leave or are slow, and draining.
#include "net/server_fixture_test.h"

namespace sluice::net::server_flow_test {
namespace {

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

class ServerFlowTest : public ServerTest {
 protected:
  // Waits for the cancel; keeps why and when.
  Task<void> hold(Request& request) {
    entered_ = true;
    co_await sleep(request.loop(), Ms(10'000), request.cancel());
    note(request);
    request.abort();
  }
  static Task<void> request_always(Request& request) { co_await request.send({200, {}}, "well"); }
  void note(Request& request) {
    if (request.cancel().cancelled()) reason_ = request.cancel().reason().kind;
    cancelled_at_ = now();
    cancelled_ = true;
  }
  void expect_cancelled_within(Instant began, Ms limit) {
    ASSERT_TRUE(eventually([&] { return cancelled_.load(); }));
    EXPECT_LT(cancelled_at_.load() - began, limit);
    EXPECT_EQ(reason_, FaultKind::kClientGone);
    EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
  }

  std::atomic<bool> entered_{false};
  std::atomic<bool> cancelled_{false};
  std::atomic<FaultKind> reason_{FaultKind::kInternal};
  std::atomic<Instant> cancelled_at_{Instant{}};
};

constexpr Ms kSoon{250};

TEST_F(ServerFlowTest, AnAnswerThatItsConnectionEndsIsResetWhereItIsCut) {
  handler_ = [](Request& request) -> Task<void> {
    request.start({200, {}});
    const std::string_view piece = "a part";
    co_await request.write({&piece, 1});
    if (request.head().target == "/cut") co_return request.abort();
    co_await request.finish();
  };
  start();
  for (std::string_view target : {"/cut", "/whole"}) {
    auto peer = connect();
    peer.send("GET " + std::string(target) + " HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(peer.read_to_end().ends_with("\r\n\r\na part"));
    EXPECT_EQ(peer.was_reset(), target == "/cut");
  }
}

TEST_F(ServerFlowTest, LeavingWhileServedCancels) {
  handler_ = [this](Request& request) { return hold(request); };
  start();
  auto peer = connect();
  peer.send(kGet);
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  auto began = now();
  peer.close();
  expect_cancelled_within(began, kSoon);
}

TEST_F(ServerFlowTest, LeavingWithAResetCancels) {
  handler_ = [this](Request& request) { return hold(request); };
  start();
  auto peer = connect();
  peer.send(kGet);
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  auto began = now();
  peer.reset();
  expect_cancelled_within(began, kSoon);
}

TEST_F(ServerFlowTest, LeavingAfterTheBodyWasReadCancels) {
  handler_ = [this](Request& request) -> Task<void> {
    co_await request.body();
    co_await hold(request);
  };
  start();
  auto peer = connect();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  auto began = now();
  peer.close();
  expect_cancelled_within(began, kSoon);
}

TEST_F(ServerFlowTest, LeavingInsideTheBodyEndsTheRead) {
  std::atomic<bool> ended{false};
  std::atomic<FaultKind> kind{FaultKind::kInternal};
  handler_ = [&](Request& request) -> Task<void> {
    entered_ = true;
    auto body = co_await request.body();
    if (!body) kind = body.error().kind;
    ended = true;
    request.abort();
  };
  start();
  auto peer = connect();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  peer.close();
  ASSERT_TRUE(eventually([&] { return ended.load(); }, kSoon));
  EXPECT_EQ(kind, FaultKind::kClientGone);
}

TEST_F(ServerFlowTest, LeavingInsideTheHeadEndsTheConnection) {
  start();
  auto peer = connect();
  peer.send("GET / HT");
  ASSERT_TRUE(eventually([&] { return server_->connections() == 1; }));
  peer.close();
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }, kSoon));
  EXPECT_EQ(served_, 0);
}

TEST_F(ServerFlowTest, LeavingWhileAStreamIsWrittenCancels) {
  handler_ = [this](Request& request) -> Task<void> {
    request.start({200, {}});
    std::string_view piece = "event\n\n";
    while (co_await request.write({&piece, 1})) {
      entered_ = true;
      if (!co_await sleep(request.loop(), Ms(10), request.cancel())) break;
    }
    note(request);
  };
  start();
  auto peer = connect();
  peer.send(kGet);
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  auto began = now();
  peer.close();
  expect_cancelled_within(began, kSoon);
}

TEST_F(ServerFlowTest, LeavingBehindPipelinedRequestsIsNoticed) {
  handler_ = [this](Request& request) { return hold(request); };
  start();
  auto peer = connect();
  peer.send(std::string(kGet) + std::string(kGet));
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  auto began = now();
  peer.close();
  expect_cancelled_within(began, kSoon);
  EXPECT_EQ(served_, 1);
}

TEST_F(ServerFlowTest, ASlowReaderHoldsTheWriterBack) {
  constexpr std::size_t kPiece = 64 << 10;
  std::atomic<std::size_t> taken{0};
  handler_ = [&](Request& request) -> Task<void> {
    request.start({200, {}});
    std::string piece(kPiece, 's');
    std::string_view view = piece;
    while (co_await request.write({&view, 1})) taken += kPiece;
    note(request);
  };
  start();
  auto peer = RawPeer::to(port_, 16 << 10);
  auto used_before = mallinfo2().uordblks;
  peer.send(kGet);
  std::this_thread::sleep_for(Ms(300));
  auto after_a_while = taken.load();
  std::this_thread::sleep_for(Ms(200));
  EXPECT_EQ(taken, after_a_while) << "write() returned although nobody reads";
  EXPECT_LT(after_a_while, std::size_t{16} << 20);  // what the kernel's buffers hold
  if (mallinfo2().uordblks > used_before) {
    EXPECT_LT(mallinfo2().uordblks - used_before, std::size_t{1} << 20);
  }
  peer.read(2 << 20);
  EXPECT_TRUE(eventually([&] { return taken > after_a_while; }));
  peer.close();
  EXPECT_TRUE(eventually([&] { return cancelled_.load(); }, Ms(1000)));
}

TEST_F(ServerFlowTest, AReaderThatTakesNothingIsCutAfterTheWriteLimit) {
  limits_.write_timeout = Ms(200);
  handler_ = [&](Request& request) -> Task<void> {
    request.start({200, {}});
    std::string piece(1 << 20, 's');
    std::string_view view = piece;
    while (co_await request.write({&view, 1})) {
    }
    note(request);
  };
  start();
  auto peer = RawPeer::to(port_, 16 << 10);
  peer.send(kGet);
  EXPECT_TRUE(eventually([&] { return cancelled_.load(); }, Ms(2000)));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

// Answers the first request when it is let go, and the others with the size of their bodies.
TEST_F(ServerFlowTest, MuchBehindARequestWaitsUntilThatIsAnswered) {
  std::atomic<bool> may_go{false};
  handler_ = [&](Request& request) -> Task<void> {
    auto body = co_await request.body();
    entered_ = true;
    while (!may_go && co_await sleep(request.loop(), Ms(5), request.cancel())) {
    }
    note(request);
    co_await request.send({200, {}}, body ? std::to_string(body->size()) : body.error().told);
  };
  start();
  auto peer = connect();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  std::jthread sender([&] {
    const std::string large(900'000, 'x');
    for (int i = 0; i < 5; ++i) {
      peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + large);
    }
  });
  std::this_thread::sleep_for(Ms(200));
  EXPECT_FALSE(cancelled_);
  may_go = true;
  EXPECT_EQ(body_in(peer.read_message()), "4");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(body_in(peer.read_message()), "900000");
  EXPECT_NE(reason_, FaultKind::kClientGone);
}

TEST_F(ServerFlowTest, LeavingBehindMuchThatIsUnreadIsNoticed) {
  handler_ = [this](Request& request) { return hold(request); };
  start();
  for (const bool abruptly : {false, true}) {
    entered_ = cancelled_ = false;
    auto peer = connect();
    peer.send(std::string(kGet) + std::string(100'000, 'x'));
    ASSERT_TRUE(eventually([&] { return entered_.load(); }));
    std::this_thread::sleep_for(Ms(50));
    auto began = now();
    if (abruptly) {
      peer.reset();
    } else {
      peer.close();
    }
    expect_cancelled_within(began, Ms(500));
  }
}

TEST_F(ServerFlowTest, DrainLetsRequestsFinish) {
  std::atomic<bool> entered{false};
  handler_ = [&](Request& request) -> Task<void> {
    entered = true;
    co_await sleep(request.loop(), Ms(200), request.cancel());
    co_await request.send({200, {}}, "finished");
  };
  start();
  auto busy = connect(), idle = connect();
  busy.send(kGet);
  ASSERT_TRUE(eventually([&] { return entered.load() && server_->connections() == 2; }));
  begin_drain(Ms(3000));
  EXPECT_TRUE(idle.sees_end(Ms(1000)));
  auto answer = busy.read_to_end();
  EXPECT_EQ(body_in(answer), "finished");
  EXPECT_NE(answer.find("connection: close"), std::string::npos);
  thread_.join();
}

TEST_F(ServerFlowTest, DrainCancelsAfterTheLimit) {
  handler_ = [this](Request& request) { return hold(request); };
  start();
  auto peer = connect();
  peer.send(kGet);
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  auto began = now();
  drain(Ms(200));
  EXPECT_GE(now() - began, Ms(190));
  EXPECT_LT(now() - began, Ms(1500));
  EXPECT_EQ(reason_, FaultKind::kShuttingDown);
}

TEST_F(ServerFlowTest, DrainEndsAlsoWithAClientThatReadsNothing) {
  handler_ = [&](Request& request) -> Task<void> {
    entered_ = true;
    request.start({200, {}});
    std::string piece(1 << 20, 's');
    std::string_view view = piece;
    while (co_await request.write({&view, 1})) {
    }
  };
  start();
  auto peer = RawPeer::to(port_, 16 << 10);
  peer.send(kGet);
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  auto began = now();
  drain(Ms(100));
  EXPECT_LT(now() - began, Ms(4000));
}

TEST_F(ServerFlowTest, WhileDrainingNewConnectionsAreToldSo) {
  handler_ = [this](Request& request) -> Task<void> {
    if (request.head().target == "/always") return request_always(request);
    return hold(request);
  };
  start();
  auto peer = connect();
  peer.send(kGet);
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  auto began = now();
  begin_drain(Ms(500));
  std::this_thread::sleep_for(Ms(50));
  EXPECT_EQ(status_in(answer_to(kGet)), 503);
  EXPECT_EQ(body_in(answer_to("GET /always HTTP/1.1\r\nHost: x\r\n\r\n")), "well");
  auto silent = connect();  // holds up nothing
  EXPECT_TRUE(peer.sees_end(Ms(2000)));
  thread_.join();
  EXPECT_LT(now() - began, Ms(1500));
}

TEST_F(ServerFlowTest, ABodyThatIsNotWholeByTheEndOfDrainingIsAnswered) {
  handler_ = [this](Request& request) -> Task<void> {
    entered_ = true;
    auto body = co_await request.body();
    if (!body) reason_ = body.error().kind;
    co_await request.send({body ? 200 : 503, {}}, "told");
  };
  start();
  auto slow = connect(), quick = connect();
  slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  ASSERT_TRUE(eventually([&] { return entered_.load(); }));
  quick.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Le");
  ASSERT_TRUE(eventually([&] { return server_->connections() == 2; }));
  std::this_thread::sleep_for(Ms(30));
  auto began = now();
  begin_drain(Ms(400));
  std::this_thread::sleep_for(Ms(50));
  quick.send("ngth: 4\r\n\r\nbody");
  EXPECT_EQ(status_in(quick.read_message()), 200);
  EXPECT_EQ(status_in(slow.read_message()), 503);
  EXPECT_EQ(reason_, FaultKind::kShuttingDown);
  EXPECT_FALSE(slow.was_reset());
  slow.close();
  thread_.join();
  EXPECT_GE(now() - began, Ms(390));
  EXPECT_LT(now() - began, Ms(2000));
}

TEST_F(ServerFlowTest, AHeadThatIsNotWholeByTheEndOfDrainingIsAnswered) {
  start();
  auto peer = connect();
  peer.send("POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Le");
  ASSERT_TRUE(eventually([&] { return server_->connections() == 1; }));
  std::this_thread::sleep_for(Ms(30));
  begin_drain(Ms(200));
  EXPECT_EQ(status_in(peer.read_message()), 503);
  peer.close();
  thread_.join();
}

TEST_F(ServerFlowTest, NewLimitsHoldForTheNextRequest) {
  start();
  auto peer = connect();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_EQ(status_in(peer.read_message()), 200);
  std::promise<void> set;
  loop_.post([&] {
    limits_.body_bytes = 3;
    server_->set_limits(limits_);
    set.set_value();
  });
  set.get_future().wait();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_EQ(status_in(peer.read_message()), 413);
}

TEST(CheckFree, TellsWhetherSomebodyListens) {
  RawListener listener;
  auto taken = check_free("127.0.0.1", listener.port());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, FaultKind::kInvalidConfig);
  EXPECT_NE(taken.error().told.find(std::to_string(listener.port())), std::string::npos);
  EXPECT_TRUE(check_free("127.0.0.1", 0));
  EXPECT_FALSE(check_free("not an address", 80));
}

}  // namespace
}  // namespace sluice::net::server_flow_test
