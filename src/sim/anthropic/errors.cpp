#include "sim/anthropic/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>

#include "base/digest.h"
#include "sim/anthropic/problems.h"
#include "sim/aws.h"
#include "sim/by_status.h"
#include "sim/dom.h"
#include "sim/text.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

struct KnownError {
  int status;
  std::string_view type;  // in the API's own words
  std::string_view message;
  std::string_view google;     // the status of Google's envelope; empty: Vertex passes the API's own on
  std::string_view exception;  // of AWS
};
constexpr KnownError kErrors[] = {
    {400, "invalid_request_error", "The request is invalid.", "", "ValidationException"},
    {401, "authentication_error", "invalid x-api-key", "UNAUTHENTICATED", "UnrecognizedClientException"},
    {402, "billing_error", "Your credit balance is too low.", "", "AccessDeniedException"},
    {403, "permission_error", "Your API key does not have permission to use the specified resource.",
     "PERMISSION_DENIED", "AccessDeniedException"},
    {404, "not_found_error", "Not found", "NOT_FOUND", "ResourceNotFoundException"},
    {405, "invalid_request_error", "Method Not Allowed", "INVALID_ARGUMENT", "UnknownOperationException"},
    {408, "timeout_error", "Request timed out", "DEADLINE_EXCEEDED", "ModelTimeoutException"},
    {409, "conflict_error", "The request conflicts with another one.", "ABORTED", "ConflictException"},
    {413, "request_too_large", "Request exceeds the maximum size", "", "ValidationException"},
    {424, "api_error", "The model failed.", "", "ModelErrorException"},
    {429, "rate_limit_error", "This request would exceed the rate limit for your organization.", "RESOURCE_EXHAUSTED",
     "ThrottlingException"},
    {500, "api_error", "Internal server error", "", "InternalServerException"},
    {503, "api_error", "Service unavailable", "UNAVAILABLE", "ServiceUnavailableException"},
    {504, "timeout_error", "Request timed out", "DEADLINE_EXCEEDED", "ModelTimeoutException"},
    {529, "overloaded_error", "Overloaded", "", "ServiceUnavailableException"},
};

std::string own_error(std::string_view type, std::string_view message, std::string_view request) {
  return fmt::format(R"({{"type":"error","error":{{"type":{},"message":{}}},"request_id":{}}})", json_string(type),
                     json_string(message), json_string(request));
}

std::string new_request_id() {
  return "req_" + random_token(12);
}

bool is_key_problem(const Problem* problem) {
  return problem && problem->path.empty() && (problem->code.empty() || problem->code == "invalid_api_key");
}

// What AWS says of a key; the words of the two others are in the table.
Answer bedrock_refusal(int status, const Problem* problem) {
  const KnownError& known = by_status(kErrors, status);
  std::string_view exception = known.exception;
  std::string message(problem ? message_of(*problem) : std::string(known.message));
  if (status == 401 && is_key_problem(problem)) {
    bool sent = !problem->code.empty();
    status = 403;
    exception = sent ? "UnrecognizedClientException" : "MissingAuthenticationTokenException";
    message = sent ? "The security token included in the request is invalid." : "Missing Authentication Token";
  }
  Answer answer = aws_refusal(status, exception, message);
  answer.head.headers.add("x-amzn-requestid", random_token(16));
  return answer;
}

std::string own_message(int status, const KnownError& known, const Problem* problem) {
  if (!problem) return std::string(known.message);
  if (status != 401 || !is_key_problem(problem)) return message_of(*problem);
  return problem->code.empty() ? "x-api-key header is required" : "invalid x-api-key";
}

std::string google_error(int status, const KnownError& known, const Problem* problem) {
  std::string message(problem ? message_of(*problem) : std::string(known.message));
  if (status == 401) {
    message =
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
        "valid authentication credential.";
  }
  return fmt::format(R"({{"error":{{"code":{},"message":{},"status":"{}"}}}})", status, json_string(message),
                     known.google);
}

// A script's error as AWS has it in a stream: its `type`, where that is an exception, and its message.
std::string bedrock_error_event(const Script& script) {
  constexpr std::string_view kDefault = "modelStreamErrorException";
  if (!script.error) {
    return aws_frame("exception", kDefault,
                     R"({"message":"The model stopped.","originalStatusCode":500,"originalMessage":"internal"})");
  }
  bj::error_code error;
  bj::value parsed = bj::parse(*script.error, error);
  const bj::object* told = error ? nullptr : parsed.if_object();
  if (told && object_in(*told, "error")) told = object_in(*told, "error");
  if (!told) return aws_frame("exception", kDefault, "{\"message\":" + json_string(*script.error) + "}");
  std::string_view type = text_in(*told, "type");
  bj::object payload = *told;
  payload.erase("type");
  return aws_frame("exception", type.ends_with("Exception") ? type : kDefault, bj::serialize(payload));
}

}  // namespace

Answer refusal(Host host, int status, const Problem* problem) {
  if (problem && problem->code == kTooLarge) status = 413;
  if (host == Host::kBedrock) return bedrock_refusal(status, problem);
  const KnownError& known = by_status(kErrors, status);
  if (host == Host::kVertex && !known.google.empty()) return refuse_with(status, google_error(status, known, problem));
  std::string request = new_request_id();
  Answer answer = refuse_with(status, own_error(known.type, own_message(status, known, problem), request));
  answer.head.headers.add("request-id", request);
  return answer;
}

std::string error_event(Host host, const Script& script) {
  if (host == Host::kBedrock) return bedrock_error_event(script);
  std::string error = script.error.value_or(own_error("overloaded_error", "Overloaded", new_request_id()));
  if (script.error_is_object && !script.error_is_enveloped) error = R"({"type":"error","error":)" + error + "}";
  return server_sent("error", error);
}

}  // namespace sluice::sim::anthropic
