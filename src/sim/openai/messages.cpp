#include <fmt/format.h>

#include <algorithm>

#include "json/text.h"
#include "sim/openai/ask.h"

namespace sluice::sim {

namespace {

// One message as it stands in the body; views point into it.
struct Message {
  std::string_view role;
  std::vector<std::string_view> texts;  // what stands between the quotes of its string or text parts
  std::vector<std::string> calls;       // ids of its tool calls
  std::string answers;                  // its tool_call_id
  bool says_something = false;          // any of content, refusal, audio, function_call is not null
};

void read_part(json::Cursor& cursor, Message& message) {
  if (!cursor.enter_object()) {
    cursor.skip();
    return;
  }
  while (auto key = cursor.next_key()) {
    if (*key == "text" && cursor.kind() == json::Kind::kString) {
      message.texts.push_back(cursor.take_text());
    } else {
      cursor.skip();
    }
  }
}

void read_content(json::Cursor& cursor, Message& message) {
  message.says_something = message.says_something || cursor.kind() != json::Kind::kNull;
  if (cursor.kind() == json::Kind::kString) {
    message.texts.push_back(cursor.take_text());
  } else if (cursor.enter_array()) {
    while (cursor.next_element()) read_part(cursor, message);
  } else {
    cursor.skip();
  }
}

void read_calls(json::Cursor& cursor, Message& message) {
  if (!cursor.enter_array()) {
    cursor.skip();
    return;
  }
  while (cursor.next_element()) {
    if (!cursor.enter_object()) {
      cursor.skip();
      continue;
    }
    while (auto key = cursor.next_key()) {
      if (*key == "id") {
        message.calls.push_back(take_string(cursor));
      } else {
        cursor.skip();
      }
    }
  }
}

Message read_message(json::Cursor& cursor) {
  Message message;
  if (!cursor.enter_object()) {
    cursor.skip();
    return message;
  }
  while (auto key = cursor.next_key()) {
    if (*key == "role") {
      message.role = cursor.kind() == json::Kind::kString ? cursor.take_text() : (cursor.skip(), std::string_view{});
    } else if (*key == "content") {
      read_content(cursor, message);
    } else if (*key == "tool_calls") {
      read_calls(cursor, message);
    } else if (*key == "tool_call_id") {
      message.answers = take_string(cursor);
    } else {
      bool speaks = *key == "refusal" || *key == "audio" || *key == "function_call";
      if (speaks && cursor.kind() != json::Kind::kNull) message.says_something = true;
      cursor.skip();
    }
  }
  return message;
}

// Follows the rule that every call is answered by a tool message right behind the assistant's message.
class CallOrder {
 public:
  std::optional<Problem> add(const Message& message, std::size_t index) {
    if (message.role == "tool") return answer(message, index);
    if (auto problem = end()) return problem;
    if (message.role != "assistant") return std::nullopt;
    if (message.calls.empty() && !message.says_something) {
      return Problem{"Invalid value for ", fmt::format("messages[{}].content", index),
                     ": expected a string, but got null instead.", "invalid_value"};
    }
    open_ = message.calls;
    asked_at_ = index;
    return std::nullopt;
  }

  // What is wrong when nothing more answers.
  std::optional<Problem> end() const {
    if (open_.empty()) return std::nullopt;
    auto text = fmt::format(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        "The following tool_call_ids did not have response messages: {}; see ",
        fmt::join(open_, ", "));
    return Problem{std::move(text), fmt::format("messages[{}]", asked_at_), ".", ""};
  }

 private:
  std::optional<Problem> answer(const Message& message, std::size_t index) {
    if (std::erase(open_, message.answers) != 0) return std::nullopt;
    return Problem{"Messages with role 'tool' must be a response to a preceding message with 'tool_calls'; see ",
                   fmt::format("messages[{}].tool_call_id", index), ".", ""};
  }

  std::vector<std::string> open_;
  std::size_t asked_at_ = 0;
};

}  // namespace

void read_messages(json::Cursor& cursor, Ask& ask) {
  if (!cursor.enter_array()) {
    cursor.skip();
    return;
  }
  CallOrder order;
  std::vector<std::string_view> last_user;
  for (std::size_t index = 0; cursor.next_element(); ++index) {
    Message message = read_message(cursor);
    for (auto text : message.texts) ask.prompt_bytes += text_size(text);
    if (!ask.disorder) ask.disorder = order.add(message, index);
    ask.answers_tool = message.role == "tool" || message.role == "function";
    if (message.role == "user") last_user = std::move(message.texts);
  }
  if (!ask.disorder) ask.disorder = order.end();
  ask.text.clear();
  for (auto text : last_user) ask.text += json::unescape(text).value_or("");
}

}  // namespace sluice::sim
