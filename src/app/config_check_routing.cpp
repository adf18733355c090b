#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <unordered_map>

#include "app/config_check.h"
#include "base/text.h"
#include "dialect/needs.h"

namespace sluice::app {

namespace {

constexpr int kDeepest = 8;
constexpr Place kModels{.name = "models"};

bool uses_weights(std::string_view strategy) {
  return strategy == "weighted" || strategy == "least_busy" || strategy == "usage" || strategy == "sticky";
}

// Checks the routing of one model.
class Routing {
 public:
  Routing(const Config& config, const ModelConfig& model, Problems& problems)
      : config_(config), model_(model), place_(kModels.key(model.name)), problems_(problems) {}

  void check() {
    check_group(model_.deployments, model_.strategy, place_.key("deployments"), 1);
    check_residency();
    check_fallbacks(model_.fallbacks.context_window, "context_window");
    check_fallbacks(model_.fallbacks.content_policy, "content_policy");
    check_fallbacks(model_.fallbacks.any, "any");
  }

 private:
  void check_group(const std::vector<DeploymentConfig>& choices, std::string_view strategy, const Place& place,
                   int depth);
  void check_percent(const std::vector<DeploymentConfig>& choices, const Place& place);
  void check_choice(const DeploymentConfig& choice, const Place& place, int depth);
  void check_deployment(const DeploymentConfig& choice, const Place& place);
  void check_inner_group(const DeploymentConfig& choice, const Place& place, int depth);
  void check_when(const DeploymentConfig& choice, const Place& place);
  void check_needs(const DeploymentConfig& choice, const Place& place);
  void check_need(std::string_view name, const Place& place);
  void check_residency();
  void add_regions(const std::vector<DeploymentConfig>& choices, std::vector<std::string>& regions) const;
  void check_fallbacks(const std::vector<std::string>& names, std::string_view kind);

  const Config& config_;
  const ModelConfig& model_;
  Place place_;
  Problems& problems_;
};

void Routing::check_group(const std::vector<DeploymentConfig>& choices, std::string_view strategy, const Place& place,
                          int depth) {
  if (depth > kDeepest) return problems_.add(place, fmt::format("groups may be nested {} deep at most", kDeepest));
  auto is_zero = [](const DeploymentConfig& choice) { return choice.weight == 0; };
  if (!choices.empty() && uses_weights(strategy) && std::ranges::all_of(choices, is_zero)) {
    problems_.add(place, "all weights are 0: none of them would get a share");
  }
  check_percent(choices, place);
  for (std::size_t i = 0; i < choices.size(); ++i) check_choice(choices[i], place.item(i), depth);
}

void Routing::check_percent(const std::vector<DeploymentConfig>& choices, const Place& place) {
  std::uint32_t sum = 0;
  bool has_rest = false;
  for (const auto& choice : choices) {
    sum += choice.percent.value_or(0);
    // A choice that is not always there cannot take all that is left.
    has_rest = has_rest || (!choice.percent && choice.when.empty());
  }
  if (sum > 100) problems_.add(place, fmt::format("percent adds up to {}, more than 100", sum));
  const bool has_percent = std::ranges::any_of(choices, [](const auto& choice) { return choice.percent.has_value(); });
  if (has_percent && sum < 100 && !has_rest) {
    problems_.add(place, fmt::format("percent adds up to {}, and no deployment without percent takes the rest", sum));
  }
}

void Routing::check_choice(const DeploymentConfig& choice, const Place& place, int depth) {
  check_when(choice, place);
  if (choice.deployments.empty()) {
    check_deployment(choice, place);
  } else {
    check_inner_group(choice, place, depth);
  }
}

void Routing::check_deployment(const DeploymentConfig& choice, const Place& place) {
  if (!choice.strategy.empty() && !choice.model.empty()) {
    problems_.add(place.key("strategy"), "belongs to a group; a deployment has nothing to choose from");
  }
  const Place capabilities = place.key("capabilities");
  for (const auto& [name, value] : choice.capabilities) {
    const Place inner = capabilities.key(name);
    check_need(name, inner);
    if (value != "true" && value != "false") problems_.add(inner, "expected true or false");
  }
}

void Routing::check_inner_group(const DeploymentConfig& choice, const Place& place, int depth) {
  const std::pair<std::string_view, bool> given[] = {{"model", !choice.model.empty()},
                                                     {"region", !choice.region.empty()},
                                                     {"capabilities", !choice.capabilities.empty()},
                                                     {"context_window", choice.context_window != 0},
                                                     {"max_output", choice.max_output != 0}};
  for (const auto& [name, is_given] : given) {
    if (is_given) problems_.add(place.key(name), "belongs to a deployment; this is a group of them");
  }
  check_group(choice.deployments, choice.strategy, place.key("deployments"), depth + 1);
}

void Routing::check_when(const DeploymentConfig& choice, const Place& place) {
  const auto& when = choice.when;
  const Place inner = place.key("when");
  if (when.max_tokens != 0 && when.min_tokens > when.max_tokens) {
    problems_.add(inner.key("min_tokens"), "is more than max_tokens: no prompt has such a length");
  }
  if (!when.stream.empty() && when.stream != "true" && when.stream != "false") {
    problems_.add(inner.key("stream"), "expected true or false");
  }
  for (const auto& [name, value] : when.headers) {
    const bool is_name = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
    if (!is_name) problems_.add(inner.key("headers").key(name), "no header field has such a name");
  }
  check_needs(choice, inner.key("needs"));
}

void Routing::check_needs(const DeploymentConfig& choice, const Place& place) {
  for (std::size_t i = 0; i < choice.when.needs.size(); ++i) {
    const auto& name = choice.when.needs[i];
    check_need(name, place.item(i));
    auto stated = choice.capabilities.find(name);
    if (stated != choice.capabilities.end() && stated->second == "false") {
      problems_.add(place.item(i),
                    fmt::format("asks for {}, which its capabilities say it lacks: it can never be used", name));
    }
  }
}

void Routing::check_need(std::string_view name, const Place& place) {
  if (dialect::find_need(name)) return;
  auto near = nearest(name.substr(0, 60), dialect::kNeedNames);
  problems_.add(place, near.empty()
                           ? fmt::format("there is no capability '{}'; known: {}", printable(name, 60),
                                         fmt::join(dialect::kNeedNames, ", "))
                           : fmt::format("there is no capability '{}'; did you mean '{}'?", printable(name, 60), near));
}

void Routing::add_regions(const std::vector<DeploymentConfig>& choices, std::vector<std::string>& regions) const {
  for (const auto& choice : choices) {
    add_regions(choice.deployments, regions);
    if (!choice.region.empty()) regions.push_back(choice.region);
    auto name = std::string_view(choice.model).substr(0, choice.model.find('/'));
    auto provider = std::ranges::find(config_.providers, name, &ProviderConfig::name);
    const bool is_there = choice.region.empty() && provider != config_.providers.end() && !provider->region.empty();
    if (is_there) regions.push_back(provider->region);
  }
}

void Routing::check_residency() {
  if (model_.residency.empty()) return;
  std::vector<std::string> regions;
  add_regions(model_.deployments, regions);
  auto is_inside = [&](const std::string& region) {
    return std::ranges::any_of(model_.residency, [&](const auto& glob) { return glob_match(glob, region); });
  };
  if (std::ranges::any_of(regions, is_inside)) return;
  problems_.add(place_.key("residency"),
                regions.empty() ? "no deployment says in which region it is: none could be used"
                                : fmt::format("no deployment is there, only in: {}", fmt::join(regions, ", ")));
}

void Routing::check_fallbacks(const std::vector<std::string>& names, std::string_view kind) {
  const Place fallbacks = place_.key("fallbacks");
  const Place list = fallbacks.key(kind);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& name = names[i];
    const Place place = list.item(i);
    if (name == model_.name) {
      problems_.add(place, "names the model itself");
    } else if (name.ends_with('*')) {
      problems_.add(place,
                    fmt::format("'{}' is no single model: nothing says what its '*' stands for", printable(name)));
    } else if (std::ranges::find(config_.models, name, &ModelConfig::name) == config_.models.end()) {
      problems_.add(place, no_such_model(config_, name));
    }
  }
}

// Finds models that fall back to themselves through others.
class Circles {
 public:
  Circles(const Config& config, Problems& problems) : config_(config), problems_(problems) {
    for (std::size_t i = 0; i < config.models.size(); ++i) places_.emplace(config.models[i].name, i);
  }

  // Each circle is told once: of its first model.
  void check() {
    for (std::size_t first = 0; first < config_.models.size(); ++first) {
      visited_.assign(config_.models.size(), 0);
      path_ = {first};
      if (!returns(first, first)) continue;
      std::string names;
      for (std::size_t index : path_) names += config_.models[index].name + " → ";
      const auto& model = config_.models[first];
      problems_.add(kModels.key(model.name).key("fallbacks"), "go round in a circle: " + names + model.name);
    }
  }

 private:
  // Whether a way leads from `at` back to `first`, over later models only; path_ is the way.
  bool returns(std::size_t first, std::size_t at) {
    const auto& fallbacks = config_.models[at].fallbacks;
    for (const auto* names : {&fallbacks.context_window, &fallbacks.content_policy, &fallbacks.any}) {
      for (const auto& name : *names) {
        const auto found = places_.find(name);
        if (found == places_.end()) continue;
        const auto next = found->second;
        if (next == first && at != first) return true;
        if (next <= first || visited_[next]) continue;
        visited_[next] = 1;
        path_.push_back(next);
        if (returns(first, next)) return true;
        path_.pop_back();
      }
    }
    return false;
  }

  const Config& config_;
  Problems& problems_;
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<char> visited_;
  std::vector<std::size_t> path_;
};

}  // namespace

bool WhenConfig::empty() const {
  return tags.empty() && headers.empty() && teams.empty() && needs.empty() && min_tokens == 0 && max_tokens == 0 &&
         stream.empty();
}

std::string no_such_model(const Config& config, std::string_view name) {
  std::vector<std::string_view> known;
  known.reserve(config.models.size());
  for (const auto& model : config.models) known.push_back(model.name);
  const auto near = nearest(name.substr(0, 60), known);
  return fmt::format("there is no model '{}' here{}", printable(name, 60),
                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

void check_routing(const Config& config, Problems& problems) {
  for (const auto& model : config.models) Routing(config, model, problems).check();
  Circles(config, problems).check();
}

}  // namespace sluice::app
