// The client against a provider that sends what the test says: requests, the pool, limits of time.
#include "net/client.h"

#include "net/client_fixture_test.h"

namespace sluice::net::client_test {
namespace {

TEST_F(ClientTest, SendsHostLengthAndBody) {
  start();
  auto call = begin("POST", "hello", {{"x-a", "b"}});
  auto peer = listener_.accept();
  EXPECT_EQ(peer.read_message(), "POST /path?q=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener_.port()) +
                                     "\r\nx-a: b\r\nContent-Length: 5\r\n\r\nhello");
  peer.send(answer_with("world", "X-B: c\r\n"));
  auto outcome = call.get();
  EXPECT_EQ(outcome.code, 200);
  EXPECT_EQ(outcome.headers.get("x-b"), "c");
  EXPECT_EQ(outcome.body, "world");
  EXPECT_FALSE(outcome.reused);
}

TEST_F(ClientTest, UsesAConnectionAgain) {
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one"));
  EXPECT_EQ(first.get().body, "one");
  EXPECT_TRUE(eventually([&] { return gauges().idle == 1; }));
  auto second = begin();
  peer.read_message();
  peer.send(answer_with("two"));
  auto outcome = second.get();
  EXPECT_EQ(outcome.body, "two");
  EXPECT_TRUE(outcome.reused);
  EXPECT_FALSE(listener_.is_called(Ms(50)));
}

constexpr std::string_view kWanted = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nDONE\r\n";

TEST_F(ClientTest, AConnectionWhoseRestIsNotWantedIsUsedAgain) {
  leave_at_ = "DONE";
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(kWanted);
  EXPECT_EQ(first.get().body, "DONE");  // before the end of the body
  EXPECT_EQ(gauges().open, 1u);
  EXPECT_EQ(gauges().idle, 0u);
  peer.send("5\r\nmore\n\r\n0\r");
  peer.send("\n\r\n");
  EXPECT_TRUE(eventually([&] { return gauges().idle == 1; }));
  auto second = begin();
  peer.read_message();
  peer.send(std::string(kWanted) + "0\r\n\r\n");
  EXPECT_TRUE(second.get().reused);
  EXPECT_TRUE(eventually([&] { return gauges().idle == 1; }));
  EXPECT_FALSE(listener_.is_called(Ms(50)));
}

TEST_F(ClientTest, ARestThatDoesNotComeClosesTheConnection) {
  leave_at_ = "DONE";
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(kWanted);
  EXPECT_TRUE(call.get().status);
  EXPECT_FALSE(peer.sees_end(Ms(500)));
  EXPECT_TRUE(peer.sees_end(Ms(2000)));
  EXPECT_TRUE(eventually([&] { return gauges().open == 0; }));
}

TEST_F(ClientTest, ARestThatIsLargeBrokenOrCutClosesTheConnection) {
  leave_at_ = "DONE";
  start();
  for (const auto& rest : {"20000\r\n" + std::string(0x20000, 'x'), std::string("no chunk\r\n"), std::string()}) {
    auto call = begin();
    auto peer = listener_.accept();
    peer.read_message();
    peer.send(kWanted);
    EXPECT_TRUE(call.get().status);
    peer.send(rest);
    if (rest.empty()) peer.shutdown_send();
    EXPECT_TRUE(eventually([&] { return gauges().open == 0; }, Ms(500)));
  }
}

TEST_F(ClientTest, AnIdleConnectionTheProviderClosesIsGone) {
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one"));
  first.get();
  EXPECT_TRUE(eventually([&] { return gauges().idle == 1; }));
  peer.close();
  EXPECT_TRUE(eventually([&] { return gauges().idle == 0 && gauges().open == 0; }, Ms(250)));
}

TEST_F(ClientTest, AnIdleConnectionThatSpeaksUnaskedIsGone) {
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one"));
  first.get();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
  EXPECT_TRUE(eventually([&] { return gauges().open == 0; }));
  auto second = begin();
  auto fresh = listener_.accept();
  fresh.read_message();
  fresh.send(answer_with("two"));
  EXPECT_EQ(second.get().body, "two");
}

TEST_F(ClientTest, BytesBehindAnAnswerEndTheConnection) {
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one") + answer_with("evil"));
  EXPECT_EQ(first.get().body, "one");
  EXPECT_TRUE(peer.sees_end(Ms(250)));
  EXPECT_EQ(gauges().open, 0u);
}

TEST_F(ClientTest, AnIdleConnectionIsClosedAfterItsTime) {
  limits_.idle_timeout = Ms(100);
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one"));
  first.get();
  EXPECT_TRUE(peer.sees_end(Ms(400)));
  EXPECT_TRUE(eventually([&] { return gauges().open == 0; }));
}

TEST_F(ClientTest, AnAnswerThatClosesIsNotKept) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("last", "Connection: close\r\n"));
  EXPECT_EQ(call.get().body, "last");
  EXPECT_TRUE(peer.sees_end(Ms(250)));
  EXPECT_EQ(gauges().open, 0u);
}

TEST_F(ClientTest, ADeadPooledConnectionIsReplacedOnce) {
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one"));
  first.get();
  auto second = begin("POST", "again");
  peer.read_message();
  peer.close();  // after the request came, before a byte of the answer
  auto fresh = listener_.accept();
  EXPECT_TRUE(fresh.read_message().ends_with("again"));
  fresh.send(answer_with("two"));
  auto outcome = second.get();
  EXPECT_EQ(outcome.body, "two");
  EXPECT_FALSE(outcome.reused);
}

TEST_F(ClientTest, ADeadPooledConnectionIsNotReplacedWhenItMustNotBe) {
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one"));
  first.get();
  replay_ = Replay::kNever;
  auto second = begin();
  peer.read_message();
  peer.close();
  EXPECT_EQ(kind_of(second.get()), FaultKind::kConnectionLost);
  EXPECT_FALSE(listener_.is_called(Ms(50)));
}

TEST_F(ClientTest, AFreshConnectionThatDiesIsNotReplaced) {
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one"));
  first.get();
  auto second = begin();
  peer.read_message();
  peer.close();
  auto fresh = listener_.accept();
  fresh.read_message();
  fresh.close();
  EXPECT_EQ(kind_of(second.get()), FaultKind::kConnectionLost);
  EXPECT_FALSE(listener_.is_called(Ms(50)));
}

TEST_F(ClientTest, ARequestIsNotSentAgainOnceAByteCame) {
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one"));
  first.get();
  auto second = begin();
  peer.read_message();
  peer.send("H");
  std::this_thread::sleep_for(Ms(30));
  peer.close();
  EXPECT_FALSE(second.get().status);
  EXPECT_FALSE(listener_.is_called(Ms(50)));
}

TEST_F(ClientTest, TheFirstByteLimitFires) {
  timeouts_.first_byte = Ms(150);
  start();
  auto call = begin();
  auto peer = listener_.accept();
  auto outcome = call.get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kProviderTimeout);
  EXPECT_EQ(outcome.status.error().code, "first_byte_timeout");
  EXPECT_GE(outcome.took, Ms(150));
  EXPECT_LT(outcome.took, kLate);
}

TEST_F(ClientTest, TheIdleLimitFires) {
  timeouts_.idle = Ms(150);
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  auto outcome = call.get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kProviderTimeout);
  EXPECT_EQ(outcome.status.error().code, "idle_timeout");
  EXPECT_GE(outcome.took, Ms(150));
  EXPECT_LT(outcome.took, kLate);
  EXPECT_EQ(outcome.body, "half");
}

TEST_F(ClientTest, TheConnectLimitFires) {
  // A full backlog: the kernel lets connections wait.
  int full = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ::bind(full, reinterpret_cast<sockaddr*>(&address), length);
  ::listen(full, 0);
  ::getsockname(full, reinterpret_cast<sockaddr*>(&address), &length);
  origin_.port = ntohs(address.sin_port);
  auto filler = RawPeer::to(origin_.port);
  timeouts_.connect = Ms(200);
  start();
  auto outcome = begin().get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kProviderTimeout);
  EXPECT_EQ(outcome.status.error().code, "connect_timeout");
  EXPECT_GE(outcome.took, Ms(200));
  EXPECT_LT(outcome.took, kLate);
  ::close(full);
}

TEST_F(ClientTest, AFullPoolWaitsForAConnection) {
  limits_.connections_per_origin = 1;
  start();
  auto first = begin();
  auto peer = listener_.accept();
  auto second = begin();
  peer.read_message();
  std::this_thread::sleep_for(Ms(50));
  EXPECT_EQ(gauges().open, 1u);
  peer.send(answer_with("one"));
  EXPECT_EQ(first.get().body, "one");
  peer.read_message();
  peer.send(answer_with("two"));
  auto outcome = second.get();
  EXPECT_EQ(outcome.body, "two");
  EXPECT_TRUE(outcome.reused);
}

TEST_F(ClientTest, AFullPoolIsOverloadedAfterTheConnectLimit) {
  limits_.connections_per_origin = 1;
  timeouts_.connect = Ms(150);
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  auto outcome = begin().get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kOverloaded);
  EXPECT_GE(outcome.took, Ms(150));
  EXPECT_LT(outcome.took, kLate);
  peer.send(answer_with("one"));
  EXPECT_EQ(first.get().body, "one");
}

TEST_F(ClientTest, ACancelledWaiterPassesTheConnectionOn) {
  limits_.connections_per_origin = 1;
  start();
  auto held = std::make_shared<std::unique_ptr<Call>>();
  std::promise<void> holding;
  Cancel never;
  auto hold = [&]() -> Task<void> {
    http::RequestHead head{"GET", "/", {}};
    auto call = co_await client_->call(origin_, head, {}, timeouts_, never);
    EXPECT_TRUE(call);
    if (call && co_await (*call)->read()) *held = std::move(*call);
    holding.set_value();
  };
  loop_.post([&] { spawn(hold(), tasks_); });
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  holding.get_future().wait();
  auto first = begin();
  auto second = begin();
  std::this_thread::sleep_for(Ms(30));
  on_loop([&] {  // both in one turn of the loop
    first.cancel->cancel(Fault{.kind = FaultKind::kClientGone});
    held->reset();
  });
  EXPECT_EQ(kind_of(first.get()), FaultKind::kClientGone);
  peer.read_message();
  peer.send(answer_with("passed on"));
  auto outcome = second.get();
  EXPECT_EQ(outcome.body, "passed on");
  EXPECT_LT(outcome.took, kLate);
}

TEST_F(ClientTest, AFullPoolServesManyInTurn) {
  limits_.connections_per_origin = 1;
  start();
  std::vector<Pending> calls;
  for (int i = 0; i < 10; ++i) calls.push_back(begin());
  auto peer = listener_.accept();
  for (int i = 0; i < 10; ++i) {
    peer.read_message();
    peer.send(answer_with("x"));
  }
  for (auto& call : calls) EXPECT_EQ(call.get().body, "x");
}

}  // namespace
}  // namespace sluice::net::client_test
