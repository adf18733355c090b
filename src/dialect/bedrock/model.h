// What a Bedrock model takes beside what Converse has for all, by its id.
//
// Source: the model parameters in the Amazon Bedrock user guide. Thread rule: constants.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::dialect::bedrock {

// Where reasoning is asked for.
enum class Thinking : std::uint8_t {
  kNone,
  kBudget,        // additionalModelRequestFields.thinking {"type": "enabled", "budget_tokens": …}
  kAdaptive,      // the same {"type": "adaptive"}, with outputConfig.effort
  kAlways,        // adaptive and cannot be turned off
  kNovaEffort,    // additionalModelRequestFields.reasoningConfig
  kOpenAiEffort,  // additionalModelRequestFields.reasoning_effort
};

enum class Family : std::uint8_t { kClaude, kNova, kOther };

struct ModelFacts {
  std::string_view prefix;
  Family family = Family::kOther;
  Thinking thinking = Thinking::kNone;
  bool sampling = true;      // takes temperature, topP and top_k
  bool forced_tools = true;  // takes toolChoice any and tool
};

// Model ids as they are, of inference profiles ("us.…", "global.…") and within ARNs. Nothing is known of an ARN that
// names no model.
const ModelFacts& facts_of(std::string_view model);

}  // namespace sluice::dialect::bedrock
