#include <boost/json.hpp>
#include <string>

#include "base/base64.h"
#include "base/digest.h"
#include "sim/anthropic/problems.h"
#include "sim/anthropic/rules.h"
#include "sim/anthropic/thoughts.h"
#include "sim/dom.h"
#include "sim/vouch.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

constexpr std::string_view kReasoning = "anthropic reasoning";
constexpr std::string_view kRedacted = "anthropic redacted reasoning";

const bj::array* blocks_of(const bj::value& turn) {
  return array_in(turn.get_object(), "content");
}
bool is_thought(const bj::value& block) {
  std::string_view type = text_in(block.get_object(), "type");
  return type == "thinking" || type == "redacted_thinking";
}
bool begins_with_thought(const bj::value& turn) {
  const bj::array* blocks = blocks_of(turn);
  return blocks && !blocks->empty() && is_thought(blocks->front());
}
bool has_block(const bj::value& turn, std::string_view type) {
  const bj::array* blocks = blocks_of(turn);
  for (std::size_t i = 0; blocks && i < blocks->size(); ++i) {
    if (text_in((*blocks)[i].get_object(), "type") == type) return true;
  }
  return false;
}
bool is_by(const bj::value& turn, std::string_view role) {
  return text_in(turn.get_object(), "role") == role;
}

// With thinking the calls that are being answered follow a thought: of their own turn, or of the first turn of an
// unbroken run of calls and results.
std::optional<Problem> check_loop(const Asked& asked) {
  if (asked.thinking() != "enabled") return std::nullopt;
  const bj::array& turns = asked.messages();
  std::size_t last = turns.size();
  while (last > 0 && !is_by(turns[last - 1], "assistant")) --last;
  if (last == 0 || !has_block(turns[last - 1], "tool_use") || begins_with_thought(turns[last - 1])) return std::nullopt;
  std::size_t first = last - 1;
  while (first >= 2 && has_block(turns[first - 1], "tool_result") && is_by(turns[first - 2], "assistant")) first -= 2;
  while (first >= 1 && is_by(turns[first - 1], "assistant")) --first;
  if (begins_with_thought(turns[first])) return std::nullopt;
  const bj::array& blocks = *blocks_of(turns[last - 1]);
  return wrong("messages." + std::to_string(last - 1) + ".content.0.type",
               "Expected `thinking` or `redacted_thinking`, but found `" +
                   std::string(text_in(blocks.front().get_object(), "type")) +
                   "`. When `thinking` is enabled, a final `assistant` message must start with a thinking block "
                   "(preceding the lastmost set of `tool_use` and `tool_result` blocks).");
}

std::optional<Problem> check_thought(const bj::object& block, const std::string& path) {
  std::string_view type = text_in(block, "type");
  if (type == "thinking" && text_in(block, "signature") != signature_of(text_in(block, "thinking"))) {
    return wrong(path, "Invalid `signature` in `thinking` block");
  }
  if (type == "redacted_thinking" && !is_redacted_data(text_in(block, "data"))) {
    return wrong(path, "Invalid `data` in `redacted_thinking` block");
  }
  return std::nullopt;
}

}  // namespace

std::string signature_of(std::string_view thinking) {
  return vouch(kReasoning, thinking);
}

std::string redacted_data(std::string_view thinking) {
  return base64(vouch(kRedacted, thinking) + std::string(thinking));
}

bool is_redacted_data(std::string_view data) {
  auto bytes = base64_decode(data);
  const std::size_t mark = vouch(kRedacted, "").size();
  return bytes && bytes->size() >= mark && redacted_data(std::string_view(*bytes).substr(mark)) == data;
}

std::optional<Problem> check_thoughts(const Asked& asked) {
  const bj::array& turns = asked.messages();
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const bj::array* blocks = blocks_of(turns[i]);
    for (std::size_t j = 0; blocks && j < blocks->size(); ++j) {
      auto path = "messages." + std::to_string(i) + ".content." + std::to_string(j);
      if (auto problem = check_thought((*blocks)[j].get_object(), path)) return problem;
    }
    if (is_by(turns[i], "assistant") && blocks && !blocks->empty() && is_thought(blocks->back())) {
      return wrong("messages." + std::to_string(i), "The final block in an assistant message cannot be `" +
                                                        std::string(text_in(blocks->back().get_object(), "type")) +
                                                        "`.");
    }
  }
  return check_loop(asked);
}

}  // namespace sluice::sim::anthropic
