#include "sim/gemini/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "sim/by_status.h"
#include "sim/text.h"

namespace sluice::sim {

namespace {

struct KnownError {
  int status;
  std::string_view name;
  std::string_view message;
};
constexpr KnownError kErrors[] = {
    {400, "INVALID_ARGUMENT", "Request contains an invalid argument."},
    {401, "UNAUTHENTICATED", "Request had invalid authentication credentials."},
    {403, "PERMISSION_DENIED", "The caller does not have permission"},
    {404, "NOT_FOUND", "Requested entity was not found."},
    {408, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."},
    {409, "ABORTED", "The operation was aborted."},
    {413, "INVALID_ARGUMENT", "Request payload size exceeds the limit."},
    {429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."},
    {499, "CANCELLED", "The operation was cancelled."},
    {500, "INTERNAL", "An internal error has occurred. Please retry."},
    {501, "UNIMPLEMENTED", "Operation is not implemented, or supported, or enabled."},
    {503, "UNAVAILABLE", "The model is overloaded. Please try again later."},
    {504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."},
};

constexpr std::string_view kQuotaDetails =
    R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{)"
    R"("quotaMetric":"generativelanguage.googleapis.com/generate_content_paid_tier_requests",)"
    R"("quotaId":"GenerateRequestsPerMinutePerProjectPerModel","quotaValue":"1000"}]},)"
    R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1s"})";

std::string error_info(std::string_view reason, std::string_view service) {
  return fmt::format(R"({{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{}",)"
                     R"("domain":"googleapis.com","metadata":{{"service":"{}.googleapis.com"}}}})",
                     reason, service);
}

std::string bad_request(const Problem& problem) {
  std::string field = problem.path.empty() ? "" : R"("field":)" + json_string(problem.path) + ",";
  return fmt::format(
      R"({{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{{{}"description":{}}}]}})", field,
      json_string(problem.message()));
}

}  // namespace

std::string google_error(int status, std::string_view message, std::string_view details) {
  std::string tail = details.empty() ? "" : fmt::format(R"(,"details":[{}])", details);
  return fmt::format(R"({{"error":{{"code":{},"message":{},"status":"{}"{}}}}})", status, json_string(message),
                     by_status(kErrors, status).name, tail);
}

std::string google_error(int status, Service on) {
  std::string details;
  if (status == 429 && on == Service::kGemini) details = kQuotaDetails;
  if (status == 401 && on == Service::kVertex) details = error_info("ACCESS_TOKEN_TYPE_UNSUPPORTED", "aiplatform");
  return google_error(status, by_status(kErrors, status).message, details);
}

std::string google_error(const Problem& problem) {
  constexpr std::string_view kNoJson = "We could not parse the JSON body of your request: ";
  constexpr std::string_view kNoObject = "The body of your request must be a JSON object.";
  if (problem.code == kProtoInvalid) return google_error(400, problem.before + problem.path + problem.after);
  if (problem.code == kProtoViolation) return google_error(400, problem.message(), bad_request(problem));
  Problem told = problem;
  if (told.before.starts_with(kNoJson)) {
    told.before = "Invalid JSON payload received. " + told.before.substr(kNoJson.size());
  } else if (told.before == kNoObject) {
    told.before = "Invalid JSON payload received. Unknown name \"\": Root element must be a message.";
  } else {
    // What is a script's doing has a code of its own.
    return google_error(400, told.message(), told.code.empty() ? "" : error_info(told.code, "generativelanguage"));
  }
  return google_error(400, told.message(), bad_request(told));
}

std::string google_key_error(const Problem& problem, Service on, int& status) {
  bool absent = problem.code.empty();
  if (on == Service::kVertex) {
    status = 401;
    return google_error(
        401,
        absent ? "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie "
                 "or other valid authentication credential. See "
                 "https://developers.google.com/identity/sign-in/web/devconsole-project."
               : "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or "
                 "other valid authentication credential. See "
                 "https://developers.google.com/identity/sign-in/web/devconsole-project.",
        error_info(absent ? "CREDENTIALS_MISSING" : "ACCESS_TOKEN_TYPE_UNSUPPORTED", "aiplatform"));
  }
  if (absent) {
    status = 403;
    return google_error(403,
                        "Method doesn't allow unregistered callers (callers without established identity). Please "
                        "use API Key or other form of API consumer identity to call this API.");
  }
  constexpr std::string_view kNotValid = "API key not valid. Please pass a valid API key.";
  status = 400;
  return google_error(400, kNotValid,
                      error_info("API_KEY_INVALID", "generativelanguage") +
                          R"(,{"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"en-US","message":)" +
                          json_string(kNotValid) + "}");
}

}  // namespace sluice::sim
