#include "dialect/responses/facts.h"

#include "base/text.h"
#include "dialect/responses/usage.h"

namespace sluice::dialect::responses {

namespace {

constexpr std::size_t kMostLearned = 1024;  // ids and names longer than this are not kept

json::Escaped take_text(json::Cursor& cursor) {
  return json::take_string(cursor).value_or(json::Escaped{});
}

void learn_text(std::string& what, json::Escaped text) {
  if (!text.empty() && text.raw.size() <= kMostLearned) what = json::plain(text);
}

}  // namespace

ResponseFacts read_facts(json::Cursor& cursor) {
  ResponseFacts facts;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "id") {
      facts.id = take_text(cursor);
    } else if (key == "model") {
      facts.model = take_text(cursor);
    } else if (key == "service_tier") {
      facts.service_tier = take_text(cursor);
    } else if (key == "status") {
      facts.status = take_text(cursor);
    } else if (key == "background") {
      facts.background = cursor.kind() == json::Kind::kTrue;
    } else if (key == "created_at") {
      const double created = to_number<double>(cursor.skip()).value_or(0);
      if (created > 0 && created < 1e12) facts.created = static_cast<std::int64_t>(created);
    } else if (key == "usage") {
      facts.usage = read_usage(cursor);
    } else if (key == "tool_usage") {
      facts.tools = read_tool_usage(cursor);
    } else if (key == "error") {
      const bool is_null = cursor.kind() == json::Kind::kNull;
      const std::string_view error = cursor.skip();
      if (!is_null) facts.error = error;
    } else if (key == "incomplete_details") {
      json::each_member(cursor, [&](std::string_view detail) {
        if (detail == "reason") facts.incomplete_reason = take_text(cursor);
      });
    } else if (key == "output") {
      json::each_element(cursor, [&](std::size_t) { facts.output.push_back(cursor.skip()); });
    }
  });
  return facts;
}

void learn(const ResponseFacts& facts, chat::Learned& learned) {
  learn_text(learned.id, facts.id);
  learn_text(learned.model, facts.model);
  learn_text(learned.service_tier, facts.service_tier);
  if (facts.created > 0) learned.created = facts.created;
  if (facts.usage) learned.usage = chat::joined(learned.usage, *facts.usage);
  if (facts.tools.searches) learned.usage.tool_requests = *facts.tools.searches;
}

}  // namespace sluice::dialect::responses
