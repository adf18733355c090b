#include "sim/cohere/ask.h"

#include <memory>
#include <utility>

#include "sim/dom.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

std::size_t bytes_of(const bj::object& message) {
  std::size_t bytes = text_of_content(message.if_contains("content")).size() + text_in(message, "tool_plan").size();
  for (const auto& item : list_in(message, "content")) {
    const auto& part = as_object(item);
    if (const auto* document = object_in(part, "document")) bytes += bj::serialize(*document).size();
    bytes += text_in(part, "thinking").size();
  }
  for (const auto& call : list_in(message, "tool_calls")) {
    bytes += text_in(inner_in(as_object(call), "function"), "arguments").size();
  }
  return bytes;
}

void read_chat(const bj::object& request, Ask& ask) {
  for (const auto& item : list_in(request, "messages")) {
    const auto* message = item.if_object();
    if (!message) continue;
    ask.prompt_bytes += bytes_of(*message);
    auto role = text_in(*message, "role");
    ask.answers_tool = role == "tool";
    if (role == "user") ask.text = text_of_content(message->if_contains("content"));
  }
  for (const auto& document : list_in(request, "documents")) ask.prompt_bytes += bj::serialize(document).size();
  ask.tools_off = text_in(request, "tool_choice") == "NONE";
  for (const auto& tool : list_in(request, "tools")) {
    const auto* function = object_in(as_object(tool), "function");
    if (function) ask.tools.push_back({.name = std::string(text_in(*function, "name"))});
  }
}

// What is embedded, each as JSON text: texts, images, or inputs of both.
void read_inputs(const bj::object& request, Ask& ask) {
  for (std::string_view key : {"texts", "images", "inputs"}) {
    for (const auto& input : list_in(request, key)) {
      ask.inputs.push_back(bj::serialize(input));
      if (key == "texts") ask.prompt_bytes += text_of(&input).size();
      if (key == "inputs") ask.prompt_bytes += text_of_content(as_object(input).if_contains("content")).size();
    }
  }
  const auto* dimension = request.if_contains("output_dimension");
  if (dimension && dimension->is_int64()) ask.dimensions = dimension->get_int64();
}

}  // namespace

std::string text_of_content(const bj::value* content) {
  if (!content) return "";
  std::string text(text_of(content));
  if (!content->is_array()) return text;
  for (const auto& part : content->get_array()) text += text_in(as_object(part), "text");
  return text;
}

void read_cohere(std::string_view body, Ask& ask) {
  auto value = parsed(body);
  if (!value || !value->is_object()) return;
  ask.body = std::make_shared<const bj::object>(std::move(value->get_object()));
  const bj::object& request = *ask.body;
  ask.model = text_in(request, "model");
  ask.stream = ask.place.endpoint == Endpoint::kChat && flag_in(request, "stream");
  if (ask.place.endpoint == Endpoint::kChat) read_chat(request, ask);
  if (ask.place.endpoint == Endpoint::kEmbeddings) read_inputs(request, ask);
  if (ask.place.endpoint == Endpoint::kRerank) ask.text = text_in(request, "query");
}

}  // namespace sluice::sim
