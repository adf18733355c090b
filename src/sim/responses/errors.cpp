#include "sim/responses/errors.h"

#include <boost/json.hpp>

#include "sim/dom.h"
#include "sim/openai/bodies.h"
#include "sim/stream.h"

namespace sluice::sim {

namespace {

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
  return error_body(message_of(problem), "invalid_request_error", param_of(problem), problem.code);
}

// As in the rest of the provider's API, but that a failure of its own has a code: a response's error must have one.
std::string response_error(int status) {
  if (status < 500 || status == 503) return error_body(status);
  return error_body("An error occurred while processing your request.", "server_error", "", "server_error");
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
