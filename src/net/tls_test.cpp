// TLS to clients.
#include "net/tls.h"

#include <fstream>

#include "net/server_fixture_test.h"
#include "net/tls_fixture_test.h"

namespace sluice::net::tls_test {
namespace {

class TlsServerTest : public ServerTest {
 protected:
  TlsServerTest() { make_certificate("first", "IP:127.0.0.1").write(certificate_, key_); }
  void start_tls() {
    auto tls = ServerTls::load(certificate_, key_);
    ASSERT_TRUE(tls) << tls.error().told;
    tls_ = *tls;
    start(tls_);
  }
  TlsPeer connect_tls() { return TlsPeer(connect(), TlsPeer::Side::kClient); }

  TestDirectory directory_;
  std::string certificate_ = directory_.file("cert.pem");
  std::string key_ = directory_.file("key.pem");
  std::shared_ptr<ServerTls> tls_;
};

TEST_F(TlsServerTest, AnswersOverTls) {
  start_tls();
  auto peer = connect_tls();
  ASSERT_TRUE(peer.connected());
  peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(peer.read_to("GET /a ").find("GET /a "), std::string::npos);
}

TEST_F(TlsServerTest, LargeBodiesPassBothWays) {
  start_tls();
  auto peer = connect_tls();
  std::string body(900'000, 'b');
  std::jthread sender(
      [&] { peer.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\nConnection: close\r\n\r\n" + body); });
  sender.join();
  EXPECT_TRUE(peer.read_to_end().ends_with("POST /b " + body));
}

// Bytes that differ by their places.
std::string numbered(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  return text.substr(0, size);
}

TEST_F(TlsServerTest, ASlowReaderGetsAllOfManyPieces) {
  const auto body = numbered(6 << 20);
  handler_ = [&](Request& request) -> Task<void> {
    request.start({200, {}});
    std::size_t size = 1;
    for (std::string_view left = body; !left.empty(); size = size * 3 % 100'003 + 1) {
      std::array<std::string_view, 3> pieces;
      for (auto& piece : pieces) {
        piece = left.substr(0, size);
        left.remove_prefix(piece.size());
      }
      if (!co_await request.write(pieces)) co_return request.abort();
    }
    co_await request.finish();
  };
  start_tls();
  TlsPeer peer(RawPeer::to(port_, 16 << 10), TlsPeer::Side::kClient);
  peer.send("GET /a HTTP/1.0\r\n\r\n");
  std::this_thread::sleep_for(Ms(200));
  const auto answer = peer.read_to_end();
  EXPECT_TRUE(body_in(answer) == body) << answer.size();
  EXPECT_TRUE(peer.was_told_of_the_end());
}

TEST_F(TlsServerTest, ReadsRecordsHoweverTheyCome) {
  start_tls();
  auto peer = connect_tls();
  peer.raw().send_slowly(peer.sealed("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_TRUE(peer.read_to("GET /slow ").ends_with("GET /slow "));
  // Far more requests in a record, and records in a segment, than what is read at once.
  std::string many;
  for (int i = 0; i < 400; ++i) many += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  peer.raw().send(peer.sealed(many) + peer.sealed("GET /last HTTP/1.1\r\nHost: x\r\n\r\n"));
  const auto answers = peer.read_to("GET /last ");
  EXPECT_TRUE(answers.ends_with("GET /last "));
  EXPECT_TRUE(answers.contains("GET /399 "));
  const auto body = numbered(300'000);
  const auto sealed = peer.sealed(post(body));
  peer.raw().send(sealed.substr(0, 100'000));
  std::this_thread::sleep_for(Ms(20));
  peer.raw().send(sealed.substr(100'000));
  EXPECT_TRUE(peer.read_to(body).ends_with("POST /p " + body));
}

TEST_F(TlsServerTest, AnswersOverTls12) {
  start_tls();
  TlsPeer peer(connect(), TlsPeer::Side::kClient, nullptr, TLS1_2_VERSION);
  peer.send(post(numbered(100'000), "Connection: close\r\n"));
  EXPECT_TRUE(peer.read_to_end().ends_with(numbered(100'000)));
  EXPECT_EQ(SSL_version(peer.ssl()), TLS1_2_VERSION);
  EXPECT_TRUE(peer.was_told_of_the_end());
}

TEST_F(TlsServerTest, NewKeysMayBeAskedFor) {
  start_tls();
  auto peer = connect_tls();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(SSL_key_update(peer.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_TRUE(peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_TRUE(peer.read_to("GET /a ").ends_with("GET /a "));
  }
}

TEST_F(TlsServerTest, AResetWhileItWritesEndsTheRequestAlone) {
  std::atomic<bool> ended{false};
  handler_ = [&](Request& request) -> Task<void> {
    if (request.head().target == "/a") co_return static_cast<void>(co_await request.send({200, {}}, "fine"));
    request.start({200, {}});
    const std::string piece(50'000, 'x');
    const std::string_view view = piece;
    while (co_await request.write({&view, 1})) {
    }
    ended = true;
    request.abort();
  };
  start_tls();
  auto peer = connect_tls();
  peer.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  peer.read_to("xxx");
  peer.raw().reset();
  EXPECT_TRUE(eventually([&] { return ended.load(); }));
  auto other = connect_tls();
  other.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(other.read_to("fine").ends_with("fine"));
}

// Both ends are counted: 14 KB of ours and 36 KB of the client's, which OpenSSL leaves a buffer for records to send.
TEST_F(TlsServerTest, AConnectionThatWaitsHoldsLittle) {
  constexpr std::size_t kConnections = 50;
  start_tls();
  using Ssl = std::unique_ptr<SSL, decltype(&SSL_free)>;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  std::vector<std::pair<RawPeer, Ssl>> peers;
  peers.reserve(kConnections);
  const auto ask = [&] {
    auto& [raw, ssl] = peers.emplace_back(connect(), Ssl(SSL_new(context.get()), SSL_free));
    SSL_set_fd(ssl.get(), raw.descriptor());
    ASSERT_EQ(SSL_connect(ssl.get()), 1);
    ASSERT_GT(SSL_write(ssl.get(), kGet.data(), static_cast<int>(kGet.size())), 0);
    char answer[1000];
    ASSERT_GT(SSL_read(ssl.get(), answer, sizeof answer), 0);
  };
  ask();
  const auto before = mallinfo2().uordblks;
  while (peers.size() < kConnections) ask();
  if (const auto after = mallinfo2().uordblks; after > before) {
    EXPECT_LT((after - before) / kConnections, std::size_t{72} << 10);
  }
}

TEST_F(TlsServerTest, SaysThatItEndsWhenItCloses) {
  start_tls();
  auto peer = connect_tls();
  peer.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(peer.read_to_end().ends_with("GET /a "));
  EXPECT_TRUE(peer.was_told_of_the_end());
}

TEST_F(TlsServerTest, SaysThatItEndsBehindAStreamWithoutLength) {
  handler_ = [](Request& request) -> Task<void> {
    request.start({200, {}});
    std::string_view piece = "until the end";
    co_await request.write({&piece, 1});
    co_await request.finish();
  };
  start_tls();
  auto peer = connect_tls();
  peer.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(peer.read_to_end().ends_with("until the end"));
  EXPECT_TRUE(peer.was_told_of_the_end());
}

TEST_F(TlsServerTest, SaysThatItEndsWhenItWasIdle) {
  limits_.idle_timeout = Ms(100);
  start_tls();
  auto peer = connect_tls();
  peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(peer.read_to_end().ends_with("GET /a "));
  EXPECT_TRUE(peer.was_told_of_the_end());
}

TEST_F(TlsServerTest, SaysThatItEndsWhenItDrains) {
  start_tls();
  auto peer = connect_tls();
  peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  peer.read_to("GET /a ");
  begin_drain(Ms(1000));
  peer.read_to_end();
  EXPECT_TRUE(peer.was_told_of_the_end());
  thread_.join();
}

TEST_F(TlsServerTest, BreakingOffIsNoEnd) {
  handler_ = [](Request& request) -> Task<void> {
    request.start({200, {}});
    std::string_view piece = "half";
    co_await request.write({&piece, 1});
    request.abort();
  };
  start_tls();
  auto peer = connect_tls();
  peer.send("GET /a HTTP/1.0\r\n\r\n");
  peer.read_to_end();
  EXPECT_FALSE(peer.was_told_of_the_end());
}

TEST_F(TlsServerTest, AReloadedCertificateIsForNewConnections) {
  start_tls();
  auto before = connect_tls();
  EXPECT_EQ(before.subject(), "first");
  make_certificate("second", "IP:127.0.0.1").write(certificate_, key_);
  ASSERT_TRUE(tls_->reload());
  auto after = connect_tls();
  EXPECT_EQ(after.subject(), "second");
  before.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(before.read_to("GET /a ").find("200 OK"), std::string::npos);
}

TEST_F(TlsServerTest, ABadFileChangesNothing) {
  start_tls();
  std::ofstream(certificate_) << "not a certificate";
  auto reloaded = tls_->reload();
  ASSERT_FALSE(reloaded);
  EXPECT_NE(reloaded.error().told.find(certificate_), std::string::npos);
  EXPECT_EQ(connect_tls().subject(), "first");
}

TEST_F(TlsServerTest, AKeyOfAnotherCertificateIsRefused) {
  make_certificate("other", "IP:127.0.0.1").write(directory_.file("other.pem"), directory_.file("other.key"));
  auto tls = ServerTls::load(certificate_, directory_.file("other.key"));
  ASSERT_FALSE(tls);
  EXPECT_EQ(tls.error().kind, FaultKind::kInvalidConfig);
}

TEST_F(TlsServerTest, PlainHttpIsToldToUseHttps) {
  start_tls();
  for (const auto& bytes :
       {std::string("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"), "POST /a?" + std::string(3'000'000, 'x')}) {
    auto plain = connect();
    plain.send(bytes);
    plain.shutdown_send();
    const auto answer = plain.read_to_end();
    EXPECT_EQ(status_in(answer), 400);
    EXPECT_NE(answer.find("connection: close"), std::string::npos) << answer;
    EXPECT_NE(answer.find("https://"), std::string::npos) << answer;
    EXPECT_NE(answer.find("/a"), std::string::npos) << answer;
    EXPECT_FALSE(plain.was_reset());
  }
  EXPECT_EQ(served_, 0);
  EXPECT_TRUE(connect_tls().connected());
}

TEST_F(TlsServerTest, OtherBytesEndTheConnectionAlone) {
  start_tls();
  auto other = connect();
  other.send(std::string(100, '\x01'));
  EXPECT_EQ(other.read_to_end().find("HTTP"), std::string::npos);
  auto nothing = connect();
  nothing.shutdown_send();
  EXPECT_EQ(nothing.read_to_end(), "");
  EXPECT_EQ(served_, 0);
  EXPECT_TRUE(connect_tls().connected());
}

TEST_F(TlsServerTest, AHandshakeThatStopsBehindItsFirstByteIsCut) {
  limits_.header_timeout = Ms(200);
  start_tls();
  auto slow = connect();
  const auto began = now();
  std::this_thread::sleep_for(Ms(120));
  slow.send("\x16");
  EXPECT_TRUE(slow.sees_end(Ms(1000)));
  EXPECT_LT(now() - began, Ms(310));
}

TEST_F(TlsServerTest, AHandshakeThatDoesNotEndIsCut) {
  limits_.header_timeout = Ms(150);
  start_tls();
  auto silent = connect();
  EXPECT_TRUE(silent.sees_end(Ms(1000)));
}

// What was agreed on with a client that offers these protocols; why there is no connection where there is none.
std::string chosen_of(const RawPeer& raw, std::string_view offered) {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                      static_cast<unsigned>(offered.size()));
  SSL_set_fd(ssl.get(), raw.descriptor());
  if (SSL_connect(ssl.get()) != 1) return ERR_reason_error_string(ERR_get_error());
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl.get(), &chosen, &length);
  return {reinterpret_cast<const char*>(chosen), length};
}

TEST_F(TlsServerTest, ChoosesHttp11OrNone) {
  start_tls();
  EXPECT_EQ(chosen_of(connect(), "\x02h2\x08http/1.1"), "http/1.1");
  EXPECT_EQ(chosen_of(connect(), ""), "");
  EXPECT_EQ(chosen_of(connect(), "\x02h2"), "tlsv1 alert no application protocol");
}

TEST_F(TlsServerTest, RefusesTls11) {
  start_tls();
  auto raw = connect();
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), raw.descriptor());
  EXPECT_NE(SSL_connect(ssl.get()), 1);
  ERR_clear_error();
}

TEST_F(TlsServerTest, LeavingWhileServedCancels) {
  std::atomic<bool> entered{false}, cancelled{false};
  handler_ = [&](Request& request) -> Task<void> {
    entered = true;
    co_await sleep(request.loop(), Ms(10'000), request.cancel());
    cancelled = request.cancel().cancelled();
    request.abort();
  };
  start_tls();
  auto peer = connect_tls();
  peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return entered.load(); }));
  peer.close();
  EXPECT_TRUE(eventually([&] { return cancelled.load(); }, Ms(250)));
}

}  // namespace
}  // namespace sluice::net::tls_test
