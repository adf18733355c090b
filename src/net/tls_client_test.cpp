// TLS to providers, and the way through a proxy.
#include "net/client_fixture_test.h"
#include "net/tls.h"
#include "net/tls_fixture_test.h"

namespace sluice::net::tls_client_test {
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

// Where no length is told, only the notice of the end says that nothing is missing.
TEST_F(TlsClientTest, TheNoticeOfTheEndEndsABody) {
  auto own = make_certificate("provider", "IP:127.0.0.1", &authority_);
  start();
  for (auto last : {TlsPeer::Last::kYes, TlsPeer::Last::kNo}) {
    auto call = begin();
    auto peer = accept_tls(own);
    peer.read_to("ask");
    peer.raw().send(peer.sealed("HTTP/1.1 200 OK\r\n\r\nto the end", last));  // in one segment
    if (last == TlsPeer::Last::kNo) peer.raw().shutdown_send();
    const auto outcome = call.get();
    EXPECT_EQ(outcome.body, "to the end");
    EXPECT_EQ(outcome.status.has_value(), last == TlsPeer::Last::kYes);
    EXPECT_LT(outcome.took, kLate);
  }
}

TEST_F(TlsClientTest, AProviderMayAskForAnotherHandshake) {
  auto own = make_certificate("provider", "IP:127.0.0.1", &authority_);
  start();
  auto call = begin();
  TlsPeer peer(listener_.accept(), TlsPeer::Side::kServer, &own, TLS1_2_VERSION);
  peer.read_to("ask");
  ASSERT_EQ(SSL_renegotiate(peer.ssl()), 1);
  ASSERT_EQ(SSL_do_handshake(peer.ssl()), 1);  // says that it wants one
  timeval shortly{0, 300'000};
  setsockopt(peer.raw().descriptor(), SOL_SOCKET, SO_RCVTIMEO, &shortly, sizeof shortly);
  EXPECT_EQ(peer.read_to("nothing, but the handshake"), "");
  EXPECT_EQ(SSL_total_renegotiations(peer.ssl()), 1);
  EXPECT_EQ(SSL_in_init(peer.ssl()), 0);
  peer.send(answer_with("with new keys"));
  EXPECT_EQ(call.get().body, "with new keys");
}

TEST_F(TlsClientTest, LargeBodiesPassBothWays) {
  auto own = make_certificate("provider", "IP:127.0.0.1", &authority_);
  start();
  std::string body;
  for (int i = 0; body.size() < 3'000'000; ++i) body += std::to_string(i) + ' ';
  auto call = begin("POST", body);
  auto peer = accept_tls(own);
  EXPECT_TRUE(peer.read_to(body.substr(body.size() - 100)).ends_with(body));
  peer.send(answer_with(body));
  EXPECT_TRUE(call.get().body == body);
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

TEST_F(ProxyTest, InterimAnswersOfTheProxyAreSkipped) {
  auto own = make_certificate("provider", "DNS:provider.example", &authority_);
  start();
  auto call = begin();
  auto proxy = listener_.accept();
  proxy.read_head();
  proxy.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200\r\n\r\n");
  TlsPeer provider(std::move(proxy), TlsPeer::Side::kServer, &own);
  ASSERT_TRUE(provider.connected());
  provider.read_to("ask");
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

}  // namespace
}  // namespace sluice::net::tls_client_test
