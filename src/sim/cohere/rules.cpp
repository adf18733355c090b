#include "sim/cohere/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cohere/ask.h"
#include "sim/cohere/errors.h"
#include "sim/dom.h"
#include "sim/vouch.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::size_t kMostStrictFields = 200;
constexpr std::size_t kMarkSize = 24;  // of call_id(), without its prefix

bool is_set(const bj::object& object, std::string_view key) {
  return !list_in(object, key).empty();
}

// ---- messages ----

std::optional<Problem> check_call(const bj::object& call, std::vector<std::string>& ids) {
  std::string id(text_in(call, "id"));
  const auto& function = call.at("function").get_object();
  bj::error_code error;
  bj::value arguments = bj::parse(text_in(function, "arguments"), error);
  if (error || !arguments.is_object()) {
    return invalid_request(fmt::format("the arguments of tool call id {} must be a valid JSON object.", id));
  }
  if (std::ranges::find(ids, id) != ids.end()) {
    return invalid_request(fmt::format("tool call id {} is used more than once.", id));
  }
  std::string_view prefix = std::string_view(id).substr(0, id.size() - std::min(id.size(), kMarkSize));
  if (prefix.ends_with('_') && is_altered(prefix, id, text_in(function, "name"), text_in(function, "arguments"))) {
    return invalid_request(fmt::format("tool call id {} was generated with another name or other arguments.", id));
  }
  ids.push_back(std::move(id));
  return std::nullopt;
}

class Conversation {
 public:
  std::optional<Problem> add(const bj::object& message) {
    std::string_view role = text_in(message, "role");
    if (role == "tool") return add_result(std::string(text_in(message, "tool_call_id")));
    if (auto problem = end()) return problem;
    if (role == "assistant") return add_answer(message);
    if (role == "user" && is_empty(message.at("content"))) {
      return invalid_request("message must be at least 1 token long or tool results must be specified.");
    }
    return std::nullopt;
  }

  // Calls that nobody answered.
  std::optional<Problem> end() const {
    if (open_.empty()) return std::nullopt;
    return invalid_request(fmt::format("missing tool results for tool call ids: {}.", fmt::join(open_, ", ")));
  }

 private:
  static bool is_empty(const bj::value& content) {
    if (content.is_string()) return content.get_string().empty();
    auto says = [](const bj::value& part) {
      const auto* text = part.get_object().if_contains("text");
      return !text || !text->get_string().empty();
    };
    return !std::ranges::any_of(content.get_array(), says);
  }

  std::optional<Problem> add_result(std::string id) {
    auto call = std::ranges::find(open_, id);
    if (call == open_.end()) {
      return invalid_request(fmt::format("tool call id {} not found in previous tool calls.", id));
    }
    open_.erase(call);
    return std::nullopt;
  }

  std::optional<Problem> add_answer(const bj::object& message) {
    const auto* content = message.if_contains("content");
    bool says = content && !content->is_null() && !(content->is_array() && content->get_array().empty());
    if (!says && !is_set(message, "tool_calls")) {
      return invalid_request("an assistant message must have content or tool_calls.");
    }
    if (!is_set(message, "tool_calls")) return std::nullopt;
    for (const auto& call : message.at("tool_calls").get_array()) {
      if (auto problem = check_call(call.get_object(), open_)) return problem;
    }
    return std::nullopt;
  }

  std::vector<std::string> open_;
};

std::optional<Problem> check_messages(const bj::array& messages) {
  if (messages.empty()) return invalid_request("list of messages must not be empty");
  Conversation conversation;
  for (const auto& message : messages) {
    if (auto problem = conversation.add(message.get_object())) return problem;
  }
  return conversation.end();
}

// ---- settings ----

// Every object of a schema has a required field.
bool has_required_fields(const bj::value& schema) {
  if (const auto* list = schema.if_array()) return std::ranges::all_of(*list, has_required_fields);
  const auto* object = schema.if_object();
  if (!object) return true;
  if (object_in(*object, "properties") && !is_set(*object, "required")) return false;
  return std::ranges::all_of(*object, [](const auto& member) {
    if (member.key() == "properties" && member.value().is_object()) {
      return std::ranges::all_of(member.value().get_object(),
                                 [](const auto& property) { return has_required_fields(property.value()); });
    }
    return member.key() == "enum" || member.key() == "const" || has_required_fields(member.value());
  });
}

std::optional<Problem> check_format(const bj::object& request) {
  const auto* format = request.if_contains("response_format");
  if (!format || text_in(format->get_object(), "type") != "json_object") return std::nullopt;
  for (std::string_view other : {"documents", "tools"}) {
    if (is_set(request, other)) return unprocessable(fmt::format("response_format is not supported with {}.", other));
  }
  const auto* schema = format->get_object().if_contains("json_schema");
  if (!schema) return std::nullopt;
  const auto* type = schema->get_object().if_contains("type");
  if (!type || *type != "object") return invalid_request("the top level type of json_schema must be object.");
  if (!is_set(schema->get_object(), "required") || !has_required_fields(*schema)) {
    return invalid_request("every object in json_schema must have at least one required field.");
  }
  return std::nullopt;
}

std::optional<Problem> check_strict_tools(const bj::array& tools) {
  std::size_t fields = 0;
  for (const auto& tool : tools) {
    const auto& function = tool.at("function").get_object();
    const auto& parameters = function.at("parameters").get_object();
    const auto& properties = inner_in(parameters, "properties");
    if (properties.empty()) continue;
    fields += properties.size();
    if (!is_set(parameters, "required")) {
      return unprocessable(
          fmt::format("strict_tools: tool {} must have at least one required parameter.", text_in(function, "name")));
    }
  }
  if (fields <= kMostStrictFields) return std::nullopt;
  return unprocessable(
      fmt::format("strict_tools: at most {} fields are supported across all tools.", kMostStrictFields));
}

std::optional<Problem> check_tools(const bj::object& request) {
  const auto* choice = request.if_contains("tool_choice");
  if (choice && *choice == "REQUIRED" && !is_set(request, "tools")) {
    return unprocessable("tool_choice REQUIRED needs tools");
  }
  const auto* tools = array_in(request, "tools");
  if (!tools) return std::nullopt;
  std::vector<std::string_view> names;
  for (const auto& tool : *tools) {
    std::string_view name = text_in(tool.at("function").get_object(), "name");
    if (std::ranges::find(names, name) != names.end()) {
      return invalid_request(fmt::format("tool names must be unique, {} is there twice.", name));
    }
    names.push_back(name);
  }
  return flag_in(request, "strict_tools") ? check_strict_tools(*tools) : std::nullopt;
}

// ---- embeddings and reranking ----

std::optional<Problem> check_embed(const bj::object& request) {
  auto has = [&](std::string_view key) { return request.contains(key); };
  if (has("texts") + has("images") + has("inputs") != 1) {
    return invalid_request("exactly one of texts, images or inputs must be provided.");
  }
  bool image = text_in(request, "input_type") == "image";
  if (has("texts") && image) return invalid_request("input_type image is not for texts.");
  if (has("images") && !image) return invalid_request("images need the input_type image.");
  if (const auto* images = array_in(request, "images")) {
    std::string_view url = images->front().get_string();
    if (!url.starts_with("data:image/") || !url.contains(";base64,")) {
      return invalid_request("images must be data URIs with base64.");
    }
  }
  if (const auto* dimension = request.if_contains("output_dimension")) {
    constexpr std::int64_t kDimensions[] = {256, 512, 1024, 1536};
    auto wanted = dimension->to_number<std::int64_t>();
    if (std::ranges::find(kDimensions, wanted) == std::end(kDimensions)) {
      return invalid_request("output_dimension must be one of 256, 512, 1024, 1536.");
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> check_cohere_rules(const Ask& ask) {
  const bj::object& request = *ask.body;
  if (ask.place.endpoint == Endpoint::kEmbeddings) return check_embed(request);
  if (ask.place.endpoint != Endpoint::kChat) return std::nullopt;
  if (auto problem = check_messages(request.at("messages").get_array())) return problem;
  if (auto problem = check_tools(request)) return problem;
  return check_format(request);
}

}  // namespace sluice::sim
