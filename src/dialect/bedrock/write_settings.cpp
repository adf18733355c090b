// write_settings(), write_model_fields() and plan_reasoning() of write.h.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/anthropic/model.h"
#include "dialect/bedrock/fields.h"
#include "dialect/bedrock/write.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::Effort;
using chat::Field;
using chat::OutputFormat;

constexpr std::uint64_t kLeastBudget = 1024;

std::string_view word_of(Effort effort) {
  return effort == Effort::kMinimal ? chat::name(Effort::kLow) : chat::name(effort);
}

bool is_off(const chat::Reasoning& reasoning) {
  return reasoning.effort == Effort::kOff || (reasoning.effort == Effort::kUnset && reasoning.budget == 0);
}

bool is_asked(const chat::Reasoning& reasoning) {
  return reasoning.effort != Effort::kUnset || reasoning.budget || reasoning.dynamic;
}

Effort effort_of(const chat::Reasoning& reasoning) {
  if (reasoning.effort != Effort::kUnset) return reasoning.effort;
  return reasoning.budget ? chat::effort_of_budget(*reasoning.budget) : Effort::kUnset;
}

std::uint64_t max_tokens(const Sending& sending) {
  return to_number<std::uint64_t>(sending.request.value(Field::kMaxTokens)).value_or(sending.target.max_output);
}

// The tokens to think with, less than the answer's limit; 0: there is no room to think.
std::uint64_t budget_of(Sending& sending) {
  const chat::Reasoning& reasoning = sending.request.reasoning;
  const std::uint64_t wanted = reasoning.budget ? *reasoning.budget
                               : reasoning.dynamic && reasoning.effort == Effort::kUnset
                                   ? chat::budget_of_effort(Effort::kMedium)
                                   : chat::budget_of_effort(reasoning.effort);
  std::uint64_t budget = std::max(wanted, kLeastBudget);
  if (const std::uint64_t most = max_tokens(sending); most > 0 && budget >= most) budget = most - 1;
  if (budget < kLeastBudget) budget = 0;
  if (budget != wanted && (reasoning.budget || budget == 0)) sending.lose(sending.path(Field::kReasoning));
  return budget;
}

// Such reasoning is not sent.
bool is_unsigned(const chat::Part& part) {
  using Kind = chat::State::Kind;
  return part.kind == chat::PartKind::kReasoning && part.state.kind != Kind::kSignature &&
         part.state.kind != Kind::kRedacted;
}

bool has_results(const chat::Turn& turn) {
  return std::ranges::any_of(turn.parts, [](const chat::Part& part) { return part.kind == chat::PartKind::kResult; });
}

// In a loop of tools, the turn with the calls must begin with its thinking, which another provider's has not.
bool loop_lacks_thinking(const chat::Request& request) {
  auto turn = request.turns.rbegin();
  while (turn != request.turns.rend() && has_results(*turn)) ++turn;
  if (turn == request.turns.rbegin()) return false;
  bool lacks = true;
  for (; turn != request.turns.rend() && turn->role == chat::Role::kAssistant; ++turn) {
    const auto first = std::ranges::find_if_not(turn->parts, is_unsigned);
    if (first != turn->parts.end()) lacks = first->kind != chat::PartKind::kReasoning;
  }
  return lacks;
}

// Older models name an effort where these have fewer.
std::string_view nova_effort(Effort effort) {
  if (effort == Effort::kMinimal || effort == Effort::kLow) return "low";
  return effort == Effort::kMedium || effort == Effort::kUnset ? "medium" : "high";
}

void write_claude_thinking(Sending& sending, json::Writer& json) {
  const chat::Reasoning& reasoning = sending.request.reasoning;
  const bool by_budget = sending.model.thinking == Thinking::kBudget;
  const bool off = is_off(reasoning);
  if (off && sending.model.thinking == Thinking::kAlways) return sending.lose(sending.path(Field::kReasoning));
  if (off) {
    json.key("thinking").begin_object().key("type").text("disabled").end_object();
    return;
  }
  if (by_budget && !sending.thinks_by_budget) return;
  const std::uint64_t budget = by_budget ? budget_of(sending) : 0;
  json.key("thinking").begin_object().key("type").text(by_budget ? "enabled" : "adaptive");
  if (by_budget) json.key("budget_tokens").number(budget);
  if (!by_budget && reasoning.show != chat::Reasoning::Show::kUnset) {
    json.key("display").text(reasoning.show == chat::Reasoning::Show::kHidden ? "omitted" : "summarized");
  }
  json.end_object();
}

void write_thinking(Sending& sending, json::Writer& json) {
  const chat::Reasoning& reasoning = sending.request.reasoning;
  if (!is_asked(reasoning)) return;
  switch (sending.model.thinking) {
    case Thinking::kNone:
      if (!is_off(reasoning)) sending.lose(sending.path(Field::kReasoning));
      return;
    case Thinking::kBudget:
    case Thinking::kAdaptive:
    case Thinking::kAlways:
      return write_claude_thinking(sending, json);
    case Thinking::kNovaEffort:
      json.key("reasoningConfig").begin_object();
      json.key("type").text(is_off(reasoning) ? "disabled" : "enabled");
      if (!is_off(reasoning)) json.key("maxReasoningEffort").text(nova_effort(effort_of(reasoning)));
      json.end_object();
      return;
    case Thinking::kOpenAiEffort:
      if (is_off(reasoning)) sending.lose(sending.path(Field::kReasoning));
      json.key("reasoning_effort").text(is_off(reasoning) ? "low" : nova_effort(effort_of(reasoning)));
      return;
  }
}

void write_top_k(Sending& sending, json::Writer& json) {
  if (!sending.request.has(Field::kTopK)) return;
  const std::string_view value = sending.request.value(Field::kTopK);
  const bool taken = sending.model.sampling && !sending.thinks_by_budget;
  if (sending.model.family == Family::kClaude && taken) {
    json.key("top_k").raw(value);
  } else if (sending.model.family == Family::kNova && taken) {
    json.key("inferenceConfig").begin_object().key("topK").raw(value).end_object();
  } else {
    sending.lose(sending.path(Field::kTopK));
  }
}

// ---- inferenceConfig

// Of Claude's models since 4.1 temperature and topP exclude each other, whatever they are.
bool takes_one_of_two(const Sending& sending) {
  return sending.model.family == Family::kClaude && !anthropic::facts_of(sending.target.model).both_sampling;
}
bool is_unusual(const Sending& sending, Field field) {
  return sending.request.has(field) && to_number<double>(sending.request.value(field)).value_or(1) != 1;
}

// Claude's newest models take the default value of a setting and no other, which is as good as none.
void write_temperature(Sending& sending, json::Writer& json) {
  if (!sending.request.has(Field::kTemperature)) return;
  const std::string_view value = sending.request.value(Field::kTemperature);
  const auto number = to_number<double>(value).value_or(1);
  const bool claude = sending.model.family == Family::kClaude;
  const bool fixed = claude && (!sending.model.sampling || sending.thinks_by_budget);
  if (fixed && !sending.own) {
    if (number != 1) sending.lose(sending.path(Field::kTemperature));
    return;
  }
  if (number == 1 && !sending.own && takes_one_of_two(sending)) return;
  const bool clamped = number > 1 && !sending.own;
  if (clamped) sending.lose(sending.path(Field::kTemperature));
  json.key("temperature").raw(clamped ? "1" : value);
}

void write_top_p(Sending& sending, json::Writer& json) {
  if (!sending.request.has(Field::kTopP)) return;
  const std::string_view value = sending.request.value(Field::kTopP);
  const bool claude = sending.model.family == Family::kClaude;
  const bool takes_one = takes_one_of_two(sending);
  const double number = to_number<double>(value).value_or(1);
  const bool is_out = !sending.model.sampling || (claude && sending.thinks_by_budget) ||
                      (takes_one && (number == 1 || is_unusual(sending, Field::kTemperature)));
  if (is_out && !sending.own) {
    if (number != 1) sending.lose(sending.path(Field::kTopP));
    return;
  }
  json.key("topP").raw(value);
}

void write_inference(Sending& sending, json::Writer& outer) {
  std::string config;
  json::Writer json(config);
  json.begin_object();
  if (sending.request.has(Field::kMaxTokens)) json.key("maxTokens").raw(sending.request.value(Field::kMaxTokens));
  write_temperature(sending, json);
  write_top_p(sending, json);
  if (!sending.request.stop.empty()) {
    json.key("stopSequences").begin_array();
    for (const chat::Escaped text : sending.request.stop) json.text(text);
    json.end_array();
  }
  json.end_object();
  if (config != "{}") outer.key("inferenceConfig").raw(config);
}

// ---- the rest

void write_format(Sending& sending, json::Writer& json) {
  const OutputFormat& format = sending.request.format;
  if (format.kind == OutputFormat::Kind::kJson) sending.lose(sending.path(Field::kOutputFormat));
  if (format.kind != OutputFormat::Kind::kSchema) return;
  if (format.strict && !*format.strict) sending.lose("response_format.strict", chat::Unplaced::kSilent);
  json.key("textFormat").begin_object().key("type").text("json_schema");
  json.key("structure").begin_object().key("jsonSchema").begin_object();
  json.key("schema").text(format.schema);
  if (!format.name.empty()) json.key("name").text(format.name);
  if (!format.description.empty()) json.key("description").text(format.description);
  json.end_object().end_object().end_object();
}

bool names_effort(const Sending& sending) {
  if (sending.own) return sending.request.path(Field::kReasoning) == kEffort;
  const auto thinking = sending.model.thinking;
  return thinking == Thinking::kAdaptive || thinking == Thinking::kAlways;
}

void write_output(Sending& sending, json::Writer& outer) {
  std::string config;
  json::Writer json(config);
  json.begin_object();
  write_format(sending, json);
  const Effort effort = effort_of(sending.request.reasoning);
  const bool off = effort == Effort::kOff;
  if (effort != Effort::kUnset && names_effort(sending)) {
    if (sending.own) {
      json.key("effort").text(chat::name(effort));
    } else if (!off || sending.model.thinking == Thinking::kAlways) {
      json.key("effort").text(off ? chat::name(Effort::kLow) : word_of(effort));
    }
  }
  json.end_object();
  if (config != "{}") outer.key("outputConfig").raw(config);
}

// The tiers of OpenAI, Anthropic and Gemini in the API's words.
void write_service_tier(Sending& sending, json::Writer& json) {
  if (!sending.request.has(Field::kServiceTier)) return;
  struct Tier {
    std::string_view word;
    std::string_view own;
  };
  constexpr std::array<Tier, 8> kTiers{{{"\"default\"", "default"},
                                        {"\"standard\"", "default"},
                                        {"\"standard_only\"", "default"},
                                        {"\"flex\"", "flex"},
                                        {"\"priority\"", "priority"},
                                        {"\"fast\"", "priority"},
                                        {"\"reserved\"", "reserved"},
                                        {"\"auto\"", ""}}};
  const std::string word = lower(sending.request.value(Field::kServiceTier));
  const auto found = std::ranges::find(kTiers, std::string_view(word), &Tier::word);
  if (found == kTiers.end()) return sending.lose(sending.path(Field::kServiceTier));
  if (!found->own.empty()) json.key("serviceTier").begin_object().key("type").text(found->own).end_object();
}

// Fields whose values only this dialect understands; true when the client spoke it.
bool write_own(const Sending& sending, Field field, std::string_view name, json::Writer& json) {
  if (sending.request.path(field) != name) return false;
  json.key(name).raw(sending.request.value(field));
  return true;
}

// Which of the stop sequences matched is told only when asked for.
void write_response_paths(Sending& sending, json::Writer& json) {
  if (write_own(sending, Field::kInclude, kResponsePaths, json)) return;
  if (sending.request.has(Field::kInclude)) sending.lose(sending.path(Field::kInclude));
  if (sending.own || sending.request.stop.empty() || sending.model.family != Family::kClaude) return;
  json.key(kResponsePaths).begin_array().text("/stop_sequence").end_array();
}

}  // namespace

void plan_reasoning(Sending& sending) {
  const chat::Reasoning& reasoning = sending.request.reasoning;
  if (sending.model.thinking != Thinking::kBudget || !is_asked(reasoning) || is_off(reasoning)) return;
  const bool lacks = !sending.own && loop_lacks_thinking(sending.request);
  if (lacks) sending.lose(sending.path(Field::kReasoning));
  sending.thinks_by_budget = sending.own || (!lacks && budget_of(sending) > 0);
}

void write_model_fields(Sending& sending, json::Writer& outer) {
  if (sending.own) {
    const std::string_view fields = sending.request.value(Field::kReasoning);
    if (!fields.empty()) outer.key(kModelFields).raw(fields);
    return;
  }
  std::string fields;
  json::Writer json(fields);
  json.begin_object();
  write_thinking(sending, json);
  write_top_k(sending, json);
  json.end_object();
  if (fields != "{}") outer.key(kModelFields).raw(fields);
}

void write_settings(Sending& sending, json::Writer& json) {
  write_inference(sending, json);
  write_output(sending, json);
  if (sending.request.has(Field::kSafety) && !write_own(sending, Field::kSafety, kGuardrail, json)) {
    sending.refuse(sending.path(Field::kSafety), "is not supported");
  }
  if (sending.request.has(Field::kMetadata) && !write_own(sending, Field::kMetadata, kMetadata, json)) {
    sending.lose(sending.path(Field::kMetadata), chat::Unplaced::kSilent);
  }
  write_service_tier(sending, json);
  write_response_paths(sending, json);
}

}  // namespace sluice::dialect::bedrock
