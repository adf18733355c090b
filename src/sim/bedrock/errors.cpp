#include "sim/bedrock/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/text.h"
#include "http/event_stream.h"
#include "sim/aws.h"
#include "sim/by_status.h"
#include "sim/text.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

struct Exception {
  int status;
  std::string_view name;
  std::string_view message;
};
constexpr Exception kExceptions[] = {
    {400, "ValidationException", "The provided request is not valid."},
    {401, "UnrecognizedClientException", "The security token included in the request is invalid."},
    {403, "AccessDeniedException", "You don't have access to the model with the specified model ID."},
    {404, "ResourceNotFoundException", "The requested resource could not be found."},
    {408, "ModelTimeoutException", "Model has timed out in processing the request. Try your request again."},
    {413, "RequestEntityTooLargeException", "The request is too large."},
    {424, "ModelErrorException",
     "The system encountered an unexpected error during processing. Try your request again."},
    {429, "ThrottlingException", "Too many requests, please wait before trying again."},
    {500, "InternalServerException",
     "The system encountered an unexpected error during processing. Try your request "
     "again."},
    {503, "ServiceUnavailableException", "Bedrock is unable to process your request."},
};

// "messages[0].content[2].text" as the service counts: "messages.0.content.2.text", or with `one` as
// "messages.1.member.content.3.member.text".
enum class From { kZero, kOne };
std::string respell(std::string_view path, From from) {
  std::string out;
  while (!path.empty()) {
    auto open = path.find('[');
    out += path.substr(0, open);
    if (open == std::string_view::npos) break;
    auto close = std::min(path.find(']', open), path.size() - 1);
    auto index = to_number<std::size_t>(path.substr(open + 1, close - open - 1)).value_or(0);
    out += from == From::kZero ? fmt::format(".{}", index) : fmt::format(".{}.member", index + 1);
    path.remove_prefix(close + 1);
  }
  return out;
}

std::string constraint(const Problem& problem, std::string_view value, std::string_view must) {
  return fmt::format("1 validation error detected: Value{} at '{}' failed to satisfy constraint: Member must {}",
                     value.empty() ? "" : fmt::format(" '{}'", value), respell(problem.path, From::kOne), must);
}

std::string size_or_range(const Problem& problem) {
  bool above = problem.code.contains("above_max");
  std::string_view relation = above ? "less than or equal to" : "greater than or equal to";
  if (problem.code.ends_with("_value")) {
    auto value = between(problem.after, "but got ", " instead");
    auto limit = between(problem.after, above ? "<= " : ">= ", ",");
    return constraint(problem, value, fmt::format("have value {} {}", relation, limit));
  }
  auto limit = between(problem.after, above ? "maximum length " : "minimum length ", ",");
  if (problem.code.starts_with("empty_")) limit = "1";
  return constraint(problem, "", fmt::format("have length {} {}", relation, limit));
}

std::string enumeration(const Problem& problem) {
  std::string names(between(problem.after, "Supported values are: ", "."));
  std::erase(names, '\'');
  return constraint(problem, between(problem.after, ": '", "'"), fmt::format("satisfy enum value set: [{}]", names));
}

std::string pattern(const Problem& problem) {
  auto line = problem.after.find('\n');
  return constraint(problem, problem.after.substr(0, line),
                    "satisfy regular expression pattern: " + problem.after.substr(line + 1));
}

std::string extraneous(const Problem& problem) {
  auto dot = problem.path.rfind('.');
  std::string outer = dot == std::string::npos ? "" : problem.path.substr(0, dot);
  std::string place = respell(outer, From::kZero);
  std::ranges::replace(place, '.', '/');
  return fmt::format(
      "Malformed input request: #{}{}: extraneous key [{}] is not permitted, please reformat your "
      "input and try again.",
      place.empty() ? "" : "/", place, dot == std::string::npos ? problem.path : problem.path.substr(dot + 1));
}

std::string message_of(const Problem& problem) {
  std::string_view code = problem.code;
  if (code == "missing_required_parameter") return constraint(problem, "", "not be null");
  if (code == "unknown_parameter") return extraneous(problem);
  if (code == "invalid_value") return enumeration(problem);
  if (code == "pattern") return pattern(problem);
  if (code == "invalid_type") {
    return fmt::format("The format of the value at {} is invalid{}", respell(problem.path, From::kZero), problem.after);
  }
  if (code.contains("above_max") || code.contains("below_min") || code.starts_with("empty_")) {
    return size_or_range(problem);
  }
  return problem.before + respell(problem.path, From::kZero) + problem.after;
}

}  // namespace

Answer bedrock_error(int status) {
  const Exception& exception = by_status(kExceptions, status);
  return aws_refusal(status, exception.name, exception.message);
}

Answer bedrock_refusal(const Problem& problem) {
  return aws_refusal(400, "ValidationException", message_of(problem));
}

std::string bedrock_error_frame(const Script& script) {
  if (script.error && !script.error_is_object) {
    const http::EventStreamHeader headers[] = {
        {":message-type", "error"}, {":error-code", "InternalFailure"}, {":error-message", *script.error}};
    std::string out;
    http::append_frame(out, headers, "{}");
    return out;
  }
  std::string type = "internalServerException";
  std::string payload = R"({"message":"The system encountered an unexpected error during processing."})";
  if (script.error) {
    auto error = bj::parse(*script.error).get_object();
    if (const auto* name = error.if_contains("__type"); name && name->is_string() && !name->get_string().empty()) {
      type = name->get_string();
      type.front() = to_lower(type.front());
      error.erase("__type");
    }
    payload = bj::serialize(error);
  }
  return aws_frame("exception", type, payload);
}

}  // namespace sluice::sim
