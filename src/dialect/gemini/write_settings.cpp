// write_tools() and write_settings() of write.h.
#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "dialect/gemini/fields.h"
#include "dialect/gemini/schema.h"
#include "dialect/gemini/write.h"
#include "dialect/tool_schema.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Effort;
using chat::Field;
using chat::OutputFormat;
using chat::Tool;
using chat::ToolChoice;
using chat::ToolKind;

constexpr std::string_view kGeneration = "generationConfig.";
constexpr std::size_t kMostStops = 5;

bool takes_nothing(std::string_view schema) {
  const std::string text = compact(schema);
  return text == R"({"type":"object","properties":{}})" || text == R"({"type":"object"})" || text == "{}";
}

void write_declaration(Sending& sending, const Tool& tool, json::Writer& json) {
  if (tool.strict.value_or(false)) sending.lose("tool.strict");
  if (tool.cache != chat::CacheMark::kNone) sending.lose("cache_control", chat::Unplaced::kSilent);
  json.begin_object().key("name").text(tool.name);
  if (!tool.description.empty()) json.key("description").text(tool.description);
  if (tool.kind == ToolKind::kCustom) {
    sending.lose("tool.format");
    json.key("parametersJsonSchema").raw(kFreeText);
  } else if (!tool.schema.empty() && (sending.own || !takes_nothing(tool.schema))) {
    json.key("parametersJsonSchema").raw(tool.schema);
  }
  json.end_object();
}

bool has_functions(const chat::Request& request) {
  return std::ranges::any_of(request.tools, [](const Tool& tool) { return tool.kind != ToolKind::kServer; });
}

void write_tool_list(Sending& sending, json::Writer& json) {
  json.key("tools").begin_array();
  if (has_functions(sending.request)) {
    json.begin_object().key("functionDeclarations").begin_array();
    for (const Tool& tool : sending.request.tools) {
      if (tool.kind != ToolKind::kServer) write_declaration(sending, tool, json);
    }
    json.end_array().end_object();
  }
  for (const Tool& tool : sending.request.tools) {
    if (tool.kind != ToolKind::kServer) continue;
    if (sending.own) {
      json.raw(tool.raw);
    } else {
      sending.refuse(sending.path(Field::kTools), "with a tool that another provider runs is not supported");
    }
  }
  json.end_array();
}

std::string_view mode_of(const ToolChoice& choice) {
  switch (choice.mode) {
    case ToolChoice::Mode::kUnset:
    case ToolChoice::Mode::kAuto:
      return "AUTO";
    case ToolChoice::Mode::kNone:
      return "NONE";
    case ToolChoice::Mode::kAny:
    case ToolChoice::Mode::kNamed:
      return "ANY";
    case ToolChoice::Mode::kSubset:
      return choice.subset_required ? "ANY" : "VALIDATED";
  }
  return "AUTO";
}

// The API refuses a choice where there is nothing to choose from.
void leave_choice(Sending& sending) {
  using Mode = ToolChoice::Mode;
  const Mode mode = sending.request.tool_choice.mode;
  if (mode == Mode::kNamed || mode == Mode::kSubset) {
    sending.refuse(sending.path(Field::kToolChoice), "that allows none of the tools is not supported");
  } else if (mode == Mode::kAny) {
    sending.lose(sending.path(Field::kToolChoice));
  }
}

void write_choice(Sending& sending, json::Writer& json) {
  const ToolChoice& choice = sending.request.tool_choice;
  if (choice.mode == ToolChoice::Mode::kUnset) return;
  if (!sending.own && !has_functions(sending.request)) return leave_choice(sending);
  json.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
  json.key("mode").text(mode_of(choice));
  if (choice.mode == ToolChoice::Mode::kNamed || choice.mode == ToolChoice::Mode::kSubset) {
    json.key("allowedFunctionNames").begin_array();
    for (const chat::Escaped name : choice.names) json.text(name);
    json.end_array();
  }
  json.end_object().end_object();
}

// ---- generationConfig

void write_stop(Sending& sending, json::Writer& json) {
  const auto& stop = sending.request.stop;
  if (stop.empty()) return;
  if (stop.size() > kMostStops)
    sending.refuse(sending.path(Field::kStop), "with more than 5 sequences is not supported");
  json.key("stopSequences").begin_array();
  for (const chat::Escaped text : stop) json.text(text);
  json.end_array();
}

void write_seed(Sending& sending, json::Writer& json) {
  if (!sending.request.has(Field::kSeed)) return;
  const std::string_view value = sending.request.value(Field::kSeed);
  if (!to_number<std::int32_t>(value)) {
    sending.refuse(sending.path(Field::kSeed), "beyond a whole number of 32 bits is not supported");
    return;
  }
  json.key("seed").raw(value);
}

void write_logprobs(const chat::Request& request, json::Writer& json) {
  if (request.has(Field::kLogprobs) && !request.value(Field::kLogprobs).empty()) {
    json.key("responseLogprobs").raw(request.value(Field::kLogprobs));
  } else if (request.has(Field::kTopLogprobs)) {
    json.key("responseLogprobs").boolean(true);
  }
}

// The words of all dialects, in upper case. Audio comes with a voice, which no other dialect's field can say.
void write_modalities(Sending& sending, json::Writer& json) {
  if (!sending.request.has(Field::kModalities)) return;
  json::Reader reader;
  const std::string words(sending.request.value(Field::kModalities));
  auto cursor = reader.scan_copy(words);
  if (!cursor) return;
  std::vector<std::string> names;
  json::each_element(*cursor, [&](std::size_t) {
    std::string name(cursor->take_text());
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    names.push_back(std::move(name));
  });
  if (names.empty()) return;
  json.key("responseModalities").begin_array();
  for (const std::string& name : names) {
    const bool known = name == "TEXT" || name == "IMAGE" || name == "AUDIO";
    if (!known) sending.refuse(sending.path(Field::kModalities), "with this value is not supported");
    json.text(name);
  }
  json.end_array();
}

void write_format(Sending& sending, json::Writer& json) {
  const OutputFormat& format = sending.request.format;
  if (format.kind == OutputFormat::Kind::kUnset) return;
  if (format.kind == OutputFormat::Kind::kText) {
    json.key("responseMimeType").text("text/plain");
    return;
  }
  if (!sending.model.json_with_tools && has_functions(sending.request)) {
    sending.refuse(sending.path(Field::kOutputFormat), "together with tools is not supported");
  }
  json.key("responseMimeType").text("application/json");
  if (format.kind == OutputFormat::Kind::kSchema) json.key("responseJsonSchema").raw(format.schema);
}

class ThinkingWriter {
 public:
  ThinkingWriter(Sending& sending, json::Writer& json)
      : sending_(sending), json_(json), reasoning_(sending.request.reasoning) {}

  void write() {
    const bool amount = reasoning_.budget || reasoning_.dynamic || reasoning_.effort != Effort::kUnset;
    if (!amount && reasoning_.show == chat::Reasoning::Show::kUnset) return;
    if (sending_.model.thinking == ModelFacts::Thinking::kNone) {
      const bool off = reasoning_.effort == Effort::kOff || !amount;
      if (!off) lose();
      return;
    }
    std::string config;
    json::Writer inside(config);
    inside.begin_object();
    if (reasoning_.show != chat::Reasoning::Show::kUnset) {
      inside.key("includeThoughts").boolean(reasoning_.show == chat::Reasoning::Show::kSummary);
    }
    if (amount && sending_.model.thinking == ModelFacts::Thinking::kLevel) {
      write_level(inside);
    } else if (amount) {
      write_budget(inside);
    }
    inside.end_object();
    if (config != "{}") json_.key("thinkingConfig").raw(config);
  }

 private:
  void lose() { sending_.lose(sending_.path(Field::kReasoning)); }

  void write_level(json::Writer& json) {
    Effort effort = reasoning_.effort;
    if (effort == Effort::kUnset && reasoning_.budget) effort = chat::effort_of_budget(*reasoning_.budget);
    if (effort == Effort::kUnset) return;  // the model decides, as it does unasked
    const std::string_view level = level_of(effort);
    if (!level.empty()) json.key("thinkingLevel").text(level);
  }

  std::string_view level_of(Effort effort) {
    switch (effort) {
      case Effort::kUnset:
        return {};
      case Effort::kOff:
        lose();  // cannot be off
        return sending_.model.minimal ? "MINIMAL" : "LOW";
      case Effort::kMinimal:
        if (sending_.model.minimal) return "MINIMAL";
        lose();
        return "LOW";
      case Effort::kLow:
        return "LOW";
      case Effort::kMedium:
        return "MEDIUM";
      case Effort::kHigh:
      case Effort::kXHigh:
      case Effort::kMax:
        return "HIGH";
    }
    return {};
  }

  void write_budget(json::Writer& json) {
    const bool off = reasoning_.effort == Effort::kOff && reasoning_.budget.value_or(0) == 0;
    if (off && sending_.model.may_be_off) {
      json.key("thinkingBudget").raw("0");
      return;
    }
    if (!reasoning_.budget && reasoning_.effort == Effort::kUnset) {
      json.key("thinkingBudget").raw("-1");
      return;
    }
    const std::uint64_t wanted = reasoning_.budget.value_or(wanted_budget());
    const std::uint64_t within = std::clamp(wanted, sending_.model.least_budget, sending_.model.most_budget);
    if (off || (reasoning_.budget && within != wanted)) lose();
    json.key("thinkingBudget").number(below_limit(within));
  }

  std::uint64_t wanted_budget() const {
    if (reasoning_.effort == Effort::kMax) return sending_.model.most_budget;
    return chat::budget_of_effort(reasoning_.effort);
  }

  // Thoughts count as output: they must leave room for an answer.
  std::uint64_t below_limit(std::uint64_t budget) {
    const auto limit = to_number<std::uint64_t>(sending_.request.value(Field::kMaxTokens));
    if (sending_.own || !limit || *limit == 0 || budget < *limit) return budget;
    lose();
    return std::max(*limit - 1, sending_.model.least_budget);
  }

  Sending& sending_;
  json::Writer& json_;
  const chat::Reasoning& reasoning_;
};

void write_values(const chat::Request& request, json::Writer& json) {
  for (const FieldRow& row : chat_fields()) {
    if (row.place != Place::kValue || !request.has(row.field) || request.value(row.field).empty()) continue;
    json.key(row.path.substr(kGeneration.size())).raw(request.value(row.field));
  }
}

void write_generation(Sending& sending, json::Writer& json) {
  std::string config;
  json::Writer inside(config);
  inside.begin_object();
  write_values(sending.request, inside);
  write_stop(sending, inside);
  write_seed(sending, inside);
  write_logprobs(sending.request, inside);
  write_format(sending, inside);
  write_modalities(sending, inside);
  ThinkingWriter(sending, inside).write();
  inside.end_object();
  if (config != "{}") json.key("generationConfig").raw(config);
}

// ---- beside it

void write_tier(Sending& sending, json::Writer& json) {
  if (!sending.request.has(Field::kServiceTier)) return;
  const std::string tier = lower(sending.request.value(Field::kServiceTier));
  if (tier == "\"flex\"") {
    json.key("serviceTier").text("flex");
  } else if (tier == "\"priority\"" || tier == "\"fast\"") {
    json.key("serviceTier").text("priority");
  } else if (tier == "\"standard\"" || tier == "\"default\"" || tier == "\"standard_only\"") {
    json.key("serviceTier").text("standard");
  } else if (tier != "\"auto\"") {
    sending.lose(sending.path(Field::kServiceTier));
  }
}

// What means something only in the words of this dialect.
void write_own(Sending& sending, Field field, std::string_view key, json::Writer& json) {
  const chat::Request& request = sending.request;
  if (!request.has(field)) return;
  if (sending.own) {
    json.key(key).raw(request.value(field));
    return;
  }
  const chat::Unplaced unplaced = chat::facts(field).unplaced;
  if (unplaced == chat::Unplaced::kRefused) {
    sending.refuse(sending.path(field), "is not supported");
  } else {
    sending.lose(sending.path(field), unplaced);
  }
}

void write_store(Sending& sending, json::Writer& json) {
  if (!sending.request.has(Field::kStore)) return;
  const std::string_view store = sending.request.value(Field::kStore);
  if (sending.platform == Platform::kGemini && sending.own) {
    json.key("store").raw(store);
  } else if (store != "false") {
    sending.lose(sending.path(Field::kStore));
  }
}

}  // namespace

void write_tools(Sending& sending, json::Writer& json) {
  if (!sending.request.tools.empty()) write_tool_list(sending, json);
  write_choice(sending, json);
}

void write_settings(Sending& sending, json::Writer& json) {
  write_generation(sending, json);
  write_own(sending, Field::kSafety, "safetySettings", json);
  write_own(sending, Field::kServerState, "cachedContent", json);
  write_own(sending, Field::kMetadata, "labels", json);
  write_tier(sending, json);
  write_store(sending, json);
}

}  // namespace sluice::dialect::gemini
