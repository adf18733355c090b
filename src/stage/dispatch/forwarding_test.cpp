#include "stage/dispatch/forwarding.h"

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"

namespace sluice::stage::forwarding_test {
namespace {

// "name" of those that pass, in order.
std::string names_of(const http::Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers) text += (text.empty() ? "" : " ") + std::string(name);
  return text;
}

constexpr std::string_view kClientFields[] = {
    "content-type", "Accept", "User-Agent", "OpenAI-Beta", "Idempotency-Key", "traceparent", "tracestate",
    "x-client-request-id",
    // what must not reach a routed provider
    "authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "Proxy-Authorization", "host", "connection",
    "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "content-encoding", "expect",
    "accept-encoding", "x-forwarded-for", "x-real-ip", "forwarded", "x-sluice-tag", "cf-ray", "x-litellm-key",
    "x-portkey-config", "x-own", "anthropic-version", "openai-organization", "proxy-connection", "proxy-authenticate",
    "x-forwarded-host", "x-forwarded-proto", "x-hop"};

class ForwardingTest : public ::testing::Test {
 protected:
  ForwardingTest() {
    provider_->headers = {{"authorization", "Bearer sk-ours"}};
    deployment_ = make_deployment(*provider_, "gpt");
    target_ = {deployment_.get(), "gpt"};
    auto& head = scene_.request.mutable_head();
    head.headers = {};
    for (auto name : kClientFields) head.headers.add(name, name == "connection" ? "close, X-Hop" : "client's");
    scene_.x.current = &scene_.x.tries.emplace_back(target_, scene_.x.cancel);
  }
  http::RequestHead native() {
    const auto& client = *provider_->clients.front();
    return native_head(scene_.x, *scene_.x.current, client, {.provider = "p", .model = target_.model},
                       api_fields(scene_.x));
  }
  void routed() { scene_.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat); }

  Scene scene_;
  std::unique_ptr<provider::Provider> provider_ = make_provider("p");
  std::unique_ptr<provider::Deployment> deployment_;
  provider::Target target_;
};

TEST_F(ForwardingTest, ARoutedRequestCarriesFewFieldsAndOurCredentials) {
  routed();
  auto head = native();
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/chat/completions");
  EXPECT_EQ(names_of(head.headers),
            "content-type Accept User-Agent Idempotency-Key traceparent tracestate x-client-request-id OpenAI-Beta "
            "authorization accept-encoding");
  EXPECT_EQ(head.headers.get("authorization"), "Bearer sk-ours");
  EXPECT_EQ(head.headers.get("accept-encoding"), "identity");
}

TEST_F(ForwardingTest, APassthroughCarriesTheRestButNothingOfOursOrTheConnections) {
  provider_->root_path = "/api";
  scene_.x.passthrough_target = "/v1/files?limit=2";
  auto head = passthrough_head(scene_.x, *scene_.x.current);
  EXPECT_EQ(head.target, "/api/v1/files?limit=2");
  EXPECT_EQ(
      names_of(head.headers),
      "content-type Accept User-Agent OpenAI-Beta Idempotency-Key traceparent tracestate x-client-request-id x-own "
      "anthropic-version openai-organization authorization accept-encoding");
  EXPECT_EQ(head.headers.get("authorization"), "Bearer sk-ours");
}

// K5: what a client shows to others than this provider, or of itself, goes no further.
TEST_F(ForwardingTest, K5_APassthroughLeavesOutWhatIsOnItsTable) {
  auto passed = [&](std::span<const std::string_view> names) {
    auto& headers = scene_.request.mutable_head().headers;
    headers = {{"connection", "close"}, {"Connection", "X-Second"}};
    for (auto name : names) headers.add(name, "client's");
    return names_of(passthrough_head(scene_.x, *scene_.x.current).headers);
  };
  constexpr std::string_view kLeftOut[] = {"Helicone-Auth",
                                           "helicone-property-x",
                                           "X-Amz-Security-Token",
                                           "x-goog-user-project",
                                           "X-My-Authorization",
                                           "x-serverless-authorization",
                                           "x-api-key",
                                           "my-api-key-2",
                                           "x_api_key",
                                           "X-ApiKey",
                                           "x-auth-key",
                                           "X-Auth",
                                           "x-csrf-token",
                                           "client-secret",
                                           "x-credentials",
                                           "X-Password",
                                           "cookie2",
                                           "x-cookie-jar",
                                           "x-aws-access-key-id",
                                           "ocp-apim-subscription-key",
                                           "via",
                                           "Forwarded",
                                           "X-Forwarded-Prefix",
                                           "x-real-ip",
                                           "true-client-ip",
                                           "Origin",
                                           "referer",
                                           "CF-Connecting-IP",
                                           "cf-access-jwt-assertion",
                                           "x-portkey-api",
                                           "x-litellm-tags",
                                           "X-Sluice-Tags",
                                           "x-second"};
  EXPECT_EQ(passed(kLeftOut), "authorization accept-encoding");
  constexpr std::string_view kPassed[] = {"openai-beta",
                                          "openai-organization",
                                          "openai-project",
                                          "anthropic-beta",
                                          "anthropic-version",
                                          "idempotency-key",
                                          "content-type",
                                          "accept",
                                          "accept-language",
                                          "range",
                                          "if-none-match",
                                          "user-agent",
                                          "x-goog-api-client",
                                          "x-goog-request-params",
                                          "x-goog-fieldmask",
                                          "x-goog-upload-command",
                                          "x-goog-upload-header-content-length",
                                          "x-stainless-lang",
                                          "x-amzn-bedrock-trace",
                                          "x-ms-client-request-id",
                                          "traceparent",
                                          "x-request-id"};
  std::string all;
  for (auto name : kPassed) all += std::string(name) + " ";
  EXPECT_EQ(passed(kPassed), all + "authorization accept-encoding");
}

TEST_F(ForwardingTest, ConfiguredFieldsReplaceTheClients) {
  routed();
  provider_->headers.set("user-agent", "configured");
  auto head = native();
  int agents = 0;
  for (const auto& [name, value] : head.headers) agents += iequals(name, "user-agent") ? 1 : 0;
  EXPECT_EQ(agents, 1);
  EXPECT_EQ(head.headers.get("user-agent"), "configured");
}

TEST_F(ForwardingTest, AzuresPathNamesTheDeployment) {
  routed();
  provider_->path_style = provider::PathStyle::kAzure;
  provider_->base_path = "";
  provider_->api_version = "2024-10-21";
  target_.model = scene_.x.current->target.model = "my gpt/4";
  EXPECT_EQ(native().target, "/openai/deployments/my%20gpt%2F4/chat/completions?api-version=2024-10-21");
}

TEST_F(ForwardingTest, CredentialsInAQueryStayHere) {
  constexpr dialect::Endpoint kByPath{.dialect = "openai",
                                      .code = 0,
                                      .operation = dialect::Operation::kChat,
                                      .name = "x",
                                      .method = "POST",
                                      .path = "/models/{model}:go",
                                      .form = dialect::BodyForm::kJson,
                                      .streaming = dialect::Streaming::kByPath};
  scene_.x.endpoint = &kByPath;
  scene_.request.mutable_head().target =
      "/v1/models/"
      "m:go?key=a&alt=sse&access_token=b&x=1&oauth_token=c&api_key=d&API-Key=e&%61pikey=f&token=g&pageToken=h";
  EXPECT_EQ(native().target, "/v1/models/gpt:go?alt=sse&x=1&pageToken=h");
}

http::ResponseHead provider_answer() {
  http::ResponseHead head;
  for (std::string_view name : {"Content-Type",
                                "content-disposition",
                                "openai-processing-ms",
                                "openai-version",
                                "Retry-After",
                                "retry-after-ms",
                                "X-RateLimit-Remaining-Requests",
                                "x-request-id",
                                "set-cookie",
                                "connection",
                                "transfer-encoding",
                                "content-length",
                                "content-encoding",
                                "date",
                                "server",
                                "openai-organization",
                                "x-sluice-cost-usd",
                                "www-authenticate",
                                "x-other",
                                "x-hop",
                                "keep-alive",
                                "strict-transport-security"}) {
    head.headers.add(name, name == "connection" ? "x-hop" : "provider's");
  }
  return head;
}

TEST_F(ForwardingTest, AClientOfARouteSeesFewFields) {
  routed();
  scene_.x.current->provider_request_id = "id";
  EXPECT_EQ(names_of(client_headers(scene_.x, *scene_.x.current, provider_answer())),
            "Content-Type content-disposition openai-processing-ms openai-version Retry-After retry-after-ms "
            "X-RateLimit-Remaining-Requests x-sluice-provider-request-id");
}

TEST_F(ForwardingTest, AClientOfAPassthroughSeesTheRest) {
  scene_.x.current->provider_request_id = "id";
  EXPECT_EQ(
      names_of(client_headers(scene_.x, *scene_.x.current, provider_answer())),
      "Content-Type content-disposition openai-processing-ms openai-version Retry-After retry-after-ms "
      "X-RateLimit-Remaining-Requests server openai-organization www-authenticate x-other strict-transport-security "
      "x-sluice-provider-request-id");
}

TEST_F(ForwardingTest, FindsTheProvidersOwnRequestId) {
  for (std::string_view name :
       {"x-request-id", "Request-Id", "apim-request-id", "x-amzn-RequestId", "x-ms-request-id"}) {
    EXPECT_EQ(provider_request_id(http::Headers{{name, "id-1"}}), "id-1") << name;
  }
  EXPECT_EQ(provider_request_id(http::Headers{{"id", "1"}}), "");
}

}  // namespace
}  // namespace sluice::stage::forwarding_test
