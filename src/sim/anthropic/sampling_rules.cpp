#include <boost/json.hpp>
#include <string>

#include "sim/anthropic/problems.h"
#include "sim/anthropic/rules.h"
#include "sim/dom.h"
#include "sim/text.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

std::optional<double> amount_in(const bj::object& body, std::string_view key) {
  const bj::value* number = number_in(body, key);
  return number ? std::optional(number->to_number<double>()) : std::nullopt;
}

// The parameters the second version has no more, and newer models take at nearly their defaults only.
std::optional<Problem> check_parameters(const Asked& asked) {
  for (std::string_view key : {"temperature", "top_p", "top_k"}) {
    if (asked.second_version && asked.body.contains(key)) {
      return wrong(std::string(key), "this parameter is not supported in API version 2026-10-21");
    }
  }
  auto temperature = amount_in(asked.body, "temperature");
  auto top_p = amount_in(asked.body, "top_p");
  bool top_k = asked.body.contains("top_k");
  if (asked.model.from(4, 7)) {
    if (temperature && *temperature != 1) return wrong("temperature", "may only be set to 1 for this model");
    if (top_p && *top_p < 0.99) return wrong("top_p", "must be greater than or equal to 0.99 or unset for this model");
    if (top_k) return wrong("top_k", "must be unset for this model");
  } else if (asked.model.from(4, 1) && temperature && top_p) {
    return wrong("", "`temperature` and `top_p` cannot both be specified for this model. Please use only one.");
  }
  if (asked.thinking().empty() || asked.thinking() == "disabled") return std::nullopt;
  if (temperature && *temperature != 1)
    return wrong("", "`temperature` may only be set to 1 when thinking is enabled.");
  if (top_p && *top_p < 0.95) {
    return wrong("", "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.");
  }
  if (top_k) return wrong("", "`top_k` must be unset when thinking is enabled.");
  return std::nullopt;
}

std::optional<Problem> check_thinking(const Asked& asked) {
  std::string_view type = asked.thinking();
  if (type == "enabled" && !asked.model.takes_budget()) {
    return wrong("",
                 "\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and "
                 "\"output_config.effort\" to control thinking behavior.");
  }
  if (type == "disabled" && !asked.model.can_stop_thinking()) {
    return wrong("", "\"thinking.type.disabled\" is not supported for this model.");
  }
  if (type == "adaptive" && asked.model.before(4, 6)) {
    return wrong("", "adaptive thinking is not supported on this model");
  }
  auto most = amount_in(asked.body, "max_tokens");
  auto budget = type == "enabled" ? amount_in(*object_in(asked.body, "thinking"), "budget_tokens") : std::nullopt;
  if (!most || !budget || *budget < *most) return std::nullopt;
  // With interleaved thinking the budget is for all of a turn.
  if (asked.has_beta("interleaved-thinking") && array_in(asked.body, "tools")) return std::nullopt;
  return wrong("", "`max_tokens` must be greater than `thinking.budget_tokens`.");
}

}  // namespace

std::optional<Problem> check_sampling(const Asked& asked) {
  if (auto problem = check_parameters(asked)) return problem;
  if (auto problem = check_thinking(asked)) return problem;
  const bj::object* output = object_in(asked.body, "output_config");
  if (output && find_in(*output, "effort") && !asked.model.takes_effort()) {
    return wrong("", "This model does not support the effort parameter.");
  }
  const bj::array* stops = array_in(asked.body, "stop_sequences");
  for (std::size_t i = 0; stops && i < stops->size(); ++i) {
    if (is_blank(text_of(stops->if_contains(i)))) {
      return wrong("stop_sequences." + std::to_string(i), "each stop sequence must contain non-whitespace");
    }
  }
  return std::nullopt;
}

}  // namespace sluice::sim::anthropic
