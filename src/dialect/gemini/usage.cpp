#include "dialect/gemini/usage.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sluice::dialect::gemini {

namespace {

using Count = std::optional<std::uint64_t>;

constexpr std::uint64_t kMostTokens = 1'000'000'000'000;

struct Modalities {
  std::uint64_t audio = 0;
  std::uint64_t image = 0;
};

struct Counts {
  Count prompt, candidates, thoughts, tools, cached, total;
  Modalities input, output, tool_input, cached_input;
};

void read_details(json::Cursor& cursor, Modalities& modalities) {
  json::each_element(cursor, [&](std::size_t) {
    std::string_view modality;
    std::uint64_t count = 0;
    json::each_member(cursor, [&](std::string_view key) {
      if (key == "modality") modality = cursor.take_text();
      if (key == "tokenCount") count = take_count(cursor).value_or(0);
    });
    if (modality == "AUDIO") modalities.audio = count;
    if (modality == "IMAGE") modalities.image = count;
  });
}

// ON_DEMAND_FLEX → flex. The words of requests, so that prices find them.
void read_tier(std::string_view traffic, chat::Learned& learned) {
  constexpr std::string_view kOnDemand = "ON_DEMAND";
  if (traffic == kOnDemand) {
    learned.service_tier = "standard";
  } else if (traffic.starts_with("ON_DEMAND_")) {
    learned.service_tier = lower(printable(traffic.substr(kOnDemand.size() + 1), 40));
  } else if (!traffic.empty() && !traffic.ends_with("UNSPECIFIED")) {
    learned.service_tier = lower(printable(traffic, 40));
  }
}

void read_member(std::string_view key, json::Cursor& cursor, Counts& counts, chat::Learned& learned) {
  if (key == "promptTokenCount") {
    counts.prompt = take_count(cursor);
  } else if (key == "candidatesTokenCount" || key == "responseTokenCount") {
    counts.candidates = take_count(cursor);
  } else if (key == "thoughtsTokenCount") {
    counts.thoughts = take_count(cursor);
  } else if (key == "toolUsePromptTokenCount") {
    counts.tools = take_count(cursor);
  } else if (key == "cachedContentTokenCount") {
    counts.cached = take_count(cursor);
  } else if (key == "totalTokenCount") {
    counts.total = take_count(cursor);
  } else if (key == "promptTokensDetails") {
    read_details(cursor, counts.input);
  } else if (key == "cacheTokensDetails") {
    read_details(cursor, counts.cached_input);
  } else if (key == "toolUsePromptTokensDetails") {
    read_details(cursor, counts.tool_input);
  } else if (key == "candidatesTokensDetails" || key == "responseTokensDetails") {
    read_details(cursor, counts.output);
  } else if (key == "trafficType" || key == "serviceTier") {
    read_tier(cursor.take_text(), learned);
  }
}

// The counts add up to the total: those that are left out are zeros, and nothing of an earlier usage is to be kept.
bool is_whole(const Counts& counts, std::uint64_t output) {
  const std::uint64_t prompt = counts.prompt.value_or(0);
  return prompt > 0 && output > 0 && counts.total == prompt + counts.tools.value_or(0) + output;
}

void write_count(json::Writer& json, std::string_view key, std::uint64_t count) {
  if (count > 0) json.key(key).number(count);
}

void write_details(json::Writer& json, std::string_view key, std::uint64_t total, Modalities of) {
  if (of.audio == 0 && of.image == 0) return;
  json.key(key).begin_array();
  auto write = [&](std::string_view modality, std::uint64_t count) {
    if (count == 0) return;
    json.begin_object().key("modality").text(modality).key("tokenCount").number(count).end_object();
  };
  write("TEXT", total - std::min(total, of.audio + of.image));
  write("AUDIO", of.audio);
  write("IMAGE", of.image);
  json.end_array();
}

std::string_view traffic_of(std::string_view tier) {
  if (tier == "flex") return "ON_DEMAND_FLEX";
  if (tier == "priority" || tier == "fast") return "ON_DEMAND_PRIORITY";
  return {};
}

}  // namespace

std::optional<std::uint64_t> take_count(json::Cursor& cursor) {
  const json::Kind kind = cursor.kind();
  const std::string_view text = kind == json::Kind::kString ? cursor.take_text() : cursor.skip();
  if (kind != json::Kind::kNumber && kind != json::Kind::kString) return std::nullopt;
  if (auto whole = to_number<std::uint64_t>(text)) return *whole <= kMostTokens ? whole : std::nullopt;
  const auto real = to_number<double>(text);
  if (!real || !(*real >= 0 && *real <= static_cast<double>(kMostTokens))) return std::nullopt;
  return static_cast<std::uint64_t>(*real);
}

std::uint64_t read_usage(json::Cursor& cursor, chat::Learned& learned) {
  Counts counts;
  json::each_member(cursor, [&](std::string_view key) { read_member(key, cursor, counts, learned); });
  if (!counts.prompt && !counts.candidates && !counts.thoughts && !counts.total) return 0;
  std::uint64_t told = counts.candidates.value_or(0) + counts.thoughts.value_or(0);
  const chat::Usage earlier = is_whole(counts, told) ? chat::Usage{} : learned.usage;
  chat::Usage usage;
  usage.source = chat::UsageSource::kProvider;
  usage.tool_input = chat::last_told(counts.tools, earlier.tool_input);
  usage.input = chat::last_told(counts.prompt, earlier.input - earlier.tool_input) + usage.tool_input;
  usage.reasoning = chat::last_told(counts.thoughts, earlier.reasoning);
  usage.output = chat::last_told(counts.candidates, earlier.output - earlier.reasoning) + usage.reasoning;
  // Some models tell the output only by the total.
  if (!counts.candidates && counts.total && *counts.total > usage.input + usage.output) {
    told = usage.output = *counts.total - usage.input;
  }
  if (usage.input == 0 && counts.total > usage.output) usage.input = *counts.total - usage.output;
  usage.cache_read = std::min(counts.cached.value_or(0), usage.input);
  usage.audio_input = std::min(counts.input.audio + counts.tool_input.audio, usage.input);
  usage.audio_cache_read = std::min({counts.cached_input.audio, usage.cache_read, usage.audio_input});
  usage.image_input = std::min(counts.input.image + counts.tool_input.image, usage.input);
  usage.audio_output = std::min(counts.output.audio, usage.output);
  usage.image_output = std::min(counts.output.image, usage.output);
  usage.tool_requests = learned.usage.tool_requests;
  learned.usage = chat::joined(earlier, usage);
  return told;
}

void write_usage(const chat::Learned& learned, json::Writer& json) {
  const chat::Usage& usage = learned.usage;
  if (usage.source != chat::UsageSource::kProvider) return;
  const std::uint64_t tools = std::min(usage.tool_input, usage.input);
  const std::uint64_t reasoning = std::min(usage.reasoning, usage.output);
  json.key("usageMetadata").begin_object();
  json.key("promptTokenCount").number(usage.input - tools);
  json.key("candidatesTokenCount").number(usage.output - reasoning);
  json.key("totalTokenCount").number(usage.input + usage.output);
  write_count(json, "cachedContentTokenCount", usage.cache_read);
  write_count(json, "thoughtsTokenCount", reasoning);
  write_count(json, "toolUsePromptTokenCount", tools);
  write_details(json, "promptTokensDetails", usage.input - tools, {usage.audio_input, usage.image_input});
  write_details(json, "candidatesTokensDetails", usage.output - reasoning, {usage.audio_output, usage.image_output});
  if (const auto traffic = traffic_of(learned.service_tier); !traffic.empty()) json.key("trafficType").text(traffic);
  json.end_object();
}

}  // namespace sluice::dialect::gemini
