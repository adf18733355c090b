// The client against a provider that sends what the test says.
#include "net/client.h"

#include <zlib.h>

#include "net/client_fixture_test.h"

namespace sluice::net {
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

TEST_F(ClientTest, ACutAnswerIsTruncated) {
  start();
  for (auto answer : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n"}) {
    auto call = begin();
    auto peer = listener_.accept();
    peer.read_message();
    peer.send(answer);
    peer.close();
    auto outcome = call.get();
    EXPECT_EQ(kind_of(outcome), FaultKind::kTruncated) << answer;
    EXPECT_EQ(outcome.body, "half");
  }
}

TEST_F(ClientTest, ABrokenConnectionInsideAnAnswerIsTruncated) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\n\r\nhalf");  // without a length: a close would be its end
  std::this_thread::sleep_for(Ms(50));
  peer.reset();
  EXPECT_EQ(kind_of(call.get()), FaultKind::kTruncated);
}

TEST_F(ClientTest, ABodyWithoutLengthEndsWithTheConnection) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\n\r\nall of it");
  std::this_thread::sleep_for(Ms(20));
  peer.send(" and more");
  peer.close();
  auto outcome = call.get();
  EXPECT_TRUE(outcome.status);
  EXPECT_EQ(outcome.body, "all of it and more");
  EXPECT_EQ(gauges().open, 0u);
}

TEST_F(ClientTest, InterimAnswersAreSkipped) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" +
      answer_with("final"));
  auto outcome = call.get();
  EXPECT_EQ(outcome.code, 200);
  EXPECT_FALSE(outcome.headers.has("link"));
  EXPECT_EQ(outcome.body, "final");
}

TEST_F(ClientTest, InterimAnswersWithoutEndRunIntoTheLimit) {
  timeouts_.first_byte = Ms(200);
  start();
  auto call = begin();
  auto peer = listener_.accept();
  std::jthread flood([&] {
    for (int i = 0; i < 200 && peer.send("HTTP/1.1 100 Continue\r\n\r\n"); ++i) ::usleep(5'000);
  });
  auto outcome = call.get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kProviderTimeout);
  EXPECT_LT(outcome.took, kLate);
}

TEST_F(ClientTest, SwitchingProtocolsIsRefused) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
  EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderProtocol);
}

TEST_F(ClientTest, AnAnswerThatIsNotHttpIsRefused) {
  start();
  for (auto answer : {"SSH-2.0-OpenSSH_9\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"}) {
    auto call = begin();
    auto peer = listener_.accept();
    peer.read_message();
    peer.send(answer);
    EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderProtocol) << answer;
    EXPECT_TRUE(peer.sees_end(Ms(250))) << answer;
  }
}

TEST_F(ClientTest, AHeadThatIsCutAnywhereIsAnAnswerThatBroke) {
  start();
  std::string_view head = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
  for (std::size_t size = 1; size < head.size(); ++size) {
    auto call = begin();
    auto peer = listener_.accept();
    peer.read_message();
    peer.send(head.substr(0, size));
    peer.close();
    EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderProtocol) << head.substr(0, size);
  }
}

TEST_F(ClientTest, ABrokenChunkIsRefused) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\nzz\r\n");
  EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderProtocol);
}

TEST_F(ClientTest, AChunkLineWithoutEndIsRefused) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(300'000, 'e'));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderProtocol);
}

TEST_F(ClientTest, AHugeHeadIsRefused) {
  limits_.answer_header_bytes = 8192;
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'a'));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderProtocol);
}

TEST_F(ClientTest, AnswersWithoutBodyEndAtOnce) {
  start();
  auto none = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(none.get().body, "");
  auto head = begin("HEAD", "");
  EXPECT_TRUE(peer.read_message().starts_with("HEAD"));
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  auto outcome = head.get();
  EXPECT_TRUE(outcome.status);
  EXPECT_EQ(outcome.headers.get("content-length"), "1000");
  EXPECT_TRUE(eventually([&] { return gauges().idle == 1; }));
}

TEST_F(ClientTest, AnAnswerBeforeTheWholeRequestWasSentCounts) {
  start();
  auto call = begin("POST", std::string(12 << 20, 'x'));
  auto peer = listener_.accept();
  peer.read_head();
  peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
  peer.shutdown_send();
  peer.read(12 << 20);
  auto outcome = call.get();
  EXPECT_EQ(outcome.code, 413);
  EXPECT_EQ(outcome.body, "big");
}

// Gzip in pieces, each of which can be decoded when it is there.
class Gzip {
 public:
  Gzip() { deflateInit2(&stream_, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY); }
  ~Gzip() { deflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  std::string add(std::string_view text, int flush) {
    std::string out(text.size() + 256, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, flush);
    out.resize(out.size() - stream_.avail_out);
    return out;
  }

 private:
  z_stream stream_{};
};

std::string chunk(std::string_view bytes) {
  char line[20];
  std::snprintf(line, sizeof line, "%zx\r\n", bytes.size());
  return line + std::string(bytes) + "\r\n";
}

TEST_F(ClientTest, DecodesAWholeAnswer) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  std::string text(100'000, 'g');
  peer.send(answer_with(Gzip().add(text, Z_FINISH), "Content-Encoding: gzip\r\n"));
  auto outcome = call.get();
  EXPECT_EQ(outcome.body, text);
  EXPECT_FALSE(outcome.headers.has("content-encoding"));
}

TEST_F(ClientTest, DecodesEachEventWhenItComes) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  Gzip gzip;
  peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::string_view event : {"data: 1\n\n", "data: 2\n\n", "data: 3\n\n"}) {
    peer.send(chunk(gzip.add(event, Z_SYNC_FLUSH)));
    std::this_thread::sleep_for(Ms(30));
  }
  peer.send(chunk(gzip.add("", Z_FINISH)) + "0\r\n\r\n");
  auto outcome = call.get();
  EXPECT_TRUE(outcome.status);
  EXPECT_EQ(outcome.reads, (std::vector<std::string>{"data: 1\n\n", "data: 2\n\n", "data: 3\n\n"}));
}

TEST_F(ClientTest, ACutCompressedAnswerIsTruncated) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  auto coded = Gzip().add("never the whole of it", Z_FINISH);
  coded.resize(coded.size() / 2);
  peer.send(answer_with(coded, "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kTruncated);
}

TEST_F(ClientTest, AnswersWithoutBodyMayNameACoding) {
  start();
  auto head = begin("HEAD", "");
  auto peer = listener_.accept();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 50\r\n\r\n");
  EXPECT_TRUE(head.get().status);
  auto none = begin();
  peer.read_message();
  peer.send("HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n");
  EXPECT_TRUE(none.get().status);
  auto empty = begin();
  peer.read_message();
  peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(empty.get().status);
}

TEST_F(ClientTest, AnUnknownCodingIsRefused) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("x", "Content-Encoding: rot13\r\n"));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderProtocol);
}

TEST_F(ClientTest, BytesThatAreNotOfTheirCodingAreRefused) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("plain text", "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderProtocol);
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
  peer.read_to_end();
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
}  // namespace sluice::net
