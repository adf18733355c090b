#include "sim/bedrock/ask.h"

#include <boost/json.hpp>
#include <utility>

#include "json/cursor.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

const bj::object* object_in(const bj::value* value) {
  return value ? value->if_object() : nullptr;
}
const bj::object* object_in(const bj::object& object, std::string_view key) {
  return object_in(object.if_contains(key));
}
const bj::array* list_in(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}
std::string_view text_in(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

// The bytes of a text, of a document's text, and of what a tool was told or has told.
std::size_t bytes_of(const bj::object& block) {
  std::size_t bytes = text_in(block, "text").size();
  if (const auto* value = block.if_contains("json")) bytes += bj::serialize(*value).size();
  if (const auto* document = object_in(block, "document")) {
    if (const auto* source = object_in(*document, "source")) bytes += text_in(*source, "text").size();
  }
  if (const auto* use = object_in(block, "toolUse")) {
    if (const auto* input = use->if_contains("input")) bytes += bj::serialize(*input).size();
  }
  if (const auto* reasoning = object_in(block, "reasoningContent")) {
    if (const auto* said = object_in(*reasoning, "reasoningText")) bytes += text_in(*said, "text").size();
  }
  for (std::string_view holder : {"toolResult", "citationsContent"}) {
    const auto* inner = object_in(block, holder);
    const auto* parts = inner ? list_in(*inner, "content") : nullptr;
    if (!parts) continue;
    for (const auto& part : *parts) bytes += part.is_object() ? bytes_of(part.get_object()) : 0;
  }
  if (const auto* guard = object_in(block, "guardContent")) {
    if (const auto* text = object_in(*guard, "text")) bytes += text_in(*text, "text").size();
  }
  return bytes;
}

void read_message(const bj::object& message, Ask& ask) {
  const auto* content = list_in(message, "content");
  if (!content) return;
  std::string text;
  bool said = false;
  ask.answers_tool = false;
  for (const auto& item : *content) {
    const auto* block = item.if_object();
    if (!block) continue;
    ask.prompt_bytes += bytes_of(*block);
    ask.answers_tool = ask.answers_tool || block->contains("toolResult");
    said = said || block->contains("text");
    text += text_in(*block, "text");
  }
  if (said && text_in(message, "role") == "user") ask.text = std::move(text);
}

void read_tools(const bj::object& config, Ask& ask) {
  const auto* tools = list_in(config, "tools");
  if (!tools) return;
  for (const auto& item : *tools) {
    const auto* tool = item.if_object();
    const auto* spec = tool ? object_in(*tool, "toolSpec") : nullptr;
    if (spec) ask.tools.push_back({.name = std::string(text_in(*spec, "name"))});
  }
}

}  // namespace

void read_converse(std::string_view body, Ask& ask) {
  ask.model = ask.place.model;
  ask.stream = ask.place.stream;
  bj::error_code error;
  bj::value value = bj::parse(body, error, {}, {.max_depth = json::kMaxDepth});
  if (error || !value.is_object()) return;
  const bj::object* input = object_in(value.get_object(), "input");
  const bj::object* counted = input ? object_in(*input, "converse") : nullptr;
  bool counts = ask.place.endpoint == Endpoint::kCountTokens && counted;
  ask.body = std::make_shared<const bj::object>(counts ? *counted : value.get_object());
  const bj::object& request = *ask.body;
  if (const auto* system = list_in(request, "system")) {
    for (const auto& item : *system) ask.prompt_bytes += item.is_object() ? bytes_of(item.get_object()) : 0;
  }
  if (const auto* messages = list_in(request, "messages")) {
    for (const auto& message : *messages) {
      if (message.is_object()) read_message(message.get_object(), ask);
    }
  }
  if (const auto* config = object_in(request, "toolConfig")) read_tools(*config, ask);
}

}  // namespace sluice::sim
