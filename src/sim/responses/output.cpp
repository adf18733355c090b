#include "sim/responses/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "sim/responses/dom.h"
#include "sim/responses/items.h"
#include "sim/responses/kept.h"
#include "sim/responses/rules.h"
#include "sim/vouch.h"

namespace sluice::sim {

namespace {

// A field as it was sent, or what the provider takes for it.
dom::value echoed(const dom::object& body, std::string_view key, dom::value otherwise = nullptr) {
  const dom::value* sent = dom::find(body, key);
  return sent ? *sent : otherwise;
}

dom::object reasoning_echo(const dom::object& body, std::string_view model) {
  dom::object echo = dom::inner(body, "reasoning");
  if (!echo.contains("effort")) echo["effort"] = reasons(model) ? dom::value("medium") : dom::value();
  if (!echo.contains("summary")) echo["summary"] = echoed(echo, "generate_summary");
  return echo;
}

dom::object text_echo(const dom::object& body) {
  dom::object echo = dom::inner(body, "text");
  if (!dom::find(echo, "format")) echo["format"] = dom::object{{"type", "text"}};
  if (!dom::find(echo, "verbosity")) echo["verbosity"] = "medium";
  return echo;
}

std::string_view tier_of(const dom::object& body) {
  auto tier = dom::text(body, "service_tier");
  return tier.empty() || tier == "auto" ? "default" : tier;
}

bool seals(const dom::object& body) {
  return std::ranges::any_of(dom::list(body, "include"),
                             [](const dom::value& one) { return dom::text(&one) == "reasoning.encrypted_content"; });
}

// Only who asks for a summary is told what a model thought.
bool sums_up(const dom::object& body) {
  const dom::object& reasoning = dom::inner(body, "reasoning");
  return dom::find(reasoning, "summary") || dom::find(reasoning, "generate_summary");
}

OutputItem reasoning_item(const dom::object& body, const std::string& text) {
  OutputItem item;
  item.kind = Said::kReasoning;
  if (sums_up(body)) item.text = text;
  if (seals(body)) item.sealed = vouch(kReasoningKind, item.text);
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

dom::object call_of(const OutputItem& item, std::string_view status, std::string_view text) {
  bool custom = item.kind == Said::kCustomCall;
  dom::object call{{"id", item.id}, {"type", custom ? "custom_tool_call" : "function_call"}, {"status", status}};
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
  if (!reply.reasoning.empty()) items.push_back(reasoning_item(*ask.body, reply.reasoning));
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

dom::object part_of(const OutputItem& item, std::string_view text) {
  if (item.kind == Said::kReasoning) return {{"type", "summary_text"}, {"text", text}};
  return {{"type", "output_text"}, {"text", text}, {"annotations", dom::array()}, {"logprobs", dom::array()}};
}

dom::object begun_item(const OutputItem& item) {
  if (item.kind == Said::kReasoning) return {{"id", item.id}, {"type", "reasoning"}, {"summary", dom::array()}};
  if (item.kind != Said::kMessage) return call_of(item, "in_progress", "");
  return {{"id", item.id},
          {"type", "message"},
          {"status", "in_progress"},
          {"role", "assistant"},
          {"content", dom::array()}};
}

dom::object whole_item(const OutputItem& item, std::string_view status) {
  if (item.kind == Said::kCall || item.kind == Said::kCustomCall) return call_of(item, status, item.text);
  dom::object whole = begun_item(item);
  dom::array parts;
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

dom::array whole_items(const std::vector<OutputItem>& items, const Ending& ending) {
  dom::array all;
  for (const OutputItem& item : items) {
    bool cut = &item == &items.back() && ending.status != "completed";
    all.push_back(whole_item(item, cut ? "incomplete" : "completed"));
  }
  return all;
}

dom::object begun_response(const Ask& ask, const Signature& signature, std::string_view status) {
  const dom::object& body = *ask.body;
  const dom::value* store = dom::find(body, "store");
  dom::object response{
      {"id", made_id("resp", signature.id)},
      {"object", "response"},
      {"created_at", signature.created},
      {"status", status},
      {"background", dom::is_true(body, "background")},
      {"completed_at", nullptr},
      {"error", nullptr},
      {"incomplete_details", nullptr},
      {"model", ask.model},
      {"output", dom::array()},
  };
  response["parallel_tool_calls"] = echoed(body, "parallel_tool_calls", true);
  response["reasoning"] = reasoning_echo(body, ask.model);
  response["service_tier"] = tier_of(body);
  response["store"] = !store || dom::is_true(body, "store");
  response["temperature"] = echoed(body, "temperature", 1);
  response["text"] = text_echo(body);
  response["tool_choice"] = echoed(body, "tool_choice", "auto");
  response["tools"] = dom::list(body, "tools");
  response["top_logprobs"] = echoed(body, "top_logprobs", 0);
  response["top_p"] = echoed(body, "top_p", 1);
  response["truncation"] = echoed(body, "truncation", "disabled");
  response["metadata"] = dom::inner(body, "metadata");
  for (std::string_view key : {"access_programs", "instructions", "max_output_tokens", "max_tool_calls",
                               "previous_response_id", "prompt_cache_key", "safety_identifier", "user"}) {
    response[key] = echoed(body, key);
  }
  for (std::string_view key : {"prompt", "prompt_cache_options", "prompt_cache_retention"}) {
    if (dom::find(body, key)) response[key] = echoed(body, key);
  }
  response["usage"] = nullptr;
  return response;
}

void end_response(dom::object& response, dom::array output, const Ending& ending,
                  const std::optional<std::string>& usage) {
  response["status"] = ending.status;
  response["output"] = std::move(output);
  if (ending.status == "completed") response["completed_at"] = response["created_at"];
  if (!ending.reason.empty()) response["incomplete_details"] = dom::object{{"reason", ending.reason}};
  if (ending.failed()) {
    response["error"] =
        dom::object{{"code", "server_error"}, {"message", "The server had an error while processing your request."}};
  }
  if (usage) response["usage"] = dom::parse(*usage).value_or(nullptr);
}

std::string response_usage(const Counts& counts) {
  return fmt::format(R"({{"input_tokens":{},"input_tokens_details":{{"cached_tokens":0,"cache_write_tokens":0}},)"
                     R"("output_tokens":{},"output_tokens_details":{{"reasoning_tokens":{}}},"total_tokens":{}}})",
                     counts.prompt, counts.completion, counts.reasoning, counts.prompt + counts.completion);
}

}  // namespace sluice::sim
