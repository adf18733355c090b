#include "sim/responses/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "sim/responses/dom.h"
#include "sim/responses/errors.h"
#include "sim/responses/history.h"
#include "sim/responses/items.h"
#include "sim/responses/parts.h"
#include "sim/responses/schema.h"
#include "sim/responses/shapes.h"

namespace sluice::sim {

namespace {

Problem unsupported(std::string_view parameter) {
  return {"Unsupported parameter: ", std::string(parameter), " is not supported with this model.",
          "unsupported_parameter"};
}

bool includes(const dom::object& body, std::string_view what) {
  return std::ranges::any_of(dom::list(body, "include"),
                             [&](const dom::value& one) { return dom::text(&one) == what; });
}

// What asks for nothing: the provider wants one of these.
std::optional<Problem> check_asked(const dom::object& body) {
  if (!dom::find(body, "model") && !dom::find(body, "prompt")) return missing("model");
  const dom::value* input = dom::find(body, "input");
  bool there = input && !(input->is_array() && input->get_array().empty());
  if (there || dom::find(body, "previous_response_id") || dom::find(body, "prompt") ||
      dom::find(body, "conversation")) {
    return std::nullopt;
  }
  return told(R"(One of "input" or "previous_response_id" or 'prompt' or 'conversation_id' must be provided.)", "input",
              "missing_required_parameter");
}

std::optional<Problem> check_state(const dom::object& body) {
  const dom::value* previous = dom::find(body, "previous_response_id");
  if (previous && dom::find(body, "conversation")) {
    return told(
        "Mutually exclusive parameters. Ensure you are only providing one of: 'previous_response_id' or "
        "'conversation'.",
        "", "mutually_exclusive_parameters");
  }
  auto id = dom::text(previous);
  bool ours = is_plain(id) && id.starts_with("resp");
  if (previous && !ours) {
    return told(fmt::format("Invalid 'previous_response_id': '{}'. Expected an ID that begins with 'resp'.", id),
                "previous_response_id", "invalid_value");
  }
  const dom::value* store = dom::find(body, "store");
  if (dom::is_true(body, "background") && store && !dom::is_true(body, "store")) {
    return told("Background responses are kept: 'background' requires 'store' to be true.", "background",
                "invalid_value");
  }
  return std::nullopt;
}

// A key of `metadata` is at most so long.
constexpr std::size_t kMetadataKey = 64;

std::optional<Problem> check_metadata(const dom::object& body) {
  for (const auto& [key, value] : dom::inner(body, "metadata")) {
    if (key.size() <= kMetadataKey) continue;
    return told(fmt::format("Invalid 'metadata': key too long. Expected a key with maximum length {}, but got a key "
                            "with length {} instead.",
                            kMetadataKey, key.size()),
                "metadata", "string_above_max_length");
  }
  return std::nullopt;
}

// gpt-4o, gpt-5-chat-latest…: models that answer at once.
bool answers_at_once(std::string_view model) {
  return model.starts_with("gpt-3") || model.starts_with("gpt-4") || model.starts_with("chatgpt-") ||
         model.ends_with("-chat-latest");
}

// Sampling is fixed while a model reasons.
std::optional<Problem> check_reasoner(const dom::object& body) {
  if (dom::text(dom::inner(body, "reasoning"), "effort") == "none") return std::nullopt;
  for (std::string_view name : {"temperature", "top_p", "top_logprobs"}) {
    if (dom::find(body, name)) return unsupported(name);
  }
  if (!includes(body, "message.output_text.logprobs")) return std::nullopt;
  return told("Logprobs are not supported with reasoning models.", "include");
}

std::optional<Problem> check_model(const dom::object& body, std::string_view model) {
  if (reasons(model)) return check_reasoner(body);
  if (!answers_at_once(model)) return std::nullopt;
  const dom::object& reasoning = dom::inner(body, "reasoning");
  for (std::string_view name : {"effort", "summary", "generate_summary"}) {
    if (dom::find(reasoning, name)) return unsupported("reasoning." + std::string(name));
  }
  if (includes(body, "reasoning.encrypted_content")) {
    return told("Encrypted content is not supported with this model.", "include");
  }
  auto verbosity = dom::text(dom::inner(body, "text"), "verbosity");
  if (verbosity.empty() || verbosity == "medium") return std::nullopt;
  return told(fmt::format("Unsupported value: '{}' is not supported with the '{}' model. Supported values are: "
                          "'medium'.",
                          verbosity, model),
              "text.verbosity", "unsupported_value");
}

std::optional<Problem> check_tool(const dom::object& tool, const std::string& path) {
  auto type = dom::text(tool, "type");
  auto name = dom::text(tool, "name");
  if (!is_plain(name)) return bad_name(path + ".name");
  if (type == "function") return check_parameters(tool, path);
  if (type == "mcp" && !dom::find(tool, "server_url") && !dom::find(tool, "connector_id") &&
      !dom::find(tool, "tunnel_id")) {
    return missing(path + ".server_url");
  }
  const dom::array& inner = dom::list(tool, "tools");
  for (std::size_t i = 0; i < inner.size() && type == "namespace"; ++i) {
    if (auto problem = check_tool(inner[i].as_object(), fmt::format("{}.tools[{}]", path, i))) return problem;
  }
  return std::nullopt;
}

std::optional<Problem> check_tools(const dom::object& body) {
  const dom::array& tools = dom::list(body, "tools");
  for (std::size_t i = 0; i < tools.size(); ++i) {
    if (auto problem = check_tool(tools[i].as_object(), fmt::format("tools[{}]", i))) return problem;
  }
  return std::nullopt;
}

// "web_search" is met by "web_search_2025_08_26" as well, and "computer_use" by "computer_use_preview".
bool meets(const dom::object& tool, const dom::object& choice) {
  if (!dom::text(tool, "type").starts_with(dom::text(choice, "type"))) return false;
  for (std::string_view name : {"name", "server_label"}) {
    if (name == "name" && dom::text(choice, "type") == "mcp") continue;  // that of one of the server's tools
    if (dom::text(tool, name) != dom::text(choice, name)) return false;
  }
  return true;
}

std::optional<Problem> check_choice(const dom::object& body) {
  const dom::value* choice = dom::find(body, "tool_choice");
  const dom::array& tools = dom::list(body, "tools");
  if (!choice) return std::nullopt;
  if (choice->is_string()) {
    if (dom::text(choice) != "required" || !tools.empty()) return std::nullopt;
    return told("Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice");
  }
  auto has = [&](const dom::object& wanted) {
    return std::ranges::any_of(tools, [&](const dom::value& tool) { return meets(tool.as_object(), wanted); });
  };
  const dom::object& wanted = choice->as_object();
  auto type = dom::text(wanted, "type");
  if (type != "allowed_tools") {
    if (has(wanted)) return std::nullopt;
    auto name = dom::text(wanted, "name");
    return told(fmt::format("Tool choice '{}' not found in 'tools' parameter.", name.empty() ? type : name),
                "tool_choice");
  }
  const dom::array& allowed = dom::list(wanted, "tools");
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (has(allowed[i].as_object())) continue;
    auto path = fmt::format("tool_choice.tools[{}]", i);
    return told(fmt::format("Invalid '{}': the tool is not found in 'tools' parameter.", path), path, "invalid_value");
  }
  return std::nullopt;
}

// The provider wants to read the word in what it is to answer with JSON.
bool says_json(const dom::object& body) {
  const dom::value* input = dom::find(body, "input");
  if (input && input->is_string()) return lower(dom::text(input)).contains("json");
  return std::ranges::any_of(dom::list(body, "input"), [](const dom::value& item) {
    const dom::value* content = dom::find(item.as_object(), "content");
    return content && lower(boost::json::serialize(*content)).contains("json");
  });
}

std::optional<Problem> check_format(const dom::object& body) {
  const dom::object& format = dom::inner(dom::inner(body, "text"), "format");
  auto type = dom::text(format, "type");
  bool all_there = !dom::find(body, "previous_response_id") && !dom::find(body, "prompt");
  if (type == "json_object" && all_there && !says_json(body)) {
    return told(
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type "
        "'json_object'.",
        "input");
  }
  return type == "json_schema" ? check_answer_schema(format, "text.format") : std::nullopt;
}

std::optional<Problem> check_input(const dom::object& body, std::string_view model) {
  const dom::array& items = dom::list(body, "input");
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (auto problem = check_item(items[i].as_object(), i, model)) return problem;
  }
  bool refers =
      std::ranges::any_of(items, [](const dom::value& item) { return type_of(item.as_object()) == "item_reference"; });
  bool part = refers || dom::find(body, "previous_response_id") || dom::find(body, "conversation");
  return check_order(items, part ? Seen::kPart : Seen::kWhole);
}

}  // namespace

bool reasons(std::string_view model) {
  bool o_series = model.size() >= 2 && model[0] == 'o' && model[1] >= '0' && model[1] <= '9';
  return (o_series || model.starts_with("gpt-5")) && !model.ends_with("-chat-latest");
}

std::optional<Problem> check_responses(json::Cursor body, const Ask& ask) {
  if (!ask.body) return told("We could not parse the JSON body of your request.", "");
  const dom::object& parsed = *ask.body;
  json::Cursor whole = body;
  if (auto problem = check(whole, kResponsesRequest)) return problem;
  if (auto problem = check_items(body, parsed)) return problem;
  if (auto problem = check_asked(parsed)) return problem;
  if (auto problem = check_state(parsed)) return problem;
  if (auto problem = check_metadata(parsed)) return problem;
  if (ask.has_stream_options && !ask.stream) {
    return Problem{"The ", "stream_options", " parameter is only allowed when 'stream' is enabled.", ""};
  }
  if (auto problem = check_model(parsed, ask.model)) return problem;
  if (auto problem = check_tools(parsed)) return problem;
  if (auto problem = check_choice(parsed)) return problem;
  if (auto problem = check_format(parsed)) return problem;
  return check_input(parsed, ask.model);
}

}  // namespace sluice::sim
