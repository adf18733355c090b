// The rules for generationConfig, and for the schemas of the API's own kind.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "sim/dom.h"
#include "sim/gemini/ask.h"
#include "sim/gemini/rules.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::size_t kMostStops = 5;

struct Range {
  std::string_view name;
  double min;
  double max;
  std::string_view told;
};
constexpr Range kRanges[] = {
    {"temperature", 0, 2, "[0.0, 2.0]"},
    {"topP", 0, 1, "[0.0, 1.0]"},
    {"topK", 1, 1e9, "[1, 1000000000]"},
    {"candidateCount", 1, 8, "[1, 8]"},
    {"maxOutputTokens", 1, 1e9, "[1, 1000000000]"},
    {"logprobs", 0, 20, "[0, 20]"},
    {"presencePenalty", -2, 2, "[-2.0, 2.0]"},
    {"frequencyPenalty", -2, 2, "[-2.0, 2.0]"},
};

constexpr std::string_view kMimeTypes[] = {"text/plain", "application/json", "application/xml", "application/yaml",
                                           "text/x.enum"};

Problem wrong_config(std::string_view field, std::string_view what) {
  return invalid(fmt::format("generation_config.{}", field), what);
}

std::optional<Problem> check_sampling(const bj::object& config) {
  for (const Range& range : kRanges) {
    const auto* number = number_in(config, range.name);
    if (!number) continue;
    double value = number->to_number<double>();
    if (value >= range.min && value <= range.max) continue;
    auto name = in_snake_case(range.name);
    return wrong_config(name, fmt::format("{} must be in the range {}.", name, range.told));
  }
  if (config.contains("logprobs") && !flag_in(config, "responseLogprobs")) {
    return wrong_config("logprobs", "logprobs is only allowed when `response_logprobs` is true");
  }
  const auto& stops = list_in(config, "stopSequences");
  if (stops.size() > kMostStops) {
    return wrong_config("stop_sequences", "the number of stop_sequences must be no more than 5");
  }
  for (std::size_t i = 0; i < stops.size(); ++i) {
    if (text_of(&stops[i]).empty()) {
      return wrong_config(fmt::format("stop_sequences[{}]", i), "a stop sequence must not be empty");
    }
  }
  return std::nullopt;
}

std::optional<Problem> check_format(const bj::object& config, const bj::object& body, const Ask& ask) {
  auto mime = text_in(config, "responseMimeType");
  if (!mime.empty() && std::ranges::find(kMimeTypes, mime) == std::end(kMimeTypes)) {
    return wrong_config("response_mime_type",
                        "allowed mimetypes are `text/plain`, `application/json`, `application/xml`, "
                        "`application/yaml` and `text/x.enum`.");
  }
  const auto* schema = object_in(config, "responseSchema");
  const auto* json_schema = config.if_contains("responseJsonSchema");
  if (schema && json_schema) {
    return wrong_config("response_json_schema", "`response_schema` and `response_json_schema` are mutually exclusive");
  }
  if (json_schema && !json_schema->is_object()) return wrong_config("response_json_schema", "must be a JSON object");
  if (json_schema && mime != "application/json") {
    return wrong_config("response_json_schema", "only allowed when `response_mime_type` is `application/json`");
  }
  if (schema && mime != "application/json" && mime != "text/x.enum") {
    return wrong_config("response_schema",
                        "only allowed when `response_mime_type` is `application/json` or `text/x.enum`");
  }
  bool calls = std::ranges::any_of(list_in(body, "tools"), [](const bj::value& tool) {
    return !list_in(as_object(tool), "functionDeclarations").empty();
  });
  int generation = gemini_generation(ask.model);
  if (calls && mime == "application/json" && generation != 0 && generation < 3) {
    return refused("Function calling with a response mime type: 'application/json' is unsupported");
  }
  return schema ? check_schema(*schema, "generation_config.response_schema") : std::nullopt;
}

// The budgets a model of the 2.5 series takes besides -1.
bool takes_budget(std::string_view model, double budget) {
  if (budget == -1 || !model.starts_with("gemini-2.5-")) return budget >= -1;
  if (model.starts_with("gemini-2.5-pro")) return budget >= 128 && budget <= 32768;
  if (model.starts_with("gemini-2.5-flash-lite")) return budget == 0 || (budget >= 512 && budget <= 24576);
  return budget >= 0 && budget <= 24576;
}

std::optional<Problem> check_thinking(const bj::object& config, const Ask& ask) {
  const auto* thinking = object_in(config, "thinkingConfig");
  if (!thinking) return std::nullopt;
  const auto* budget = number_in(*thinking, "thinkingBudget");
  bool level = thinking->contains("thinkingLevel");
  if (budget && level) return refused("You can only set only one of thinking budget and thinking level.");
  int generation = gemini_generation(ask.model);
  if (level && generation != 0 && generation < 3) return refused("Thinking level is not supported for this model.");
  if (!budget) return std::nullopt;
  if (ask.model.starts_with("gemini-4-argon")) return refused("Thinking budget is not supported for this model.");
  double value = budget->to_number<double>();
  if (!takes_budget(ask.model, value)) {
    return refused(
        fmt::format("The thinking budget ({}) is invalid. Please choose a value the model supports.", value));
  }
  if (value == 0 && flag_in(*thinking, "includeThoughts")) {
    return refused("thinking_config.include_thoughts is only enabled when thinking is enabled.");
  }
  return std::nullopt;
}

std::optional<Problem> check_properties(const bj::object& schema, const std::string& path) {
  const auto* properties = object_in(schema, "properties");
  bool object = text_in(schema, "type") == "OBJECT";
  if (properties && !object) return invalid(path + ".properties", "only allowed for OBJECT type");
  if (object && (!properties || properties->empty())) {
    return invalid(path + ".properties", "should be non-empty for OBJECT type");
  }
  for (auto key : {"required", "propertyOrdering"}) {
    const auto& names = list_in(schema, key);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto* name = names[i].if_string();
      if (name && properties && properties->contains(*name)) continue;
      return invalid(fmt::format("{}.{}[{}]", path, in_snake_case(key), i), "property is not defined");
    }
  }
  if (!properties) return std::nullopt;
  for (const auto& [key, value] : *properties) {
    auto inner = fmt::format("{}.properties[{}]", path, printable(key));
    if (auto problem = check_schema(as_object(value), inner)) return problem;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> check_schema(const bj::object& schema, const std::string& path) {
  auto type = text_in(schema, "type");
  const auto& choices = list_in(schema, "anyOf");
  if (choices.empty() && (type.empty() || type == "TYPE_UNSPECIFIED")) {
    return invalid(path + ".type", "must be specified");
  }
  if (auto problem = check_properties(schema, path)) return problem;
  const auto* items = object_in(schema, "items");
  if (type == "ARRAY" && !items) return invalid(path + ".items", "missing field.");
  if (type != "ARRAY" && items) return invalid(path + ".items", "only allowed for ARRAY type");
  const auto& words = list_in(schema, "enum");
  if (!words.empty() && type != "STRING") return invalid(path + ".enum", "only allowed for STRING type");
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].as_string().empty()) return invalid(fmt::format("{}.enum[{}]", path, i), "cannot be empty");
  }
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (auto problem = check_schema(as_object(choices[i]), fmt::format("{}.any_of[{}]", path, i))) return problem;
  }
  return items ? check_schema(*items, path + ".items") : std::nullopt;
}

std::optional<Problem> check_generation_config(const bj::object& body, const Ask& ask) {
  const auto* config = object_in(body, "generationConfig");
  if (!config) return std::nullopt;
  if (auto problem = check_sampling(*config)) return problem;
  if (auto problem = check_format(*config, body, ask)) return problem;
  return check_thinking(*config, ask);
}

}  // namespace sluice::sim
