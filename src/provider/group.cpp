#include "provider/group.h"

#include <algorithm>

#include "dialect/prompt.h"
#include "provider/provider.h"

namespace sluice::provider {

std::optional<Strategy> find_strategy(std::string_view name) {
  const auto* found = std::ranges::find(kStrategyNames, name);
  if (found == std::end(kStrategyNames)) return std::nullopt;
  return static_cast<Strategy>(found - std::begin(kStrategyNames));
}

Choice choice_of(const Deployment& deployment) {
  Choice choice;
  choice.deployment = &deployment;
  choice.weight = deployment.weight;
  return choice;
}

void number(Group& group) {
  std::string ids;
  for (auto& choice : group.choices) {
    if (choice.group) number(*choice.group);
    choice.id = choice.deployment ? dialect::hash_of(choice.deployment->name) : choice.group->id;
    ids += std::to_string(choice.id) + ' ';
  }
  group.id = dialect::hash_of(ids);
}

}  // namespace sluice::provider
