// The rules for tools and toolConfig.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "sim/dom.h"
#include "sim/gemini/ask.h"
#include "sim/gemini/rules.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

using Names = std::set<std::string_view>;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_function_name(std::string_view name, std::size_t most) {
  if (name.empty() || name.size() > most || !is_letter(name.front())) return false;
  return std::ranges::all_of(
      name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '-'; });
}

std::optional<Problem> check_json_schema(const bj::value& schema, const std::string& path) {
  const auto* object = schema.if_object();
  if (!object) return invalid(path, "must be a JSON object");
  if (object->contains("type") && text_in(*object, "type") != "object") {
    return invalid(path, "the type of a function's parameters must be `object`");
  }
  return std::nullopt;
}

std::optional<Problem> check_declaration(const bj::object& function, const std::string& path, const Ask& ask,
                                         Names& names) {
  std::size_t most = gemini_generation(ask.model) >= 3 ? 128 : 64;
  auto name = text_in(function, "name");
  if (!is_function_name(name, most)) {
    return invalid(path + ".name",
                   fmt::format("[FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must "
                               "be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes "
                               "(-), with a maximum length of {}.",
                               most));
  }
  if (!names.insert(name).second) return refused(fmt::format("Duplicate function declaration found: {}", name));
  const auto* parameters = object_in(function, "parameters");
  const auto* json_schema = function.if_contains("parametersJsonSchema");
  if (parameters && json_schema) {
    return invalid(path + ".parameters_json_schema",
                   "`parameters` and `parameters_json_schema` are mutually exclusive");
  }
  if (parameters) {
    if (auto problem = check_schema(*parameters, path + ".parameters")) return problem;
    if (text_in(*parameters, "type") != "OBJECT") {
      return invalid(path + ".parameters", "the type of a function's parameters must be OBJECT");
    }
  }
  if (json_schema) {
    if (auto problem = check_json_schema(*json_schema, path + ".parameters_json_schema")) return problem;
  }
  const auto* response = object_in(function, "response");
  if (response && function.contains("responseJsonSchema")) {
    return invalid(path + ".response_json_schema", "`response` and `response_json_schema` are mutually exclusive");
  }
  return response ? check_schema(*response, path + ".response") : std::nullopt;
}

std::optional<Problem> check_choice(const bj::object& body, const Names& names) {
  const auto* config = object_in(body, "toolConfig");
  if (config) config = object_in(*config, "functionCallingConfig");
  if (!config) return std::nullopt;
  auto mode = text_in(*config, "mode");
  bool forces = mode == "ANY" || mode == "VALIDATED";
  const auto& allowed = list_in(*config, "allowedFunctionNames");
  if (names.empty() && (forces || !allowed.empty())) {
    return refused("Function calling config is set without function_declarations.");
  }
  constexpr std::string_view kPath = "tool_config.function_calling_config.allowed_function_names";
  if (!allowed.empty() && !forces) {
    return invalid(kPath, "only allowed when the function calling mode is ANY or VALIDATED");
  }
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    auto name = text_of(&allowed[i]);
    if (names.contains(name)) continue;
    return invalid(fmt::format("{}[{}]", kPath, i), "no function is declared with the name " + printable(name));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> check_tools(const bj::object& body, const Ask& ask) {
  const auto& tools = list_in(body, "tools");
  Names names;
  bool others = false;
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const auto& tool = as_object(tools[i]);
    auto path = fmt::format("tools[{}]", i);
    if (tool.empty()) {
      return invalid(path + ".tool_type", "required one_of 'tool_type' must have one initialized field");
    }
    others = others || tool.size() > 1 || !tool.contains("functionDeclarations");
    const auto& functions = list_in(tool, "functionDeclarations");
    for (std::size_t j = 0; j < functions.size(); ++j) {
      auto inner = fmt::format("{}.function_declarations[{}]", path, j);
      if (auto problem = check_declaration(as_object(functions[j]), inner, ask, names)) return problem;
    }
  }
  int generation = gemini_generation(ask.model);
  if (others && !names.empty() && generation != 0 && generation < 3) {
    return refused("Tool use with function calling is unsupported");
  }
  return check_choice(body, names);
}

}  // namespace sluice::sim
