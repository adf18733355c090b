// check: allow shared-pointers because a model is forgotten while tries at it may be under way
#include "provider/provider.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/url.h"

namespace sluice::provider {

namespace {

bool is_wildcard(std::string_view name) {
  return name.ends_with('*');
}

bool reads_prompt(const Group& group) {
  auto reads = [](const Choice& choice) {
    const bool by_prompt = choice.when && (!choice.when->needs.empty() || choice.when->min_tokens > 0 ||
                                           choice.when->max_tokens < std::numeric_limits<std::uint64_t>::max());
    return by_prompt || choice.percent || (choice.group && reads_prompt(*choice.group));
  };
  const bool by_strategy = group.strategy == Strategy::kSticky || group.strategy == Strategy::kLeastCost;
  return by_strategy || std::ranges::any_of(group.choices, reads);
}

// Finishes a route: its tree, and what its requests have to be asked.
void settle(Route& route) {
  if (route.tree.choices.empty()) {
    for (const auto& deployment : route.deployments) route.tree.choices.push_back(choice_of(*deployment));
  }
  number(route.tree);
  route.reads_prompt = reads_prompt(route.tree) || route.hedge.enabled;
  for (const auto& deployment : route.deployments) {
    const bool differs = deployment->seems_to_lack != route.deployments.front()->seems_to_lack;
    if (!deployment->lacks.empty() || differs) route.reads_prompt = true;
    if (deployment->context_window != 0)
      route.smallest_window = std::min(route.smallest_window, deployment->context_window);
  }
}

}  // namespace

void Routes::add(std::unique_ptr<Provider> provider) {
  auto route = std::make_unique<Route>();
  route->name = provider->name + "/*";
  auto deployment = std::make_unique<Deployment>();
  deployment->name = route->name;
  deployment->provider = provider.get();
  deployment->model = "*";
  deployment->region = provider->region;
  route->deployments.push_back(std::move(deployment));
  settle(*route);
  implicit_by_provider_[provider->name] = route.get();
  provider_by_name_[provider->name] = provider.get();
  implicit_.push_back(std::move(route));
  providers_.push_back(std::move(provider));
}

void Routes::add(std::unique_ptr<Route> route) {
  settle(*route);
  for (const auto& deployment : route->deployments) add_named(*deployment);
  if (is_wildcard(route->name)) {
    auto longer = [](const Route* a, const Route* b) { return a->name.size() > b->name.size(); };
    wildcards_.insert(std::ranges::upper_bound(wildcards_, route.get(), longer), route.get());
  } else {
    exact_[route->name] = route.get();
  }
  routes_.push_back(std::move(route));
}

// The first one that is named counts, but what has a price goes before what has none.
void Routes::add_named(const Deployment& deployment) {
  auto goes_before = [&](const Deployment* named) { return !named->own_price && deployment.own_price; };
  auto provider = provider_by_name_.find(deployment.provider->name);
  if (provider == provider_by_name_.end()) return;
  if (!is_wildcard(deployment.model)) {
    auto& named = provider->second->named[deployment.model];
    if (!named || goes_before(named)) named = &deployment;
    return;
  }
  auto& own = *implicit_by_provider_.find(provider->first)->second;
  auto& named = own.tree.choices.front().deployment;
  const bool is_unnamed = named == own.deployments.front().get();
  if (deployment.name == own.name && (is_unnamed || goes_before(named))) named = &deployment;
}

std::optional<Routes::Match> Routes::find(std::string_view model) const {
  if (auto found = exact_.find(model); found != exact_.end()) return Match{found->second, {}};
  for (const Route* route : wildcards_) {
    std::string_view prefix(route->name.data(), route->name.size() - 1);
    if (model.starts_with(prefix) && model.size() > prefix.size()) return Match{route, model.substr(prefix.size())};
  }
  auto slash = model.find('/');
  if (slash == std::string_view::npos || slash + 1 == model.size()) return std::nullopt;
  auto found = implicit_by_provider_.find(model.substr(0, slash));
  if (found == implicit_by_provider_.end()) return std::nullopt;
  return Match{found->second, model.substr(slash + 1)};
}

std::string_view Routes::nearest_name(std::string_view model) const {
  std::vector<std::string_view> names;
  names.reserve(routes_.size());
  for (const auto& route : routes_) names.push_back(route->name);
  return nearest(model, names);
}

const Provider* Routes::find_provider(std::string_view name) const {
  auto found = provider_by_name_.find(name);
  return found == provider_by_name_.end() ? nullptr : found->second;
}

const Route* Routes::implicit_route(std::string_view provider_name) const {
  auto found = implicit_by_provider_.find(provider_name);
  return found == implicit_by_provider_.end() ? nullptr : found->second;
}

const Deployment& deployment_behind(const Route& implicit) {
  return *implicit.tree.choices.front().deployment;
}

namespace {

// In the order of Need.
constexpr std::array<Ability, std::size(dialect::kNeedNames)> kAbilities{
    Ability::kTools, Ability::kVision,           Ability::kAudioInput,
    Ability::kPdf,   Ability::kStructuredOutput, Ability::kReasoning};

dialect::Needs lacks_of(const Model& model) {
  dialect::Needs lacks;
  for (std::size_t i = 0; i < kAbilities.size(); ++i) {
    if (model.able(kAbilities[i]) == false) lacks.add(static_cast<dialect::Need>(i));
  }
  return lacks;
}

}  // namespace

void look_up(Deployment& deployment) {
  deployment.known = nullptr;
  if (!is_wildcard(deployment.model)) deployment.known = model_of({&deployment, deployment.model});
  if (deployment.known) {
    if (deployment.context_window == 0) deployment.context_window = deployment.known->context_window.value_or(0);
    deployment.seems_to_lack = lacks_of(*deployment.known).without(deployment.stated);
  }
  deployment.price = deployment.own_price ? &*deployment.own_price
                     : deployment.known   ? &deployment.known->price
                                          : nullptr;
}

const Model* model_of(const Target& target) {
  if (target.deployment->known) return target.deployment->known;
  const Provider* provider = target.deployment->provider;
  if (provider == nullptr || provider->catalogue == nullptr || provider->catalogue_name.empty()) return nullptr;
  return provider->catalogue->find(provider->catalogue_name, target.model);
}

const Price* price_of(const Target& target, std::string_view served) {
  const Deployment& deployment = *target.deployment;
  if (deployment.own_price) return &*deployment.own_price;
  const Provider* provider = deployment.provider;
  if (provider == nullptr || provider->catalogue == nullptr || provider->catalogue_name.empty()) return nullptr;
  const Model* asked = model_of(target);
  // Bedrock charges by the profile that was asked for, and its models do not name it.
  constexpr std::string_view kByProfile = "bedrock";
  if (served.empty() || served == target.model || (asked && provider->catalogue_name == kByProfile)) {
    return asked ? &asked->price : nullptr;
  }
  const Model* answered = provider->catalogue->find(provider->catalogue_name, served);
  if (answered) return &answered->price;
  return asked ? &asked->price : nullptr;
}

const Deployment& meant_by(const Deployment& deployment, const Routes::Match& match, std::string_view asked_model) {
  const auto* meant = &deployment;
  if (is_wildcard(deployment.model)) {
    const auto& named = deployment.provider->named;
    const auto found = named.find(target_of(deployment, match, asked_model).model);
    if (found != named.end()) meant = found->second;
  }
  return *meant;
}

Target target_of(const Deployment& deployment, const Routes::Match& match, std::string_view asked_model) {
  std::string model = deployment.model;
  if (is_wildcard(model)) {
    model.pop_back();
    model += match.wildcard.empty() ? asked_model : match.wildcard;
  }
  return {&deployment, std::move(model)};
}

std::shared_ptr<Health> health_of_model(const Deployment& deployment, const Routes::Match& match,
                                        std::string_view asked_model, Instant at) {
  const auto& own = deployment.health->breaker;
  const bool is_well = own.held() == Breaker::Hold::kNone && own.phase() == Breaker::State::kClosed;
  if (!deployment.models || !is_well) return nullptr;
  return deployment.models->of(target_of(deployment, match, asked_model).model, at);
}

std::optional<Service> service_of(const Provider& provider, const dialect::Endpoint& endpoint, std::string_view model) {
  for (const dialect::Client* client : provider.clients) {
    if (client->passes(endpoint) && client->knows(model)) return Service{client, true};
  }
  for (const dialect::Client* client : provider.clients) {
    const bool offers = endpoint.operation != dialect::Operation::kNative && client->offers(endpoint.operation);
    if (offers && client->knows(model)) return Service{client, false};
  }
  return std::nullopt;
}

std::string upstream_target(const Provider& provider, std::string_view path, std::string_view model) {
  if (provider.path_style == PathStyle::kOpenAi) {
    const bool has_version = provider.base_path.size() > provider.root_path.size();
    const auto version = has_version ? std::string_view() : provider.clients.front()->version();
    std::string target;
    target.reserve(provider.base_path.size() + version.size() + path.size());
    target.append(provider.base_path).append(version).append(path);
    return target;
  }
  return provider.base_path + "/openai/deployments/" + http::percent_encode(model) + std::string(path) +
         "?api-version=" + http::percent_encode(provider.api_version);
}

}  // namespace sluice::provider
