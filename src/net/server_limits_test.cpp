// The limits of the server against raw bytes: heads, bodies, time, connections.
#include <zlib.h>

#include "base/text.h"
#include "net/server_fixture_test.h"

namespace sluice::net::server_limits_test {
namespace {

TEST_F(ServerTest, AHeadAboveTheByteLimitIsAnsweredWith431) {
  limits_.header_bytes = 4096;
  start();
  auto peer = connect();
  peer.send("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(500'000, 'a') + "\r\n\r\n");
  auto answer = peer.read_to_end();
  EXPECT_EQ(status_in(answer), 431);
  EXPECT_NE(answer.find("4096"), std::string::npos);
  EXPECT_FALSE(peer.was_reset());
}

TEST_F(ServerTest, ALongTargetIsAnsweredWith431) {
  limits_.header_bytes = 4096;
  start();
  auto peer = connect();
  peer.send("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_in(peer.read_to_end()), 431);
  EXPECT_FALSE(peer.was_reset());
}

TEST_F(ServerTest, TooManyFieldsAreAnsweredWith431) {
  limits_.header_count = 10;
  start();
  std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 9; ++i) head += "a: b\r\n";
  EXPECT_EQ(status_in(answer_to(head + "\r\n")), 200);
  auto answer = answer_to(head + "one: more\r\n\r\n");
  EXPECT_EQ(status_in(answer), 431);
  EXPECT_NE(answer.find("header_count"), std::string::npos);
}

TEST_F(ServerTest, AHeadThatDoesNotEndIsAnsweredWith408) {
  limits_.header_timeout = Ms(150);
  start();
  auto peer = connect();
  auto began = now();
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n");
  for (int i = 0; i < 10; ++i) {  // the limit is for the whole head, not from byte to byte
    ::usleep(30'000);
    peer.send("a: b\r\n");
  }
  EXPECT_EQ(status_in(peer.read_to_end()), 408);
  EXPECT_GE(now() - began, Ms(150));
}

TEST_F(ServerTest, ABodyThatStopsIsAnsweredWith408) {
  limits_.body_timeout = Ms(150);
  start();
  auto peer = connect();
  auto began = now();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  auto answer = peer.read_to_end();
  EXPECT_EQ(status_in(answer), 408);
  EXPECT_NE(answer.find("4 bytes were received"), std::string::npos) << answer;
  EXPECT_GE(now() - began, Ms(150));
}

TEST_F(ServerTest, AHeadThatIsRefusedIsAnsweredByItsPath) {
  limits_.header_timeout = Ms(150);
  limits_.header_bytes = 4096;
  limits_.header_count = 10;
  start();
  const std::string begin = "POST /v1/messages?a=b HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n";
  std::string many;
  for (int i = 0; i < 20; ++i) many += "a: b\r\n";
  const std::string large = "A: " + std::string(9'000, 'a') + "\r\n";
  for (const auto& rest : {std::string("half: "), many + "\r\n", large + "\r\n", std::string("no field\r\n\r\n")}) {
    const auto answer = answer_to(begin + rest);
    EXPECT_NE(answer.find("Asked: POST /v1/messages?a=b by https://a.example"), std::string::npos) << answer;
  }
  EXPECT_NE(answer_to(begin + many + "\r\n").find("more than 10 header fields (limits.header_count); 22 came"),
            std::string::npos);
  EXPECT_EQ(answer_to("POST /v1/mess").find("Asked"), std::string::npos);
  EXPECT_EQ(answer_to("\x16\x03\x01 /x y\r\n\r\n").find("Asked"), std::string::npos);
}

// Of a line that is cut what came counts, where it tells the path, or is all that the limit lets pass.
TEST_F(ServerTest, ACutRequestLineIsRefusedByItsPath) {
  limits_.header_timeout = Ms(150);
  limits_.header_bytes = 4096;
  start();
  const std::string begin = "POST /v1/messages";
  const std::string much(9'000, 'x');
  for (const auto& rest : {"?" + much, " " + much, "/" + much, std::string("?a=b"), std::string(" HTTP/1.")}) {
    const auto answer = answer_to(begin + rest);
    EXPECT_NE(answer.find("Asked: POST /v1/messages"), std::string::npos) << answer;
  }
  EXPECT_EQ(status_in(answer_to(begin + "?" + much)), 431);
  EXPECT_EQ(status_in(answer_to(begin + "?a")), 408);
  for (const auto& other : {"POST" + much, "POST x" + much, "\x16 /a?" + much, "POST /\x01?" + much})
    EXPECT_EQ(answer_to(other).find("Asked"), std::string::npos);
}

TEST_F(ServerTest, AHeadInPiecesIsRefusedByItsPath) {
  limits_.header_timeout = Ms(300);
  start();
  auto peer = connect();
  peer.send_slowly("POST /v1/messages HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\nhalf");
  const auto answer = peer.read_message();
  EXPECT_EQ(status_in(answer), 408);
  EXPECT_NE(answer.find("Asked: POST /v1/messages by https://a.example"), std::string::npos) << answer;
}

TEST_F(ServerTest, ABodyThatDripsIsAnsweredWith408) {
  limits_.body_timeout = Ms(200);
  limits_.body_rate = 1000;
  start();
  auto peer = connect();
  auto began = now();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 8 && peer.send("x"); ++i) std::this_thread::sleep_for(Ms(50));
  auto answer = peer.read_message();
  EXPECT_EQ(status_in(answer), 408);
  EXPECT_NE(answer.find("less than 1000 bytes a second"), std::string::npos) << answer;
  EXPECT_GE(now() - began, Ms(200));
}

TEST_F(ServerTest, ABodyThatIsFastEnoughMayTakeLong) {
  limits_.body_timeout = Ms(200);
  limits_.body_rate = 1000;
  start();
  auto peer = connect();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n");
  for (int i = 0; i < 10; ++i) {
    peer.send(std::string(1000, 'x'));
    std::this_thread::sleep_for(Ms(60));
  }
  EXPECT_EQ(status_in(peer.read_message()), 200);
}

TEST_F(ServerTest, AnAnnouncedBodyAboveTheLimitIsAnsweredWhileTheClientStillSends) {
  start();
  auto peer = connect();
  EXPECT_TRUE(peer.send(post(std::string(5 << 20, 'x'))));
  auto answer = peer.read_to_end();
  EXPECT_EQ(status_in(answer), 413);
  EXPECT_NE(answer.find("5242880"), std::string::npos);
  EXPECT_NE(answer.find("1048576"), std::string::npos);
  EXPECT_FALSE(peer.was_reset());
}

TEST_F(ServerTest, AnUnannouncedBodyAboveTheLimitIsAnsweredWhileTheClientStillSends) {
  start();
  auto peer = connect();
  std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  peer.send(chunked(""));
  for (int i = 0; i < 80; ++i) ASSERT_TRUE(peer.send(chunk));
  peer.send("0\r\n\r\n");
  auto answer = peer.read_to_end();
  EXPECT_EQ(status_in(answer), 413);
  EXPECT_NE(answer.find("1048576"), std::string::npos);
  EXPECT_FALSE(peer.was_reset());
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(ServerTest, DecompressesBodies) {
  start();
  EXPECT_EQ(body_in(answer_to(post(gzip("squeezed"), "Content-Encoding: gzip\r\n"))), "POST /p squeezed");
  auto large = std::string(500'000, 'y');  // on a worker
  EXPECT_EQ(body_in(answer_to(post(gzip(large) + "", "Content-Encoding: gzip\r\n"))), "POST /p " + large);
}

TEST_F(ServerTest, RefusesAGzipBomb) {
  start();
  auto bomb = gzip(std::string(6 << 20, '\0'));
  ASSERT_LT(bomb.size(), 100'000u);
  auto answer = answer_to(post(bomb, "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(status_in(answer), 413);
}

TEST_F(ServerTest, RefusesBrokenAndUnknownCodings) {
  start();
  EXPECT_EQ(status_in(answer_to(post("not gzip", "Content-Encoding: gzip\r\n"))), 400);
  EXPECT_EQ(status_in(answer_to(post("x", "Content-Encoding: rot13\r\n"))), 400);
}

TEST_F(ServerTest, AConnectionAboveTheLimitIsAnsweredWith503) {
  limits_.connections = 2;
  start();
  auto one = connect(), two = connect();
  ASSERT_TRUE(eventually([&] { return server_->connections() == 2; }));
  auto three = connect();
  three.send(kGet);
  auto answer = three.read_to_end();
  EXPECT_EQ(status_in(answer), 503);
  EXPECT_NE(answer.find("limits.connections"), std::string::npos);
  EXPECT_EQ(status_in(answer_to("GET /always HTTP/1.1\r\nHost: x\r\n\r\n")), 200);
  one.close();
  three.close();
  ASSERT_TRUE(eventually([&] { return server_->connections() == 1; }));
  EXPECT_EQ(status_in(answer_to(kGet)), 200);
}

TEST_F(ServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  limits_.idle_timeout = Ms(100);
  start();
  auto fresh = connect(), used = connect();
  used.send(kGet);
  EXPECT_EQ(status_in(used.read_message()), 200);
  auto began = now();
  EXPECT_EQ(fresh.read_to_end(), "");
  EXPECT_EQ(used.read_to_end(), "");
  EXPECT_LT(now() - began, Ms(1000));
  EXPECT_FALSE(used.was_reset());
}

}  // namespace
}  // namespace sluice::net::server_limits_test
