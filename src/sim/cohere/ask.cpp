#include "sim/cohere/ask.h"

#include <memory>
#include <utility>

#include "json/cursor.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

const bj::array* list_in(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}
const bj::object* object_in(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value ? value->if_object() : nullptr;
}
std::string text_in(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::size_t bytes_of(const bj::object& message) {
  const auto* content = message.if_contains("content");
  std::size_t bytes = text_of_content(content).size() + text_in(message, "tool_plan").size();
  if (const auto* parts = list_in(message, "content")) {
    for (const auto& item : *parts) {
      const auto* part = item.if_object();
      const auto* document = part ? object_in(*part, "document") : nullptr;
      if (document) bytes += bj::serialize(*document).size();
      if (part) bytes += text_in(*part, "thinking").size();
    }
  }
  if (const auto* calls = list_in(message, "tool_calls")) {
    for (const auto& call : *calls) {
      const auto* function = call.is_object() ? object_in(call.get_object(), "function") : nullptr;
      if (function) bytes += text_in(*function, "arguments").size();
    }
  }
  return bytes;
}

void read_chat(const bj::object& request, Ask& ask) {
  if (const auto* messages = list_in(request, "messages")) {
    for (const auto& item : *messages) {
      const auto* message = item.if_object();
      if (!message) continue;
      ask.prompt_bytes += bytes_of(*message);
      std::string role = text_in(*message, "role");
      ask.answers_tool = role == "tool";
      if (role == "user") ask.text = text_of_content(message->if_contains("content"));
    }
  }
  if (const auto* documents = list_in(request, "documents")) {
    for (const auto& document : *documents) ask.prompt_bytes += bj::serialize(document).size();
  }
  ask.tools_off = text_in(request, "tool_choice") == "NONE";
  const auto* tools = list_in(request, "tools");
  if (!tools) return;
  for (const auto& tool : *tools) {
    const auto* function = tool.is_object() ? object_in(tool.get_object(), "function") : nullptr;
    if (function) ask.tools.push_back({.name = text_in(*function, "name")});
  }
}

// What is embedded, each as JSON text: texts, images, or inputs of both.
void read_inputs(const bj::object& request, Ask& ask) {
  for (std::string_view key : {"texts", "images", "inputs"}) {
    const auto* list = list_in(request, key);
    if (!list) continue;
    for (const auto& input : *list) {
      ask.inputs.push_back(bj::serialize(input));
      if (key == "texts" && input.is_string()) ask.prompt_bytes += input.get_string().size();
      if (key == "inputs" && input.is_object()) {
        ask.prompt_bytes += text_of_content(input.get_object().if_contains("content")).size();
      }
    }
  }
  const auto* dimension = request.if_contains("output_dimension");
  if (dimension && dimension->is_int64()) ask.dimensions = dimension->get_int64();
}

}  // namespace

std::string text_of_content(const bj::value* content) {
  if (!content) return "";
  if (content->is_string()) return std::string(content->get_string());
  std::string text;
  if (!content->is_array()) return text;
  for (const auto& part : content->get_array()) {
    if (part.is_object()) text += text_in(part.get_object(), "text");
  }
  return text;
}

void read_cohere(std::string_view body, Ask& ask) {
  bj::error_code error;
  bj::value value = bj::parse(body, error, {}, {.max_depth = json::kMaxDepth});
  if (error || !value.is_object()) return;
  ask.body = std::make_shared<const bj::object>(std::move(value.get_object()));
  const bj::object& request = *ask.body;
  ask.model = text_in(request, "model");
  const auto* stream = request.if_contains("stream");
  ask.stream = ask.place.endpoint == Endpoint::kChat && stream && stream->is_bool() && stream->get_bool();
  if (ask.place.endpoint == Endpoint::kChat) read_chat(request, ask);
  if (ask.place.endpoint == Endpoint::kEmbeddings) read_inputs(request, ask);
  if (ask.place.endpoint == Endpoint::kRerank) ask.text = text_in(request, "query");
}

}  // namespace sluice::sim
