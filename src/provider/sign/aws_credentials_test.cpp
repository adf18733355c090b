// Where AWS credentials are found, and the servers that give temporary ones, played by the test.
#include "provider/sign/aws_credentials.h"

#include "provider/sign/aws_identity.h"
#include "provider/sign/aws_metadata.h"
#include "provider/sign/sign_fixture_test.h"

namespace sluice::provider::aws_credentials_test {
namespace {

constexpr std::string_view kKey =
    R"({"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"hush-hush","Token":"tok/en/en=","Expiration":"2026-11-22T16:11:12Z"})";

class AwsTest : public SignTest {
 protected:
  AwsTest() { settings_.region = "us-east-1"; }

  std::unique_ptr<const Signer> signer() {
    net::Origin origin;
    origin.host = "bedrock-runtime.us-east-1.amazonaws.com";
    origin.port = 80;
    auto made = aws_signer(settings_, origin, "bedrock", surroundings());
    EXPECT_TRUE(made) << (made ? "" : made.error().told);
    return made ? std::move(*made) : nullptr;
  }
  std::string mistake() {
    auto found = find_aws_credentials(settings_, surroundings());
    if (found) return "none";
    EXPECT_EQ(found.error().kind, FaultKind::kInvalidConfig);
    EXPECT_FALSE(found.error().told.contains("hush")) << found.error().told;
    return found.error().told;
  }
  // The key that requests are signed with, when nothing has to be fetched; else what is missing.
  std::string fixed() {
    auto found = find_aws_credentials(settings_, surroundings());
    if (!found) return found.error().told;
    auto held = (*found)->held();
    if (!held) return "to be fetched";
    return held->bearer.empty() ? held->key_id : "bearer " + std::string(held->bearer.reveal());
  }
  static void expect_key(const Signed& outcome) {
    EXPECT_TRUE(outcome.status);
    EXPECT_TRUE(outcome.field("authorization")
                    .starts_with("AWS4-HMAC-SHA256 Credential=ASIA1/20261122/us-east-1/bedrock/aws4_request, "))
        << outcome.field("authorization");
    EXPECT_EQ(outcome.field("x-amz-security-token"), "tok/en/en=");
  }

  AwsSettings settings_;
};

TEST_F(AwsTest, TheOrderOfSources) {
  variables_["AWS_EC2_METADATA_DISABLED"] = "TRUE";
  EXPECT_TRUE(mistake().starts_with("There are no AWS credentials: "));
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1/c";
  EXPECT_EQ(fixed(), "to be fetched");
  folder_.write(".aws/credentials",
                "[default]\naws_access_key_id=A-FILE\naws_secret_access_key=s\n"
                "[other]\naws_access_key_id=A-OTHER\naws_secret_access_key=s\n");
  EXPECT_EQ(fixed(), "to be fetched");  // read by the first request
  variables_["AWS_ACCESS_KEY_ID"] = "A-ENV";
  EXPECT_EQ(
      mistake(),
      "AWS_SECRET_ACCESS_KEY is missing or unusable: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together.");
  variables_["AWS_SECRET_ACCESS_KEY"] = "hush";
  EXPECT_EQ(fixed(), "A-ENV");
  variables_["AWS_BEARER_TOKEN_BEDROCK"] = "b-env";
  EXPECT_EQ(fixed(), "bearer b-env");
  settings_.profile = "other";
  EXPECT_EQ(fixed(), "to be fetched");
  settings_.access_key_id = "A-CONFIG";
  EXPECT_EQ(mistake(),
            "secret_access_key is missing or unusable: access_key_id and secret_access_key belong together.");
  settings_.secret_access_key = Secret("s");
  EXPECT_EQ(fixed(), "A-CONFIG");
  settings_.bearer_token = Secret("b-config");
  EXPECT_EQ(fixed(), "bearer b-config");
}

TEST_F(AwsTest, SignsWithTheFilesOfAProfile) {
  folder_.write(".aws/credentials",
                "[p]\naws_access_key_id=ASIA1\naws_secret_access_key=s\naws_session_token=tok/en/en=\n");
  variables_["AWS_PROFILE"] = "p";
  auto made = signer();
  start();
  expect_key(sign(*made).get());
  // Temporary keys are read again, and a file that went bad leaves the old ones while they last.
  folder_.write(".aws/credentials", "[p]\naws_access_key_id=ASIA2\naws_secret_access_key=s\n");
  expect_key(sign(*made, kTime + std::chrono::minutes(7)).get());
  EXPECT_TRUE(sign(*made, kTime + std::chrono::minutes(11)).get().field("authorization").contains("=ASIA2/"));
}

TEST_F(AwsTest, AProfileThatIsNotThere) {
  settings_.profile = "none";
  auto told = mistake();
  EXPECT_TRUE(told.starts_with("There is no profile 'none' with a key in ")) << told;
  EXPECT_TRUE(told.contains("/.aws/credentials and ")) << told;
  variables_.erase("HOME");
  EXPECT_TRUE(mistake().contains("HOME is not set"));
}

TEST_F(AwsTest, ABrokenFileIsNotPassedOver) {
  auto file = folder_.write("keys", "[default]\nhush\n");
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = file;
  EXPECT_EQ(mistake(), file + ":2: expected [profile] or name = value.");
}

TEST_F(AwsTest, TheRegion) {
  settings_.region.clear();
  EXPECT_EQ(*find_aws_region(settings_, surroundings()), "");
  auto none = aws_signer({.access_key_id = "A", .secret_access_key = Secret("s")}, {}, "bedrock", surroundings());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().told, "AWS requests are signed for a region: set region, or AWS_REGION.");
  EXPECT_TRUE(aws_signer({.bearer_token = Secret("b")}, {}, "bedrock", surroundings()));
  folder_.write(".aws/config", "[default]\nregion=eu-north-1");
  EXPECT_EQ(*find_aws_region(settings_, surroundings()), "eu-north-1");
  variables_["AWS_DEFAULT_REGION"] = "eu-south-1";
  EXPECT_EQ(*find_aws_region(settings_, surroundings()), "eu-south-1");
  variables_["AWS_REGION"] = "eu-west-1";
  EXPECT_EQ(*find_aws_region(settings_, surroundings()), "eu-west-1");
}

TEST_F(AwsTest, AContainerAsksItsServer) {
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://" + address() + "/v1/credentials";
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder_.write("token", "pod-token\n");
  auto made = signer();
  start();
  auto request = sign(*made);
  auto peer = listener_.accept();
  EXPECT_EQ(peer.read_head(), "GET /v1/credentials HTTP/1.1\r\nHost: " + address() +
                                  "\r\naccept: application/json\r\nauthorization: pod-token\r\n\r\n");
  peer.send(net::answer_with(kKey));
  expect_key(request.get());
  std::string text = "tok/en/en= and hush-hush";
  made->mask(text);
  EXPECT_EQ(text, "*** and ***");
}

TEST_F(AwsTest, AContainersTokenOfTheEnvironmentOrAFileThatIsGone) {
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://" + address() + "/";
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic abc";
  auto made = signer();
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder_.path() + "/gone";
  auto broken = signer();
  start();
  auto request = sign(*made);
  auto peer = listener_.accept();
  EXPECT_TRUE(peer.read_head().contains("\r\nauthorization: Basic abc\r\n"));
  peer.send(net::answer_with(R"({"Code":"Failed","AccessKeyId":"ASIA1","SecretAccessKey":"hush"})"));
  auto fault = fault_of(request.get());
  EXPECT_EQ(fault.told,
            "AWS credentials could not be fetched from 127.0.0.1: the answer is not a JSON object with a key.");
  fault = fault_of(sign(*broken).get());
  EXPECT_EQ(fault.retry, Retry::kOther);
  EXPECT_TRUE(fault.told.contains("/gone (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) cannot be read.")) << fault.told;
}

TEST_F(AwsTest, WhichContainerServersMayBeAskedInClear) {
  auto made = [&](std::string uri) {
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = std::move(uri);
    auto source = container_source(surroundings());
    return source ? std::string("ok") : source.error().told;
  };
  for (auto uri : {"http://localhost:1338/x", "http://127.0.0.9/", "http://[::1]/", "http://169.254.170.2/a",
                   "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1", "https://example.com/x"}) {
    EXPECT_EQ(made(uri), "ok") << uri;
  }
  EXPECT_EQ(made("http://example.com/x"),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https: example.com is neither "
            "this machine nor a metadata server.");
  EXPECT_NE(made("http://127.example.com/"), "ok");
  EXPECT_NE(made("http://169.254.169.254/"), "ok");
  EXPECT_EQ(made("x"), "AWS_CONTAINER_CREDENTIALS_FULL_URI is no usable URI.");
  variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/1";
  EXPECT_EQ(made("x"), "ok");
  variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "@example.com/";
  EXPECT_EQ(made("x"), "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no usable URI.");
}

TEST_F(AwsTest, AnInstanceAsksInThreeSteps) {
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://" + address();
  auto made = signer();
  start();
  auto request = sign(*made);
  auto peer = listener_.accept();
  EXPECT_EQ(peer.read_message(), "PUT /latest/api/token HTTP/1.1\r\nHost: " + address() +
                                     "\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\nContent-Length: 0\r\n\r\n");
  peer.send(net::answer_with("imds-token"));
  EXPECT_EQ(peer.read_head(), "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\nHost: " + address() +
                                  "\r\nx-aws-ec2-metadata-token: imds-token\r\n\r\n");
  peer.send(net::answer_with("my-role+1\n"));
  EXPECT_EQ(peer.read_head(), "GET /latest/meta-data/iam/security-credentials/my-role%2B1 HTTP/1.1\r\nHost: " +
                                  address() + "\r\nx-aws-ec2-metadata-token: imds-token\r\n\r\n");
  peer.send(net::answer_with(kKey));
  expect_key(request.get());
}

TEST_F(AwsTest, AnInstanceWithoutARole) {
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://" + address() + "/";
  auto made = signer();
  start();
  auto request = sign(*made);
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(net::answer_with("imds-token"));
  peer.read_head();
  peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(fault_of(request.get()).told, "AWS credentials could not be fetched from 127.0.0.1: the answer was 404.");
}

TEST_F(AwsTest, AWebIdentityIsExchanged) {
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder_.write("jwt", "a.b/c\n");
  EXPECT_EQ(mistake(), "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not.");
  variables_["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/x";
  variables_["AWS_ENDPOINT_URL_STS"] = "http://" + address();
  auto made = signer();
  start();
  auto request = sign(*made);
  auto peer = listener_.accept();
  auto message = peer.read_message();
  EXPECT_TRUE(message.starts_with("POST / HTTP/1.1\r\n")) << message;
  EXPECT_TRUE(
      message.ends_with("\r\n\r\nAction=AssumeRoleWithWebIdentity&Version=2011-06-15"
                        "&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&RoleSessionName=sluice"
                        "&WebIdentityToken=a.b%2Fc"))
      << message;
  peer.send(net::answer_with(
      R"({"AssumeRoleWithWebIdentityResponse":{"AssumeRoleWithWebIdentityResult":{"Credentials":{"AccessKeyId":"ASIA1","SecretAccessKey":"s","SessionToken":"tok/en/en=","Expiration":1.795345872E9}}}})"));
  expect_key(request.get());
}

TEST(AwsTemporaryKey, Reads) {
  auto key = read_temporary_key(kKey, kTime);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->ends, kTime + std::chrono::hours(6));
  EXPECT_FALSE(read_temporary_key(kKey, kTime + std::chrono::hours(6)));  // over
  EXPECT_FALSE(read_temporary_key("{}", kTime));
  EXPECT_FALSE(read_temporary_key("[1", kTime));
  key = read_temporary_key(R"({"AccessKeyId":"A","SecretAccessKey":"S"})", kTime);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->ends, kTime + std::chrono::minutes(15));
  EXPECT_FALSE(read_temporary_key(R"({"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"soon"})", kTime));
  EXPECT_FALSE(read_temporary_key(R"({"AccessKeyId":"A\r\nb","SecretAccessKey":"S"})", kTime));
  EXPECT_FALSE(read_assumed_role(R"({"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"t"})", kTime));
  EXPECT_FALSE(
      read_assumed_role(R"({"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"t","Expiration":1e300})", kTime));
}

TEST(AwsTemporaryKey, Times) {
  EXPECT_EQ(parse_iso_time("2026-11-22T10:11:12Z"), kTime);
  EXPECT_EQ(parse_iso_time("2026-11-22T10:11:12.345Z"), kTime);
  for (auto text :
       {"", "2026-11-22T10:11:12", "2026-13-22T10:11:12Z", "2026-11-22T25:11:12Z", "2026-11-22 10:11:12Z",
        "2026-11-22T10:11:12+01Z", "9999-11-22T10:11:12Z", "2026-11-31T10:11:12Z", "2026-12-31T23:59:60Z"}) {
    EXPECT_FALSE(parse_iso_time(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::provider::aws_credentials_test
