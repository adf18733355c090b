#include "dialect/anthropic/request.h"

#include <algorithm>

#include "base/text.h"
#include "dialect/anthropic/fields.h"
#include "dialect/faults.h"
#include "json/reader.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::Field;
using chat::PartKind;
using chat::Role;
using chat::Turn;
using json::Escaped;

void read_system(Ask& ask) {
  if (ask.in.is_null()) {
    ask.in.any();
    return;
  }
  Turn turn{.role = Role::kSystem, .parts = read_content(ask, "system"), .name = {}};
  if (std::ranges::any_of(turn.parts, [](const chat::Part& part) { return part.kind != PartKind::kText; })) {
    ask.in.refuse("system", "must be a string or blocks of type text.");
  }
  if (turn.parts.empty()) return;
  ask.request.give(Field::kSystem, "system");
  // It may stand behind the messages in the body.
  ask.request.turns.insert(ask.request.turns.begin(), std::move(turn));
}

void read_message(Ask& ask, const std::string& path) {
  Turn turn;
  bool has_role = false;
  bool has_content = false;
  ask.each_member(path, [&](std::string_view key) {
    if (key == "role") {
      has_role = true;
      const Escaped role = ask.text(path + ".role");
      if (role.raw == "assistant") {
        turn.role = Role::kAssistant;
      } else if (role.raw == "system") {
        turn.role = Role::kSystem;
      } else if (role.raw != "user") {
        ask.in.refuse(path + ".role", "must be user, assistant or system.");
      }
    } else if (key == "content") {
      has_content = !ask.in.is_null();
      turn.parts = read_content(ask, path + ".content");
    } else {
      ask.take_other("messages[]." + std::string(key), path + "." + std::string(key));
    }
  });
  if (!has_role) ask.in.miss(path + ".role");
  if (!has_content) ask.in.miss(path + ".content");
  ask.request.turns.push_back(std::move(turn));
}

void read_messages(Ask& ask) {
  if (!ask.in.is_array()) {
    ask.in.any();
    if (!ask.cursor().broken()) ask.in.refuse("messages", "must be an array.", "invalid_type");
    return;
  }
  std::size_t count = 0;
  ask.each_element("messages", [&](std::size_t index) {
    read_message(ask, at("messages", index));
    ++count;
  });
  if (count == 0) ask.in.refuse("messages", "must hold at least one message.");
  ask.request.give(Field::kMessages, kMessages, ask.body);
}

void read_number(Ask& ask, Field field, std::string_view path) {
  const std::string_view number = ask.in.number(path);
  if (!number.empty()) ask.request.give(field, path, number);
}

constexpr auto kOnlyWarms = "of 0 only fills the cache, which is not supported";

void read_max_tokens(Ask& ask) {
  const std::size_t begin = ask.cursor().offset();
  const auto most = ask.in.count("max_tokens");
  if (!most) return;
  ask.request.give(Field::kMaxTokens, "max_tokens", ask.since(begin));
  if (*most == 0) ask.request.lost.push_back({"max_tokens", chat::Unplaced::kRefused, kOnlyWarms});
}

void read_stop(Ask& ask) {
  ask.each_element("stop_sequences", [&](std::size_t index) {
    const Escaped text = ask.text(at("stop_sequences", index));
    if (!text.empty()) ask.request.stop.push_back(text);
  });
  if (!ask.request.stop.empty()) ask.request.give(Field::kStop, "stop_sequences");
}

void read_metadata(Ask& ask) {
  ask.each_member("metadata", [&](std::string_view key) {
    if (key != "user_id") return ask.take_other("metadata." + std::string(key), "metadata." + std::string(key));
    const std::size_t begin = ask.cursor().offset();
    if (const Escaped user = ask.text("metadata.user_id"); !user.empty())
      ask.request.give(Field::kEndUser, "metadata.user_id", ask.since(begin));
  });
}

// In the words that most APIs have for tiers.
void read_tier(Ask& ask) {
  const Escaped tier = ask.text("service_tier");
  if (tier.raw == "auto") ask.request.give(Field::kServiceTier, "service_tier", R"("auto")");
  if (tier.raw == "standard_only") ask.request.give(Field::kServiceTier, "service_tier", R"("default")");
  if (!tier.empty() && !ask.request.has(Field::kServiceTier))
    ask.in.refuse("service_tier", "must be auto or standard_only.");
}

void read_speed(Ask& ask) {
  if (ask.text("speed").raw == "fast") ask.request.give(Field::kServiceTier, "speed", R"("priority")");
}

void read_auto_cache(Ask& ask) {
  const std::size_t begin = ask.cursor().offset();
  if (read_cache(ask, "cache_control") != chat::CacheMark::kNone)
    ask.request.give(Field::kAutoCache, "cache_control", ask.since(begin));
}

void read_top(Ask& ask, std::string_view key) {
  if (key == "messages") return read_messages(ask);
  if (key == "system") return read_system(ask);
  if (key == "tools") return read_tools(ask);
  if (key == "tool_choice") return read_tool_choice(ask);
  if (key == "thinking") return read_thinking(ask);
  if (key == "output_config") return read_output_config(ask);
  if (key == "output_format") return read_format(ask, "output_format");
  if (key == "max_tokens") return read_max_tokens(ask);
  if (key == "temperature") return read_number(ask, Field::kTemperature, "temperature");
  if (key == "top_p") return read_number(ask, Field::kTopP, "top_p");
  if (key == "top_k") return read_number(ask, Field::kTopK, "top_k");
  if (key == "stop_sequences") return read_stop(ask);
  if (key == "metadata") return read_metadata(ask);
  if (key == "service_tier") return read_tier(ask);
  if (key == "speed") return read_speed(ask);
  if (key == "cache_control") return read_auto_cache(ask);
  if (key == "model" || key == "stream") {
    ask.in.any();  // whoever routes has read them
    return;
  }
  ask.take_other(key, key);
}

// A last turn of the assistant that ends in text is one that the answer goes on with.
void mark_prefill(chat::Request& request) {
  if (request.turns.empty() || request.turns.back().role != Role::kAssistant) return;
  Turn& last = request.turns.back();
  last.prefill = !last.parts.empty() && last.parts.back().kind == PartKind::kText;
}

}  // namespace

void Ask::take_other(std::string_view row, std::string_view path) {
  const FieldRow* known = find_path(fields(), row);
  const bool given = !in.is_null();
  in.any();
  if (!given) return;
  if (known != nullptr && known->place == Place::kNowhere) {
    request.lost.push_back({std::string(path), known->unplaced, std::string(known->note)});
  } else {
    request.lost.push_back({std::string(path), chat::Unplaced::kDropped, {}});
  }
}

json::Escaped peek_type(json::Cursor cursor) {
  if (!cursor.enter_object()) return {};
  while (auto key = cursor.next_key()) {
    if (*key == "type") return json::take_string(cursor).value_or(Escaped{});
    cursor.skip();
  }
  return {};
}

chat::CacheMark read_cache(Ask& ask, std::string_view path) {
  if (ask.in.is_null()) {
    ask.in.any();
    return chat::CacheMark::kNone;
  }
  auto mark = chat::CacheMark::kShort;
  const std::string ttl = std::string(path) + ".ttl";
  ask.each_member(path, [&](std::string_view key) {
    if (key == "ttl" && ask.text(ttl).raw == "1h") mark = chat::CacheMark::kLong;
  });
  return mark;
}

Result<chat::Request> read_chat(Kind kind, std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) {
    return invalid_request("The request body is not valid JSON: " + std::string(cursor.error().why) + ", at byte " +
                               std::to_string(cursor.error().offset) + ".",
                           "", "invalid_json");
  }
  Ask ask(body, *cursor);
  ask.each_member("", [&](std::string_view key) { read_top(ask, std::string(key)); });
  if (!ask.request.has(Field::kMessages)) ask.in.miss("messages");
  if (kind == Kind::kMessages && !ask.request.has(Field::kMaxTokens)) ask.in.miss("max_tokens");
  if (auto done = ask.in.finish(); !done) return fail_from(done);
  mark_prefill(ask.request);
  chat::link_results(ask.request);
  return std::move(ask.request);
}

}  // namespace sluice::dialect::anthropic
