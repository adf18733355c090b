#include "sim/bedrock/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/bedrock/blocks.h"
#include "sim/dom.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::string_view kIdPattern = "[a-zA-Z0-9_.:-]+";

bool is_call_id(std::string_view id) {
  return is_tool_name(id) ||
         std::ranges::all_of(id, [](char c) { return c == '.' || c == ':' || is_tool_name({&c, 1}); });
}

// A turn's calls of the caller's tools, and the results in it.
struct Turn {
  std::vector<std::string> calls;
  std::vector<std::string> results;
};

std::optional<Problem> collect(const bj::object& block, const std::string& path, std::string_view role, Turn& turn,
                               std::vector<std::string>& provider_calls) {
  const auto& member = *block.begin();
  if (member.key() != "toolUse" && member.key() != "toolResult") return std::nullopt;
  const auto& inside = member.value().get_object();
  std::string id(text_in(inside, "toolUseId"));
  if (!is_call_id(id))
    return broken_pattern(fmt::format("{}.{}.toolUseId", path, std::string_view(member.key())), id, kIdPattern);
  if (member.key() == "toolUse") {
    (inside.contains("type") ? provider_calls : turn.calls).push_back(std::move(id));
    return std::nullopt;
  }
  if (role == "user") {
    turn.results.push_back(std::move(id));
    return std::nullopt;
  }
  if (std::ranges::find(provider_calls, id) != provider_calls.end()) return std::nullopt;
  return broken_rule("The toolResult block at ", path,
                     " doesn't match a toolUse block of a system tool in the same message.");
}

std::optional<std::string> first_double(std::vector<std::string> ids) {
  std::ranges::sort(ids);
  auto found = std::ranges::adjacent_find(ids);
  if (found == ids.end()) return std::nullopt;
  return *found;
}

std::optional<Problem> check_results(const std::vector<std::string>& calls, const std::vector<std::string>& results,
                                     const std::string& content) {
  if (auto twice = first_double(results)) {
    return broken_rule("The toolResult blocks at ", content, " contain duplicate Ids: " + *twice);
  }
  std::vector<std::string> missing;
  for (const auto& id : calls) {
    if (std::ranges::find(results, id) == results.end()) missing.push_back(id);
  }
  if (!missing.empty()) {
    return broken_rule("Expected toolResult blocks at ", content,
                       fmt::format(" for the following Ids: {}", fmt::join(missing, ", ")));
  }
  if (results.size() > calls.size()) {
    return broken_rule("The number of toolResult blocks at ", content,
                       " exceeds the number of toolUse blocks of previous turn.");
  }
  return std::nullopt;
}

std::optional<Problem> check_company(const bj::array& content, const std::string& path) {
  auto has = [&](std::string_view key) {
    return std::ranges::any_of(content, [&](const bj::value& block) { return block.get_object().contains(key); });
  };
  if (!has("document") || has("text")) return std::nullopt;
  return broken_rule("A text block is required in the ContentBlock objects at ", path,
                     " when a document is included. Add a ContentBlock object with a text field and try again.");
}

class Conversation {
 public:
  explicit Conversation(SeenBlocks& seen) : seen_(seen) {}

  std::optional<Problem> add(const bj::object& message, const std::string& path) {
    std::string_view role = text_in(message, "role");
    if (auto problem = check_turn(role)) return problem;
    const auto& content = message.at("content").get_array();
    if (content.empty()) {
      return broken_rule("The content field in the Message object at ", path,
                         " is empty. Add a ContentBlock object to the content field and try again.");
    }
    Turn turn;
    std::vector<std::string> provider_calls;
    for (std::size_t i = 0; i < content.size(); ++i) {
      const auto& block = content[i].get_object();
      const std::string place = fmt::format("{}.content[{}]", path, i);
      if (auto problem = check_block(block, place, role, seen_)) return problem;
      if (auto problem = collect(block, place, role, turn, provider_calls)) return problem;
    }
    if (auto problem = check_company(content, path + ".content")) return problem;
    if (role == "system") return std::nullopt;
    if (auto twice = first_double(turn.calls)) {
      return broken_rule("The toolUse blocks at ", path + ".content", " contain duplicate Ids: " + *twice);
    }
    if (auto problem = check_results(calls_, turn.results, path + ".content")) return problem;
    calls_ = std::move(turn.calls);
    return std::nullopt;
  }

  // After the last message: calls without an answer.
  std::optional<Problem> end(std::size_t messages) const {
    return check_results(calls_, {}, fmt::format("messages[{}].content", messages));
  }

 private:
  std::optional<Problem> check_turn(std::string_view role) {
    if (last_.empty() && role != "user") {
      return broken_rule("", "",
                         "A conversation must start with a user message. Try again with a conversation that starts "
                         "with a user message.");
    }
    if (role == "system") return std::nullopt;
    if (role == last_) {
      return broken_rule("", "",
                         "A conversation must alternate between user and assistant roles. Make sure the conversation "
                         "alternates between user and assistant roles and try again.");
    }
    last_ = role;
    return std::nullopt;
  }

  SeenBlocks& seen_;
  std::string last_;
  std::vector<std::string> calls_;  // of the last turn
};

std::optional<Problem> check_messages(const bj::array& messages, SeenBlocks& seen) {
  if (messages.empty()) {
    return broken_rule("", "", "A conversation must contain at least one message. Add a message and try again.");
  }
  Conversation conversation(seen);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto problem = conversation.add(messages[i].get_object(), fmt::format("messages[{}]", i));
    if (problem) return problem;
  }
  return conversation.end(messages.size());
}

std::optional<Problem> check_tool_spec(const bj::object& spec, const std::string& path,
                                       std::vector<std::string>& names) {
  std::string name(text_in(spec, "name"));
  if (!is_tool_name(name)) return broken_pattern(path + ".name", name, "[a-zA-Z0-9_-]+");
  if (std::ranges::find(names, name) != names.end()) {
    return broken_rule("The model returned the following errors: ", "", "tools: Tool names must be unique.");
  }
  names.push_back(std::move(name));
  const auto& schema = spec.at("inputSchema").get_object().at("json");
  const std::string place = path + ".inputSchema.json";
  if (!is_document(schema)) {
    return broken_rule("The format of the value at ", place,
                       " is invalid. Provide a json object for the field and try again.");
  }
  if (text_in(schema.get_object(), "type") == "object") return std::nullopt;
  return broken_rule("The value at ", place + ".type", " must be one of the following: object.");
}

std::optional<Problem> check_tools(const bj::object& config, SeenBlocks& seen) {
  std::vector<std::string> names;
  std::size_t system_tools = 0;
  const auto& tools = config.at("tools").get_array();
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const auto& member = *tools[i].get_object().begin();
    const std::string path = fmt::format("toolConfig.tools[{}].{}", i, std::string_view(member.key()));
    const auto& tool = member.value().get_object();
    std::optional<Problem> problem;
    if (member.key() == "toolSpec") problem = check_tool_spec(tool, path, names);
    if (member.key() == "cachePoint") problem = check_cache_point(tool, path, seen);
    if (problem) return problem;
    system_tools += member.key() == "systemTool" ? 1 : 0;
  }
  if (names.empty() && system_tools == 0) {
    return broken_rule("The tools at ", "toolConfig.tools", " must contain at least one toolSpec or systemTool.");
  }
  const auto* choice = config.if_contains("toolChoice");
  const auto* named = choice ? choice->get_object().if_contains("tool") : nullptr;
  if (named && std::ranges::find(names, text_in(named->get_object(), "name")) == names.end()) {
    return broken_rule("The tool name at ", "toolConfig.toolChoice.tool.name",
                       " is not the name of a tool in toolConfig.tools.");
  }
  return std::nullopt;
}

std::optional<Problem> check_settings(const bj::object& request) {
  if (const auto* paths = request.if_contains("additionalModelResponseFieldPaths")) {
    for (const auto& path : paths->get_array()) {
      if (!path.get_string().starts_with('/')) {
        return broken_rule("The value at ", "additionalModelResponseFieldPaths", " must be a valid JSON pointer.");
      }
    }
  }
  if (const auto* metadata = request.if_contains("requestMetadata")) {
    for (const auto& member : metadata->get_object()) {
      if (member.key().empty() || member.key().size() > 256) {
        return broken_rule("Map key at ", "requestMetadata",
                           " failed to satisfy constraint: Member must have length between 1 and 256");
      }
    }
  }
  const auto* output = request.if_contains("outputConfig");
  const auto* format = output ? output->get_object().if_contains("textFormat") : nullptr;
  if (!format) return std::nullopt;
  const auto& schema = format->get_object().at("structure").get_object().at("jsonSchema").get_object();
  bj::error_code error;
  bj::value parsed = bj::parse(text_in(schema, "schema"), error);
  if (!error && parsed.is_object()) return std::nullopt;
  return broken_rule("The value at ", "outputConfig.textFormat.structure.jsonSchema.schema",
                     " is not valid JSON. Provide a JSON schema as a string and try again.");
}

// A prompt that is kept at the provider brings all but its variables.
std::optional<Problem> check_prompt(const bj::object& request) {
  for (std::string_view key : {"additionalModelRequestFields", "inferenceConfig", "system", "toolConfig"}) {
    if (request.contains(key)) {
      return broken_rule("The field ", std::string(key), " can't be used with a prompt from Prompt management.");
    }
  }
  return std::nullopt;
}

bool is_prompt(std::string_view model) {
  return model.starts_with("arn:") && model.contains(":prompt/");
}

}  // namespace

std::optional<Problem> check_converse_rules(const Ask& ask) {
  const bj::object& request = *ask.body;
  SeenBlocks seen;
  // In the order in which a prompt is built, because of the cache points.
  if (const auto* config = request.if_contains("toolConfig")) {
    if (auto problem = check_tools(config->get_object(), seen)) return problem;
  }
  if (const auto* system = request.if_contains("system")) {
    const auto& blocks = system->get_array();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      auto problem = check_system_block(blocks[i].get_object(), fmt::format("system[{}]", i), seen);
      if (problem) return problem;
    }
  }
  if (is_prompt(ask.model)) {
    if (auto problem = check_prompt(request)) return problem;
  } else if (!request.contains("messages")) {
    return missing("messages");
  }
  if (const auto* messages = request.if_contains("messages")) {
    if (auto problem = check_messages(messages->get_array(), seen)) return problem;
  }
  if (seen.has_tool_blocks && !request.contains("toolConfig")) {
    return broken_rule("", "",
                       "The toolConfig field must be defined when using toolUse and toolResult content blocks.");
  }
  return check_settings(request);
}

}  // namespace sluice::sim
