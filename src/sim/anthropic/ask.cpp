#include "sim/anthropic/ask.h"

#include <boost/json.hpp>
#include <memory>
#include <ranges>

#include "sim/anthropic/problems.h"
#include "sim/dom.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

constexpr std::size_t kLargestBody = 32 << 20;

// The bytes of text in a content: a string, a block or a list of blocks.
std::size_t text_bytes(const bj::value& content) {
  if (content.is_string()) return content.get_string().size();
  std::size_t bytes = 0;
  if (content.is_array()) {
    for (const bj::value& block : content.get_array()) bytes += text_bytes(block);
  }
  const bj::object* block = content.if_object();
  if (!block) return bytes;
  std::string_view type = text_in(*block, "type");
  if (type == "base64" || type == "url" || type == "file") return 0;
  for (std::string_view key : {"text", "thinking"}) bytes += text_in(*block, key).size();
  if (type == "text" && block->contains("media_type")) bytes += text_in(*block, "data").size();
  for (std::string_view key : {"content", "source"}) {
    const bj::value* inner = block->if_contains(key);
    if (inner && (key != "source" || inner->is_object())) bytes += text_bytes(*inner);
  }
  const bj::value* input = block->if_contains("input");
  return input ? bytes + bj::serialize(*input).size() : bytes;
}

std::string joined_text(const bj::value& content) {
  if (content.is_string()) return std::string(content.get_string());
  std::string text;
  if (!content.is_array()) return text;
  for (const bj::value& item : content.get_array()) {
    const bj::object* block = item.if_object();
    if (block && text_in(*block, "type") == "text") text += text_in(*block, "text");
  }
  return text;
}

bool has_result(const bj::value& content) {
  if (!content.is_array()) return false;
  for (const bj::value& item : content.get_array()) {
    const bj::object* block = item.if_object();
    if (block && text_in(*block, "type") == "tool_result") return true;
  }
  return false;
}

void read_messages(const bj::array& messages, Ask& ask) {
  bool last = true;
  bool found = false;
  for (const bj::value& item : std::views::reverse(messages)) {
    const bj::object* turn = item.if_object();
    const bj::value* content = turn ? turn->if_contains("content") : nullptr;
    if (!content) continue;
    ask.prompt_bytes += text_bytes(*content);
    std::string_view role = text_in(*turn, "role");
    if (role == "system") continue;
    if (last && role == "user") ask.answers_tool = has_result(*content);
    last = false;
    if (found || role != "user") continue;
    ask.text = joined_text(*content);
    found = !ask.text.empty();
  }
}

}  // namespace

void read_ask(std::string_view body, Ask& ask) {
  bj::error_code error;
  bj::value sent = parsed(body, error);
  if (error || !sent.is_object()) {
    ask.body = std::make_shared<const bj::object>();
    ask.disorder = wrong("", "The request body is not valid JSON: " + error.message());
    return;
  }
  auto read = std::make_shared<const bj::object>(std::move(sent.get_object()));
  ask.body = read;
  ask.model = text_in(*read, "model");
  // Vertex wants it said in both places; Bedrock in the path alone.
  bool streams = flag_in(*read, "stream");
  if (ask.place.host == Host::kOwn) ask.stream = streams;
  if (ask.place.host == Host::kVertex) ask.stream = ask.place.stream && streams;
  if (const bj::value* system = read->if_contains("system")) ask.prompt_bytes += text_bytes(*system);
  if (const bj::array* messages = array_in(*read, "messages")) read_messages(*messages, ask);
  if (const bj::array* tools = array_in(*read, "tools")) {
    for (const bj::value& tool : *tools) {
      if (tool.is_object()) ask.tools.push_back({.name = std::string(text_in(tool.get_object(), "name"))});
    }
  }
  const bj::object* choice = object_in(*read, "tool_choice");
  ask.tools_off = choice && text_in(*choice, "type") == "none";
  if (body.size() > kLargestBody) ask.disorder = too_large();
}

}  // namespace sluice::sim::anthropic
