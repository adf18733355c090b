#include "sim/responses/ask.h"

#include <ranges>

#include "sim/dom.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

std::size_t parts_bytes(const bj::value* content) {
  if (!content) return 0;
  if (!content->is_array()) return text_of(content).size();
  std::size_t bytes = 0;
  for (const bj::value& part : content->get_array()) {
    if (!part.is_object()) continue;
    bytes += text_in(part.get_object(), "text").size() + text_in(part.get_object(), "refusal").size();
  }
  return bytes;
}

std::string user_text(const bj::object& message) {
  const bj::value* content = find_in(message, "content");
  if (!content || !content->is_array()) return std::string(text_of(content));
  std::string text;
  for (const bj::value& part : content->get_array()) {
    if (part.is_object()) text += text_in(part.get_object(), "text");
  }
  return text;
}

void read_tools(const bj::object& body, Ask& ask) {
  for (const bj::value& tool : list_in(body, "tools")) {
    if (!tool.is_object()) continue;
    auto type = text_in(tool.get_object(), "type");
    if (type != "function" && type != "custom") continue;
    ask.tools.push_back({std::string(text_in(tool.get_object(), "name")), type == "custom"});
  }
  ask.tools_off = text_in(body, "tool_choice") == "none";
}

}  // namespace

std::string last_user_text(const bj::array& items) {
  for (const bj::value& item : items | std::views::reverse) {
    if (item.is_object() && text_in(item.get_object(), "role") == "user") return user_text(item.get_object());
  }
  return {};
}

std::size_t text_bytes(const bj::object& item) {
  return parts_bytes(find_in(item, "content")) + parts_bytes(find_in(item, "output")) +
         text_in(item, "arguments").size() + text_in(item, "input").size();
}

bool ends_with_result(const bj::array& items) {
  return !items.empty() && items.back().is_object() && text_in(items.back().get_object(), "type").ends_with("_output");
}

void read_responses(std::string_view body, Ask& ask) {
  auto value = parsed(body);
  if (!value || !value->is_object()) return;
  auto read = std::make_shared<const bj::object>(std::move(value->get_object()));
  ask.body = read;
  ask.model = text_in(*read, "model");
  ask.stream = flag_in(*read, "stream");
  ask.has_stream_options = find_in(*read, "stream_options") != nullptr;
  ask.prompt_bytes = text_in(*read, "instructions").size();
  read_tools(*read, ask);
  const bj::value* input = find_in(*read, "input");
  if (input && input->is_string()) {
    ask.text = text_of(input);
    ask.prompt_bytes += ask.text.size();
    return;
  }
  const bj::array& items = list_in(*read, "input");
  for (const bj::value& item : items) {
    if (item.is_object()) ask.prompt_bytes += text_bytes(item.get_object());
  }
  ask.text = last_user_text(items);
  ask.answers_tool = ends_with_result(items);
}

}  // namespace sluice::sim
