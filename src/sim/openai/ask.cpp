#include "sim/openai/ask.h"

#include <algorithm>

#include "base/text.h"
#include "json/text.h"

namespace sluice::sim {

namespace {

constexpr std::int64_t kMostChoices = 128;

bool take_true(json::Cursor& cursor) {
  bool yes = cursor.kind() == json::Kind::kTrue;
  cursor.skip();
  return yes;
}

void read_stream_options(json::Cursor& cursor, Ask& ask) {
  ask.has_stream_options = cursor.kind() != json::Kind::kNull;
  if (!cursor.enter_object()) {
    cursor.skip();
    return;
  }
  while (auto key = cursor.next_key()) {
    if (*key == "include_usage") {
      ask.include_usage = take_true(cursor);
    } else {
      cursor.skip();
    }
  }
}

// {"type": "function", "function": {"name": …}} or the same with "custom".
void read_tool(json::Cursor& cursor, Ask& ask) {
  if (!cursor.enter_object()) {
    cursor.skip();
    return;
  }
  while (auto key = cursor.next_key()) {
    bool custom = *key == "custom";
    if ((!custom && *key != "function") || !cursor.enter_object()) {
      cursor.skip();
      continue;
    }
    while (auto inner = cursor.next_key()) {
      if (*inner == "name") {
        ask.tools.push_back({take_string(cursor), custom});
      } else {
        cursor.skip();
      }
    }
  }
}

void read_tools(json::Cursor& cursor, Ask& ask) {
  if (!cursor.enter_array()) {
    cursor.skip();
    return;
  }
  while (cursor.next_element()) read_tool(cursor, ask);
}

// A string, a list of strings, a list of tokens, or a list of any of these.
void read_input(json::Cursor& cursor, Ask& ask) {
  auto add = [&](std::string_view raw) {
    if (raw.starts_with('"')) {
      raw = raw.substr(1, raw.size() - 2);
      ask.prompt_bytes += text_size(raw);
      ask.text = json::unescape(raw).value_or("");
    } else {
      ask.prompt_tokens += static_cast<std::size_t>(std::ranges::count(raw, ',')) + 1;
    }
    ask.inputs.emplace_back(raw);
  };
  if (!cursor.enter_array()) return add(cursor.skip());
  while (cursor.next_element()) {
    bool token = cursor.kind() == json::Kind::kNumber;
    std::string_view raw = cursor.skip();
    // A bare list of tokens is one input.
    if (token && !ask.inputs.empty()) {
      ++ask.prompt_tokens;
      ask.inputs.back() += ',';
      ask.inputs.back() += raw;
    } else {
      add(raw);
    }
  }
}

std::int64_t take_integer(json::Cursor& cursor) {
  return to_number<std::int64_t>(cursor.skip()).value_or(0);
}

void read_field(json::Cursor& cursor, std::string_view key, Ask& ask) {
  if (key == "model") {
    ask.model = take_string(cursor);
  } else if (key == "messages") {
    read_messages(cursor, ask);
  } else if (key == "input" || key == "prompt") {
    read_input(cursor, ask);
  } else if (key == "stream") {
    ask.stream = take_true(cursor);
  } else if (key == "stream_options") {
    read_stream_options(cursor, ask);
  } else if (key == "max_tokens") {
    ask.caps_old_way = cursor.kind() != json::Kind::kNull;
    cursor.skip();
  } else if (key == "reasoning_effort") {
    ask.effort = take_string(cursor);
  } else if (key == "temperature" || key == "top_p") {
    if (to_number<double>(cursor.skip()).value_or(1) != 1) ask.unusual = key;
  } else if (key == "n") {
    ask.choices = std::clamp<std::int64_t>(take_integer(cursor), 1, kMostChoices);
  } else if (key == "tools") {
    read_tools(cursor, ask);
  } else if (key == "tool_choice") {
    ask.tools_off = cursor.skip() == "\"none\"";
  } else if (key == "dimensions") {
    ask.dimensions = std::clamp<std::int64_t>(take_integer(cursor), 0, 65536);
  } else if (key == "encoding_format" || key == "response_format") {
    ask.format = take_string(cursor);
  } else {
    cursor.skip();
  }
}

}  // namespace

std::string take_string(json::Cursor& cursor) {
  if (cursor.kind() == json::Kind::kString) return json::unescape(cursor.take_text()).value_or("");
  cursor.skip();
  return {};
}

std::size_t text_size(std::string_view raw) {
  if (!raw.contains('\\')) return raw.size();
  return json::unescape(raw).value_or("").size();
}

void read_ask(json::Cursor& cursor, Ask& ask) {
  if (!cursor.enter_object()) {
    cursor.skip();
    return;
  }
  while (auto key = cursor.next_key()) read_field(cursor, *key, ask);
}

}  // namespace sluice::sim
