#include "dialect/anthropic/usage.h"

#include <algorithm>

#include "base/text.h"
#include "json/escaped.h"

namespace sluice::dialect::anthropic {

namespace {

// Counts that no model reaches are not taken: sums of them stay in range.
constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 48;

// Consumes the value ahead; true when it was a count. A zero takes back nothing that was told.
bool take_count(json::Cursor& cursor, std::uint64_t& count) {
  const bool is_number = cursor.kind() == json::Kind::kNumber;
  const auto value = to_number<std::uint64_t>(cursor.skip());
  if (!is_number || !value || *value > kMostTokens) return false;
  count = chat::last_told(value, count);
  return true;
}

// Consumes the value ahead and keeps it when it is a word; null changes nothing.
void take_word(json::Cursor& cursor, std::string& word) {
  if (auto text = json::take_string(cursor); text && !text->empty() && text->raw.size() <= 100)
    word = json::plain(*text);
}

void write_reasoning(const chat::Usage& usage, json::Writer& json) {
  json.key("output_tokens_details");
  if (usage.reasoning == 0) {
    json.null();
  } else {
    json.begin_object().key("thinking_tokens").number(usage.reasoning).end_object();
  }
}

void write_requests(const chat::Usage& usage, json::Writer& json) {
  json.key("server_tool_use");
  if (usage.tool_requests == 0) {
    json.null();
    return;
  }
  json.begin_object().key("web_search_requests").number(usage.tool_requests);
  json.key("web_fetch_requests").number(std::uint64_t{0}).end_object();
}

void write_input(const chat::Usage& usage, json::Writer& json) {
  const std::uint64_t cached = usage.cache_read + usage.cache_write;
  json.key("input_tokens").number(usage.input - std::min(cached, usage.input));
  json.key("cache_creation_input_tokens").number(usage.cache_write);
  json.key("cache_read_input_tokens").number(usage.cache_read);
}

void write_tier(std::string_view tier, json::Writer& json) {
  json.key("service_tier");
  if (tier == "priority" || tier == "batch" || tier == "standard") {
    json.text(tier);
  } else if (tier == "default") {
    json.text(std::string_view("standard"));
  } else {
    json.null();
  }
}

}  // namespace

void UsageCounts::read_member(std::string_view key, json::Cursor& cursor, chat::Learned& learned) {
  if (key == "input_tokens") {
    told_ = take_count(cursor, now_.input) || told_;
  } else if (key == "cache_read_input_tokens") {
    take_count(cursor, now_.cache_read);
  } else if (key == "cache_creation_input_tokens") {
    take_count(cursor, now_.cache_write);
  } else if (key == "output_tokens") {
    std::uint64_t output = 0;
    told_ = take_count(cursor, output) || told_;
    now_.output = chat::last_told(output, now_.output);
    learned.count_shown(output);
  } else if (key == "cache_creation") {
    json::each_member(cursor, [&](std::string_view term) {
      if (term == "ephemeral_5m_input_tokens") take_count(cursor, now_.cache_write_5m);
      if (term == "ephemeral_1h_input_tokens") take_count(cursor, now_.cache_write_1h);
    });
  } else if (key == "output_tokens_details") {
    json::each_member(cursor, [&](std::string_view part) {
      if (part == "thinking_tokens") take_count(cursor, now_.reasoning);
    });
  } else if (key == "server_tool_use") {
    json::each_member(cursor, [&](std::string_view tool) {
      if (tool == "web_search_requests") take_count(cursor, now_.requests);
    });
  } else if (key == "service_tier") {
    take_word(cursor, learned.service_tier);
  } else if (key == "speed") {
    take_word(cursor, learned.speed);
  } else if (key == "inference_geo") {
    take_word(cursor, learned.geo);
  }
}

void UsageCounts::read(json::Cursor& cursor, chat::Learned& learned) {
  json::each_member(cursor, [&](std::string_view key) { read_member(key, cursor, learned); });
  if (!told_) return;
  // Some servers tell what was written by its terms alone.
  const std::uint64_t written = chat::last_told(now_.cache_write, now_.cache_write_5m + now_.cache_write_1h);
  learned.usage = {.source = chat::UsageSource::kProvider,
                   .input = now_.input + now_.cache_read + written,
                   .cache_read = now_.cache_read,
                   .cache_write = written,
                   .cache_write_1h = std::min(now_.cache_write_1h, written),
                   .output = now_.output,
                   .reasoning = std::min(now_.reasoning, now_.output),
                   .tool_requests = now_.requests};
}

void write_usage(const chat::Learned& learned, json::Writer& json) {
  const chat::Usage& usage = learned.usage;
  json.key("usage").begin_object();
  write_input(usage, json);
  const std::uint64_t longer = std::min(usage.cache_write_1h, usage.cache_write);
  json.key("cache_creation").begin_object();
  json.key("ephemeral_5m_input_tokens").number(usage.cache_write - longer);
  json.key("ephemeral_1h_input_tokens").number(longer).end_object();
  json.key("output_tokens").number(usage.output);
  write_reasoning(usage, json);
  write_requests(usage, json);
  write_tier(learned.service_tier, json);
  json.key("inference_geo").null().key("speed").null();
  json.end_object();
}

void write_delta_usage(const chat::Learned& learned, json::Writer& json) {
  json.key("usage").begin_object();
  write_input(learned.usage, json);
  json.key("output_tokens").number(learned.usage.output);
  write_reasoning(learned.usage, json);
  write_requests(learned.usage, json);
  json.end_object();
}

}  // namespace sluice::dialect::anthropic
