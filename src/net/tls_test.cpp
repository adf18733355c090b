// TLS on both sides, and the way through a proxy.
#include "net/tls.h"

#include <fstream>

#include "net/client_fixture_test.h"
#include "net/server_fixture_test.h"
#include "net/tls_fixture_test.h"

namespace sluice::net {
namespace {

class TlsClientTest : public ClientTest {
 protected:
  TlsClientTest() {
    authority_.write(directory_.file("ca.pem"), directory_.file("ca.key"));
    trust(directory_.file("ca.pem"));
  }
  void trust(const std::string& file) {
    auto tls = ClientTls::load(file);
    ASSERT_TRUE(tls) << tls.error().told;
    origin_.tls = *tls;
  }
  TlsPeer accept_tls(const KeyPair& own) { return TlsPeer(listener_.accept(), TlsPeer::Side::kServer, &own); }

  TestDirectory directory_;
  KeyPair authority_ = make_certificate("Test Authority", "");
};

TEST_F(TlsClientTest, CallsAProviderWhoseAuthorityItTrusts) {
  auto own = make_certificate("provider", "IP:127.0.0.1", &authority_);
  start();
  auto call = begin("POST", "secret");
  auto peer = accept_tls(own);
  ASSERT_TRUE(peer.connected());
  EXPECT_TRUE(peer.read_to("secret").ends_with("secret"));
  peer.send(answer_with("safe"));
  EXPECT_EQ(call.get().body, "safe");
}

TEST_F(TlsClientTest, ChecksTheName) {
  auto own = make_certificate("localhost", "DNS:other.example,IP:127.0.0.2", &authority_);
  start();
  auto call = begin();
  auto peer = accept_tls(own);
  auto outcome = call.get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kUnreachable);
  EXPECT_NE(outcome.status.error().told.find("TLS failed"), std::string::npos);
  EXPECT_EQ(peer.read_to_end(), "") << "nothing of the request was sent";
}

TEST_F(TlsClientTest, NamesItsHostToTheServer) {
  auto own = make_certificate("localhost", "DNS:localhost", &authority_);
  origin_.host = "localhost";
  start();
  auto call = begin();
  auto peer = accept_tls(own);
  ASSERT_TRUE(peer.connected());
  EXPECT_STREQ(SSL_get_servername(peer.ssl(), TLSEXT_NAMETYPE_host_name), "localhost");
  peer.read_to("ask");
  peer.send(answer_with("named"));
  EXPECT_EQ(call.get().body, "named");
}

TEST_F(TlsClientTest, RefusesACertificateThatSignedItself) {
  auto own = make_certificate("provider", "IP:127.0.0.1");
  start();
  auto call = begin();
  auto peer = accept_tls(own);
  EXPECT_EQ(kind_of(call.get()), FaultKind::kUnreachable);
}

TEST_F(TlsClientTest, RefusesAnExpiredCertificate) {
  auto own = make_certificate("provider", "IP:127.0.0.1", &authority_, -1);
  start();
  auto call = begin();
  auto peer = accept_tls(own);
  EXPECT_EQ(kind_of(call.get()), FaultKind::kUnreachable);
}

TEST_F(TlsClientTest, TheSystemsAuthoritiesDoNotKnowOurs) {
  trust("");
  auto own = make_certificate("provider", "IP:127.0.0.1", &authority_);
  start();
  auto call = begin();
  auto peer = accept_tls(own);
  EXPECT_EQ(kind_of(call.get()), FaultKind::kUnreachable);
}

TEST_F(TlsClientTest, RefusesOldVersions) {
  auto own = make_certificate("provider", "IP:127.0.0.1", &authority_);
  start();
  auto call = begin();
  auto raw = listener_.accept();
  auto hello = raw.read(60);
  EXPECT_EQ(hello.substr(0, 1), "\x16");
  raw.send(std::string("\x15\x03\x01\x00\x02\x02\x46", 7));  // alert: protocol version
  raw.close();
  EXPECT_EQ(kind_of(call.get()), FaultKind::kUnreachable);
}

TEST_F(TlsClientTest, AServerThatIsSilentRunsIntoTheConnectLimit) {
  timeouts_.connect = Ms(200);
  start();
  auto call = begin();
  auto raw = listener_.accept();
  auto outcome = call.get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kProviderTimeout);
  EXPECT_EQ(outcome.status.error().code, "connect_timeout");
  EXPECT_LT(outcome.took, kLate);
}

TEST_F(TlsClientTest, CancelEndsTheHandshake) {
  start();
  auto call = begin();
  auto raw = listener_.accept();
  raw.read(10);
  cancel(call);
  EXPECT_TRUE(raw.sees_end(Ms(250)));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kClientGone);
}

TEST_F(TlsClientTest, PlainTextWhereTlsIsExpectedIsUnreachable) {
  start();
  auto call = begin();
  auto raw = listener_.accept();
  raw.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(kind_of(call.get()), FaultKind::kUnreachable);
}

TEST_F(TlsClientTest, UsesAConnectionAgain) {
  auto own = make_certificate("provider", "IP:127.0.0.1", &authority_);
  start();
  auto first = begin();
  auto peer = accept_tls(own);
  peer.read_to("ask");
  peer.send(answer_with("one"));
  EXPECT_EQ(first.get().body, "one");
  auto second = begin();
  peer.read_to("ask");
  peer.send(answer_with("two"));
  auto outcome = second.get();
  EXPECT_EQ(outcome.body, "two");
  EXPECT_TRUE(outcome.reused);
}

TEST(ClientTls, NamesAFileItCannotUse) {
  auto tls = ClientTls::load("/no/such/ca.pem");
  ASSERT_FALSE(tls);
  EXPECT_EQ(tls.error().kind, FaultKind::kInvalidConfig);
  EXPECT_NE(tls.error().told.find("/no/such/ca.pem"), std::string::npos);
}

// Through a proxy.

class ProxyTest : public TlsClientTest {
 protected:
  ProxyTest() {
    origin_.host = "provider.example";  // only the proxy could find it
    origin_.port = 443;
    origin_.proxy_host = "127.0.0.1";
    origin_.proxy_port = listener_.port();
    origin_.proxy_authorization = "Basic dXNlcjpwYXNz";
  }
};

TEST_F(ProxyTest, PlainHttpGoesInAbsoluteForm) {
  origin_.tls = nullptr;
  origin_.port = 8000;
  start();
  auto call = begin();
  auto proxy = listener_.accept();
  auto request = proxy.read_message();
  EXPECT_TRUE(
      request.starts_with("POST http://provider.example:8000/path?q=1 HTTP/1.1\r\nHost: provider.example:8000\r\n"))
      << request;
  EXPECT_NE(request.find("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"), std::string::npos);
  proxy.send(answer_with("through"));
  EXPECT_EQ(call.get().body, "through");
}

TEST_F(ProxyTest, TlsGoesThroughATunnel) {
  auto own = make_certificate("provider", "DNS:provider.example", &authority_);
  start();
  auto call = begin();
  auto proxy = listener_.accept();
  auto request = proxy.read_head();
  EXPECT_EQ(request,
            "CONNECT provider.example:443 HTTP/1.1\r\nHost: provider.example:443\r\nProxy-Authorization: Basic "
            "dXNlcjpwYXNz\r\n\r\n");
  proxy.send("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
  TlsPeer provider(std::move(proxy), TlsPeer::Side::kServer, &own);
  ASSERT_TRUE(provider.connected());
  auto inner = provider.read_to("ask");
  EXPECT_TRUE(inner.starts_with("POST /path?q=1 HTTP/1.1\r\nHost: provider.example\r\n")) << inner;
  EXPECT_EQ(inner.find("Proxy-Authorization"), std::string::npos) << "the proxy's password is not for the provider";
  provider.send(answer_with("tunnelled"));
  EXPECT_EQ(call.get().body, "tunnelled");
}

TEST_F(ProxyTest, TheTunnelsAddressOfAnIpv6OriginHasBrackets) {
  origin_.host = "2001:db8::1";
  start();
  auto call = begin();
  auto proxy = listener_.accept();
  EXPECT_TRUE(proxy.read_head().starts_with("CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n"));
  proxy.send("HTTP/1.1 403 Forbidden\r\n\r\n");
  call.get();
}

TEST_F(ProxyTest, ARefusedTunnelIsUnreachable) {
  start();
  auto call = begin();
  auto proxy = listener_.accept();
  proxy.read_head();
  proxy.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  auto outcome = call.get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kUnreachable);
  EXPECT_NE(outcome.status.error().told.find("407"), std::string::npos);
}

TEST_F(ProxyTest, AProxyThatClosesOrIsNoProxyIsUnreachable) {
  start();
  for (auto answer : {"", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\n"}) {
    auto call = begin();
    auto proxy = listener_.accept();
    proxy.read_head();
    proxy.send(answer);
    proxy.close();
    EXPECT_EQ(kind_of(call.get()), FaultKind::kUnreachable) << answer;
  }
}

TEST_F(ProxyTest, ASilentProxyRunsIntoTheConnectLimit) {
  timeouts_.connect = Ms(200);
  start();
  auto call = begin();
  auto proxy = listener_.accept();
  auto outcome = call.get();
  EXPECT_EQ(kind_of(outcome), FaultKind::kProviderTimeout);
  EXPECT_LT(outcome.took, kLate);
}

TEST_F(ProxyTest, BytesBehindTheProxysAnswerDoNotPassForTheProviders) {
  auto own = make_certificate("provider", "DNS:provider.example", &authority_);
  start();
  auto call = begin();
  auto proxy = listener_.accept();
  proxy.read_head();
  proxy.send("HTTP/1.1 200 OK\r\n\r\n" + answer_with("injected"));
  TlsPeer provider(std::move(proxy), TlsPeer::Side::kServer, &own);
  if (provider.connected()) provider.send(answer_with("genuine"));
  auto outcome = call.get();
  EXPECT_EQ(outcome.body.find("injected"), std::string::npos);
  EXPECT_EQ(kind_of(outcome), FaultKind::kUnreachable);
}

TEST_F(ProxyTest, CancelEndsTheTunnel) {
  start();
  auto call = begin();
  auto proxy = listener_.accept();
  proxy.read_head();
  cancel(call);
  EXPECT_TRUE(proxy.sees_end(Ms(250)));
  EXPECT_EQ(kind_of(call.get()), FaultKind::kClientGone);
}

// The server's side.

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

TEST_F(TlsServerTest, PlainBytesEndTheConnectionAlone) {
  start_tls();
  auto plain = connect();
  plain.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  plain.read_to_end();
  EXPECT_EQ(served_, 0);
  auto peer = connect_tls();
  EXPECT_TRUE(peer.connected());
}

TEST_F(TlsServerTest, AHandshakeThatDoesNotEndIsCut) {
  limits_.header_timeout = Ms(150);
  start_tls();
  auto silent = connect();
  EXPECT_TRUE(silent.sees_end(Ms(1000)));
}

TEST_F(TlsServerTest, ChoosesHttp11) {
  start_tls();
  auto raw = connect();
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  const unsigned char offered[] = "\x02h2\x08http/1.1";
  SSL_set_alpn_protos(ssl.get(), offered, sizeof offered - 1);
  SSL_set_fd(ssl.get(), raw.descriptor());
  ASSERT_EQ(SSL_connect(ssl.get()), 1);
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl.get(), &chosen, &length);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), length), "http/1.1");
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
}  // namespace sluice::net
