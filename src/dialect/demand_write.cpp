// max_output_of() and with_max_output() of demand.h.
#include <algorithm>

#include "dialect/demand.h"

namespace sluice::dialect {

namespace {

// The member that says how long an answer may be, and the object it stands in; empty: none.
struct Place {
  std::string_view object, member;
};
Place place_of(const Endpoint& endpoint) {
  if (endpoint.name == "completions") return {"", "max_tokens"};
  if (endpoint.operation != Operation::kChat) return {};
  if (endpoint.dialect == "openai") return {"", "max_completion_tokens"};
  if (endpoint.dialect == "responses") return {"", "max_output_tokens"};
  if (endpoint.dialect == "anthropic" || endpoint.dialect == "cohere") return {"", "max_tokens"};
  if (endpoint.dialect == "gemini") return {"generationConfig", "maxOutputTokens"};
  if (endpoint.dialect == "bedrock") return {"inferenceConfig", "maxTokens"};
  return {};
}

// Whether the API knows the member. Servers pass over what they do not know. InvokeModel takes each model's own words.
bool is_known(const Endpoint& endpoint, const Place& place, const OutputLimit& limit) {
  if (place.member.empty() || limit.member == place.member || endpoint.name.starts_with("invoke_model")) return true;
  return endpoint.dialect == "openai" && limit.member == "max_tokens";
}

// What is no limit: null, and in proto3 zero.
bool is_open(const Place& place, const OutputLimit& limit) {
  return !limit.tokens || (*limit.tokens == 0 && !place.object.empty());
}

// The body with a member of its own for the limit.
std::string with_member(const Place& place, std::string_view body, const Demand& demand, const std::string& number) {
  const auto member = "\"" + std::string(place.member) + "\":" + number;
  auto replaced = [&](std::size_t begin, std::size_t end, const std::string& with) {
    return std::string(body.substr(0, begin)) + with + std::string(body.substr(end));
  };
  if (!place.object.empty() && demand.config_begin)
    return replaced(*demand.config_begin, *demand.config_begin, member + (demand.config_empty ? "" : ","));
  if (!place.object.empty() && demand.config_null)
    return replaced(demand.config_null->begin, demand.config_null->end, "{" + member + "}");
  const auto begin = body.find('{') + 1;
  const auto whole = place.object.empty() ? member : "\"" + std::string(place.object) + "\":{" + member + "}";
  return replaced(begin, begin, whole + ",");
}

}  // namespace

// A member that is given twice, once without a number, may be none.
std::optional<std::uint64_t> max_output_of(const Endpoint& endpoint, const Demand& demand) {
  const auto place = place_of(endpoint);
  std::optional<std::uint64_t> most;
  for (const auto& limit : demand.limits) {
    if (!is_known(endpoint, place, limit) || is_open(place, limit)) continue;
    auto opens = [&](const OutputLimit& other) { return other.member == limit.member && is_open(place, other); };
    if (std::ranges::any_of(demand.limits, opens)) return std::nullopt;
    most = std::max(most.value_or(0), *limit.tokens);
  }
  return most;
}

// What is open is written over where it is the very member that would be added, so that no name is there twice.
std::optional<std::string> with_max_output(const Endpoint& endpoint, std::string_view body, const Demand& demand,
                                           std::uint64_t tokens) {
  const auto place = place_of(endpoint);
  if (place.member.empty() || !demand.readable) return std::nullopt;
  const bool has_limit = max_output_of(endpoint, demand).has_value();
  const auto number = std::to_string(tokens);
  std::string written;
  written.reserve(body.size() + 64);
  std::size_t from = 0;
  bool holds = false;
  for (const auto& limit : demand.limits) {
    if (!is_known(endpoint, place, limit)) continue;
    const bool over = is_open(place, limit) ? !has_limit && limit.member == place.member : *limit.tokens > tokens;
    holds = holds || over || !is_open(place, limit);
    if (!over) continue;
    written += body.substr(from, limit.value.begin - from);
    written += number;
    from = limit.value.end;
  }
  if (!holds) return with_member(place, body, demand, number);
  return written += body.substr(from);
}

}  // namespace sluice::dialect
