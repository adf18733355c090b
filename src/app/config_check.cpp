#include "app/config_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "app/probes.h"
#include "app/reliability.h"
#include "base/text.h"
#include "dialect/catalogue.h"
#include "provider/known.h"

namespace sluice::app {

namespace {

using provider::find_known;
using provider::Known;

// Words that stand where a provider's name may stand in a path.
constexpr std::string_view kReserved[] = {"v1",     "healthz",     "readyz",     "metrics", "admin",
                                          "chat",   "completions", "embeddings", "models",  "audio",
                                          "images", "moderations", "model"};
// Header fields that say how a message is framed or where it goes: ours alone.
constexpr std::string_view kOurHeaders[] = {
    "host", "content-length", "transfer-encoding", "connection", "upgrade", "trailer", "te", "keep-alive", "expect"};
constexpr std::size_t kMostKeys = 100;  // of one provider

constexpr Place kTls{.name = "tls"};
constexpr Place kMasterKey{.name = "master_key"};
constexpr Place kProviders{.name = "providers"};
constexpr Place kModels{.name = "models"};

std::string variables_text(const Known& known) {
  return fmt::format("{}", fmt::join(split(known.key_variables, ','), " or "));
}

// The first usual variable of the provider that holds something.
std::string usual_key(const Known& known, const Environment& environment) {
  if (known.key_variables.empty()) return {};
  for (auto variable : split(known.key_variables, ',')) {
    if (auto value = environment(variable); value && !value->empty()) return *value;
  }
  return {};
}

std::vector<std::string_view> known_types() {
  std::vector<std::string_view> types;
  for (const Known& known : provider::known_providers()) types.push_back(known.type);
  return types;
}

bool name_characters(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool token(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return alphanumeric || kOthers.find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

class Checker {
 public:
  Checker(Config& config, const Environment& environment, Problems& problems)
      : config_(config), environment_(environment), problems_(problems) {}

  void check_tls();
  void check_providers();
  void check_models();

 private:
  void check_provider(ProviderConfig& provider);
  void need(std::string& value, std::string_view name, std::span<const std::string_view> variables, const Place& place);
  void fill_address(ProviderConfig& provider, const Known& known, const Place& place);
  void check_name(const ProviderConfig& provider, const Place& place);
  void check_key_of(ProviderConfig& provider, const Known& known, const Place& place);
  void check_key_pool(const ProviderConfig& provider, const Known& known, const Place& place);
  void check_headers(const ProviderConfig& provider, const Place& place);
  void check_quirks(const ProviderConfig& provider, const Place& place);
  void check_betas(const ProviderConfig& provider, const Place& place);
  void check_dialect(const ProviderConfig& provider, const Place& place);
  void check_model(const ModelConfig& model);
  void check_deployments(const ModelConfig& model, const std::vector<DeploymentConfig>& deployments,
                         const Place& place);
  void check_deployment(const ModelConfig& model, const DeploymentConfig& deployment, const Place& place);
  void check_reference(const std::string& name, const Place& place);
  void tell_missing(const Place& place, std::string_view name, std::string message);

  Config& config_;
  const Environment& environment_;
  Problems& problems_;
  std::set<std::string, std::less<>> provider_names_;
};

// Says nothing of a value that is missing because it was wrong.
void Checker::tell_missing(const Place& place, std::string_view name, std::string message) {
  const Place inner = place.key(name);
  if (!problems_.has(inner)) problems_.add(inner, std::move(message));
}

void Checker::check_tls() {
  if (config_.tls_cert.empty() == config_.tls_key.empty()) return;
  tell_missing(kTls, config_.tls_key.empty() ? "key" : "cert", "is missing; tls takes both cert and key");
}

void Checker::check_providers() {
  for (auto& provider : config_.providers) {
    check_provider(provider);
    provider_names_.insert(provider.name);
  }
}

void Checker::check_provider(ProviderConfig& provider) {
  const Place place = kProviders.key(provider.name);
  check_name(provider, place);
  check_headers(provider, place);
  check_quirks(provider, place);
  check_betas(provider, place);
  check_dialect(provider, place);
  bool named = !provider.type.empty();
  if (!named) provider.type = provider.name;
  const Known* known = find_known(provider.type);
  if (known == nullptr) {
    auto near = nearest(std::string_view(provider.type).substr(0, 60), known_types());
    std::string message = named ? "unknown provider type" : "is not a known provider and has no type";
    message += near.empty() ? fmt::format("; known: {}", fmt::join(known_types(), ", "))
                            : fmt::format("; did you mean '{}'?", near);
    problems_.add(place.key("type"), message + " Any OpenAI-compatible server is of type openai.");
    return;
  }
  provider.type = known->type;
  if (known->base_url.empty() && provider.base_url.empty()) {
    tell_missing(place, "base_url",
                 fmt::format("is missing; a provider of type {} has no address of its own", known->type));
  }
  fill_address(provider, *known, place);
  check_key_of(provider, *known, place);
  check_probe(provider, place, problems_);
  if (provider.key_breaker.cool_down > provider.key_breaker.max_cool_down) {
    problems_.add(place.key("key_breaker").key("cool_down"), "is longer than max_cool_down");
  }
}

// What an address needs is configured, or comes from the variables that the vendor's own tools read.
void Checker::need(std::string& value, std::string_view name, std::span<const std::string_view> variables,
                   const Place& place) {
  for (auto variable : variables) {
    if (value.empty()) value = environment_(variable).value_or("");
  }
  if (value.empty()) return tell_missing(place, name, fmt::format("is missing, and {} is not set", variables.front()));
  if (!name_characters(value)) problems_.add(place.key(name), "may hold only a-z, 0-9, '.', '_' and '-'");
}

// Fills the braces of a known address.
void Checker::fill_address(ProviderConfig& provider, const Known& known, const Place& place) {
  if (!provider.base_url.empty() || known.base_url.find('{') == std::string_view::npos) return;
  constexpr std::string_view kAwsRegion[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
  constexpr std::string_view kGoogleRegion[] = {"GOOGLE_CLOUD_LOCATION", "CLOUD_ML_REGION"};
  constexpr std::string_view kProject[] = {"GOOGLE_CLOUD_PROJECT", "ANTHROPIC_VERTEX_PROJECT_ID"};
  const bool aws = known.key_style == provider::KeyStyle::kAws;
  need(provider.region, "region", aws ? std::span(kAwsRegion) : std::span(kGoogleRegion), place);
  if (!aws) need(provider.project, "project", kProject, place);
  const std::string google = "aiplatform.googleapis.com";
  provider.base_url = known.base_url;
  auto fill = [&](std::string_view brace, const std::string& value) {
    if (auto at = provider.base_url.find(brace); at != std::string::npos)
      provider.base_url.replace(at, brace.size(), value);
  };
  fill("{vertex_host}", provider.region == "global" ? google : provider.region + "-" + google);
  fill("{region}", provider.region);
  fill("{project}", provider.project);
}

void Checker::check_name(const ProviderConfig& provider, const Place& place) {
  if (provider.name.empty() || provider.name.size() > 64 || !name_characters(provider.name)) {
    problems_.add(place, "a provider's name is 1 to 64 of a-z, 0-9, '.', '_' and '-'");
  } else if (std::ranges::find(kReserved, provider.name) != std::end(kReserved)) {
    problems_.add(place, "this name is reserved: it is a word of our paths");
  }
}

void Checker::check_key_of(ProviderConfig& provider, const Known& known, const Place& place) {
  // The usual variable's key goes to the usual address only: another server must not be sent it by default.
  if (!provider.api_keys.empty()) return check_key_pool(provider, known, place);
  bool usual_address = provider.base_url.empty() || known.base_url.empty() || provider.base_url == known.base_url;
  if (!provider.api_key.empty() || known.key_variables.empty() || !usual_address) return;
  provider.api_key = Secret(usual_key(known, environment_));
  const bool has_wrong_address = !known.base_url.empty() && problems_.has(place.key("base_url"));
  if (provider.api_key.empty() && provider.headers.empty() && !has_wrong_address) {
    tell_missing(place, "api_key", fmt::format("is missing, and {} is not set", variables_text(known)));
  }
}

void Checker::check_key_pool(const ProviderConfig& provider, const Known& known, const Place& place) {
  const Place inner = place.key("api_keys");
  if (!provider.api_key.empty()) problems_.add(inner, "stands beside api_key; one of them is enough");
  if (known.key_style == provider::KeyStyle::kAws || known.key_style == provider::KeyStyle::kGoogle) {
    problems_.add(inner, "is for providers with plain keys; a provider of this type has other credentials");
  }
  if (provider.api_keys.size() > kMostKeys) problems_.add(inner, fmt::format("holds more than {} keys", kMostKeys));
  std::set<std::string_view> keys, names;
  for (std::size_t i = 0; i < provider.api_keys.size(); ++i) {
    const auto& one = provider.api_keys[i];
    const auto key = one.key.reveal();
    const Place item = inner.item(i);
    if (!key.empty() && !keys.insert(key).second) problems_.add(item, "is there twice");
    if (one.name.empty()) continue;
    const Place name = item.key("name");
    if (one.name.size() > 64 || !name_characters(one.name)) {
      problems_.add(name, "a key's name is 1 to 64 of a-z, 0-9, '.', '_' and '-'");
    } else if (!names.insert(one.name).second) {
      problems_.add(name, fmt::format("there is another key '{}'", one.name));
    }
  }
}

void Checker::check_headers(const ProviderConfig& provider, const Place& place) {
  const Place headers = place.key("headers");
  for (const auto& [name, value] : provider.headers) {
    const Place inner = headers.key(name);
    if (!token(name)) problems_.add(inner, "is not the name of a header field");
    if (has_control(value)) problems_.add(inner, "holds a character that a header field cannot hold");
    if (std::ranges::find(kOurHeaders, lower(name)) != std::end(kOurHeaders)) {
      problems_.add(inner, "this header field is set by Sluice itself");
    }
  }
}

void Checker::check_dialect(const ProviderConfig& provider, const Place& place) {
  if (provider.dialect.empty() || dialect::find_client(provider.dialect) != nullptr) return;
  std::vector<std::string_view> names;
  for (const auto* client : dialect::clients()) names.push_back(client->name());
  auto near = nearest(std::string_view(provider.dialect).substr(0, 60), names);
  const Place inner = place.key("dialect");
  problems_.add(inner, near.empty() ? fmt::format("unknown dialect; known: {}", fmt::join(names, ", "))
                                    : fmt::format("unknown dialect; did you mean '{}'?", near));
}

void Checker::check_quirks(const ProviderConfig& provider, const Place& place) {
  auto names = dialect::quirk_names();
  const Place quirks = place.key("quirks");
  for (const auto& [name, value] : provider.quirks) {
    const Place inner = quirks.key(name);
    if (std::ranges::find(names, name) == names.end()) {
      auto near = nearest(std::string_view(name).substr(0, 60), names);
      problems_.add(inner, near.empty() ? fmt::format("unknown quirk; known: {}", fmt::join(names, ", "))
                                        : fmt::format("unknown quirk; did you mean '{}'?", near));
    }
    if (value != "true" && value != "false") problems_.add(inner, "expected true or false");
  }
}

// They go into a list with commas in a header field.
void Checker::check_betas(const ProviderConfig& provider, const Place& place) {
  const auto is_name = [](std::string_view text) {
    return !text.empty() && text.find_first_of(", \t\r\n") == text.npos;
  };
  const Place betas = place.key("betas");
  for (const auto& [name, value] : provider.betas) {
    const Place inner = betas.key(name);
    if (!is_name(name) || has_control(name)) problems_.add(inner, "is not the name of a beta");
    if (!is_name(value) || has_control(value)) problems_.add(inner, "expected true, false or the name of a beta");
  }
}

void Checker::check_models() {
  for (const auto& model : config_.models) check_model(model);
}

void Checker::check_model(const ModelConfig& model) {
  const Place place = kModels.key(model.name);
  if (model.name.empty() || model.name.size() > 256 || has_control(model.name)) {
    problems_.add(place, "a model's name is 1 to 256 characters, none of them a control character");
  }
  if (model.name.find('*') < model.name.size() - 1) problems_.add(place, "'*' may stand only at the end of a name");
  if (model.backoff > model.max_backoff) problems_.add(place.key("backoff"), "is longer than max_backoff");
  if (model.deployments.empty()) {
    tell_missing(place, "deployments", "must name at least one provider/model");
  }
  check_reliability(model, place, problems_);
  check_deployments(model, model.deployments, place.key("deployments"));
}

void Checker::check_deployments(const ModelConfig& model, const std::vector<DeploymentConfig>& deployments,
                                const Place& place) {
  for (std::size_t i = 0; i < deployments.size(); ++i) {
    const auto& deployment = deployments[i];
    const Place inner = place.item(i);
    if (deployment.deployments.empty()) {
      check_deployment(model, deployment, inner);
    } else {
      check_deployments(model, deployment.deployments, inner.key("deployments"));
    }
  }
}

void Checker::check_deployment(const ModelConfig& model, const DeploymentConfig& deployment, const Place& place) {
  const std::string& name = deployment.model;
  if (name.empty()) return tell_missing(place, "model", "is missing; an item has a model, or deployments of its own");
  auto slash = name.find('/');
  if (slash == 0 || slash == std::string::npos || slash + 1 == name.size() || has_control(name)) {
    return problems_.add(place, "expected provider/model");
  }
  auto star = name.find('*');
  if (star < name.size() - 1 || star < slash) return problems_.add(place, "'*' may stand only at the end of a model");
  bool wild = model.name.ends_with('*');
  if (wild && star == std::string::npos) {
    problems_.add(place, "must end in '*', as the name it serves does: it stands for the same text in both");
  } else if (!wild && star != std::string::npos) {
    problems_.add(place, "ends in '*', but the name it serves does not");
  }
  check_reference(name.substr(0, slash), place);
  check_probe(deployment, place, problems_);
}

void Checker::check_reference(const std::string& name, const Place& place) {
  if (provider_names_.contains(name)) return;
  const Known* known = find_known(name);
  if (known == nullptr) {
    auto candidates = known_types();
    for (const auto& provider : config_.providers) candidates.push_back(provider.name);
    auto near = nearest(std::string_view(name).substr(0, 60), candidates);
    return problems_.add(
        place, fmt::format("there is no provider '{}'{}", printable(name, 60),
                           near.empty() ? "; add it under providers" : fmt::format("; did you mean '{}'?", near)));
  }
  if (known->base_url.empty()) {
    return problems_.add(
        place, fmt::format("provider '{}' is not configured; add it under providers with its base_url", name));
  }
  std::string key = usual_key(*known, environment_);
  if (key.empty() && !known->key_variables.empty()) {
    return problems_.add(place, fmt::format("provider '{}' is not configured; add it under providers or set {}", name,
                                            variables_text(*known)));
  }
  ProviderConfig& added = config_.providers.emplace_back();
  added.name = name;
  added.type = known->type;
  added.api_key = Secret(std::move(key));
  fill_address(added, *known, place);
  provider_names_.insert(name);
}

}  // namespace

void check_config(Config& config, const Node* root, const Environment& environment, Problems& problems) {
  problems.look_in(root);
  Checker checker(config, environment, problems);
  checker.check_tls();
  if (std::string_view key = config.master_key.reveal(); !key.empty() && key.size() < kShortestKey) {
    problems.add(kMasterKey, fmt::format("is shorter than {} characters", kShortestKey));
  }
  const bool has_providers = root != nullptr && root->find("providers") != nullptr;
  if (!has_providers) add_providers_of(environment, config);
  checker.check_providers();
  checker.check_models();
  check_routing(config, problems);
  check_callers(config, problems);
  check_quota(config, problems);
}

void add_providers_of(const Environment& environment, Config& config) {
  for (const Known& known : provider::known_providers()) {
    if (known.base_url.empty()) continue;
    std::string key = usual_key(known, environment);
    if (key.empty()) continue;
    ProviderConfig& added = config.providers.emplace_back();
    added.name = known.type;
    added.type = known.type;
    added.api_key = Secret(std::move(key));
  }
}

}  // namespace sluice::app
