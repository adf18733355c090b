#include "app/route_tree.h"

namespace sluice::app {

namespace {

provider::Strategy strategy_of(std::string_view name) {
  return provider::find_strategy(name).value_or(provider::Strategy::kPriority);
}

std::optional<provider::When> when_of(const WhenConfig& config) {
  if (config.empty()) return std::nullopt;
  provider::When when;
  when.tags.assign(config.tags.begin(), config.tags.end());
  when.headers.assign(config.headers.begin(), config.headers.end());
  when.teams = config.teams;
  when.min_tokens = config.min_tokens;
  if (config.max_tokens != 0) when.max_tokens = config.max_tokens;
  for (const auto& name : config.needs) {
    if (auto need = dialect::find_need(name)) when.needs.add(*need);
  }
  if (!config.stream.empty()) when.stream = config.stream == "true";
  return when;
}

provider::Group group_of(const std::vector<DeploymentConfig>& items, std::string_view strategy, provider::Route& route,
                         const MakeDeployment& make) {
  provider::Group group;
  group.strategy = strategy_of(strategy);
  for (const auto& item : items) {
    provider::Choice choice;
    if (item.deployments.empty()) {
      choice.deployment = route.deployments.emplace_back(make(item)).get();
    } else {
      choice.group = std::make_unique<provider::Group>(group_of(item.deployments, item.strategy, route, make));
    }
    choice.weight = item.weight;
    choice.percent = item.percent;
    choice.when = when_of(item.when);
    group.choices.push_back(std::move(choice));
  }
  return group;
}

void collect(const std::vector<DeploymentConfig>& items, std::vector<const DeploymentConfig*>& found) {
  for (const auto& item : items) {
    if (item.deployments.empty()) {
      found.push_back(&item);
    } else {
      collect(item.deployments, found);
    }
  }
}

}  // namespace

std::vector<const DeploymentConfig*> deployments_of(const ModelConfig& config) {
  std::vector<const DeploymentConfig*> found;
  collect(config.deployments, found);
  return found;
}

void add_tree(provider::Route& route, const ModelConfig& config, const MakeDeployment& make) {
  route.tree = group_of(config.deployments, config.strategy, route, make);
}

dialect::Needs stated_of(const DeploymentConfig& config) {
  dialect::Needs stated;
  for (const auto& [name, value] : config.capabilities) {
    if (auto need = dialect::find_need(name)) stated.add(*need);
  }
  return stated;
}

dialect::Needs lacks_of(const DeploymentConfig& config) {
  dialect::Needs lacks;
  for (const auto& [name, value] : config.capabilities) {
    auto need = dialect::find_need(name);
    if (need && value == "false") lacks.add(*need);
  }
  return lacks;
}

}  // namespace sluice::app
