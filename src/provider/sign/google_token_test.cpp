#include "provider/sign/google_token.h"

#include "base/base64.h"
#include "base/text.h"
#include "json/escaped.h"
#include "provider/sign/ask.h"
#include "provider/sign/sign_fixture_test.h"
#include "provider/sign/test_key_test.h"

namespace sluice::provider::google_token_test {
namespace {

class GoogleTokenTest : public SignTest {
 protected:
  std::string service_account() const {
    return "{\"type\":\"service_account\",\"project_id\":\"p-1\",\"private_key_id\":\"k-1\",\"private_key\":\"" +
           json::escape(key_.pem()) + "\",\"client_email\":\"robot@p-1.example\",\"token_uri\":\"http://" + address() +
           "/token\",\"nested\":{\"type\":\"other\"}}";
  }
  std::string user() const {
    return R"({"type":"authorized_user","client_id":"id/1","client_secret":"hush","refresh_token":"1//re","quota_project_id":"q","token_uri":"http://)" +
           address() + "/\"}";
  }
  std::unique_ptr<const Signer> signer() {
    auto made = google_signer(settings_, surroundings());
    EXPECT_TRUE(made) << (made ? "" : made.error().told);
    return made ? std::move(*made) : nullptr;
  }
  std::string mistake(std::string_view text) {
    auto read = read_google_file(text, "key.json", surroundings());
    EXPECT_FALSE(read);
    if (read) return {};
    EXPECT_EQ(read.error().kind, FaultKind::kInvalidConfig);
    return read.error().told;
  }

  TestKey key_;
  GoogleSettings settings_;
};

constexpr std::string_view kAnswer = R"({"access_token":"ya29.a","expires_in":3599,"token_type":"Bearer"})";

TEST_F(GoogleTokenTest, AServiceAccountSignsAnAssertion) {
  variables_["GOOGLE_APPLICATION_CREDENTIALS"] = folder_.write("key.json", service_account());
  auto made = signer();
  start();
  auto request = sign(*made);
  auto peer = listener_.accept();
  auto message = peer.read_message();
  EXPECT_TRUE(message.starts_with("POST /token HTTP/1.1\r\n")) << message;
  auto form = message.substr(message.find("\r\n\r\n") + 4);
  constexpr std::string_view kBefore = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  ASSERT_TRUE(form.starts_with(kBefore)) << form;
  const auto parts = split(std::string_view(form).substr(kBefore.size()), '.');
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(base64_decode(parts[0]), R"({"alg":"RS256","typ":"JWT","kid":"k-1"})");
  EXPECT_EQ(base64_decode(parts[1]), R"({"iss":"robot@p-1.example","scope":)"
                                     R"("https://www.googleapis.com/auth/cloud-platform","aud":"http://)" +
                                         address() + R"(/token","iat":1795342272,"exp":1795345872})");
  const auto text = std::string(parts[0]) + "." + std::string(parts[1]);
  EXPECT_TRUE(key_.verifies(text, base64_decode(parts[2]).value_or("")));
  peer.send(net::answer_with(kAnswer));
  auto outcome = request.get();
  EXPECT_EQ(outcome.field("authorization"), "Bearer ya29.a");
  EXPECT_EQ(outcome.field("x-goog-user-project"), "");
}

TEST_F(GoogleTokenTest, AUserGivesARefreshToken) {
  settings_.credentials_file = folder_.write("key.json", user());
  auto made = signer();
  start();
  auto request = sign(*made);
  auto peer = listener_.accept();
  auto message = peer.read_message();
  EXPECT_TRUE(message.starts_with("POST / HTTP/1.1\r\n")) << message;
  EXPECT_TRUE(
      message.ends_with("\r\n\r\ngrant_type=refresh_token&client_id=id%2F1&client_secret=hush&refresh_token=1%2F%2Fre"))
      << message;
  peer.send(net::answer_with(kAnswer));
  auto outcome = request.get();
  EXPECT_EQ(outcome.field("authorization"), "Bearer ya29.a");
  EXPECT_EQ(outcome.field("x-goog-user-project"), "q");
}

TEST_F(GoogleTokenTest, FindsTheFileOfGcloud) {
  folder_.write(".config/gcloud/application_default_credentials.json", service_account());
  auto found = find_google_credentials(settings_, surroundings());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->project, "p-1");
  variables_["CLOUDSDK_CONFIG"] = folder_.path();
  found = find_google_credentials(settings_, surroundings());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->project, "");  // there is none: the metadata server
}

TEST_F(GoogleTokenTest, AReadyTokenNeedsNothing) {
  settings_.access_token = Secret("ya29.given");
  auto made = signer();
  start();
  const auto sent = sign(*made).get();
  EXPECT_EQ(sent.field("authorization"), "Bearer ya29.given");
  EXPECT_EQ(made->learn(sent.head, {401, {}}, kTime + kHour), Signer::Again::kNo);
}

TEST_F(GoogleTokenTest, ARefusalHoldsNoSecret) {
  settings_.credentials_file = folder_.write("key.json", user());
  auto made = signer();
  start();
  auto request = sign(*made);
  auto peer = listener_.accept();
  peer.read_message();
  const std::string body = R"({"error":"invalid_grant","error_description":"1//re hush is no good"})";
  peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  auto fault = fault_of(request.get());
  EXPECT_EQ(fault.told, "A Google access token could not be fetched from 127.0.0.1: the answer was 400.");
  EXPECT_EQ(fault.detail, "error code invalid_grant");
  EXPECT_FALSE((fault.told + fault.detail).contains("hush"));
}

TEST_F(GoogleTokenTest, ARefusalTellsPlainCodesAlone) {
  EXPECT_EQ(refused("A", "h", {400, Secret(R"({"error":"1//re hush"})")}).detail, "");
  EXPECT_EQ(refused("A", "h", {400, Secret("hush")}).detail, "");
}

TEST_F(GoogleTokenTest, MistakesNameTheirPlace) {
  EXPECT_TRUE(mistake("{\n\"type\": \"service_account\"\n\"x\": 1}").starts_with("key.json:3: this is not JSON: "));
  EXPECT_TRUE(mistake("").starts_with("key.json:1: this is not JSON: "));
  EXPECT_TRUE(mistake("[]").starts_with("key.json:1: this is not JSON: an object is expected"));
  EXPECT_EQ(mistake("{}"), "key.json: type: service_account or authorized_user is expected.");
  EXPECT_EQ(mistake(R"({"credential_source":{"type":"service_account"},"type":"external_account"})"),
            "key.json: type: service_account or authorized_user is expected, found 'external_account'.");
  EXPECT_EQ(mistake(R"({"type":"service_account"})"), "key.json: client_email: a text is expected.");
  EXPECT_EQ(mistake(R"({"type":"service_account","client_email":"a","private_key":"hush"})"),
            "key.json: private_key: an RSA key in PEM form is expected.");
  EXPECT_EQ(mistake(R"({"type":"authorized_user","client_id":"a","client_secret":"b"})"),
            "key.json: refresh_token: a text is expected.");
  EXPECT_EQ(mistake(R"({"type":"authorized_user","token_uri":"oauth"})"),
            "key.json: token_uri: an absolute URL is expected.");
}

TEST_F(GoogleTokenTest, MistakesOfSettings) {
  settings_.credentials_file = folder_.path() + "/none.json";
  auto found = find_google_credentials(settings_, surroundings());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().told, settings_.credentials_file + " cannot be read, or is larger than 1 MiB.");
  settings_.credentials_file.clear();
  variables_["GCE_METADATA_HOST"] = "a/b";
  EXPECT_FALSE(find_google_credentials(settings_, surroundings()));
}

}  // namespace
}  // namespace sluice::provider::google_token_test
