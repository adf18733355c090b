#include "sim/responses/errors.h"

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>

#include "sim/dom.h"
#include "sim/stream.h"

namespace sluice::sim {

namespace {

struct KnownError {
  int status;
  std::string_view message;
  std::string_view type;
  std::string_view code;
};
constexpr KnownError kErrors[] = {
    {400, "The request is invalid.", "invalid_request_error", ""},
    {401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"},
    {403, "Your project does not have access to this model.", "invalid_request_error", "permission_denied"},
    {404, "The model does not exist or you do not have access to it.", "invalid_request_error", "model_not_found"},
    {408, "Request timed out.", "server_error", "timeout"},
    {409, "The request conflicts with another one.", "invalid_request_error", "conflict"},
    {413, "The request is too large.", "invalid_request_error", "request_too_large"},
    {422, "The request cannot be processed.", "invalid_request_error", "unprocessable_entity"},
    {429, "Rate limit reached for requests. Please try again later.", "requests", "rate_limit_exceeded"},
    {500, "An error occurred while processing your request.", "server_error", "server_error"},
    {503, "The server is overloaded. Please try again later.", "service_unavailable_error", "server_is_overloaded"},
};

boost::json::value or_null(std::string_view text) {
  return text.empty() ? boost::json::value() : boost::json::value(text);
}

std::string body(std::string_view message, std::string_view type, std::string_view param, std::string_view code) {
  boost::json::object error{{"message", message}, {"type", type}, {"param", or_null(param)}, {"code", or_null(code)}};
  return boost::json::serialize(boost::json::object{{"error", std::move(error)}});
}

constexpr std::string_view kWrongValue = "Invalid value for ";

// "'a', 'b', 'c'" → "'a', 'b', and 'c'"; "'a', 'b'" → "'a' and 'b'"
std::string with_and(std::string text) {
  constexpr std::string_view kSeparator = "', '";
  auto last = text.rfind(kSeparator);
  if (last == std::string::npos) return text;
  auto first = text.find(kSeparator);
  return text.replace(last, kSeparator.size(), first == last ? "' and '" : "', and '");
}

std::string message_of(const Problem& problem) {
  if (problem.before == kWrongValue) return "Invalid value" + with_and(problem.after);
  if (problem.before.ends_with('.')) return problem.before;
  return problem.message();
}

// Of an item or a part of an unknown type the provider names the item or the part.
std::string_view param_of(const Problem& problem) {
  std::string_view path = problem.path;
  if (problem.before != kWrongValue || !path.starts_with("input[")) return path;
  for (std::string_view tag : {".type", ".role"}) {
    if (path.ends_with(tag)) return path.substr(0, path.size() - tag.size());
  }
  return path;
}

}  // namespace

Problem told(std::string sentence, std::string_view path, std::string_view code) {
  return {std::move(sentence), std::string(path), "", std::string(code)};
}

std::string response_error(const Problem& problem) {
  return body(message_of(problem), "invalid_request_error", param_of(problem), problem.code);
}

std::string response_error(int status) {
  const KnownError* known = std::ranges::find(kErrors, status, &KnownError::status);
  if (known == std::end(kErrors)) known = std::ranges::find(kErrors, status < 500 ? 400 : 500, &KnownError::status);
  return body(known->message, known->type, "", known->code);
}

std::string response_error_event(const Script& script, std::optional<std::size_t> number) {
  if (script.error && !script.error_is_object) return server_sent("error", *script.error);
  auto given = parsed(script.error.value_or(response_error(500)));
  boost::json::object data;
  if (given && given->is_object()) data = given->get_object();
  std::string type(text_in(data, "type"));
  bool whole_event = type == "error" || type.starts_with("response.");
  if (!whole_event) {
    type = "error";
    bool enveloped = data.if_contains("error") != nullptr;
    boost::json::value error = enveloped ? data.at("error") : boost::json::value(data);
    data = {{"type", type}, {"error", std::move(error)}};
  }
  if (number && !data.contains("sequence_number")) data["sequence_number"] = *number;
  return server_sent(type, boost::json::serialize(data));
}

}  // namespace sluice::sim
