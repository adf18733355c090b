// The rules for contents: parts, roles, and calls with their responses.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sim/dom.h"
#include "sim/gemini/ask.h"
#include "sim/gemini/rules.h"
#include "sim/vouch.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::string_view kData[] = {
    "text",           "inlineData",          "fileData", "functionCall", "functionResponse",
    "executableCode", "codeExecutionResult", "toolCall", "toolResponse", "audioTranscription"};

std::string_view kind_of(const bj::object& part) {
  auto found = std::ranges::find_if(kData, [&](std::string_view kind) { return part.contains(kind); });
  return found == std::end(kData) ? std::string_view() : *found;
}

std::vector<const bj::object*> parts_of(const bj::object& content, std::string_view kind) {
  std::vector<const bj::object*> found;
  for (const auto& part : list_in(content, "parts")) {
    if (const auto* data = object_in(as_object(part), kind)) found.push_back(data);
  }
  return found;
}

std::optional<Problem> check_call(const bj::object& call, const std::string& path) {
  auto name = text_in(call, "name");
  if (name.empty()) return invalid(path + ".name", "Name cannot be empty.");
  const auto* args = object_in(call, "args");
  if (is_altered("", text_in(call, "id"), name, args ? bj::serialize(*args) : "{}")) {
    return invalid(path + ".id", "the arguments are not those of the call with this id");
  }
  return std::nullopt;
}

std::optional<Problem> check_response(const bj::object& response, const std::string& path) {
  if (text_in(response, "name").empty()) return invalid(path + ".name", "Name cannot be empty.");
  if (!response.contains("response")) return invalid(path + ".response", "response must be set.");
  return std::nullopt;
}

std::optional<Problem> check_part(const bj::object& part, const std::string& path) {
  auto kind = kind_of(part);
  if (kind.empty()) return invalid(path + ".data", "required oneof field 'data' must have one initialized field");
  const auto* data = object_in(part, kind);
  if (!data) return std::nullopt;
  auto inner = path + "." + in_snake_case(kind);
  if (kind == "functionCall") return check_call(*data, inner);
  if (kind == "functionResponse") return check_response(*data, inner);
  if (kind == "fileData" && text_in(*data, "fileUri").empty()) {
    return invalid(inner + ".file_uri", "file_uri must not be empty.");
  }
  if (kind == "inlineData") {
    if (text_in(*data, "mimeType").empty()) return invalid(inner + ".mime_type", "mime_type must not be empty.");
    if (text_in(*data, "data").empty()) return invalid(inner + ".data", "data must not be empty.");
  }
  return std::nullopt;
}

// The call a response is for: the one of its id when both have ids, else the next of its name.
std::optional<Problem> check_pairs(const std::vector<const bj::object*>& calls,
                                   const std::vector<const bj::object*>& responses, std::size_t turn) {
  std::vector<bool> answered(calls.size());
  for (const auto* response : responses) {
    auto id = text_in(*response, "id");
    auto name = text_in(*response, "name");
    std::size_t at = 0;
    for (; at < calls.size(); ++at) {
      auto called = text_in(*calls[at], "id");
      bool by_id = !id.empty() && !called.empty();
      if (!answered[at] && (by_id ? id == called : name == text_in(*calls[at], "name"))) break;
    }
    auto path = fmt::format("contents[{}].parts.function_response", turn);
    if (at == calls.size()) {
      return id.empty() ? invalid(path + ".name", "no function call of the turn before has the name " + printable(name))
                        : invalid(path + ".id", "no function call of the turn before has the id " + printable(id));
    }
    if (name != text_in(*calls[at], "name")) {
      return invalid(path + ".name", "the function call with this id has another name than " + printable(name));
    }
    answered[at] = true;
  }
  return std::nullopt;
}

std::optional<Problem> check_role(const bj::object& content, bool alone) {
  auto role = text_in(content, "role");
  bool called = !parts_of(content, "functionCall").empty();
  bool answers = !parts_of(content, "functionResponse").empty();
  bool fits = role == "user" || role == "model" || (role == "function" && answers) || (role.empty() && alone);
  if (!fits) return refused("Please use a valid role: user, model.");
  if (called && role != "model") return refused("Please ensure that function calls are in a turn of the role model.");
  if (answers && role == "model") {
    return refused("Please ensure that function responses are in a turn of the role user.");
  }
  return std::nullopt;
}

// A turn: contents of one role, one behind the other. SDKs keep each chunk of a stream as a content of its own.
struct Turn {
  std::string role;
  std::size_t last = 0;  // of its contents
  std::vector<const bj::object*> calls;
  std::vector<const bj::object*> responses;
};

void append(std::vector<const bj::object*>& to, const std::vector<const bj::object*>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::vector<Turn> turns_of(const bj::array& contents) {
  std::vector<Turn> turns;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const auto& content = as_object(contents[i]);
    std::string role = text_in(content, "role") == "model" ? "model" : "user";
    if (turns.empty() || turns.back().role != role) turns.push_back({.role = role});
    turns.back().last = i;
    append(turns.back().calls, parts_of(content, "functionCall"));
    append(turns.back().responses, parts_of(content, "functionResponse"));
  }
  return turns;
}

// Calls of one turn and the responses of the next.
std::optional<Problem> check_order(const std::vector<Turn>& turns, std::size_t at) {
  static const Turn kNone;
  const Turn& before = at == 0 ? kNone : turns[at - 1];
  const Turn& turn = turns[at];
  if (!turn.calls.empty() && at == 0) {
    return refused(
        "Please ensure that function call turn comes immediately after a user turn or after a function "
        "response turn.");
  }
  if (!turn.responses.empty() && before.calls.empty()) {
    return refused("Please ensure that function response turn comes immediately after a function call turn.");
  }
  if (turn.responses.size() != before.calls.size()) {
    return refused(
        "Please ensure that the number of function response parts is equal to the number of function call "
        "parts of the function call turn.");
  }
  return check_pairs(before.calls, turn.responses, turn.last);
}

}  // namespace

std::optional<Problem> check_parts(const bj::object& content, const std::string& path) {
  const auto& parts = list_in(content, "parts");
  if (parts.empty()) return invalid(path + ".parts", "contents.parts must not be empty.");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (auto problem = check_part(as_object(parts[i]), fmt::format("{}.parts[{}]", path, i))) return problem;
  }
  return std::nullopt;
}

std::optional<Problem> check_turns(const bj::object& body, const Ask&) {
  const auto& contents = list_in(body, "contents");
  if (contents.empty()) return invalid("contents", "contents is not specified");
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const auto& content = as_object(contents[i]);
    if (auto problem = check_parts(content, fmt::format("contents[{}]", i))) return problem;
    if (auto problem = check_role(content, contents.size() == 1)) return problem;
  }
  auto turns = turns_of(contents);
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (auto problem = check_order(turns, i)) return problem;
  }
  if (!turns.back().calls.empty()) {
    return refused(
        "Please ensure that the number of function response parts is equal to the number of function call "
        "parts of the function call turn.");
  }
  return std::nullopt;
}

}  // namespace sluice::sim
