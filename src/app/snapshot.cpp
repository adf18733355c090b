#include "app/snapshot.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/prices.h"
#include "app/probes.h"
#include "app/proxy.h"
#include "app/reliability.h"
#include "app/route_tree.h"
#include "base/text.h"
#include "dialect/catalogue.h"
#include "http/url.h"
#include "provider/sign/key_pool.h"

namespace sluice::app {

namespace {

stage::DispatchLimits dispatch_limits(const Config& config) {
  return {.event_bytes = config.event_bytes, .answer_bytes = config.answer_bytes};
}

provider::Timeouts timeouts_of(const TimeoutConfig& config) {
  return {.call = {.connect = config.connect, .first_byte = config.first_byte, .idle = config.idle},
          .total = config.total};
}

provider::GateLimits gate_limits(const RoomConfig& config) {
  return {.concurrency = config.concurrency,
          .kind = config.adaptive ? provider::GateLimits::Kind::kAdaptive : provider::GateLimits::Kind::kFixed,
          .queue = config.queue,
          .queue_timeout = config.queue_timeout};
}

// A deployment's name, with its number where the model has it more than once.
std::string name_among(std::span<const DeploymentConfig* const> all, std::size_t index) {
  const auto& name = all[index]->model;
  auto before = std::ranges::count(all.first(index), name, &DeploymentConfig::model);
  return before == 0 ? name : fmt::format("{}#{}", name, before + 1);
}

// The base URL's path without its last segment when that is a version ("/v1", "/v1beta"): passthrough goes below it.
std::string without_version(std::string_view path) {
  auto slash = path.rfind('/');
  bool versioned = slash != std::string_view::npos && path.size() > slash + 2 && path[slash + 1] == 'v' &&
                   path[slash + 2] >= '0' && path[slash + 2] <= '9';
  return std::string(versioned ? path.substr(0, slash) : path);
}

// The field in which a key is shown to the provider, as its API wants it, and what stands before the key.
struct KeyField {
  std::string name;
  std::string_view before_key;
};

KeyField key_field(provider::KeyStyle style) {
  switch (style) {
    case provider::KeyStyle::kApiKeyHeader:
      return {"api-key", ""};
    case provider::KeyStyle::kXApiKey:
      return {"x-api-key", ""};
    case provider::KeyStyle::kGoogApiKey:
      return {"x-goog-api-key", ""};
    default:
      return {"authorization", "Bearer "};
  }
}

// Null: no key, none needed.
std::unique_ptr<const provider::Signer> key_signer(const Secret& key, provider::KeyStyle style) {
  if (key.empty()) return nullptr;
  auto [name, before_key] = key_field(style);
  return provider::header_signer(std::move(name), before_key, key);
}

// Null: it has no more than one.
std::unique_ptr<provider::KeyPool> key_pool(const ProviderConfig& config, provider::KeyStyle style,
                                            provider::HealthBook& key_health) {
  if (config.api_keys.empty()) return nullptr;
  std::vector<provider::PooledKey> keys;
  keys.reserve(config.api_keys.size());
  for (const auto& one : config.api_keys) {
    auto label = label_of(config, one);
    auto health = key_health.of(label);
    keys.push_back({std::move(label), key_signer(one.key, style), std::move(health)});
  }
  return std::make_unique<provider::KeyPool>(std::move(keys), config.key_breaker);
}

// The way to a token end point, as to the provider itself.
Result<net::Origin> origin_of(const http::Url& url, const ProviderConfig& config, const Environment& environment,
                              ClientTlsCache& client_tls) {
  net::Origin origin;
  origin.host = url.host;
  origin.port = url.port;
  // A file that is named is looked at, be it needed or not.
  if (url.tls || !config.ca_file.empty()) {
    auto tls = client_tls.get(config.ca_file);
    if (!tls) return fail_from(tls);
    if (url.tls) origin.tls = std::move(*tls);
  }
  auto proxied = set_proxy(origin, config.proxy, environment);
  if (!proxied) return fail_from(proxied);
  return origin;
}

Result<std::unique_ptr<const provider::Signer>> make_signer(const ProviderConfig& config, provider::KeyStyle style,
                                                            const net::Origin& origin, const Environment& environment,
                                                            Foundation& foundation) {
  const provider::Surroundings surroundings{.environment = environment, .origin = [&](const http::Url& url) {
                                              return origin_of(url, config, environment, foundation.client_tls);
                                            }};
  if (style == provider::KeyStyle::kAws) {
    return provider::aws_signer({.bearer_token = config.api_key,
                                 .access_key_id = config.access_key_id,
                                 .secret_access_key = config.secret_access_key,
                                 .session_token = config.session_token,
                                 .profile = config.profile,
                                 .region = config.region},
                                origin, "bedrock", surroundings);
  }
  if (style == provider::KeyStyle::kGoogle) {
    return provider::google_signer({.access_token = config.api_key, .credentials_file = config.credentials_file},
                                   surroundings);
  }
  return config.api_keys.empty() ? key_signer(config.api_key, style) : nullptr;
}

// The dialects a provider speaks: those of its type, or the one it was configured with. All names are in the catalogue:
// those of the table by a test, the configured one was checked.
std::vector<const dialect::Client*> clients_of(const provider::Known& known, std::string_view only) {
  std::vector<const dialect::Client*> clients;
  if (!only.empty()) return {dialect::find_client(only)};
  for (auto name : split(known.dialects, ',')) {
    const auto* client = dialect::find_client(name);
    if (client && std::ranges::find(clients, client) == clients.end()) clients.push_back(client);
  }
  return clients;
}

Result<std::unique_ptr<provider::Provider>> make_provider(const ProviderConfig& config, const Environment& environment,
                                                          Foundation& foundation) {
  const auto* known = provider::find_known(config.type);
  auto url = http::parse_url(config.base_url.empty() ? known->base_url : config.base_url);
  if (!url) return fail(FaultKind::kInvalidConfig, "The provider '" + config.name + "' has no usable base_url.");
  auto provider = std::make_unique<provider::Provider>();
  provider->name = config.name;
  provider->base_path = url->path;
  provider->root_path = without_version(url->path);
  provider->api_version = config.api_version;
  provider->region = config.region;
  provider->path_style = known->path_style;
  provider->quirks = known->quirks;
  provider->clients = clients_of(*known, config.dialect);
  for (const auto& [name, value] : config.quirks) set_quirk(provider->quirks, name, value == "true");
  provider->betas = provider::beta_rules(known->betas, config.betas);
  for (const auto& [name, value] : config.headers) provider->headers.set(name, value);
  auto origin = origin_of(*url, config, environment, foundation.client_tls);
  if (!origin) return fail_from(origin);
  provider->origin = std::move(*origin);
  provider->probe = plan_of(config.probe);
  auto signer = make_signer(config, known->key_style, provider->origin, environment, foundation);
  if (!signer) return fail_from(signer);
  provider->signer = std::move(*signer);
  provider->keys = key_pool(config, known->key_style, foundation.key_health);
  return provider;
}

}  // namespace

Result<std::shared_ptr<net::ClientTls>> ClientTlsCache::get(const std::string& ca_file) {
  auto found = entries_.find(ca_file);
  if (found != entries_.end() && (ca_file.empty() || found->second.file.unchanged())) return found->second.tls;
  FileWatch file(ca_file);
  auto tls = net::ClientTls::load(ca_file);
  if (tls) entries_.insert_or_assign(ca_file, Entry{*tls, std::move(file)});
  return tls;
}

Snapshot::Snapshot(const Config& config, const Foundation& foundation)
    : config_(config),
      catalogue_(&foundation.catalogue),
      record_(foundation.request_metrics, foundation.recent, &foundation.accounts),
      refused_(foundation.refusals),
      authenticate_staff_(stage::Authenticate::Admits::kStaff),
      authenticate_overseer_(stage::Authenticate::Admits::kOverseers),
      route_(routes_, foundation.owners, foundation.moves),
      limit_(foundation.accounts),
      attempt_(foundation.retries),
      inject_(foundation.injections),
      dispatch_(dispatch_limits(config)),
      models_(routes_),
      metrics_page_(foundation.metrics, foundation.refresh_gauges),
      admin_({routes_, foundation.recent, config.drills ? &foundation.injections : nullptr, foundation.ledger,
              &foundation.roster, &foundation.vault, &config_.secrets}) {
  cors = {config.cors_origins, config.cors_max_age};
  keep_alive = config.keep_alive;
}

Result<std::shared_ptr<const Snapshot>> Snapshot::build(const Config& config, Allowances allowances,
                                                        const Environment& environment, Foundation foundation,
                                                        const Snapshot* before) {
  std::unique_ptr<Snapshot> snapshot(new Snapshot(config, foundation));
  if (auto loaded = snapshot->load_catalogue(before); !loaded) return fail_from(loaded);
  if (auto added = snapshot->add_providers(environment, foundation); !added) return fail_from(added);
  if (auto allowed = snapshot->allow_fetching(foundation.client_tls); !allowed) return fail_from(allowed);
  snapshot->add_routes();
  snapshot->keep_health(foundation.health);
  snapshot->add_limits(foundation.gates);
  snapshot->add_accounts(std::move(allowances), foundation.accounts);
  snapshot->budget_.emplace(foundation.accounts, *snapshot->catalogue_).set(snapshot->unpriced());
  snapshot->order_stages();
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

Status Snapshot::load_catalogue(const Snapshot* before) {
  auto loaded = app::load_catalogue(config_.prices_file, *catalogue_);
  if (!loaded) return fail_from(loaded);
  if (*loaded == nullptr) return {};
  if (before && before->own_catalogue_ && before->config_.prices_file == config_.prices_file) {
    auto whole = check_shrunk(config_.prices_file, before->own_catalogue_->entries(), **loaded);
    if (!whole) return whole;
  }
  own_catalogue_ = std::move(*loaded);
  catalogue_ = own_catalogue_.get();
  return {};
}

ConfigParts Snapshot::parts() const {
  auto parts = config_.parts;
  if (own_catalogue_) parts.insert_or_assign("prices", own_catalogue_->digest());
  return parts;
}

Status Snapshot::add_providers(const Environment& environment, Foundation& foundation) {
  for (const auto& config : config_.providers) {
    auto provider = make_provider(config, environment, foundation);
    if (!provider) return fail_from(provider);
    (*provider)->catalogue = catalogue_;
    (*provider)->catalogue_name = catalogue_name(config, *provider::find_known(config.type), *catalogue_);
    routes_.add(std::move(*provider));
  }
  return {};
}

Status Snapshot::allow_fetching(ClientTlsCache& client_tls) {
  if (!config_.fetch_media) return {};
  net::FetchRules rules{.max_bytes = config_.fetch_bytes, .timeout = config_.fetch_timeout};
  rules.hosts.reserve(config_.fetch_hosts.size());
  for (const auto& host : config_.fetch_hosts) rules.hosts.push_back(lower(host));
  std::vector<net::Network> allowed;
  allowed.reserve(config_.fetch_allow_private.size());
  for (const auto& network : config_.fetch_allow_private) allowed.push_back(*net::parse_network(network));  // checked
  rules.addresses = std::make_shared<const net::AddressRules>(std::move(allowed));
  auto tls = client_tls.get("");
  if (!tls) return fail_from(tls);
  rules.tls = std::move(*tls);
  dispatch_.allow_fetching(std::move(rules));
  return {};
}

void Snapshot::add_routes() {
  for (const auto& config : config_.models) {
    auto route = std::make_unique<provider::Route>();
    route->name = config.name;
    route->drop = config.drop == "refuse" ? provider::Drop::kRefuse : provider::Drop::kReport;
    route->retries = config.retries;
    route->max_attempts = config.max_attempts;
    route->backoff = config.backoff;
    route->max_backoff = config.max_backoff;
    route->timeouts = timeouts_of(config.timeout);
    route->on_failure = failure_policy(config);
    route->hedge = hedge_policy(config.hedge);
    route->breaker = config.breaker;
    route->hedges.set({.percent = route->hedge.max_extra_percent, .min_per_second = 0});
    route->broken = config.continue_streams ? provider::Broken::kContinue : provider::Broken::kError;
    route->sticky_for = config.sticky_for;
    route->residency = config.residency;
    route->required_tags = config.require_tags;
    if (config.untagged == "mark") route->untagged = provider::Untagged::kMark;
    add_tree(*route, config, [this](const DeploymentConfig& item) { return make_deployment(item); });
    routes_.add(std::move(route));
  }
  add_fallbacks();
}

std::unique_ptr<provider::Deployment> Snapshot::make_deployment(const DeploymentConfig& config) const {
  auto deployment = std::make_unique<provider::Deployment>();
  auto slash = config.model.find('/');
  deployment->name = config.model;
  deployment->provider = routes_.find_provider(std::string_view(config.model).substr(0, slash));
  deployment->model = config.model.substr(slash + 1);
  deployment->weight = config.weight;
  deployment->max_output = config.max_output;
  deployment->context_window = config.context_window;
  deployment->own_price = price_of(config.price);
  deployment->lacks = lacks_of(config);
  deployment->stated = stated_of(config);
  deployment->probe = plan_of(config.probe);
  provider::look_up(*deployment);
  deployment->region = config.region.empty() ? deployment->provider->region : config.region;
  return deployment;
}

// Once all routes are there: a fallback may stand before or behind the one that names it.
void Snapshot::add_fallbacks() {
  auto routes_of = [this](const std::vector<std::string>& names) {
    std::vector<const provider::Route*> routes;
    for (const auto& name : names) {
      if (auto found = routes_.find(name)) routes.push_back(found->route);
    }
    return routes;
  };
  for (std::size_t i = 0; i < config_.models.size(); ++i) {
    const auto& config = config_.models[i].fallbacks;
    routes_.all()[i]->fallbacks = {.context_window = routes_of(config.context_window),
                                   .content_policy = routes_of(config.content_policy),
                                   .any = routes_of(config.any)};
  }
}

// What was learned of a deployment goes on under the new configuration, and for all routes it is part of.
void Snapshot::keep_health(provider::HealthBook& book) const {
  auto keep = [&](const provider::Route& route) {
    for (const auto& deployment : route.deployments) {
      deployment->health = book.of(deployment->name);
      if (deployment->model.ends_with('*')) deployment->models = book.models_of(deployment->name);
    }
  };
  for (const auto& route : routes_.all()) keep(*route);
  for (const auto& provider : routes_.providers()) keep(*routes_.implicit_route(provider->name));
}

// The gates go on from one configuration to the next: what was let in under the old one counts under the new one.
void Snapshot::add_limits(provider::GateBook& gates) {
  if (config_.in_flight > 0)
    overload_.set(gates.find("limits.in_flight", {.concurrency = config_.in_flight, .queue = 0}));
  for (std::size_t i = 0; i < config_.providers.size(); ++i) {
    const auto& config = config_.providers[i];
    if (config.limits.is_limited()) {
      routes_.providers()[i]->gate = &gates.find("providers." + config.name, gate_limits(config.limits));
    }
  }
  for (std::size_t i = 0; i < config_.models.size(); ++i) {
    const auto& config = config_.models[i];
    const auto deployments = deployments_of(config);
    for (std::size_t k = 0; k < deployments.size(); ++k) {
      const auto& limits = deployments[k]->limits;
      if (!limits.is_limited()) continue;
      auto& deployment = *routes_.all()[i]->deployments[k];
      deployment.gate =
          &gates.find(fmt::format("models.{}.{}", config.name, name_among(deployments, k)), gate_limits(limits));
    }
  }
}

}  // namespace sluice::app
