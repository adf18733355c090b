#include "sim/bedrock/claude.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "sim/bedrock/blocks.h"
#include "sim/dom.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr double kLeastTopP = 0.95;
constexpr std::int64_t kLeastBudget = 1024;

std::optional<Problem> returned(std::string message) {
  return broken_rule("The model returned the following errors: ", "", std::move(message));
}

const bj::value* value_in(const bj::object& object, std::string_view outer, std::string_view inner) {
  const auto* found = object_in(object, outer);
  return found ? found->if_contains(inner) : nullptr;
}

std::optional<Problem> check_budget(const bj::object& request, const bj::object& thinking) {
  const auto* budget = thinking.if_contains("budget_tokens");
  if (!budget) return returned("thinking.enabled.budget_tokens: Field required");
  if (!budget->is_int64()) return returned("thinking.enabled.budget_tokens: Input should be a valid integer");
  if (budget->get_int64() < kLeastBudget) {
    return returned(
        fmt::format("thinking.enabled.budget_tokens: Input should be greater than or equal to {}", kLeastBudget));
  }
  const auto* most = value_in(request, "inferenceConfig", "maxTokens");
  if (!most || most->to_number<double>() > static_cast<double>(budget->get_int64())) return std::nullopt;
  return returned("`max_tokens` must be greater than `thinking.budget_tokens`.");
}

std::optional<Problem> check_company(const bj::object& request) {
  const auto* choice = value_in(request, "toolConfig", "toolChoice");
  if (choice && !choice->get_object().contains("auto")) {
    return returned("Thinking may not be enabled when tool_choice forces tool use.");
  }
  const auto* temperature = value_in(request, "inferenceConfig", "temperature");
  if (temperature && temperature->to_number<double>() != 1.0) {
    return returned("`temperature` may only be set to 1 when thinking is enabled.");
  }
  const auto* top_p = value_in(request, "inferenceConfig", "topP");
  if (top_p && top_p->to_number<double>() < kLeastTopP) {
    return returned("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.");
  }
  if (value_in(request, "additionalModelRequestFields", "top_k")) {
    return returned("`top_k` must be unset when thinking is enabled.");
  }
  return std::nullopt;
}

// While calls are being answered, the turn that made them begins with the thinking that led there.
std::optional<Problem> check_thoughts(const bj::array& messages) {
  if (messages.size() < 2 ||
      !messages.back().get_object().at("content").get_array().front().get_object().contains("toolResult")) {
    return std::nullopt;
  }
  const auto& turn = messages[messages.size() - 2].get_object();
  const auto& first = *turn.at("content").get_array().front().get_object().begin();
  if (first.key() == "reasoningContent") return std::nullopt;
  return returned(
      fmt::format("messages.{}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{}`. "
                  "When `thinking` is enabled, a final `assistant` message must start with a thinking "
                  "block (preceeding the lastmost set of `tool_use` and `tool_result` blocks).",
                  messages.size() - 2, first.key() == "toolUse" ? "tool_use" : "text"));
}

std::optional<Problem> check_thinking(const bj::object& request) {
  const auto* thinking = value_in(request, "additionalModelRequestFields", "thinking");
  if (!thinking) return std::nullopt;
  const auto* fields = thinking->if_object();
  const auto* type = fields ? fields->if_contains("type") : nullptr;
  if (!type || !type->is_string()) return returned("thinking.type: Field required");
  std::string_view kind = type->get_string();
  if (kind != "enabled" && kind != "disabled" && kind != "adaptive") {
    return returned(
        fmt::format("thinking: Input tag '{}' found using 'type' does not match any of the expected tags: "
                    "'adaptive', 'disabled', 'enabled'",
                    kind));
  }
  if (kind == "disabled") return std::nullopt;
  if (kind == "enabled") {
    if (auto problem = check_budget(request, *fields)) return problem;
  }
  if (auto problem = check_company(request)) return problem;
  return kind == "enabled" ? check_thoughts(request.at("messages").get_array()) : std::nullopt;
}

// Since 4.1 temperature and top_p exclude each other.
std::optional<Problem> check_sampling(const bj::object& request, std::string_view model) {
  const bool takes_both =
      model.contains("claude-3") || model.contains("claude-sonnet-4-20") || model.contains("claude-opus-4-20");
  const bool has_both =
      value_in(request, "inferenceConfig", "temperature") && value_in(request, "inferenceConfig", "topP");
  if (takes_both || !has_both) return std::nullopt;
  return returned("`temperature` and `top_p` cannot both be specified for this model. Please use only one.");
}

bool has(const bj::value& block, std::string_view key) {
  return block.get_object().contains(key);
}

// Results come before all else in their turn.
std::optional<Problem> check_order(const bj::array& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    bool other = false;
    for (const auto& block : messages[i].get_object().at("content").get_array()) {
      bool result = has(block, "toolResult") && messages[i].get_object().at("role") == "user";
      if (result && other) {
        return returned(
            fmt::format("messages.{}: `tool_use` ids were found without `tool_result` blocks immediately "
                        "after: {}. Each `tool_use` block must have a corresponding `tool_result` block "
                        "in the next message.",
                        i - 1, std::string_view(block.at("toolResult").at("toolUseId").get_string())));
      }
      other = other || !(result || has(block, "cachePoint"));
    }
  }
  return std::nullopt;
}

// An answer that is begun for the model goes on where it ends.
std::optional<Problem> check_begun(const bj::array& messages) {
  const auto& last = messages.back().get_object();
  if (last.at("role") != "assistant") return std::nullopt;
  const auto* text = last.at("content").get_array().back().get_object().if_contains("text");
  if (!text || !std::string_view(" \t\r\n").contains(text->get_string().back())) return std::nullopt;
  return returned("messages: final assistant content cannot end with trailing whitespace");
}

}  // namespace

std::optional<Problem> check_claude_rules(const Ask& ask) {
  const bj::object& request = *ask.body;
  if (!ask.model.contains("anthropic.") || !request.contains("messages")) return std::nullopt;
  const auto& messages = request.at("messages").get_array();
  if (auto problem = check_order(messages)) return problem;
  if (auto problem = check_begun(messages)) return problem;
  if (auto problem = check_sampling(request, ask.model)) return problem;
  return check_thinking(request);
}

}  // namespace sluice::sim
