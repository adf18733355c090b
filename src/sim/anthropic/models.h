// What the name of a model tells about it: some rules are for newer models only.
//
// Thread rule: pure. Source: the names and the rules of the provider's documentation.
#pragma once

#include <string>
#include <string_view>

namespace sluice::sim::anthropic {

struct Model {
  std::string family;  // "opus"; empty: a name that tells nothing, for which no rule of a model holds
  int major = 0;
  int minor = 0;

  bool known() const { return !family.empty(); }
  bool from(int at_major, int at_minor) const {
    return known() && (major > at_major || (major == at_major && minor >= at_minor));
  }
  bool before(int at_major, int at_minor) const { return known() && !from(at_major, at_minor); }

  bool takes_budget() const;       // thinking of the type "enabled"
  bool can_stop_thinking() const;  // thinking of the type "disabled"
  bool takes_effort() const;
  bool takes_forced_calls() const;  // tool_choice "any" and "tool"
  bool takes_system_turns() const;  // the role "system" within messages
};

// Of "claude-sonnet-4-5-20250929", and of such a name within an id of Vertex or Bedrock.
Model model_of(std::string_view name);

// The name an answer gives a model that was asked for by an id of Vertex or Bedrock.
std::string plain_name(std::string_view id);

}  // namespace sluice::sim::anthropic
