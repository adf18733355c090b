#include "sim/cohere/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>
#include <utility>

#include "sim/by_status.h"
#include "sim/dom.h"
#include "sim/stream.h"
#include "sim/text.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

struct KnownError {
  int status;
  std::string_view message;
};
constexpr KnownError kErrors[] = {
    {400, "invalid request: the request is not valid."},
    {401, "invalid api token"},
    {402, "Please add or update your payment method."},
    {403, "you do not have access to this resource."},
    {404, "model not found, make sure the correct model ID was used and that you have access to the model."},
    {422, "the request cannot be processed."},
    {429, "You are past the per minute request limit, please wait and try again later."},
    {498, "invalid token"},
    {499, "request cancelled"},
    {500, "internal server error, this has been reported to our developers."},
    {501, "not implemented"},
    {503, "service unavailable"},
    {504, "timeout"},
};

constexpr std::string_view kReference = " For proper usage, please refer to https://docs.cohere.com/reference/chat";

std::string last_name(const std::string& path) {
  auto dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

std::string message_of(const Problem& problem) {
  if (problem.code == "unknown_parameter") {
    return fmt::format("unknown field: parameter '{}' is not a valid field.{}", last_name(problem.path), kReference);
  }
  if (problem.code == "missing_required_parameter") {
    return fmt::format("missing required field: parameter '{}' is required.{}", problem.path, kReference);
  }
  if (problem.code == "invalid_type") {
    return fmt::format("invalid type: parameter '{}'{}{}", problem.path, problem.after, kReference);
  }
  if (problem.code.empty() || problem.code == "unsupported_parameter" || problem.code == "invalid_script") {
    return problem.message();
  }
  return fmt::format("invalid request: parameter '{}'{}", problem.path, problem.after);
}

std::string error_text(const Script& script) {
  if (!script.error) return "internal server error";
  if (!script.error_is_object) return *script.error;
  auto value = bj::parse(*script.error);
  const bj::value* error = value.get_object().if_contains("error");
  const bj::value* found = error ? error : &value;
  if (const auto* object = found->if_object()) found = object->if_contains("message");
  return found && found->is_string() ? std::string(found->get_string()) : *script.error;
}

}  // namespace

Answer cohere_error(int status, const std::string& message) {
  return refuse_with(status, R"({"id":"sim-error","message":)" + json_string(message) + "}");
}

Answer cohere_error(int status) {
  return cohere_error(status, std::string(by_status(kErrors, status).message));
}

Answer cohere_refusal(const Problem& problem) {
  if (problem.code == "rule 400" || problem.code == "rule 422") {
    return cohere_error(problem.code == "rule 422" ? 422 : 400, problem.before);
  }
  bool about_a_field = problem.code == "unknown_parameter" || problem.code == "missing_required_parameter" ||
                       problem.code == "invalid_type";
  return cohere_error(about_a_field ? 422 : 400, message_of(problem));
}

Problem invalid_request(std::string message) {
  return {"invalid request: " + std::move(message), "", "", "rule 400"};
}

Problem unprocessable(std::string message) {
  return {"invalid request: " + std::move(message), "", "", "rule 422"};
}

std::string cohere_error_event(const Script& script) {
  std::string_view begin = R"({"type":"message-end","delta":{"finish_reason":"ERROR","error":)";
  return server_sent("message-end", fmt::format("{}{}}}}}", begin, json_string(error_text(script)))) +
         "data: [DONE]\n\n";
}

}  // namespace sluice::sim
