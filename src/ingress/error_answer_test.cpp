#include "ingress/error_answer.h"

#include <gtest/gtest.h>

#include "dialect/catalogue.h"
#include "dialect/openai/openai.h"
#include "ingress/own_pages.h"

namespace sluice::ingress::error_answer_test {
namespace {

net::Service::Refusal error_answer(const Fault& fault, ProviderBodies bodies = ProviderBodies::kJson) {
  return ingress::error_answer(fault, dialect::openai::server(), bodies);
}

struct Case {
  FaultKind kind;
  int status;
  std::string_view type;  // of the error object
};

TEST(ErrorAnswer, EachKindHasItsStatusAndType) {
  const Case cases[] = {
      {FaultKind::kInvalidRequest, 400, "invalid_request_error"},
      {FaultKind::kTooLarge, 413, "invalid_request_error"},
      {FaultKind::kUnauthenticated, 401, "invalid_request_error"},
      {FaultKind::kForbidden, 403, "permission_error"},
      {FaultKind::kNotFound, 404, "invalid_request_error"},
      {FaultKind::kMethodNotAllowed, 405, "invalid_request_error"},
      {FaultKind::kClientTimeout, 408, ""},
      {FaultKind::kClientGone, 499, ""},
      {FaultKind::kRateLimited, 429, ""},
      {FaultKind::kOverloaded, 503, ""},
      {FaultKind::kShuttingDown, 503, ""},
      {FaultKind::kUnreachable, 502, ""},
      {FaultKind::kConnectionLost, 502, ""},
      {FaultKind::kProviderTimeout, 504, ""},
      {FaultKind::kProviderError, 502, ""},
      {FaultKind::kTruncated, 502, ""},
      {FaultKind::kProviderProtocol, 502, ""},
      {FaultKind::kProviderStatus, 502, ""},
      {FaultKind::kInvalidConfig, 500, ""},
      {FaultKind::kInternal, 500, ""},
  };
  for (const auto& one : cases) {
    auto answer = error_answer(Fault{.kind = one.kind, .told = "What \"happened\"."});
    EXPECT_EQ(answer.head.status, one.status) << name(one.kind);
    EXPECT_EQ(answer.head.headers.get("content-type"), "application/json");
    EXPECT_TRUE(answer.body.starts_with("{\"error\":{\"message\":\"What \\\"happened\\\".\",\"type\":\""))
        << answer.body;
    if (!one.type.empty()) {
      EXPECT_NE(answer.body.find("\"type\":\"" + std::string(one.type) + "\""), std::string::npos) << answer.body;
    }
  }
}

TEST(ErrorAnswer, WordsOfAHostAreTranslatedForClientsOfAnotherApi) {
  auto said = std::make_shared<ProviderAnswer>();
  said->status = 400;
  said->content_type = "application/json";
  said->body = R"({"message":"no"})";
  Fault fault{.kind = FaultKind::kProviderStatus, .told = "no", .answer = said};
  said->dialect = "bedrock";
  EXPECT_TRUE(error_answer(fault).body.starts_with(R"({"error":{"message":"no")")) << error_answer(fault).body;
  EXPECT_EQ(error_answer(fault, ProviderBodies::kAny).body, said->body);
  said->dialect = "openai";
  EXPECT_EQ(error_answer(fault).body, said->body);
}

TEST(ErrorAnswer, ABodyThatIsNotKeptIsWritten) {
  auto said = std::make_shared<ProviderAnswer>();
  said->status = 422;
  const Fault fault{.kind = FaultKind::kProviderStatus, .told = "too long", .answer = said};
  for (auto bodies : {ProviderBodies::kJson, ProviderBodies::kAny}) {
    const auto answer = error_answer(fault, bodies);
    EXPECT_EQ(answer.head.status, 422);
    EXPECT_TRUE(answer.body.starts_with(R"({"error":{"message":"too long")")) << answer.body;
  }
  said->dialect = "openai";
  EXPECT_EQ(error_answer(fault, ProviderBodies::kAny).body, "");  // the provider's own, which has none
}

TEST(ErrorAnswer, AHeadThatIsTooLargeIs431) {
  EXPECT_EQ(error_answer(Fault{.kind = FaultKind::kTooLarge, .code = "header_bytes"}).head.status, 431);
}

TEST(ErrorAnswer, TheDetailIsForTheLogAlone) {
  auto answer = error_answer(Fault{.kind = FaultKind::kInternal, .told = "told", .detail = "confidential"});
  EXPECT_EQ(answer.body.find("confidential"), std::string::npos);
  for (const auto& [name, value] : answer.head.headers) EXPECT_EQ(value.find("confidential"), std::string_view::npos);
}

TEST(ErrorAnswer, NamesMethodsAndSchemes) {
  EXPECT_EQ(error_answer(Fault{.kind = FaultKind::kMethodNotAllowed, .code = "GET"}).head.headers.get("allow"),
            "GET, HEAD");
  EXPECT_EQ(error_answer(Fault{.kind = FaultKind::kMethodNotAllowed, .code = "POST"}).head.headers.get("allow"),
            "POST");
  EXPECT_EQ(error_answer(Fault{.kind = FaultKind::kUnauthenticated}).head.headers.get("www-authenticate"), "Bearer");
}

TEST(ErrorAnswer, TheCodeOfAMethodThatIsNotPossibleIsAWord) {
  const Fault fault{.kind = FaultKind::kMethodNotAllowed, .told = "Use POST.", .code = "POST"};
  EXPECT_EQ(
      error_answer(fault).body,
      R"({"error":{"message":"Use POST.","type":"invalid_request_error","param":null,"code":"method_not_allowed"}})");
  for (const dialect::Server* server : dialect::servers()) {
    const auto answer = ingress::error_answer(fault, *server, ProviderBodies::kNone);
    EXPECT_EQ(answer.body.find("\"POST\""), std::string::npos) << server->name() << ": " << answer.body;
    EXPECT_EQ(answer.head.headers.get("allow"), "POST");
  }
}

TEST(ErrorAnswer, ErrorsOfTheAnthropicApiHoldTheRequestsId) {
  const Fault fault{.kind = FaultKind::kNotFound, .told = "No \"request_id\":null} here."};
  for (const dialect::Server* server : dialect::servers()) {
    const auto answer = ingress::error_answer(fault, *server, ProviderBodies::kNone, "req_7");
    const bool holds_it = answer.body.ends_with(R"(,"request_id":"req_7"})");
    EXPECT_EQ(holds_it, server->name() == "anthropic") << answer.body;
    EXPECT_EQ(answer.body.find("req_7") != std::string::npos, holds_it) << answer.body;
  }
}

TEST(ErrorAnswer, TheEventThatEndsAStreamHoldsTheRequestsId) {
  auto named = [](std::string error) {
    name_request(error, "req_7");
    return error;
  };
  EXPECT_EQ(named("event: error\ndata: {\"a\":1,\"request_id\":null}\n\n"),
            "event: error\ndata: {\"a\":1,\"request_id\":\"req_7\"}\n\n");
  for (std::string other :
       {"", "\n\n", "data: {\"request_id\":null}\n\ndata: [DONE]\n\n", "{\"request_id\":\"req_theirs\"}"})
    EXPECT_EQ(named(other), other);
}

TEST(ErrorAnswer, OurOwnPagesHaveAShapeOfTheirOwn) {
  auto body = [](const Fault& fault) { return ingress::error_answer(fault, own_pages(), ProviderBodies::kNone).body; };
  EXPECT_EQ(body(Fault{.kind = FaultKind::kNotFound, .told = "No \"x\" here.", .param = "deployment"}),
            R"({"error":{"code":"not_found","message":"No \"x\" here.","field":"deployment"}})");
  EXPECT_EQ(body(Fault{.kind = FaultKind::kForbidden, .told = "No.", .code = "drill_disabled"}),
            R"({"error":{"code":"drill_disabled","message":"No.","field":null}})");
  EXPECT_EQ(body(Fault{.kind = FaultKind::kMethodNotAllowed, .told = "No.", .code = "GET, PUT"}),
            R"({"error":{"code":"method_not_allowed","message":"No.","field":null}})");
}

TEST(ErrorAnswer, SaysWhenToComeAgain) {
  Fault limited{.kind = FaultKind::kRateLimited};
  limited.retry_after = Ms(1'200);
  EXPECT_EQ(error_answer(limited).head.headers.get("retry-after"), "2") << "rounded up";
  EXPECT_EQ(error_answer(Fault{.kind = FaultKind::kOverloaded}).head.headers.get("retry-after"), "1");
  const auto spent = error_answer(Fault{.kind = FaultKind::kOverloaded, .code = "spend_cap"});
  EXPECT_EQ(spent.head.headers.get("retry-after"), std::nullopt) << "nobody knows when";
  EXPECT_EQ(spent.head.headers.get("x-should-retry"), "false");
}

Fault provider_fault(int status, std::string body, std::string content_type,
                     ProviderAnswer::Concerns concerns = ProviderAnswer::Concerns::kRequest) {
  auto answer = std::make_shared<ProviderAnswer>();
  answer->status = status;
  answer->body = std::move(body);
  answer->content_type = std::move(content_type);
  answer->request_id = "prov-1";
  answer->concerns = concerns;
  answer->headers = {{"x-ratelimit-remaining-requests", "0"}, {"retry-after", "7"}};
  Fault fault{.kind = FaultKind::kProviderStatus, .told = "The provider said no."};
  fault.answer = std::move(answer);
  return fault;
}

TEST(ErrorAnswer, AProvidersOwnErrorPassesByteForByte) {
  auto fault = provider_fault(429, "{ \"error\" : {\"message\":\"slow\"}}", "application/json; charset=utf-8");
  fault.retry_after = Ms(9'000);
  auto answer = error_answer(fault);
  EXPECT_EQ(answer.head.status, 429);
  EXPECT_EQ(answer.body, "{ \"error\" : {\"message\":\"slow\"}}");
  EXPECT_EQ(answer.head.headers.get("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(answer.head.headers.get("x-ratelimit-remaining-requests"), "0");
  EXPECT_EQ(answer.head.headers.get("retry-after"), "7") << "the provider's own word";
  EXPECT_EQ(answer.head.headers.get("x-sluice-provider-request-id"), "prov-1");
}

TEST(ErrorAnswer, APageInsteadOfJsonIsNotPassedToAnApiClient) {
  auto fault = provider_fault(503, "<html>down</html>", "text/html");
  auto answer = error_answer(fault);
  EXPECT_EQ(answer.head.status, 503);
  EXPECT_EQ(answer.head.headers.get("content-type"), "application/json");
  EXPECT_EQ(answer.body.find("<html>"), std::string::npos);
  auto raw = error_answer(fault, ProviderBodies::kAny);
  EXPECT_EQ(raw.body, "<html>down</html>");
  EXPECT_EQ(raw.head.headers.get("content-type"), "text/html");
}

TEST(ErrorAnswer, OurCredentialsAreNotTheClientsAffair) {
  for (int status : {401, 402, 403, 429}) {
    for (auto bodies : {ProviderBodies::kJson, ProviderBodies::kAny}) {
      auto answer = error_answer(provider_fault(status, "{\"error\":{\"message\":\"bad key sk-ours\"}}",
                                                "application/json", ProviderAnswer::Concerns::kOurAccount),
                                 bodies);
      EXPECT_EQ(answer.head.status, 502) << status;
      EXPECT_EQ(answer.body.find("sk-ours"), std::string::npos);
      EXPECT_EQ(answer.head.headers.get("x-should-retry"), "false");
      EXPECT_FALSE(answer.head.headers.has("x-ratelimit-remaining-requests"));
    }
  }
}

TEST(ErrorAnswer, ARedirectIsNoAnswerForAClient) {
  auto answer = error_answer(provider_fault(302, "moved", "text/html"), ProviderBodies::kAny);
  EXPECT_EQ(answer.head.status, 502);
  EXPECT_EQ(answer.body.find("moved"), std::string::npos);
}

}  // namespace
}  // namespace sluice::ingress::error_answer_test
