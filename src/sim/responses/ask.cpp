#include "sim/responses/ask.h"

#include <ranges>

#include "sim/responses/dom.h"

namespace sluice::sim {

namespace {

std::size_t parts_bytes(const dom::value* content) {
  if (!content) return 0;
  if (!content->is_array()) return dom::text(content).size();
  std::size_t bytes = 0;
  for (const dom::value& part : content->get_array()) {
    if (!part.is_object()) continue;
    bytes += dom::text(part.get_object(), "text").size() + dom::text(part.get_object(), "refusal").size();
  }
  return bytes;
}

std::string user_text(const dom::object& message) {
  const dom::value* content = dom::find(message, "content");
  if (!content || !content->is_array()) return std::string(dom::text(content));
  std::string text;
  for (const dom::value& part : content->get_array()) {
    if (part.is_object()) text += dom::text(part.get_object(), "text");
  }
  return text;
}

void read_tools(const dom::object& body, Ask& ask) {
  for (const dom::value& tool : dom::list(body, "tools")) {
    if (!tool.is_object()) continue;
    auto type = dom::text(tool.get_object(), "type");
    if (type != "function" && type != "custom") continue;
    ask.tools.push_back({std::string(dom::text(tool.get_object(), "name")), type == "custom"});
  }
  ask.tools_off = dom::text(body, "tool_choice") == "none";
}

}  // namespace

std::string last_user_text(const dom::array& items) {
  for (const dom::value& item : items | std::views::reverse) {
    if (item.is_object() && dom::text(item.get_object(), "role") == "user") return user_text(item.get_object());
  }
  return {};
}

std::size_t text_bytes(const dom::object& item) {
  return parts_bytes(dom::find(item, "content")) + parts_bytes(dom::find(item, "output")) +
         dom::text(item, "arguments").size() + dom::text(item, "input").size();
}

bool ends_with_result(const dom::array& items) {
  return !items.empty() && items.back().is_object() &&
         dom::text(items.back().get_object(), "type").ends_with("_output");
}

void read_responses(std::string_view body, Ask& ask) {
  auto parsed = dom::parse(body);
  if (!parsed || !parsed->is_object()) return;
  auto read = std::make_shared<const dom::object>(std::move(parsed->get_object()));
  ask.body = read;
  ask.model = dom::text(*read, "model");
  ask.stream = dom::is_true(*read, "stream");
  ask.has_stream_options = dom::find(*read, "stream_options") != nullptr;
  ask.prompt_bytes = dom::text(*read, "instructions").size();
  read_tools(*read, ask);
  const dom::value* input = dom::find(*read, "input");
  if (input && input->is_string()) {
    ask.text = dom::text(input);
    ask.prompt_bytes += ask.text.size();
    return;
  }
  const dom::array& items = dom::list(*read, "input");
  for (const dom::value& item : items) {
    if (item.is_object()) ask.prompt_bytes += text_bytes(item.get_object());
  }
  ask.text = last_user_text(items);
  ask.answers_tool = ends_with_result(items);
}

}  // namespace sluice::sim
