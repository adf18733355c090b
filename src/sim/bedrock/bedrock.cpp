#include "sim/bedrock/bedrock.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "base/digest.h"
#include "sim/aws.h"
#include "sim/bedrock/answer.h"
#include "sim/bedrock/ask.h"
#include "sim/bedrock/claude.h"
#include "sim/bedrock/errors.h"
#include "sim/bedrock/key.h"
#include "sim/bedrock/rules.h"
#include "sim/bedrock/shapes.h"
#include "sim/reply.h"

namespace sluice::sim {

namespace {

constexpr std::string_view kWhole = "converse";
constexpr std::string_view kStreamed = "converse-stream";
constexpr std::string_view kCounting = "count-tokens";

constexpr std::int64_t kMostSkew = 300;  // seconds

std::int64_t seconds_now() {
  auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

Answer denial(std::string_view exception, std::string_view message) {
  return aws_refusal(403, exception, message);
}

// The simulator's key is the id of one, or "ID:SECRET": then the signature itself is checked.
std::optional<Answer> check_signature(const http::RequestHead& head, std::string_view body, const SignedBy& by,
                                      std::string_view key) {
  auto colon = key.find(':');
  if (!constant_time_equal(by.key_id, key.substr(0, colon))) {
    return denial("UnrecognizedClientException", "The security token included in the request is invalid.");
  }
  if (colon == std::string_view::npos) return std::nullopt;
  std::int64_t sent = time_of(head.headers.get("x-amz-date").value_or(""));
  if (std::abs(seconds_now() - sent) > kMostSkew) {
    return denial("InvalidSignatureException", "Signature expired: the time of the request is too far from now.");
  }
  if (constant_time_equal(by.signature, right_signature(head, body, by, key.substr(colon + 1)))) return std::nullopt;
  return denial("InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details.");
}

class Bedrock final : public Api {
 public:
  Place place_of(const http::RequestHead& head) const override {
    auto asked = aws_action(http::path_of(head.target));
    if (!asked) return {};
    bool counts = asked->action == kCounting;
    bool stream = asked->action == kStreamed;
    if (!counts && !stream && asked->action != kWhole) return {};
    return {.endpoint = counts ? Endpoint::kCountTokens : Endpoint::kConverse,
            .model = std::move(asked->model),
            .stream = stream};
  }

  std::string key_of(const http::RequestHead& head, const Place&) const override {
    auto by = read_signature(head);
    return by ? by->key_id : bearer_of(head);
  }

  std::optional<Answer> denied(const http::RequestHead& head, const Place&, std::string_view body,
                               std::string_view key) const override {
    std::string_view sent = head.headers.get("authorization").value_or("");
    if (sent.empty()) return denial("MissingAuthenticationTokenException", "Missing Authentication Token");
    if (std::string bearer = bearer_of(head); !bearer.empty()) {
      if (constant_time_equal(bearer, key)) return std::nullopt;
      return denial("AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.");
    }
    auto by = read_signature(head);
    if (!by) {
      return denial("IncompleteSignatureException",
                    "The request signature does not conform to AWS standards: it needs a Credential for bedrock, "
                    "SignedHeaders in order with host and x-amz-date, and a Signature.");
    }
    return check_signature(head, body, *by, key);
  }

  std::optional<Answer> unserved(const http::RequestHead& head, const Place&) const override {
    if (head.method == "POST") return std::nullopt;
    return aws_refusal(404, "UnknownOperationException", "The requested operation is not recognized by the service.");
  }

  bool takes_json(const Place&) const override { return true; }

  void read(std::string_view body, json::Cursor& cursor, Ask& ask) const override {
    cursor.skip();
    read_converse(body, ask);
  }

  std::optional<Problem> check(json::Cursor body, const Ask& ask) const override {
    if (!ask.body) return Problem{"The body of the request is not valid JSON.", "", "", "rule"};
    bool counts = ask.place.endpoint == Endpoint::kCountTokens;
    const Shape& shape = counts ? count_tokens_shape() : converse_shape(ask.stream);
    if (auto problem = sim::check(body, shape)) return problem;
    // What counts by another API is that API's.
    if (counts && !ask.body->contains("messages")) return std::nullopt;
    if (auto problem = check_unions(*ask.body, converse_shape(ask.stream))) return problem;
    if (auto problem = check_converse_rules(ask)) return problem;
    return check_claude_rules(ask);
  }

  Answer answer(const Ask& ask, const Script& script, const Signature& signature, Stored&) const override {
    if (ask.place.endpoint == Endpoint::kCountTokens) {
      return whole({fmt::format(R"({{"inputTokens":{}}})", tokens(ask.prompt_bytes))});
    }
    return converse_answer(ask, script, signature);
  }

  Answer refuse(int status, const Problem* problem) const override {
    if (!problem) return bedrock_error(status);
    if (status != 401) return bedrock_refusal(*problem);
    return denial("UnrecognizedClientException", "The security token included in the request is invalid.");
  }

  std::string error_event(const Script& script) const override { return bedrock_error_frame(script); }
};

}  // namespace

const Api& bedrock_api() {
  static const Bedrock api;
  return api;
}

}  // namespace sluice::sim
