#include "dialect/bedrock/model.h"

#include <algorithm>
#include <array>

namespace sluice::dialect::bedrock {

namespace {

using enum Family;
using enum Thinking;

// The first prefix that fits. Claude models that are not listed are taken for new ones.
constexpr std::array kModels = {
    ModelFacts{"anthropic.claude-v2", kClaude},
    ModelFacts{"anthropic.claude-instant", kClaude},
    ModelFacts{"anthropic.claude-3-7", kClaude, kBudget},
    ModelFacts{"anthropic.claude-3", kClaude},
    ModelFacts{"anthropic.claude-opus-4-6", kClaude, kAdaptive},
    ModelFacts{"anthropic.claude-opus-4-7", kClaude, kAdaptive, false},
    ModelFacts{"anthropic.claude-opus-4-8", kClaude, kAdaptive, false},
    ModelFacts{"anthropic.claude-opus-4", kClaude, kBudget},
    ModelFacts{"anthropic.claude-sonnet-4-6", kClaude, kAdaptive},
    ModelFacts{"anthropic.claude-sonnet-4", kClaude, kBudget},
    ModelFacts{"anthropic.claude-haiku-4", kClaude, kBudget},
    ModelFacts{"anthropic.claude-opus-5-5", kClaude, kAlways, false, false},
    ModelFacts{"anthropic.claude-sonnet-5-5", kClaude, kAdaptive, false, false},
    ModelFacts{"anthropic.claude-fable-5-", kClaude, kAlways, false, false},
    ModelFacts{"anthropic.claude-fable", kClaude, kAlways, false},
    ModelFacts{"anthropic.claude-", kClaude, kAdaptive, false},
    ModelFacts{"amazon.nova-2", kNova, kNovaEffort},
    ModelFacts{"amazon.nova", kNova},
    ModelFacts{"openai.gpt-oss", kOther, kOpenAiEffort},
    ModelFacts{"", kOther},
};

constexpr std::array<std::string_view, 9> kRegions{"us.", "eu.", "apac.",   "jp.",    "au.",
                                                   "ca.", "sa.", "global.", "us-gov."};

}  // namespace

const ModelFacts& facts_of(std::string_view model) {
  if (model.starts_with("arn:")) model.remove_prefix(model.rfind('/') + 1);
  for (std::string_view region : kRegions) {
    if (!model.starts_with(region)) continue;
    model.remove_prefix(region.size());
    break;
  }
  return *std::ranges::find_if(kModels, [&](const ModelFacts& facts) { return model.starts_with(facts.prefix); });
}

}  // namespace sluice::dialect::bedrock
