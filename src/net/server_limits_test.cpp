// The limits of the server against raw bytes: heads, bodies, time, connections.
#include <zlib.h>

#include "base/text.h"
#include "net/server_fixture_test.h"

namespace sluice::net {
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
}  // namespace sluice::net
