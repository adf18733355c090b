#include "sim/responses/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "sim/dom.h"
#include "sim/reasoner.h"
#include "sim/responses/items.h"
#include "sim/responses/kept.h"
#include "sim/vouch.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

// A field as it was sent, or what the provider takes for it.
bj::value echoed(const bj::object& body, std::string_view key, bj::value otherwise = nullptr) {
  const bj::value* sent = find_in(body, key);
  return sent ? *sent : otherwise;
}

bj::object reasoning_echo(const bj::object& body, std::string_view model) {
  bj::object echo = inner_in(body, "reasoning");
  if (!echo.contains("effort")) echo["effort"] = reasons(model) ? bj::value("medium") : bj::value();
  if (!echo.contains("summary")) echo["summary"] = echoed(echo, "generate_summary");
  return echo;
}

bj::object text_echo(const bj::object& body) {
  bj::object echo = inner_in(body, "text");
  if (!find_in(echo, "format")) echo["format"] = bj::object{{"type", "text"}};
  if (!find_in(echo, "verbosity")) echo["verbosity"] = "medium";
  return echo;
}

std::string_view tier_of(const bj::object& body) {
  auto tier = text_in(body, "service_tier");
  return tier.empty() || tier == "auto" ? "default" : tier;
}

bool seals(const bj::object& body) {
  return std::ranges::any_of(list_in(body, "include"),
                             [](const bj::value& one) { return text_of(&one) == "reasoning.encrypted_content"; });
}

// Only who asks for a summary is told what a model thought.
bool sums_up(const bj::object& body) {
  const bj::object& reasoning = inner_in(body, "reasoning");
  return find_in(reasoning, "summary") || find_in(reasoning, "generate_summary");
}

OutputItem reasoning_item(const Ask& ask, const std::string& text) {
  const bj::object& body = *ask.body;
  OutputItem item;
  item.kind = Said::kReasoning;
  if (sums_up(body)) item.text = text;
  if (seals(body)) item.sealed = sealed_reasoning(ask.place.organization, item.text);
  return item;
}

OutputItem call_item(const ScriptCall& call, std::size_t index, const Signature& signature) {
  return {.kind = call.custom ? Said::kCustomCall : Said::kCall,
          .id = {},
          .text = call.arguments,
          .name = call.name,
          .call_id = call_id(kCallPrefix, fmt::format("{}/{}", signature.id, index), call.name, call.arguments),
          .sealed = {}};
}

constexpr std::string_view kPrefixes[] = {"rs", "msg", "fc", "ctc"};  // by what was said

bj::object call_of(const OutputItem& item, std::string_view status, std::string_view text) {
  bool custom = item.kind == Said::kCustomCall;
  bj::object call{{"id", item.id}, {"type", custom ? "custom_tool_call" : "function_call"}, {"status", status}};
  call["call_id"] = item.call_id;
  call["name"] = item.name;
  call[custom ? "input" : "arguments"] = text;
  return call;
}

}  // namespace

Ending ending_of(std::string_view finish_reason) {
  if (finish_reason.empty()) return {};
  constexpr std::string_view kStatuses[] = {"completed", "failed", "cancelled"};
  bool status = std::ranges::find(kStatuses, finish_reason) != std::end(kStatuses);
  if (status) return {.status = std::string(finish_reason), .reason = {}};
  return {.status = "incomplete",
          .reason = finish_reason == "incomplete" ? "max_output_tokens" : std::string(finish_reason)};
}

std::vector<OutputItem> output_of(const Ask& ask, const Reply& reply, const Signature& signature) {
  std::vector<OutputItem> items;
  if (!reply.reasoning.empty()) items.push_back(reasoning_item(ask, reply.reasoning));
  if (reply.says_text) {
    OutputItem message;
    message.text = reply.text;
    items.push_back(std::move(message));
  }
  for (std::size_t i = 0; i < reply.calls.size(); ++i) items.push_back(call_item(reply.calls[i], i, signature));
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].id = made_id(kPrefixes[static_cast<std::size_t>(items[i].kind)], signature.id, std::to_string(i));
  }
  return items;
}

bj::object part_of(const OutputItem& item, std::string_view text) {
  if (item.kind == Said::kReasoning) return {{"type", "summary_text"}, {"text", text}};
  return {{"type", "output_text"}, {"text", text}, {"annotations", bj::array()}, {"logprobs", bj::array()}};
}

bj::object begun_item(const OutputItem& item) {
  if (item.kind == Said::kReasoning) return {{"id", item.id}, {"type", "reasoning"}, {"summary", bj::array()}};
  if (item.kind != Said::kMessage) return call_of(item, "in_progress", "");
  return {
      {"id", item.id}, {"type", "message"}, {"status", "in_progress"}, {"role", "assistant"}, {"content", bj::array()}};
}

bj::object whole_item(const OutputItem& item, std::string_view status) {
  if (item.kind == Said::kCall || item.kind == Said::kCustomCall) return call_of(item, status, item.text);
  bj::object whole = begun_item(item);
  bj::array parts;
  bool summed_up = item.kind == Said::kReasoning && !item.text.empty();
  if (summed_up || item.kind == Said::kMessage) parts.push_back(part_of(item, item.text));
  if (item.kind == Said::kReasoning) {
    whole["summary"] = std::move(parts);
    if (!item.sealed.empty()) whole["encrypted_content"] = item.sealed;
  } else {
    whole["status"] = status;
    whole["content"] = std::move(parts);
  }
  return whole;
}

bj::array whole_items(const std::vector<OutputItem>& items, const Ending& ending) {
  bj::array all;
  for (const OutputItem& item : items) {
    bool cut = &item == &items.back() && ending.status != "completed";
    all.push_back(whole_item(item, cut ? "incomplete" : "completed"));
  }
  return all;
}

bj::object begun_response(const Ask& ask, const Signature& signature, std::string_view status) {
  const bj::object& body = *ask.body;
  const bj::value* store = find_in(body, "store");
  bj::object response{
      {"id", made_id("resp", signature.id)},
      {"object", "response"},
      {"created_at", signature.created},
      {"status", status},
      {"background", flag_in(body, "background")},
      {"completed_at", nullptr},
      {"error", nullptr},
      {"incomplete_details", nullptr},
      {"model", ask.model},
      {"output", bj::array()},
  };
  response["parallel_tool_calls"] = echoed(body, "parallel_tool_calls", true);
  response["reasoning"] = reasoning_echo(body, ask.model);
  response["service_tier"] = tier_of(body);
  response["store"] = !store || flag_in(body, "store");
  response["temperature"] = echoed(body, "temperature", 1);
  response["text"] = text_echo(body);
  response["tool_choice"] = echoed(body, "tool_choice", "auto");
  response["tools"] = list_in(body, "tools");
  response["top_logprobs"] = echoed(body, "top_logprobs", 0);
  response["top_p"] = echoed(body, "top_p", 1);
  response["truncation"] = echoed(body, "truncation", "disabled");
  response["metadata"] = inner_in(body, "metadata");
  for (std::string_view key : {"access_programs", "instructions", "max_output_tokens", "max_tool_calls",
                               "previous_response_id", "prompt_cache_key", "safety_identifier", "user"}) {
    response[key] = echoed(body, key);
  }
  for (std::string_view key : {"prompt", "prompt_cache_options", "prompt_cache_retention"}) {
    if (find_in(body, key)) response[key] = echoed(body, key);
  }
  response["usage"] = nullptr;
  return response;
}

void end_response(bj::object& response, bj::array output, const Ending& ending,
                  const std::optional<std::string>& usage) {
  response["status"] = ending.status;
  response["output"] = std::move(output);
  if (ending.status == "completed") response["completed_at"] = response["created_at"];
  if (!ending.reason.empty()) response["incomplete_details"] = bj::object{{"reason", ending.reason}};
  if (ending.failed()) {
    response["error"] =
        bj::object{{"code", "server_error"}, {"message", "The server had an error while processing your request."}};
  }
  if (usage) response["usage"] = parsed(*usage).value_or(nullptr);
}

std::string response_usage(const Counts& counts) {
  return fmt::format(R"({{"input_tokens":{},"input_tokens_details":{{"cached_tokens":0,"cache_write_tokens":0}},)"
                     R"("output_tokens":{},"output_tokens_details":{{"reasoning_tokens":{}}},"total_tokens":{}}})",
                     counts.prompt, counts.completion, counts.reasoning, counts.prompt + counts.completion);
}

}  // namespace sluice::sim
