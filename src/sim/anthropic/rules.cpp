#include "sim/anthropic/rules.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sim/anthropic/endpoint.h"
#include "sim/anthropic/problems.h"
#include "sim/dom.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

constexpr std::string_view kVertexVersion = "vertex-2023-10-16";
constexpr std::string_view kBedrockVersion = "bedrock-2023-05-31";

constexpr std::string_view kExtra = "Extra inputs are not permitted";

// Fields that are there for those who ask for a beta: a part of the beta's name.
struct BetaField {
  std::string_view field;
  std::array<std::string_view, 2> betas;
};
constexpr BetaField kBetaFields[] = {
    {"context_management", {"context-management", "compact"}},
    {"mcp_servers", {"mcp-client", "mcp-client"}},
    {"fallbacks", {"fallback", "fallback"}},
    {"thread", {"thread", "thread"}},
    {"billing_policy", {"billing", "billing"}},
    {"compaction", {"compact", "compact"}},
    {"output_format", {"structured-outputs", "structured-outputs"}},
};

std::optional<Problem> check_version(const Asked& asked) {
  std::string_view version = text_in(asked.body, "anthropic_version");
  const Place& place = asked.ask.place;
  if (version.empty()) return wrong("anthropic_version", "Field required");
  bool vertex = place.host == Host::kVertex;
  if (version == (vertex ? kVertexVersion : kBedrockVersion)) return std::nullopt;
  bool second = version == kSecondVersion && (vertex || !asked.model.before(4, 7));
  if (second) return std::nullopt;
  return wrong("anthropic_version", "Input should be '" + std::string(vertex ? kVertexVersion : kBedrockVersion) + "'");
}

}  // namespace

bool Asked::has_beta(std::string_view part_of_its_name) const {
  return std::ranges::any_of(betas, [&](const std::string& beta) { return beta.contains(part_of_its_name); });
}

std::string_view Asked::thinking() const {
  const bj::object* thinking = object_in(body, "thinking");
  return thinking ? text_in(*thinking, "type") : std::string_view();
}

Asked asked_of(const Ask& ask) {
  Asked asked{.ask = ask, .body = *ask.body, .model = model_of(ask.model), .second_version = false, .betas = {}};
  const Place& place = ask.place;
  std::string_view version = place.host == Host::kOwn ? place.version : text_in(asked.body, "anthropic_version");
  asked.second_version = version == kSecondVersion;
  for (auto beta : split(place.betas, ',')) asked.betas.emplace_back(trim(beta));
  const bj::array* told = place.host == Host::kBedrock ? array_in(asked.body, "anthropic_beta") : nullptr;
  if (told) {
    for (const bj::value& beta : *told) asked.betas.emplace_back(text_of(&beta));
  }
  return asked;
}

bool is_plain_name(std::string_view name, std::size_t most) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= most && std::ranges::all_of(name, plain);
}

std::optional<Problem> check_host(const Asked& asked) {
  const Place& place = asked.ask.place;
  bool hosted = place.host != Host::kOwn;
  bool in_path = !place.model.empty();
  if (in_path && asked.body.contains("model")) return wrong("model", std::string(kExtra));
  if (!in_path && !asked.body.contains("model")) return wrong("model", "Field required");
  if (!hosted && asked.body.contains("anthropic_version")) return wrong("anthropic_version", std::string(kExtra));
  if (place.host != Host::kBedrock && asked.body.contains("anthropic_beta")) {
    return wrong("anthropic_beta", std::string(kExtra));
  }
  if (place.host == Host::kBedrock && asked.body.contains("stream")) return wrong("stream", std::string(kExtra));
  if (place.host == Host::kVertex && !place.stream && flag_in(asked.body, "stream")) {
    return wrong("stream", "rawPredict does not stream; use streamRawPredict");
  }
  if (hosted && place.endpoint == Endpoint::kMessages) {
    if (auto problem = check_version(asked)) return problem;
  }
  for (const BetaField& one : kBetaFields) {
    bool allowed = std::ranges::any_of(one.betas, [&](std::string_view beta) { return asked.has_beta(beta); });
    if (asked.body.contains(one.field) && !allowed) return wrong(std::string(one.field), std::string(kExtra));
  }
  return std::nullopt;
}

std::optional<Problem> broken_rule(const Asked& asked) {
  for (auto* rule : {check_host, check_sampling, check_tools, check_schemas, check_turns, check_blocks, check_calls,
                     check_thoughts, check_cache}) {
    if (auto problem = rule(asked)) return problem;
  }
  return std::nullopt;
}

}  // namespace sluice::sim::anthropic
