// The client and the answers of a provider that sends what the test says: framing, codings, what is broken.
#include <zlib.h>

#include "net/client_fixture_test.h"

namespace sluice::net::client_answer_test {
namespace {

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

TEST_F(ClientTest, ACodingOfTheTransferOtherThanChunkedIsRefused) {
  start();
  for (std::string field : {"gzip, chunked", "gzip", "chunked\r\nTransfer-Encoding: gzip", "identity"}) {
    auto call = begin();
    auto peer = listener_.accept();
    peer.read_message();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + field + "\r\n\r\n4\r\nsome\r\n0\r\n\r\n");
    EXPECT_EQ(kind_of(call.get()), FaultKind::kProviderProtocol) << field;
  }
}

TEST_F(ClientTest, AStatusMayEndItsLine) {
  start();
  const std::string answer = "HTTP/1.1 200\r\nContent-Length: 4\r\nX-A: b\r\n\r\nfour";
  for (const std::size_t cut : {0, 12, 13, 30}) {
    auto call = begin();
    auto peer = listener_.accept();
    peer.read_message();
    peer.send(std::string("HTTP/1.1 100\r\n\r\n") + answer.substr(0, cut));
    if (cut > 0) std::this_thread::sleep_for(Ms(20));
    peer.send(answer.substr(cut));
    auto outcome = call.get();
    EXPECT_EQ(outcome.body, "four") << cut;
    EXPECT_EQ(outcome.headers.get("x-a"), "b");
    on_loop([&] { client_->close_idle(); });
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

TEST_F(ClientTest, ChunksMayBeCutAnywhere) {
  start();
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  // What is cut off behind a chunk, from its line end to more of the next line than is usual.
  for (auto piece : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n", "3\r\n", "two\r",
                     "\n0000000000000", "001\r\n+\r\n1;name=long-enough-for-more", "\r\n!\r\n0\r\n", "\r\n"}) {
    peer.send(piece);
    std::this_thread::sleep_for(Ms(20));
  }
  auto outcome = call.get();
  EXPECT_TRUE(outcome.status);
  EXPECT_EQ(outcome.body, "fourtwo+!");
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

TEST_F(ClientTest, AnAnswerIsReadWhileTheRequestIsNot) {
  start();
  auto call = begin("POST", std::string(16 << 20, 'x'));
  auto peer = listener_.accept();
  peer.read_head();
  peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Content Too Large\r\nContent-Le");
  std::this_thread::sleep_for(Ms(30));
  peer.send("ngth: 3\r\n\r\nbig");
  auto outcome = call.get();  // the connection stays open, and nothing more is read from it
  EXPECT_EQ(outcome.code, 413);
  EXPECT_EQ(outcome.body, "big");
  EXPECT_LT(outcome.took, kLate);
  EXPECT_EQ(gauges().open, 0u);  // what it has of the request is not whole
}

TEST_F(ClientTest, AnEarlySuccessTakesTheRestOfTheRequest) {
  start();
  auto call = begin("POST", std::string(16 << 20, 'x'));
  auto peer = listener_.accept();
  peer.read_head();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(peer.read(16 << 20).size(), std::size_t{16 << 20});
  peer.send("yes");
  EXPECT_EQ(call.get().body, "yes");
  EXPECT_EQ(gauges().idle, 1u);
  timeouts_.idle = Ms(150);  // the next one on it is as any other
  auto second = begin("POST", std::string(16 << 20, 'x'));
  peer.read_head();
  EXPECT_EQ(kind_of(second.get()), FaultKind::kProviderTimeout);
}

TEST_F(ClientTest, AnEarlySuccessCountsWhereTheRestIsNotTaken) {
  timeouts_.idle = Ms(200);
  start();
  auto call = begin("POST", std::string(16 << 20, 'x'));
  auto peer = listener_.accept();
  peer.read_head();
  peer.send(answer_with("enough"));
  EXPECT_EQ(call.get().body, "enough");
  EXPECT_EQ(gauges().open, 0u);
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

}  // namespace
}  // namespace sluice::net::client_answer_test
