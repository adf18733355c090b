#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <string>

#include "sim/anthropic/problems.h"
#include "sim/anthropic/rules.h"
#include "sim/dom.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

constexpr std::string_view kClosed = "For 'object' type, 'additionalProperties' must be explicitly set to false";

bool is_custom(const bj::object& tool) {
  std::string_view type = text_in(tool, "type");
  return type.empty() || type == "custom";
}

// Tools that are there for those who ask for a beta: a part of its name. Empty: all may use it.
std::string_view beta_of(std::string_view type) {
  if (type == "mcp_toolset") return "mcp-client";
  return type.starts_with("computer_20") ? "computer-use" : "";
}

std::optional<Problem> check_input_schema(const bj::object& schema, const std::string& path) {
  if (!schema.contains("type")) return wrong(path + ".type", "Field required");
  if (text_in(schema, "type") != "object") return wrong(path + ".type", "Input should be 'object'");
  for (std::string_view key : {"oneOf", "allOf", "anyOf"}) {
    if (schema.contains(key))
      return wrong(path, "input_schema does not support oneOf, allOf, or anyOf at the top level");
  }
  const bj::object* properties = object_in(schema, "properties");
  if (find_in(schema, "properties") && !properties)
    return wrong(path + ".properties", "Input should be a valid dictionary");
  if (properties) {
    for (const auto& [name, property] : *properties) {
      if (property.is_object() || property.is_bool()) continue;
      return wrong(path,
                   "JSON schema is invalid. It must match JSON Schema draft 2020-12 "
                   "(https://json-schema.org/draft/2020-12).");
    }
  }
  const bj::array* required = array_in(schema, "required");
  if (find_in(schema, "required") && !required) return wrong(path + ".required", "Input should be a valid list");
  for (std::size_t i = 0; required && i < required->size(); ++i) {
    if (!(*required)[i].is_string()) {
      return wrong(path + ".required." + std::to_string(i), "Input should be a valid string");
    }
  }
  return std::nullopt;
}

// Where answers are held to a schema, each of its objects says that it has no other members.
bool is_closed(const bj::value& schema) {
  if (schema.is_array()) return std::ranges::all_of(schema.get_array(), is_closed);
  const bj::object* object = schema.if_object();
  if (!object) return true;
  if (text_in(*object, "type") == "object") {
    const bj::value* others = object->if_contains("additionalProperties");
    if (!others || !others->is_bool() || others->get_bool()) return false;
  }
  for (std::string_view key : {"properties", "$defs", "definitions"}) {
    const bj::object* named = object_in(*object, key);
    if (named && !std::ranges::all_of(*named, [](const auto& one) { return is_closed(one.value()); })) return false;
  }
  for (std::string_view key : {"items", "anyOf", "allOf"}) {
    const bj::value* inner = object->if_contains(key);
    if (inner && !is_closed(*inner)) return false;
  }
  return true;
}

// Documents whose answers would cite them, anywhere in a content.
bool cites(const bj::value& value) {
  if (value.is_array()) return std::ranges::any_of(value.get_array(), cites);
  const bj::object* object = value.if_object();
  if (!object) return false;
  std::string_view type = text_in(*object, "type");
  const bj::object* citations = object_in(*object, "citations");
  if ((type == "document" || type == "search_result") && citations && flag_in(*citations, "enabled")) return true;
  const bj::value* content = object->if_contains("content");
  return content && cites(*content);
}

std::optional<Problem> check_choice(const Asked& asked, const std::set<std::string_view>& names) {
  const bj::object* choice = object_in(asked.body, "tool_choice");
  if (!choice) return std::nullopt;
  const bj::array* tools = array_in(asked.body, "tools");
  bool mcp = asked.body.contains("mcp_servers");
  if ((!tools || tools->empty()) && !mcp) {
    return wrong("tool_choice", "tool_choice may only be specified while providing tools");
  }
  std::string_view type = text_in(*choice, "type");
  if (type != "any" && type != "tool") return std::nullopt;
  std::string_view name = text_in(*choice, "name");
  if (type == "tool" && !names.contains(name) && !mcp) {
    return wrong("", "Tool '" + std::string(name) + "' not found in provided tools");
  }
  if (!asked.model.takes_forced_calls()) {
    return wrong("", "\"tool_choice.type." + std::string(type) + "\" is not supported for this model.");
  }
  if (asked.thinking() == "enabled") {
    return wrong("", "Thinking may not be enabled when tool_choice forces tool use.");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> check_tools(const Asked& asked) {
  std::set<std::string_view> names;
  const bj::array* tools = array_in(asked.body, "tools");
  for (std::size_t i = 0; tools && i < tools->size(); ++i) {
    const bj::object& tool = (*tools)[i].get_object();
    std::string path = "tools." + std::to_string(i);
    std::string_view name = text_in(tool, "name");
    std::string_view type = text_in(tool, "type");
    if (auto beta = beta_of(type); !beta.empty() && !asked.has_beta(beta)) {
      return wrong(path, "Input tag '" + std::string(type) + "' found using 'type' needs a beta: " + std::string(beta));
    }
    if (is_custom(tool)) {
      path += ".custom";
      if (!is_plain_name(name, 128)) {
        return wrong(path + ".name", "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
      }
      if (auto problem = check_input_schema(*object_in(tool, "input_schema"), path + ".input_schema")) return problem;
    } else if (find_in(tool, "allowed_domains") && find_in(tool, "blocked_domains")) {
      return wrong(path, "Only one of `allowed_domains` and `blocked_domains` may be specified");
    }
    if (!name.empty() && !names.insert(name).second) return wrong("tools", "Tool names must be unique.");
  }
  return check_choice(asked, names);
}

std::optional<Problem> check_schemas(const Asked& asked) {
  const bj::array* tools = array_in(asked.body, "tools");
  for (std::size_t i = 0; tools && i < tools->size(); ++i) {
    const bj::object& tool = (*tools)[i].get_object();
    const bj::value* schema = tool.if_contains("input_schema");
    if (schema && flag_in(tool, "strict") && !is_closed(*schema)) {
      return wrong("tools." + std::to_string(i) + ".custom", std::string(kClosed));
    }
  }
  const bj::object* output = object_in(asked.body, "output_config");
  const bj::object* format = output ? object_in(*output, "format") : nullptr;
  if (!format) format = object_in(asked.body, "output_format");
  if (!format) return std::nullopt;
  if (!is_closed(format->at("schema"))) return wrong("output_config.format.schema", std::string(kClosed));
  bool citing = std::ranges::any_of(asked.messages(), [](const bj::value& turn) { return cites(turn); });
  if (citing) return wrong("output_config.format", "citations cannot be enabled together with a format");
  return std::nullopt;
}

}  // namespace sluice::sim::anthropic
