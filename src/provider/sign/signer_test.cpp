#include "provider/sign/signer.h"

#include "base/text.h"
#include "provider/sign/crypto.h"
#include "provider/sign/sign_fixture_test.h"
#include "provider/sign/sigv4.h"

namespace sluice::provider::signer_test {
namespace {

class SignerTest : public SignTest {
 protected:
  net::Origin bedrock() const {
    net::Origin origin;
    origin.host = "127.0.0.1";
    origin.port = listener_.port();
    return origin;
  }
  std::unique_ptr<const Signer> aws(AwsSettings settings) {
    settings.region = "us-east-1";
    auto made = aws_signer(settings, bedrock(), "bedrock", surroundings());
    EXPECT_TRUE(made) << (made ? "" : made.error().told);
    return made ? std::move(*made) : nullptr;
  }
  AwsSettings key_{.access_key_id = "AKIDEXAMPLE",
                   .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
};

TEST_F(SignerTest, AHeaderThatIsAlwaysTheSame) {
  const auto bearer = header_signer("authorization", "Bearer ", Secret("sk-00001"));
  const auto plain = header_signer("api-key", "", Secret("sk-00002"));
  start();
  EXPECT_EQ(sign(*bearer).get().field("authorization"), "Bearer sk-00001");
  EXPECT_EQ(sign(*plain).get().field("api-key"), "sk-00002");
  std::string text = "no such key: sk-00001";
  bearer->mask(text);
  EXPECT_EQ(text, "no such key: ***");
  EXPECT_EQ(bearer->learn({}, {401, {}}, kTime), Signer::Again::kNo);
}

TEST_F(SignerTest, ABearerTokenOfBedrock) {
  const auto signer = aws({.bearer_token = Secret("ABSK1")});
  start();
  auto outcome = sign(*signer).get();
  EXPECT_EQ(outcome.field("authorization"), "Bearer ABSK1");
  EXPECT_FALSE(outcome.head.headers.has("x-amz-date"));
}

TEST_F(SignerTest, LargeBodiesAreHashedElsewhereAlike) {
  const auto signer = aws(key_);
  start();
  EXPECT_EQ(sign(*signer, kTime, std::string(300 << 10, 'x')).get().field("x-amz-content-sha256"),
            "def89517b7d1690aac7628fccbe266a6c5b30c4bc4e4e226b2f32e27a370a588");
}

// What arrives gives the same signature, Host included.
TEST_F(SignerTest, TheSignatureIsOfWhatIsSent) {
  const auto signer = aws(key_);
  target_ = "/path?q=1";  // of the fixture's calls
  start();
  auto call = begin("POST", "ask", sign(*signer, kTime, "ask").get().head.headers);
  auto peer = listener_.accept();
  const auto message = peer.read_message();
  peer.send(net::answer_with(""));
  call.get();

  http::RequestHead arrived{"POST", target_, {}};
  for (auto line : split(std::string_view(message).substr(0, message.find("\r\n\r\n")), '\n')) {
    const auto colon = line.find(": ");
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (colon != std::string_view::npos) arrived.headers.add(line.substr(0, colon), line.substr(colon + 2));
  }
  const std::string host(arrived.headers.get("host").value_or(""));
  const std::string sent(arrived.headers.get("authorization").value_or(""));
  Credentials key;
  key.key_id = key_.access_key_id;
  key.secret_key = key_.secret_access_key;
  const std::string_view body = "ask";
  sign_sigv4(arrived, sha256_of({&body, 1}), {.host = host, .region = "us-east-1", .service = "bedrock"}, key, kTime);
  EXPECT_EQ(arrived.headers.get("authorization"), sent);
}

TEST(HostField, AsTheClientWritesIt) {
  auto host = [](std::string name, std::uint16_t port) {
    net::Origin origin;
    origin.host = std::move(name);
    origin.port = port;
    return host_field(origin);
  };
  EXPECT_EQ(host("a.example", 80), "a.example");
  EXPECT_EQ(host("a.example", 443), "a.example:443");
  EXPECT_EQ(host("::1", 8080), "[::1]:8080");
  EXPECT_EQ(host("::1", 80), "[::1]");
}

TEST_F(SignerTest, FollowsTheProvidersClock) {
  const auto signer = aws(key_);
  start();
  const auto early = sign(*signer).get();
  EXPECT_EQ(early.field("x-amz-date"), "20261122T101112Z");
  const http::Headers ahead{{"Date", "Sun, 22 Nov 2026 11:11:12 GMT"}};
  EXPECT_EQ(signer->learn(early.head, {403, ahead}, kTime), Signer::Again::kSignAgain);
  EXPECT_EQ(signer->learn(early.head, {403, ahead}, kTime), Signer::Again::kSignAgain);  // another one's
  const auto right = sign(*signer).get();
  EXPECT_EQ(right.field("x-amz-date"), "20261122T111112Z");
  EXPECT_EQ(signer->learn(right.head, {403, ahead}, kTime), Signer::Again::kNo);
  const http::Headers back{{"Date", "Sun, 22 Nov 2026 10:11:12 GMT"}};
  EXPECT_EQ(signer->learn(right.head, {200, back}, kTime), Signer::Again::kNo);
  EXPECT_EQ(sign(*signer).get().field("x-amz-date"), "20261122T101112Z");
}

TEST_F(SignerTest, AnExpiredKeyIsReadAgain) {
  folder_.write(".aws/credentials", "[default]\naws_access_key_id=OLD\naws_secret_access_key=s\n");
  const auto signer = aws({});
  const auto fixed = aws(key_);
  start();
  EXPECT_TRUE(sign(*signer).get().field("authorization").contains("=OLD/"));
  folder_.write(".aws/credentials", "[default]\naws_access_key_id=NEW\naws_secret_access_key=s\n");
  const auto later = kTime + std::chrono::minutes(2);
  const auto old = sign(*signer, later).get();
  EXPECT_TRUE(old.field("authorization").contains("=OLD/"));
  const http::ResponseHead denied{403, {{"x-amzn-errortype", "AccessDeniedException"}}};
  const http::ResponseHead expired{403, {{"x-amzn-errortype", "ExpiredTokenException:http://x"}}};
  EXPECT_EQ(signer->learn(old.head, denied, later), Signer::Again::kNo);
  EXPECT_EQ(signer->learn(old.head, expired, later), Signer::Again::kSignAgain);
  const auto fresh = sign(*signer, later).get();
  EXPECT_TRUE(fresh.field("authorization").contains("=NEW/"));
  EXPECT_EQ(signer->learn(old.head, expired, later), Signer::Again::kSignAgain);  // of another request
  EXPECT_EQ(signer->learn(fresh.head, expired, later), Signer::Again::kNo);
  // A key that never changes is not fetched anew.
  EXPECT_EQ(fixed->learn(sign(*fixed, later).get().head, expired, later), Signer::Again::kNo);
}

TEST_F(SignerTest, ACancelledRequestIsNotSigned) {
  variables_["GCE_METADATA_HOST"] = address();
  auto signer = google_signer(GoogleSettings{}, surroundings());
  ASSERT_TRUE(signer);
  start();
  auto request = sign(**signer);
  auto peer = listener_.accept();
  peer.read_head();
  leave(request);
  auto outcome = request.get();
  EXPECT_EQ(fault_of(outcome).kind, FaultKind::kClientGone);
  EXPECT_LT(outcome.took, net::kLate);
  EXPECT_TRUE(peer.sees_end(net::kLate));
}

}  // namespace
}  // namespace sluice::provider::signer_test
