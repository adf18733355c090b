#include "sim/responses/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sim/dom.h"
#include "sim/responses/errors.h"
#include "sim/responses/items.h"
#include "sim/responses/parts.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

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
bool is_object_type(const bj::object& schema) {
  const bj::value* type = find_in(schema, "type");
  if (!type || !type->is_array()) return text_of(type) == "object";
  return std::ranges::any_of(type->get_array(), [](const bj::value& one) { return text_of(&one) == "object"; });
}

std::optional<Problem> check_closed(const Schema& whole, const bj::object& schema,
                                    const std::vector<std::string>& way) {
  const bj::value* more = find_in(schema, "additionalProperties");
  if (!more || !more->is_bool() || more->get_bool()) {
    return refused(whole, fmt::format("In context={}, 'additionalProperties' is required to be supplied and to be "
                                      "false.",
                                      context_of(way)));
  }
  const bj::array& required = list_in(schema, "required");
  for (const auto& [name, property] : inner_in(schema, "properties")) {
    bool there = std::ranges::any_of(required, [&](const bj::value& one) { return text_of(&one) == name; });
    if (there) continue;
    return refused(whole, fmt::format("In context={}, 'required' is required to be supplied and to be an array "
                                      "including every key in properties. Missing '{}'.",
                                      context_of(way), std::string_view(name)));
  }
  return std::nullopt;
}

std::optional<Problem> check_strict(const Schema& whole, const bj::object& schema, std::vector<std::string>& way);

std::optional<Problem> check_below(const Schema& whole, const bj::value& value, std::vector<std::string>& way,
                                   std::string step) {
  if (!value.is_object()) return std::nullopt;
  way.push_back(std::move(step));
  auto problem = check_strict(whole, value.get_object(), way);
  way.pop_back();
  return problem;
}

// What a schema that is followed strictly must say at every depth.
std::optional<Problem> check_strict(const Schema& whole, const bj::object& schema, std::vector<std::string>& way) {
  if (is_object_type(schema)) {
    if (auto problem = check_closed(whole, schema, way)) return problem;
  }
  for (std::string_view group : {"properties", "$defs", "definitions"}) {
    for (const auto& [name, one] : inner_in(schema, group)) {
      way.emplace_back(group);
      auto problem = check_below(whole, one, way, std::string(name));
      way.pop_back();
      if (problem) return problem;
    }
  }
  if (const bj::value* items = find_in(schema, "items")) {
    if (auto problem = check_below(whole, *items, way, "items")) return problem;
  }
  const bj::array& choices = list_in(schema, "anyOf");
  for (std::size_t i = 0; i < choices.size(); ++i) {
    way.emplace_back("anyOf");
    auto problem = check_below(whole, choices[i], way, std::to_string(i));
    way.pop_back();
    if (problem) return problem;
  }
  return std::nullopt;
}

std::optional<Problem> check_root(const Schema& whole, const bj::object& schema, bool strict) {
  if (text_in(schema, "type") != "object") {
    auto type = text_in(schema, "type");
    return refused(whole, fmt::format("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{}\"'.",
                                      type.empty() ? "None" : type));
  }
  std::vector<std::string> way;
  return strict ? check_strict(whole, schema, way) : std::nullopt;
}

}  // namespace

std::optional<Problem> check_parameters(const bj::object& tool, const std::string& path) {
  if (!find_in(tool, "parameters")) return std::nullopt;
  Schema schema{fmt::format("function '{}'", text_in(tool, "name")), path + ".parameters",
                "invalid_function_parameters"};
  return check_root(schema, inner_in(tool, "parameters"), flag_in(tool, "strict"));
}

std::optional<Problem> check_answer_schema(const bj::object& format, const std::string& path) {
  auto name = text_in(format, "name");
  if (!is_plain(name)) return bad_name(path + ".name");
  Schema schema{fmt::format("response_format '{}'", name), path + ".schema", "invalid_json_schema"};
  return check_root(schema, inner_in(format, "schema"), flag_in(format, "strict"));
}

}  // namespace sluice::sim
