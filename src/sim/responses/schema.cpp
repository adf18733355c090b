#include "sim/responses/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sim/responses/dom.h"
#include "sim/responses/errors.h"
#include "sim/responses/items.h"
#include "sim/responses/parts.h"

namespace sluice::sim {

namespace {

struct Schema {
  std::string owner;  // "function 'f'"
  std::string path;
  std::string_view code;
};

Problem refused(const Schema& schema, std::string_view why) {
  return told(fmt::format("Invalid schema for {}: {}", schema.owner, why), schema.path, schema.code);
}

// ('properties', 'a')
std::string context_of(const std::vector<std::string>& way) {
  if (way.empty()) return "()";
  return way.size() == 1 ? fmt::format("('{}',)", way[0]) : fmt::format("('{}')", fmt::join(way, "', '"));
}

// "object" or ["object", "null"]
bool is_object_type(const dom::object& schema) {
  const dom::value* type = dom::find(schema, "type");
  if (!type || !type->is_array()) return dom::text(type) == "object";
  return std::ranges::any_of(type->get_array(), [](const dom::value& one) { return dom::text(&one) == "object"; });
}

std::optional<Problem> check_closed(const Schema& whole, const dom::object& schema,
                                    const std::vector<std::string>& way) {
  const dom::value* more = dom::find(schema, "additionalProperties");
  if (!more || !more->is_bool() || more->get_bool()) {
    return refused(whole, fmt::format("In context={}, 'additionalProperties' is required to be supplied and to be "
                                      "false.",
                                      context_of(way)));
  }
  const dom::array& required = dom::list(schema, "required");
  for (const auto& [name, property] : dom::inner(schema, "properties")) {
    bool there = std::ranges::any_of(required, [&](const dom::value& one) { return dom::text(&one) == name; });
    if (there) continue;
    return refused(whole, fmt::format("In context={}, 'required' is required to be supplied and to be an array "
                                      "including every key in properties. Missing '{}'.",
                                      context_of(way), std::string_view(name)));
  }
  return std::nullopt;
}

std::optional<Problem> check_strict(const Schema& whole, const dom::object& schema, std::vector<std::string>& way);

std::optional<Problem> check_below(const Schema& whole, const dom::value& value, std::vector<std::string>& way,
                                   std::string step) {
  if (!value.is_object()) return std::nullopt;
  way.push_back(std::move(step));
  auto problem = check_strict(whole, value.get_object(), way);
  way.pop_back();
  return problem;
}

// What a schema that is followed strictly must say at every depth.
std::optional<Problem> check_strict(const Schema& whole, const dom::object& schema, std::vector<std::string>& way) {
  if (is_object_type(schema)) {
    if (auto problem = check_closed(whole, schema, way)) return problem;
  }
  for (std::string_view group : {"properties", "$defs", "definitions"}) {
    for (const auto& [name, one] : dom::inner(schema, group)) {
      way.emplace_back(group);
      auto problem = check_below(whole, one, way, std::string(name));
      way.pop_back();
      if (problem) return problem;
    }
  }
  if (const dom::value* items = dom::find(schema, "items")) {
    if (auto problem = check_below(whole, *items, way, "items")) return problem;
  }
  const dom::array& choices = dom::list(schema, "anyOf");
  for (std::size_t i = 0; i < choices.size(); ++i) {
    way.emplace_back("anyOf");
    auto problem = check_below(whole, choices[i], way, std::to_string(i));
    way.pop_back();
    if (problem) return problem;
  }
  return std::nullopt;
}

std::optional<Problem> check_root(const Schema& whole, const dom::object& schema, bool strict) {
  if (dom::text(schema, "type") != "object") {
    auto type = dom::text(schema, "type");
    return refused(whole, fmt::format("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{}\"'.",
                                      type.empty() ? "None" : type));
  }
  std::vector<std::string> way;
  return strict ? check_strict(whole, schema, way) : std::nullopt;
}

}  // namespace

std::optional<Problem> check_parameters(const dom::object& tool, const std::string& path) {
  if (!dom::find(tool, "parameters")) return std::nullopt;
  Schema schema{fmt::format("function '{}'", dom::text(tool, "name")), path + ".parameters",
                "invalid_function_parameters"};
  return check_root(schema, dom::inner(tool, "parameters"), dom::is_true(tool, "strict"));
}

std::optional<Problem> check_answer_schema(const dom::object& format, const std::string& path) {
  auto name = dom::text(format, "name");
  if (!is_plain(name)) return bad_name(path + ".name");
  Schema schema{fmt::format("response_format '{}'", name), path + ".schema", "invalid_json_schema"};
  return check_root(schema, dom::inner(format, "schema"), dom::is_true(format, "strict"));
}

}  // namespace sluice::sim
