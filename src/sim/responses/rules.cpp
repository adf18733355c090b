#include "sim/responses/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "sim/dom.h"
#include "sim/reasoner.h"
#include "sim/responses/errors.h"
#include "sim/responses/history.h"
#include "sim/responses/items.h"
#include "sim/responses/parts.h"
#include "sim/responses/schema.h"
#include "sim/responses/shapes.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

Problem unsupported(std::string_view parameter) {
  return {"Unsupported parameter: ", std::string(parameter), " is not supported with this model.",
          "unsupported_parameter"};
}

bool includes(const bj::object& body, std::string_view what) {
  return std::ranges::any_of(list_in(body, "include"), [&](const bj::value& one) { return text_of(&one) == what; });
}

// What asks for nothing: the provider wants one of these.
std::optional<Problem> check_asked(const bj::object& body) {
  if (!find_in(body, "model") && !find_in(body, "prompt")) return missing("model");
  const bj::value* input = find_in(body, "input");
  bool there = input && !(input->is_array() && input->get_array().empty());
  if (there || find_in(body, "previous_response_id") || find_in(body, "prompt") || find_in(body, "conversation")) {
    return std::nullopt;
  }
  return told(R"(One of "input" or "previous_response_id" or 'prompt' or 'conversation_id' must be provided.)", "input",
              "missing_required_parameter");
}

std::optional<Problem> check_state(const bj::object& body) {
  const bj::value* previous = find_in(body, "previous_response_id");
  if (previous && find_in(body, "conversation")) {
    return told(
        "Mutually exclusive parameters. Ensure you are only providing one of: 'previous_response_id' or "
        "'conversation'.",
        "", "mutually_exclusive_parameters");
  }
  auto id = text_of(previous);
  bool ours = is_plain(id) && id.starts_with("resp");
  if (previous && !ours) {
    return told(fmt::format("Invalid 'previous_response_id': '{}'. Expected an ID that begins with 'resp'.", id),
                "previous_response_id", "invalid_value");
  }
  const bj::value* store = find_in(body, "store");
  if (flag_in(body, "background") && store && !flag_in(body, "store")) {
    return told("Background responses are kept: 'background' requires 'store' to be true.", "background",
                "invalid_value");
  }
  return std::nullopt;
}

// A key of `metadata` is at most so long.
constexpr std::size_t kMetadataKey = 64;

std::optional<Problem> check_metadata(const bj::object& body) {
  for (const auto& [key, value] : inner_in(body, "metadata")) {
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
std::optional<Problem> check_reasoner(const bj::object& body, std::string_view model) {
  const auto effort = text_in(inner_in(body, "reasoning"), "effort");
  if (auto problem = check_effort(model, effort, "reasoning.effort")) return problem;
  if (samples(model, effort)) return std::nullopt;
  for (std::string_view name : {"temperature", "top_p", "top_logprobs"}) {
    if (find_in(body, name)) return unsupported(name);
  }
  if (!includes(body, "message.output_text.logprobs")) return std::nullopt;
  return told("Logprobs are not supported with reasoning models.", "include");
}

std::optional<Problem> check_model(const bj::object& body, std::string_view model) {
  if (reasons(model)) return check_reasoner(body, model);
  if (!answers_at_once(model)) return std::nullopt;
  const bj::object& reasoning = inner_in(body, "reasoning");
  for (std::string_view name : {"effort", "summary", "generate_summary"}) {
    if (find_in(reasoning, name)) return unsupported("reasoning." + std::string(name));
  }
  if (includes(body, "reasoning.encrypted_content")) {
    return told("Encrypted content is not supported with this model.", "include");
  }
  auto verbosity = text_in(inner_in(body, "text"), "verbosity");
  if (verbosity.empty() || verbosity == "medium") return std::nullopt;
  return told(fmt::format("Unsupported value: '{}' is not supported with the '{}' model. Supported values are: "
                          "'medium'.",
                          verbosity, model),
              "text.verbosity", "unsupported_value");
}

std::optional<Problem> check_tool(const bj::object& tool, const std::string& path) {
  auto type = text_in(tool, "type");
  auto name = text_in(tool, "name");
  if (!is_plain(name)) return bad_name(path + ".name");
  if (type == "function") return check_parameters(tool, path);
  if (type == "mcp" && !find_in(tool, "server_url") && !find_in(tool, "connector_id") && !find_in(tool, "tunnel_id")) {
    return missing(path + ".server_url");
  }
  const bj::array& inner = list_in(tool, "tools");
  for (std::size_t i = 0; i < inner.size() && type == "namespace"; ++i) {
    if (auto problem = check_tool(inner[i].as_object(), fmt::format("{}.tools[{}]", path, i))) return problem;
  }
  return std::nullopt;
}

std::optional<Problem> check_tools(const bj::object& body) {
  const bj::array& tools = list_in(body, "tools");
  for (std::size_t i = 0; i < tools.size(); ++i) {
    if (auto problem = check_tool(tools[i].as_object(), fmt::format("tools[{}]", i))) return problem;
  }
  return std::nullopt;
}

// "web_search" is met by "web_search_2025_08_26" as well, and "computer_use" by "computer_use_preview".
bool meets(const bj::object& tool, const bj::object& choice) {
  if (!text_in(tool, "type").starts_with(text_in(choice, "type"))) return false;
  for (std::string_view name : {"name", "server_label"}) {
    if (name == "name" && text_in(choice, "type") == "mcp") continue;  // that of one of the server's tools
    if (text_in(tool, name) != text_in(choice, name)) return false;
  }
  return true;
}

std::optional<Problem> check_choice(const bj::object& body) {
  const bj::value* choice = find_in(body, "tool_choice");
  const bj::array& tools = list_in(body, "tools");
  if (!choice) return std::nullopt;
  if (choice->is_string()) {
    if (text_of(choice) != "required" || !tools.empty()) return std::nullopt;
    return told("Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice");
  }
  auto has = [&](const bj::object& wanted) {
    return std::ranges::any_of(tools, [&](const bj::value& tool) { return meets(tool.as_object(), wanted); });
  };
  const bj::object& wanted = choice->as_object();
  auto type = text_in(wanted, "type");
  if (type != "allowed_tools") {
    if (has(wanted)) return std::nullopt;
    auto name = text_in(wanted, "name");
    return told(fmt::format("Tool choice '{}' not found in 'tools' parameter.", name.empty() ? type : name),
                "tool_choice");
  }
  const bj::array& allowed = list_in(wanted, "tools");
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (has(allowed[i].as_object())) continue;
    auto path = fmt::format("tool_choice.tools[{}]", i);
    return told(fmt::format("Invalid '{}': the tool is not found in 'tools' parameter.", path), path, "invalid_value");
  }
  return std::nullopt;
}

// The provider wants to read the word in what it is to answer with JSON.
bool says_json(const bj::object& body) {
  const bj::value* input = find_in(body, "input");
  if (input && input->is_string()) return lower(text_of(input)).contains("json");
  return std::ranges::any_of(list_in(body, "input"), [](const bj::value& item) {
    const bj::value* content = find_in(item.as_object(), "content");
    return content && lower(boost::json::serialize(*content)).contains("json");
  });
}

std::optional<Problem> check_format(const bj::object& body) {
  const bj::object& format = inner_in(inner_in(body, "text"), "format");
  auto type = text_in(format, "type");
  bool all_there = !find_in(body, "previous_response_id") && !find_in(body, "prompt");
  if (type == "json_object" && all_there && !says_json(body)) {
    return told(
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type "
        "'json_object'.",
        "input");
  }
  return type == "json_schema" ? check_answer_schema(format, "text.format") : std::nullopt;
}

std::optional<Problem> check_input(const bj::object& body, const Ask& ask) {
  const bj::array& items = list_in(body, "input");
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (auto problem = check_item(items[i].as_object(), i, ask)) return problem;
  }
  bool refers =
      std::ranges::any_of(items, [](const bj::value& item) { return type_of(item.as_object()) == "item_reference"; });
  bool part = refers || find_in(body, "previous_response_id") || find_in(body, "conversation");
  return check_order(items, part ? Seen::kPart : Seen::kWhole);
}

}  // namespace

std::optional<Problem> check_responses(json::Cursor body, const Ask& ask) {
  if (!ask.body) return told("We could not parse the JSON body of your request.", "");
  const bj::object& parsed = *ask.body;
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
  return check_input(parsed, ask);
}

}  // namespace sluice::sim
