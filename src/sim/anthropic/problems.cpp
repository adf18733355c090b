#include "sim/anthropic/problems.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sim/dom.h"
#include "sim/text.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

// "a[0].b" → a, 0, b
std::vector<std::string> steps_of(std::string_view path) {
  std::vector<std::string> steps;
  std::string step;
  for (char c : path) {
    if (c == '.' || c == '[' || c == ']') {
      if (!step.empty()) steps.push_back(std::exchange(step, {}));
    } else {
      step += c;
    }
  }
  if (!step.empty()) steps.push_back(std::move(step));
  return steps;
}

// Where a value may be one of several, its path names which by its type: "source.base64.data".
constexpr std::array<std::string_view, 9> kChosen{"content",   "tools",         "source", "thinking",     "tool_choice",
                                                  "citations", "cache_control", "caller", "state_changes"};

std::string tag_of(const bj::value& value, std::string_view name) {
  if (!value.is_object() || std::ranges::find(kChosen, name) == kChosen.end()) return "";
  std::string_view tag = text_in(value.get_object(), "type");
  return std::string(tag.empty() && name == "tools" ? "custom" : tag);
}

const bj::value* step_into(const bj::value* value, const std::string& step) {
  if (!value) return nullptr;
  if (value->is_object()) return value->get_object().if_contains(step);
  auto index = to_number<std::size_t>(step);
  return value->is_array() && index ? value->get_array().if_contains(*index) : nullptr;
}

std::string spell_path(std::string_view path, const bj::object& body) {
  auto steps = steps_of(path);
  bj::value root = body;
  const bj::value* at = &root;
  std::string spelled;
  std::string name;  // of the member that was stepped into last
  for (std::size_t i = 0; i < steps.size(); ++i) {
    spelled += (i == 0 ? "" : ".") + steps[i];
    bool indexed = at && at->is_array();
    if (!indexed) name = steps[i];
    at = step_into(at, steps[i]);
    if (i + 1 == steps.size() || !at) continue;
    auto tag = tag_of(*at, name);
    if (!tag.empty()) spelled += "." + tag;
  }
  return spelled;
}

std::string wrong_type(const Problem& problem) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kWords{{{"a string", "a valid string"},
                                                                                 {"an integer", "a valid integer"},
                                                                                 {"a number", "a valid number"},
                                                                                 {"a boolean", "a valid boolean"},
                                                                                 {"an array", "a valid list"},
                                                                                 {"an object", "a valid dictionary"}}};
  auto expected = between(problem.after, ": expected ", ", but got");
  const auto* word = std::ranges::find(kWords, expected, &std::pair<std::string_view, std::string_view>::first);
  return "Input should be " + std::string(word == kWords.end() ? expected : word->second);
}

// "'a', 'b', 'c'" → "'a', 'b' or 'c'"
std::string with_or(std::string_view names) {
  std::string text(names);
  auto comma = text.rfind(", ");
  if (comma != std::string::npos) text.replace(comma, 2, " or ");
  return text;
}

bool ends_with_step(std::string_view path, std::string_view step) {
  return path == step || (path.ends_with(step) && path[path.size() - step.size() - 1] == '.');
}

Problem wrong_value(const Problem& problem, const bj::object& body) {
  auto known = between(problem.after, "Supported values are: ", ".\n");
  if (known.ends_with('.')) known.remove_suffix(1);
  auto sent = between(problem.after, ": '", "'. Supported");
  bool tag = ends_with_step(problem.path, "type") && known.contains(", ");
  if (!tag) return wrong(spell_path(problem.path, body), "Input should be " + with_or(known));
  std::string outer = problem.path.substr(0, problem.path.size() - std::string_view("type").size());
  if (outer.ends_with('.')) outer.pop_back();
  return wrong(spell_path(outer, body),
               "Input tag '" + std::string(sent) +
                   "' found using 'type' does not match any of the expected tags: " + std::string(known));
}

std::string wrong_size(const Problem& problem) {
  std::string_view why = problem.after;
  bool list = problem.code.contains("array");
  bool above = problem.code.contains("above");
  auto limit = std::string(between(why, above ? "maximum length " : "minimum length ", ","));
  if (limit.empty()) limit = between(why, "at least ", " entries");
  std::string unit = list ? "item" : "character";
  if (limit != "1") unit += 's';
  return std::string(list ? "List" : "String") + " should have at " + (above ? "most " : "least ") + limit + " " +
         unit + (list ? " after validation" : "");
}

}  // namespace

Problem wrong(std::string path, std::string why) {
  return {.before = "", .path = std::move(path), .after = std::move(why), .code = std::string(kSpelled)};
}

Problem too_large() {
  return {.before = "", .path = "", .after = "Request exceeds the maximum size", .code = std::string(kTooLarge)};
}

Problem respelled(const Problem& problem, const bj::object& body) {
  const std::string& code = problem.code;
  if (code == "invalid_value") return wrong_value(problem, body);
  std::string why;
  if (code == "unknown_parameter") {
    why = "Extra inputs are not permitted";
  } else if (code == "missing_required_parameter") {
    why = "Field required";
  } else if (code == "invalid_type") {
    why = wrong_type(problem);
  } else if (code.contains("_max_value") || code.contains("_min_value")) {
    bool above = code.contains("_max_value");
    auto limit = std::string(between(problem.after, above ? "<= " : ">= ", ","));
    why = std::string("Input should be ") + (above ? "less" : "greater") + " than or equal to " + limit;
  } else if (code.starts_with("empty_") || code.contains("_length")) {
    why = wrong_size(problem);
  } else {
    return wrong("", problem.message());
  }
  return wrong(spell_path(problem.path, body), std::move(why));
}

std::string message_of(const Problem& problem) {
  constexpr std::string_view kNotJson = "We could not parse the JSON body of your request: ";
  if (problem.code == kSpelled || problem.code == kTooLarge) {
    return problem.path.empty() ? problem.after : problem.path + ": " + problem.after;
  }
  if (problem.code == "unsupported_parameter") return problem.path + ": Extra inputs are not permitted";
  std::string message = problem.message();
  if (message.starts_with(kNotJson)) return "The request body is not valid JSON: " + message.substr(kNotJson.size());
  return message;
}

}  // namespace sluice::sim::anthropic
