// The server against raw bytes.
#include "net/server.h"

#include "base/text.h"
#include "net/server_fixture_test.h"

namespace sluice::net::server_test {
namespace {

using namespace std::string_literals;

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  auto peer = connect();
  peer.send(std::string(kGet) + post("one") + chunked("3\r\ntwo\r\n0\r\n\r\n") + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(body_in(peer.read_message()), "GET /a ");
  EXPECT_EQ(body_in(peer.read_message()), "POST /p one");
  EXPECT_EQ(body_in(peer.read_message()), "POST /c two");
  EXPECT_EQ(body_in(peer.read_message()), "GET /b ");
}

TEST_F(ServerTest, AThousandPipelinedRequestsAreAllAnswered) {
  start();
  auto peer = connect();
  std::string all;
  for (int i = 0; i < 1000; ++i) all += kGet;
  std::jthread sender([&] { peer.send(all); });
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(body_in(peer.read_message()), "GET /a ") << i;
}

TEST_F(ServerTest, ManyRequestsShareAConnection) {
  start();
  auto peer = connect();
  for (int i = 0; i < 20; ++i) {
    peer.send(post(std::to_string(i)));
    auto answer = peer.read_message();
    EXPECT_EQ(body_in(answer), "POST /p " + std::to_string(i));
    EXPECT_EQ(answer.find("connection: close"), std::string::npos);
  }
  EXPECT_EQ(server_->accepted(), 1u);
}

TEST_F(ServerTest, ClosesWhenTheClientAsksForIt) {
  start();
  auto peer = connect();
  peer.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  auto answer = peer.read_to_end();
  EXPECT_EQ(status_in(answer), 200);
  EXPECT_NE(answer.find("connection: close\r\n"), std::string::npos);
  EXPECT_FALSE(peer.was_reset());
}

TEST_F(ServerTest, Http10ClosesByDefault) {
  start();
  auto peer = connect();
  peer.send("GET /a HTTP/1.0\r\n\r\n");
  auto answer = peer.read_to_end();
  EXPECT_EQ(body_in(answer), "GET /a ");
}

TEST_F(ServerTest, Http10KeepsAliveWhenAsked) {
  start();
  auto peer = connect();
  for (int i = 0; i < 2; ++i) {
    peer.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto answer = peer.read_message();
    EXPECT_NE(answer.find("connection: keep-alive"), std::string::npos);
    EXPECT_EQ(body_in(answer), "GET /a ");
  }
}

TEST_F(ServerTest, Http10GetsAStreamWithoutChunksUntilTheEnd) {
  handler_ = [](Request& request) -> Task<void> {
    request.start({200, {}});
    for (std::string_view piece : {"one ", "two"}) co_await request.write({&piece, 1});
    co_await request.finish();
  };
  start();
  auto peer = connect();
  peer.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  auto answer = peer.read_to_end();
  EXPECT_EQ(body_in(answer), "one two");
  EXPECT_EQ(answer.find("transfer-encoding"), std::string::npos);
}

TEST_F(ServerTest, SendsContinueWhenTheBodyIsWanted) {
  start();
  auto peer = connect();
  peer.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("hello");
  EXPECT_EQ(body_in(peer.read_message()), "POST /p hello");
}

TEST_F(ServerTest, SendsNoContinueForABodyItWillNotTake) {
  start();
  auto peer = connect();
  peer.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_in(peer.read_message()), 413);
}

TEST_F(ServerTest, SendsNoContinueWhenTheBodyIsThereAlready) {
  start();
  EXPECT_EQ(status_in(answer_to(post("", "Expect: 100-continue\r\n"))), 200);
}

TEST_F(ServerTest, RefusesOtherExpectations) {
  start();
  EXPECT_EQ(status_in(answer_to(post("x", "Expect: a-miracle\r\n"))), 400);
}

TEST_F(ServerTest, ReadsChunksWithExtensionsAndTrailers) {
  start();
  auto body =
      "5;name=value;quoted=\"a b\"\r\nhello\r\n1\r\n \r\nA\r\nworld12345\r\n0\r\nX-Trailer: yes\r\nX-Other: no\r\n\r\n";
  auto peer = connect();
  peer.send(chunked(body) + std::string(kGet));
  EXPECT_EQ(body_in(peer.read_message()), "POST /c hello world12345");
  EXPECT_EQ(body_in(peer.read_message()), "GET /a ");
}

TEST_F(ServerTest, BytesMayComeOneByOne) {
  start();
  auto peer = connect();
  peer.send_slowly(chunked("5;e=1\r\nhello\r\n3\r\nyou\r\n0\r\nTrail: er\r\n\r\n") + post("body", "Accept: */*\r\n"));
  EXPECT_EQ(body_in(peer.read_message()), "POST /c helloyou");
  EXPECT_EQ(body_in(peer.read_message()), "POST /p body");
}

TEST_F(ServerTest, BytesMaySplitAnywhere) {
  start();
  auto whole = chunked("5;e=1\r\nhello\r\n0\r\nTrail: er\r\n\r\n");
  auto peer = connect();
  for (std::size_t at = 1; at < whole.size(); ++at) {
    peer.send(std::string_view(whole).substr(0, at));
    ::usleep(500);
    peer.send(std::string_view(whole).substr(at));
    ASSERT_EQ(body_in(peer.read_message()), "POST /c hello") << "split at " << at;
  }
}

TEST_F(ServerTest, IgnoresAnEmptyLineBetweenRequests) {
  start();
  auto peer = connect();
  peer.send(post("one") + "\r\n" + std::string(kGet));  // RFC 9112, 2.2
  EXPECT_EQ(body_in(peer.read_message()), "POST /p one");
  EXPECT_EQ(body_in(peer.read_message()), "GET /a ");
}

TEST_F(ServerTest, ATargetMayBeAWholeUrl) {
  start();
  auto target_of = [&](const std::string& target) {
    return std::string(body_in(answer_to("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n")));
  };
  EXPECT_EQ(target_of("http://x/v1/models?a=http://y/"), "GET /v1/models?a=http://y/ ");
  EXPECT_EQ(target_of("https://other.example:8443/v1"), "GET /v1 ") << "whatever host it names";
  EXPECT_EQ(target_of("HTTP://[::1]:80/a"), "GET /a ");
  EXPECT_EQ(target_of("http://x"), "GET / ");
  EXPECT_EQ(target_of("http://x?a=b"), "GET /?a=b ");
  EXPECT_EQ(target_of("http:///v1"), "GET http:///v1 ") << "no host: the service refuses what is no path";
  EXPECT_EQ(target_of("ftp://x/v1"), "GET ftp://x/v1 ");
  EXPECT_EQ(target_of("/http://x/v1"), "GET /http://x/v1 ");
}

// Heads and bodies two readers could take for different things, or that are nothing at all. Each gets a 400 and the
// end.
class RefusedBytes : public ServerTest, public ::testing::WithParamInterface<std::string> {};

TEST_P(RefusedBytes, AreAnsweredWith400AndTheConnectionEnds) {
  start();
  auto peer = connect();
  peer.send(GetParam() + std::string(kGet));
  auto answers = peer.read_to_end();
  EXPECT_EQ(status_in(answers), 400) << answers;
  EXPECT_EQ(answers.find("GET /a "), std::string::npos) << "what stands behind it was served: " << answers;
  EXPECT_FALSE(peer.was_reset());
}

INSTANTIATE_TEST_SUITE_P(
    Server, RefusedBytes,
    ::testing::Values(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x10\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\na\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3 \nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA:\r\n c\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n \r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n A: folded\r\nHost: x\r\n\r\n", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", "G@T / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA: \0b\r\n\r\n"s, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s,
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));

TEST_F(ServerTest, RefusesUnknownTransferCodings) {
  start();
  for (auto coding : {"gzip, chunked", "chunked, chunked", "identity", "xchunked", "chunked;q=1"}) {
    auto peer = connect();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + std::string(coding) +
              "\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + std::string(kGet));
    auto answers = peer.read_to_end();
    EXPECT_GE(status_in(answers), 400) << coding;
    EXPECT_EQ(answers.find("HTTP/1.1 ", 9), std::string::npos) << coding;
  }
}

TEST_F(ServerTest, RefusesChunksFromHttp10) {
  start();
  auto answer = answer_to("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(status_in(answer), 400);
}

TEST_F(ServerTest, AChunkLineThatEndsInLineFeedAloneIsRefusedAtOnce) {
  start();
  for (auto body :
       {"3\nabc\n0\n\n", "3\r\nabc\r\n0\n\n", "3\r\nabc\r\n5\nhe", "0\r\nTrail: er\n\n", "3\r\nabc\r\n\n"}) {
    auto peer = connect();
    peer.send(chunked(body));
    auto answer = peer.read_to_end();
    EXPECT_EQ(status_in(answer), 400) << body;
    EXPECT_EQ(body_in(answer), "A chunk's line or a trailer ends in LF alone; lines end in CRLF.") << body;
  }
}

TEST_F(ServerTest, LineFeedsInAChunkAreItsBytes) {
  start();
  auto peer = connect();
  peer.send_slowly(chunked("6\r\n\n\na\r\nb\r\n0\r\n\r\n"));
  EXPECT_EQ(body_in(peer.read_message()), "POST /c \n\na\r\nb");
}

TEST_F(ServerTest, AChunkLineWithoutEndIsRefused) {
  start();
  auto peer = connect();
  peer.send(chunked("5;" + std::string(300'000, 'e')));
  EXPECT_EQ(status_in(peer.read_to_end()), 400);
}

TEST_F(ServerTest, AHeadRequestGetsTheHeadAlone) {
  start();
  auto peer = connect();
  peer.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(kGet));
  auto head = peer.read_head();
  EXPECT_NE(head.find("content-length: 8\r\n"), std::string::npos) << head;
  EXPECT_EQ(body_in(peer.read_message()), "GET /a ");
}

TEST_F(ServerTest, AStreamedAnswerToHeadHasNoBody) {
  handler_ = [](Request& request) -> Task<void> {
    request.start({200, {}});
    std::string_view piece = "stream";
    co_await request.write({&piece, 1});
    co_await request.finish();
  };
  start();
  auto peer = connect();
  peer.send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body_in(peer.read_to_end()), "");
}

TEST_F(ServerTest, AnswersWithoutBodyHaveNoFraming) {
  handler_ = [](Request& request) -> Task<void> { co_await request.send({204, {}}, ""); };
  start();
  auto peer = connect();
  peer.send(std::string(kGet) + std::string(kGet));
  for (int i = 0; i < 2; ++i) {
    auto head = peer.read_head();
    EXPECT_EQ(status_in(head), 204);
    EXPECT_EQ(head.find("content-length"), std::string::npos);
    EXPECT_EQ(head.find("transfer-encoding"), std::string::npos);
  }
}

TEST_F(ServerTest, HeadsCannotBeSplitByValues) {
  handler_ = [](Request& request) -> Task<void> {
    co_await request.send({200, {{"x-name", "a\r\nx-evil: 1\r\n\r\nbody"}}}, "ok");
  };
  start();
  auto answer = answer_to(kGet);
  EXPECT_EQ(answer.find("\r\nx-evil"), std::string::npos);
  EXPECT_EQ(body_in(answer), "ok");
}

TEST_F(ServerTest, AnExceptionIsA500AndTheServerGoesOn) {
  handler_ = [](Request& request) -> Task<void> {
    co_await request.body();
    throw std::runtime_error("a bug");
  };
  start();
  EXPECT_EQ(status_in(answer_to(kGet)), 500);
  EXPECT_EQ(status_in(answer_to(kGet)), 500);
}

TEST_F(ServerTest, AnExceptionInsideAStreamBreaksItOff) {
  handler_ = [](Request& request) -> Task<void> {
    request.start({200, {}});
    std::string_view piece = "begun";
    co_await request.write({&piece, 1});
    throw std::runtime_error("a bug");
  };
  start();
  auto answer = answer_to(kGet);
  EXPECT_FALSE(answer.ends_with("0\r\n\r\n")) << answer;
}

TEST_F(ServerTest, ABodyNobodyReadEndsTheConnection) {
  handler_ = [](Request& request) -> Task<void> { co_await request.send({200, {}}, "done"); };
  start();
  auto peer = connect();
  peer.send(post("unread") + std::string(kGet));
  auto answers = peer.read_to_end();
  EXPECT_EQ(status_in(answers), 200);
  EXPECT_EQ(answers.find("HTTP/1.1", 9), std::string::npos);
  EXPECT_FALSE(peer.was_reset());
}

}  // namespace
}  // namespace sluice::net::server_test
