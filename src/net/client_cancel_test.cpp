// The client that is cancelled in each phase, and the addresses it calls.
#include "net/client_fixture_test.h"

namespace sluice::net::client_cancel_test {
namespace {

// By the system's word, while nothing is read.
bool is_closed(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_state == TCP_CLOSE;
}

TEST_F(ClientTest, ATimeoutClosesTheSocketWhileTheRequestIsSent) {
  timeouts_.idle = Ms(150);
  start();
  auto call = begin("POST", std::string(16 << 20, 'x'));
  auto peer = listener_.accept();
  peer.read_head();
  EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderTimeout);
  EXPECT_TRUE(eventually([&] { return is_closed(peer.descriptor()); }, Ms(250)));
}

TEST_F(ClientTest, CancelClosesTheSocketBeforeTheAnswer) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  cancel(call);
  EXPECT_TRUE(peer.sees_end(Ms(250)));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kClientGone);
  EXPECT_EQ(gauges().open, 0u);
}

TEST_F(ClientTest, CancelClosesTheSocketInsideTheHead) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\nContent-");
  std::this_thread::sleep_for(Ms(30));
  cancel(call);
  EXPECT_TRUE(peer.sees_end(Ms(250)));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kClientGone);
}

TEST_F(ClientTest, CancelClosesTheSocketInsideTheBody) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  std::this_thread::sleep_for(Ms(30));
  cancel(call, FaultKind::kShuttingDown);
  EXPECT_TRUE(peer.sees_end(Ms(250)));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kShuttingDown);
  EXPECT_EQ(gauges().open, 0u);
}

TEST_F(ClientTest, CancelClosesTheSocketWhileTheRequestIsSent) {
  start();
  auto call = begin("POST", std::string(16 << 20, 'x'));
  auto peer = listener_.accept();
  peer.read_head();
  cancel(call);
  auto outcome = call.get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kClientGone);
  EXPECT_LT(outcome.took, kLate);
  // What was written is not waited for: one that does not read hears of the end behind it, too.
  EXPECT_TRUE(eventually([&] { return is_closed(peer.descriptor()); }, Ms(250)));
}

TEST_F(ClientTest, CancelEndsTheWaitForAConnection) {
  limits_.connections_per_origin = 1;
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  auto second = begin();
  std::this_thread::sleep_for(Ms(30));
  cancel(second);
  auto outcome = second.get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kClientGone);
  EXPECT_LT(outcome.took, kLate);
  peer.send(answer_with("one"));
  EXPECT_EQ(first.get().body, "one");
}

TEST_F(ClientTest, CancelBeforeTheCallConnectsToNobody) {
  start();
  auto promise = std::make_shared<std::promise<Outcome>>();
  auto future = promise->get_future();
  auto cancel = std::make_shared<Cancel>();
  cancel->cancel(Fault{.kind = FaultKind::kClientGone});
  loop_.post([&, promise, cancel] { spawn(run(promise, cancel, "GET", "", {}, origin_, timeouts_), tasks_); });
  EXPECT_EQ(kind_of(future.get()), FaultKind::kClientGone);
  EXPECT_FALSE(listener_.is_called(Ms(50)));
}

TEST_F(ClientTest, ARefusedConnectionIsUnreachable) {
  origin_.port = listener_.port();
  listener_.close();
  start();
  auto outcome = begin().get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kUnreachable);
  EXPECT_EQ(outcome.status.error().retry, Retry::kSame);
}

TEST_F(ClientTest, AnUnknownNameIsUnreachable) {
  origin_.host = "no-such-host.invalid";
  timeouts_.connect = Ms(5000);
  start();
  EXPECT_EQ(kind_of(begin().get()), FaultKind::kUnreachable);
}

TEST_F(ClientTest, CallsAnIpv6Literal) {
  RawListener v6("::1");
  ASSERT_TRUE(v6.bound());
  origin_.host = "::1";
  origin_.port = v6.port();
  start();
  auto call = begin();
  auto peer = v6.accept();
  EXPECT_NE(peer.read_message().find("\r\nHost: [::1]:" + std::to_string(v6.port()) + "\r\n"), std::string::npos);
  peer.send(answer_with("six"));
  EXPECT_EQ(call.get().body, "six");
}

TEST_F(ClientTest, ANameIsConnectedWhicheverFamilyAnswers) {
  origin_.host = "localhost";  // 127.0.0.1 and ::1; the listener has the first only
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("four"));
  auto outcome = call.get();
  EXPECT_EQ(outcome.body, "four");
  EXPECT_LT(outcome.took, kLate);
}

// Listens and has no room: who connects there waits.
RawPeer fill(const char* host, std::uint16_t port, int& full) {
  full = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host, &address.sin_addr);
  EXPECT_EQ(::bind(full, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::listen(full, 0);
  int filler = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(::connect(filler, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return RawPeer(filler);
}

TEST_F(ClientTest, EachAddressThatIsTriedIsASocket) {
  int first = -1, second = -1;
  const auto in_first = fill("127.0.0.2", listener_.port(), first);
  const auto in_second = fill("127.0.0.3", listener_.port(), second);
  look_up_ = [](const std::string&) { return std::vector<std::string>{"127.0.0.2", "127.0.0.3", "127.0.0.1"}; };
  origin_.host = "provider.example";
  start();
  auto call = begin();
  EXPECT_TRUE(eventually([&] { return gauges().open == 2; }));
  auto peer = listener_.accept();
  peer.read_message();  // so the race is over
  EXPECT_EQ(gauges().open, 1u);
  peer.send(answer_with("third"));
  EXPECT_EQ(call.get().body, "third");
  EXPECT_EQ(gauges().open, 1u);
  ::close(first);
  ::close(second);
}

TEST_F(ClientTest, OriginsDoNotShareConnections) {
  RawListener other;
  start();
  auto first = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("one"));
  first.get();
  origin_.port = other.port();
  auto second = begin();
  auto other_peer = other.accept();
  other_peer.read_message();
  other_peer.send(answer_with("two"));
  EXPECT_EQ(second.get().body, "two");
  EXPECT_TRUE(eventually([&] { return gauges().idle == 2; }));
}

}  // namespace
}  // namespace sluice::net::client_cancel_test
