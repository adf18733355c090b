#include "sim/bedrock/ask.h"

#include <boost/json.hpp>
#include <utility>

#include "sim/dom.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

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
    if (!inner) continue;
    for (const auto& part : list_in(*inner, "content")) bytes += bytes_of(as_object(part));
  }
  if (const auto* guard = object_in(block, "guardContent")) {
    if (const auto* text = object_in(*guard, "text")) bytes += text_in(*text, "text").size();
  }
  return bytes;
}

void read_message(const bj::object& message, Ask& ask) {
  const auto* content = array_in(message, "content");
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
  for (const auto& tool : list_in(config, "tools")) {
    const auto* spec = object_in(as_object(tool), "toolSpec");
    if (spec) ask.tools.push_back({.name = std::string(text_in(*spec, "name"))});
  }
}

}  // namespace

void read_converse(std::string_view body, Ask& ask) {
  ask.model = ask.place.model;
  ask.stream = ask.place.stream;
  auto value = parsed(body);
  if (!value || !value->is_object()) return;
  const bj::object* input = object_in(value->get_object(), "input");
  const bj::object* counted = input ? object_in(*input, "converse") : nullptr;
  bool counts = ask.place.endpoint == Endpoint::kCountTokens && counted;
  ask.body = std::make_shared<const bj::object>(counts ? *counted : value->get_object());
  const bj::object& request = *ask.body;
  for (const auto& item : list_in(request, "system")) ask.prompt_bytes += bytes_of(as_object(item));
  for (const auto& message : list_in(request, "messages")) read_message(as_object(message), ask);
  if (const auto* config = object_in(request, "toolConfig")) read_tools(*config, ask);
}

}  // namespace sluice::sim
