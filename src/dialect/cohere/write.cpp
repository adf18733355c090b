#include "dialect/cohere/write.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/cohere/fields.h"
#include "dialect/faults.h"
#include "dialect/tool_schema.h"

namespace sluice::dialect::cohere {

namespace {

using chat::Effort;
using chat::Field;
using chat::OutputFormat;
using chat::Tool;
using Mode = chat::ToolChoice::Mode;

constexpr chat::Alphabet kNames{.longest = 64, .beside_alphanumeric = "_", .starts_with_letter = true};
constexpr chat::Alphabet kIds{.longest = 256, .beside_alphanumeric = "_.:-"};
constexpr std::size_t kMostStops = 5;

// Models that do not reason refuse to be asked for it. Others, which are not known, get what the client wants.
bool reasons(std::string_view model) {
  constexpr std::array<std::string_view, 6> kOthers{"command-a-03", "command-a-translate", "command-a-vision",
                                                    "command-r",    "command-light",       "c4ai-aya"};
  return std::ranges::none_of(kOthers, [&](std::string_view prefix) { return model.starts_with(prefix); });
}

// ---- tools

void write_tool(Sending& sending, const Tool& tool, json::Writer& json) {
  if (tool.kind == chat::ToolKind::kServer) {
    return sending.refuse(sending.path(Field::kTools), "with a tool that another provider runs is not supported");
  }
  if (tool.cache != chat::CacheMark::kNone) sending.lose("cache_control", chat::Unplaced::kSilent);
  json.begin_object().key("type").text("function").key("function").begin_object();
  json.key("name").text(tool.name);
  if (!tool.description.empty()) json.key("description").text(tool.description);
  std::string_view schema = tool.schema.empty() ? kNoArguments : tool.schema;
  if (tool.kind == chat::ToolKind::kCustom) {
    sending.lose("tool.format");
    schema = kFreeText;
  }
  json.key("parameters").raw(schema).end_object().end_object();
}

void write_tools(Sending& sending, json::Writer& json) {
  const chat::ToolChoice& choice = sending.request.tool_choice;
  const bool some = choice.mode == Mode::kNamed || choice.mode == Mode::kSubset;
  const std::vector<Tool> tools = some ? chat::tools_named(sending.request.tools, choice.names) : sending.request.tools;
  if (tools.empty() && some) {
    return sending.refuse(sending.path(Field::kToolChoice), "that allows none of the tools is not supported");
  }
  if (tools.empty()) return;
  json.key("tools").begin_array();
  for (const Tool& tool : tools) write_tool(sending, tool, json);
  json.end_array();
  const auto is_strict = [](const Tool& tool) { return tool.strict == true; };
  if (std::ranges::all_of(tools, is_strict)) {
    json.key("strict_tools").boolean(true);
  } else if (std::ranges::any_of(tools, is_strict)) {
    sending.lose("tool.strict");
  }
  const bool forced = choice.mode == Mode::kAny || choice.mode == Mode::kNamed ||
                      (choice.mode == Mode::kSubset && choice.subset_required);
  if (forced) json.key("tool_choice").text("REQUIRED");
  if (choice.mode == Mode::kNone) json.key("tool_choice").text("NONE");
}

// ---- settings

void write_format(Sending& sending, json::Writer& json) {
  const OutputFormat& format = sending.request.format;
  if (format.kind == OutputFormat::Kind::kUnset || format.kind == OutputFormat::Kind::kText) return;
  if (!sending.request.tools.empty()) {
    return sending.refuse(sending.path(Field::kOutputFormat), "beside tools is not supported");
  }
  if (!format.name.empty()) sending.lose("response_format.name", chat::Unplaced::kSilent);
  json.key("response_format").begin_object().key("type").text("json_object");
  if (format.kind == OutputFormat::Kind::kSchema) json.key("json_schema").raw(format.schema);
  json.end_object();
}

// A number within what the API takes; the nearest one where it is not.
void write_within(Sending& sending, Field field, std::string_view name, std::pair<double, double> range,
                  std::pair<std::string_view, std::string_view> ends, json::Writer& json) {
  if (!sending.request.has(field)) return;
  std::string_view value = sending.request.value(field);
  const auto number = to_number<double>(value);
  if (number && (*number < range.first || *number > range.second)) {
    value = *number < range.first ? ends.first : ends.second;
    sending.lose(sending.path(field));
  }
  json.key(name).raw(value);
}

void write_seed(Sending& sending, json::Writer& json) {
  if (!sending.request.has(Field::kSeed)) return;
  const std::string_view seed = sending.request.value(Field::kSeed);
  if (!to_number<std::uint64_t>(seed)) {
    return sending.refuse(sending.path(Field::kSeed), "below zero is not supported");
  }
  json.key("seed").raw(seed);
}

void write_stop(Sending& sending, json::Writer& json) {
  const auto& stop = sending.request.stop;
  if (stop.empty()) return;
  if (stop.size() > kMostStops) {
    return sending.refuse(sending.path(Field::kStop), "with more than 5 sequences is not supported");
  }
  json.key("stop_sequences").begin_array();
  for (const chat::Escaped text : stop) json.text(text);
  json.end_array();
}

void write_sampling(Sending& sending, json::Writer& json) {
  write_within(sending, Field::kTemperature, "temperature", {0, 1}, {"0", "1"}, json);
  write_within(sending, Field::kTopP, "p", {0.01, 0.99}, {"0.01", "0.99"}, json);
  write_within(sending, Field::kTopK, "k", {0, 500}, {"0", "500"}, json);
  write_within(sending, Field::kFrequencyPenalty, "frequency_penalty", {0, 1}, {"0", "1"}, json);
  write_within(sending, Field::kPresencePenalty, "presence_penalty", {0, 1}, {"0", "1"}, json);
  write_seed(sending, json);
  write_stop(sending, json);
  if (sending.request.value(Field::kLogprobs) == "true") json.key("logprobs").boolean(true);
}

void write_thinking(Sending& sending, json::Writer& json) {
  const chat::Reasoning& reasoning = sending.request.reasoning;
  if (reasoning.effort == Effort::kUnset && !reasoning.budget && !reasoning.dynamic) return;
  const bool off = reasoning.effort == Effort::kOff || (reasoning.effort == Effort::kUnset && reasoning.budget == 0);
  if (!reasons(sending.target.model)) {
    if (!off) sending.lose(sending.path(Field::kReasoning));
    return;
  }
  json.key("thinking").begin_object().key("type").text(off ? "disabled" : "enabled");
  const bool little = reasoning.effort == Effort::kMinimal || reasoning.effort == Effort::kLow;
  if (!off && reasoning.budget) {
    json.key("token_budget").number(*reasoning.budget);
  } else if (!off && little) {
    json.key("token_budget").number(chat::budget_of_effort(reasoning.effort));
  }
  json.end_object();
}

}  // namespace

void Sending::refuse(std::string_view param, std::string_view why) {
  if (status) status = unsupported(param, why, target.provider, target.model);
}

void Sending::lose(std::string_view path, chat::Unplaced unplaced) {
  const bool known = std::ranges::find(lost, path, &chat::Request::Lost::path) != lost.end();
  if (!known) lost.push_back({std::string(path), unplaced, {}});
}

Result<Outgoing> write_chat(chat::Request& request, const Target& target) {
  Sending sending{.request = request, .target = target};
  if (auto settled = settle_fields(fields_of(Operation::kChat), request, target.provider, target.model, sending.lost);
      !settled) {
    return fail_from(settled);
  }
  chat::name_calls(request);
  Outgoing out;
  out.renamed = chat::fit_names(request, kNames, kIds);

  json::Writer json(out.body);
  json.begin_object().key("model").text(target.model);
  json.key("stream").boolean(target.stream);
  write_messages(sending, json);
  write_tools(sending, json);
  write_format(sending, json);
  write_fields(fields_of(Operation::kChat), "", request, json);
  write_sampling(sending, json);
  write_thinking(sending, json);
  json.end_object();
  if (!sending.status) return fail_from(sending.status);
  out.lost = std::move(sending.lost);
  return out;
}

}  // namespace sluice::dialect::cohere
