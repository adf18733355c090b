#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>
#include <string>

#include "sim/anthropic/problems.h"
#include "sim/anthropic/rules.h"
#include "sim/dom.h"
#include "sim/text.h"
#include "sim/vouch.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

std::string turn_path(std::size_t turn) {
  return "messages." + std::to_string(turn);
}
std::string block_path(std::size_t turn, std::size_t block) {
  return turn_path(turn) + ".content." + std::to_string(block);
}

const bj::array& blocks_of(const bj::value& turn) {
  return list_in(turn.get_object(), "content");
}
std::string_view type_of(const bj::value& block) {
  return text_in(block.get_object(), "type");
}
std::string_view role_of(const bj::value& turn) {
  return text_in(turn.get_object(), "role");
}
bool is_server_result(std::string_view type) {
  return type.ends_with("_tool_result");
}

// Which roles a block is for. Text, documents, images and search results are for all.
std::optional<Problem> check_role(const Asked& asked, std::string_view role, std::string_view type,
                                  const std::string& path) {
  constexpr std::array<std::string_view, 4> kSaid{"thinking", "redacted_thinking", "tool_use", "server_tool_use"};
  bool said = std::ranges::find(kSaid, type) != kSaid.end() || is_server_result(type);
  if (role == "user" && said)
    return wrong(path, "`" + std::string(type) + "` blocks can only be in `assistant` messages");
  if (role == "assistant" && type == "tool_result") {
    return wrong(path, "`tool_result` blocks can only be in `user` messages");
  }
  if (role == "assistant" && type == "document" && asked.second_version) {
    return wrong(path, "`document` blocks are not supported in `assistant` messages in API version 2026-10-21");
  }
  return std::nullopt;
}

std::optional<Problem> check_roles(const Asked& asked) {
  const bj::array& turns = asked.messages();
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const auto& blocks = blocks_of(turns[i]);
    for (std::size_t j = 0; j < blocks.size(); ++j) {
      auto problem = check_role(asked, role_of(turns[i]), type_of(blocks[j]), block_path(i, j));
      if (problem) return problem;
    }
  }
  return std::nullopt;
}

// What calls a turn makes; a call whose id or arguments cannot be.
std::optional<Problem> note_calls(const bj::value& turn, std::size_t at, std::set<std::string>& all,
                                  std::set<std::string>& open) {
  const auto& blocks = blocks_of(turn);
  for (std::size_t j = 0; j < blocks.size(); ++j) {
    const bj::object& block = blocks[j].get_object();
    if (text_in(block, "type") != "tool_use") continue;
    std::string path = block_path(at, j);
    std::string id(text_in(block, "id"));
    std::string_view name = text_in(block, "name");
    if (!is_plain_name(id, id.size())) {
      return wrong(path + ".tool_use.id", "String should match pattern '^[a-zA-Z0-9_-]+$'");
    }
    if (!is_plain_name(name, 128)) {
      return wrong(path + ".tool_use.name", "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
    }
    if (is_altered("toolu_", id, name, bj::serialize(block.at("input")))) {
      return wrong(path + ".tool_use", "`tool_use` block " + id + " is not as it was in the original response");
    }
    if (!all.insert(id).second) return wrong("messages", "`tool_use` ids must be unique");
    open.insert(id);
  }
  return std::nullopt;
}

// The results of a user's turn against the calls of the turn before, which are taken from `open`.
std::optional<Problem> note_results(const bj::value& turn, std::size_t at, std::set<std::string>& open) {
  const auto& blocks = blocks_of(turn);
  std::set<std::string> answered;
  bool others = false;
  for (std::size_t j = 0; j < blocks.size(); ++j) {
    const bj::object& block = blocks[j].get_object();
    if (text_in(block, "type") != "tool_result") {
      others = true;
      continue;
    }
    std::string path = block_path(at, j);
    std::string id(text_in(block, "tool_use_id"));
    if (answered.contains(id)) {
      return wrong(path, "each tool_use must have a single result. Found multiple `tool_result` blocks with id: " + id);
    }
    if (open.erase(id) == 0) {
      return wrong(path, "unexpected `tool_use_id` found in `tool_result` blocks: " + id +
                             ". Each `tool_result` block must have a corresponding `tool_use` block in the previous "
                             "message.");
    }
    if (others) return wrong(path, "`tool_result` blocks must come first in the content of a `user` message");
    answered.insert(id);
  }
  return std::nullopt;
}

Problem unanswered(std::size_t at, const std::set<std::string>& open) {
  std::string ids;
  for (const std::string& id : open) ids += (ids.empty() ? "" : ", ") + id;
  return wrong(turn_path(at), "`tool_use` ids were found without `tool_result` blocks immediately after: " + ids +
                                  ". Each `tool_use` block must have a corresponding `tool_result` block in the next "
                                  "message.");
}

// What the provider's own tools did stands behind the call of it.
std::optional<Problem> check_server_calls(const bj::array& turns) {
  std::set<std::string, std::less<>> known;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const auto& blocks = blocks_of(turns[i]);
    for (std::size_t j = 0; j < blocks.size(); ++j) {
      const bj::object& block = blocks[j].get_object();
      std::string_view type = text_in(block, "type");
      std::string path = block_path(i, j) + "." + std::string(type);
      std::string_view id = text_in(block, "id");
      if (type == "server_tool_use") {
        if (!id.starts_with("srvtoolu_") || !is_plain_name(id, id.size()) || id.contains('-')) {
          return wrong(path + ".id", "String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'");
        }
        known.emplace(id);
      } else if (is_server_result(type) && !known.contains(text_in(block, "tool_use_id"))) {
        return wrong(path, "unexpected `tool_use_id` found in `" + std::string(type) +
                               "` blocks: " + std::string(text_in(block, "tool_use_id")));
      }
    }
  }
  return std::nullopt;
}

// The last turn that is no system turn; there is at least one.
std::size_t last_turn(const bj::array& turns) {
  std::size_t last = turns.size() - 1;
  while (last > 0 && role_of(turns[last]) == "system") --last;
  return last;
}

// A conversation that ends with the assistant asks it to go on with what it said.
std::optional<Problem> check_ending(const Asked& asked) {
  const bj::array& turns = asked.messages();
  std::size_t last = last_turn(turns);
  if (role_of(turns[last]) != "assistant") return std::nullopt;
  const bj::value& content = turns[last].get_object().at("content");
  const auto& blocks = blocks_of(turns[last]);
  // What was paused while the provider's tools were at work is sent back as it is.
  bool paused = std::ranges::any_of(blocks, [](const bj::value& block) { return type_of(block) == "server_tool_use"; });
  if (paused) return std::nullopt;
  if (asked.model.from(4, 6)) {
    return wrong("",
                 "This model does not support assistant message prefill. The conversation must end with a user "
                 "message.");
  }
  std::string_view text = text_of(&content);
  if (!blocks.empty() && type_of(blocks.back()) == "text") text = text_in(blocks.back().get_object(), "text");
  if (!text.empty() && is_blank(text.substr(text.size() - 1))) {
    return wrong("messages", "final assistant content cannot end with trailing whitespace");
  }
  return std::nullopt;
}

bool is_empty(const bj::value& content) {
  return content.is_string() ? content.get_string().empty() : content.get_array().empty();
}

}  // namespace

std::optional<Problem> check_turns(const Asked& asked) {
  const bj::array& turns = asked.messages();
  if (turns.empty()) return wrong("messages", "at least one message is required");
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (role_of(turns[i]) == "system" && !asked.model.takes_system_turns()) {
      return wrong("messages",
                   "Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, "
                   "not \"system\" as an input message role.");
    }
    bool optional = i + 1 == turns.size() && role_of(turns[i]) == "assistant";
    if (!optional && is_empty(turns[i].get_object().at("content"))) {
      return wrong(turn_path(i),
                   "all messages must have non-empty content except for the optional final assistant "
                   "message");
    }
  }
  if (role_of(turns[0]) != "user") return wrong("messages", "first message must use the \"user\" role");
  if (auto problem = check_roles(asked)) return problem;
  return check_ending(asked);
}

std::optional<Problem> check_calls(const Asked& asked) {
  const bj::array& turns = asked.messages();
  std::set<std::string> all;
  std::set<std::string> open;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (role_of(turns[i]) == "user") {
      if (auto problem = note_results(turns[i], i, open)) return problem;
    }
    if (!open.empty()) return unanswered(i - 1, open);
    if (auto problem = note_calls(turns[i], i, all, open)) return problem;
  }
  if (!open.empty()) return unanswered(turns.size() - 1, open);
  return check_server_calls(turns);
}

}  // namespace sluice::sim::anthropic
