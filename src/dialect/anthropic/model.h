// What differs from model to model of the Claude family, by name.
//
// Names are those of all hosts: "claude-sonnet-4-5-20250929", "us.anthropic.claude-opus-4-1-20250805-v1:0",
// "claude-haiku-4-5@20251001". Source: the providers' pages of models. Thread rule: pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::dialect::anthropic {

struct ModelFacts {
  enum class Thinking : std::uint8_t {
    kNone,      // does not think
    kBudget,    // thinking: enabled, with a budget of tokens
    kAdaptive,  // thinking: adaptive, with output_config.effort
  };
  std::string_view prefix;  // of the name from "claude" on
  std::uint64_t max_output = 32000;
  Thinking thinking = Thinking::kAdaptive;
  bool effort_xhigh = true;
  bool can_be_quiet = true;      // thinking can be turned off
  bool sampling = false;         // takes temperature, top_p and top_k
  bool both_sampling = false;    // takes temperature and top_p together
  bool forced_tool = true;       // tool_choice any and tool
  bool system_in_turns = false;  // messages of role system
  bool structured = true;        // output_config.format
  bool strict_tools = true;
  bool prefill = false;  // goes on with a last assistant message
};

// Unknown ones are taken for models as they are made today.
const ModelFacts& facts_of(std::string_view model);

}  // namespace sluice::dialect::anthropic
