// Providers, deployments and routes as the data plane uses them: built once from a configuration, never changed.
//
// Thread rule: read by all loops; what changes is what a deployment has taught us (atomics).
// Ownership: a Snapshot owns them; the pointers between them live as long. A deployment's health outlives it.
// check: allow shared-pointers because configurations come and go while what is known of a deployment stays
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/retry_budget.h"
#include "base/secret.h"
#include "dialect/dialect.h"
#include "http/message.h"
#include "net/client.h"
#include "provider/betas.h"
#include "provider/catalogue/catalogue.h"
#include "provider/failure.h"
#include "provider/group.h"
#include "provider/health/first_pieces.h"
#include "provider/health/model_healths.h"
#include "provider/known.h"
#include "provider/probe/plan.h"
#include "provider/sign/key_pool.h"

namespace sluice::quota {
class Account;
}

namespace sluice::provider {

class Gate;

// Someone who answers: a dialect, an address, credentials.
struct Deployment;

struct Provider {
  std::string name;
  net::Origin origin;
  std::string base_path;    // of the base URL, without a slash at its end: "/v1"
  std::string root_path;    // the same without the version: passthrough paths go below it
  std::string api_version;  // azure
  std::string region;
  PathStyle path_style = PathStyle::kOpenAi;
  dialect::Quirks quirks;
  std::vector<BetaRule> betas;                  // of the Anthropic API, that it takes
  std::vector<const dialect::Client*> clients;  // the dialects it speaks; at least one
  http::Headers headers;                        // configured extras, sent with each request
  std::unique_ptr<const Signer> signer;         // gives each request its credentials; null: it needs none, or:
  std::unique_ptr<KeyPool> keys;                // several keys, of which each try takes one
  const Catalogue* catalogue = nullptr;         // what is known of models; outlives the provider
  std::string catalogue_name;                   // under which it lists this provider's; empty: it does not
  ProbePlan probe;                              // of all its deployments, by a path
  Gate* gate = nullptr;                         // shared by its deployments, lives in the GateBook; null: no limit
  quota::Account* account = nullptr;            // what its deployments may spend together; lives in the Book; null: any
  std::unordered_map<std::string, const Deployment*> named;  // by model: those that routes name
};

// Provider and upstream model name: the thing a request is sent to. What is said of one (limits, budgets, a price)
// holds wherever its model is asked for by that name, also through a wildcard.
struct Deployment {
  std::string name;  // "openai/gpt-4o-mini"
  const Provider* provider = nullptr;
  std::string model;  // "*" takes what the route's wildcard stood for
  std::uint32_t weight = 1;
  std::uint64_t max_output = 0;       // output tokens the model can make; 0: not known
  std::uint64_t context_window = 0;   // tokens, as configured, else as the catalogue says; 0: not known
  std::optional<Price> own_price;     // as configured: it goes before any other
  const Price* price = nullptr;       // its own, else that of the model; null: unknown, or the model is a wildcard
  const Model* known = nullptr;       // what the catalogue says of it; null: nothing, or the model is a wildcard
  Gate* gate = nullptr;               // lives in the GateBook; null: no limit of its own
  quota::Account* account = nullptr;  // lives in the Book; null: no budget and no rates of its own
  dialect::Needs lacks;               // what the configuration says that it cannot do
  dialect::Needs stated;              // what the configuration says anything of
  dialect::Needs seems_to_lack;       // what the catalogue says, where the configuration says nothing
  std::string region;                 // its own, else its provider's
  ProbePlan probe;

  std::shared_ptr<Health> health = std::make_shared<Health>();  // of its name, over all configurations; never null
  std::shared_ptr<ModelHealths> models;  // where it stands for several: each of them; null: it does not

  // Learned at run time: the provider refused stream_options. Relaxed: a late reader asks once more.
  mutable std::atomic<bool> refuses_stream_options{false};
};

// What becomes of a request with fields that the provider's dialect has no place for and that may be left out.
enum class Drop { kReport, kRefuse };

struct Timeouts {
  net::CallTimeouts call;
  Ms total{600'000};  // over all attempts
};

// Sends a request to a second deployment when the first one's answer is late; the first to have something to show
// answers.
struct HedgePolicy {
  enum class Tools { kRefuse, kAllow };  // of requests whose model may act through tools

  bool enabled = false;
  Ms after{0};  // zero: the percentile of the times that the route's answers took lately
  std::uint32_t percentile = 95;
  std::uint32_t max_extra_percent = 5;  // further requests, of all of the route's
  Tools tools = Tools::kRefuse;
};

// What becomes of a stream that breaks off after something of it was sent.
enum class Broken { kError, kContinue };

struct Route;

// The routes to go to when all deployments of one have failed, by what they failed with.
struct Fallbacks {
  std::vector<const Route*> context_window;  // the prompt is too long
  std::vector<const Route*> content_policy;  // the prompt was refused
  std::vector<const Route*> any;
};

// What becomes of a request that lacks a tag its route requires: kMark gives it the tag `untagged`.
enum class Untagged : std::uint8_t { kRefuse, kMark };

// A public model name and where it goes.
struct Route {
  std::string name;                                      // as configured; may end in '*'
  std::vector<std::unique_ptr<Deployment>> deployments;  // all of the tree
  Group tree;                              // how they are chosen; Routes::add makes a flat one where it has no choices
  std::vector<std::string> residency;      // regions it may not leave (globs), in whatever it falls back to; empty: any
  Fallbacks fallbacks;                     // in no circle
  quota::Account* account = nullptr;       // limits of all its callers together, lives in the Book; null: none
  std::vector<std::string> required_tags;  // names of tags that each request has to have
  Untagged untagged = Untagged::kRefuse;   // those that lack one
  Ms sticky_for{600'000};                  // how long a conversation that had to move stays where it went
  bool reads_prompt = false;               // some choice depends on the prompt; by Routes::add
  std::uint64_t smallest_window = std::numeric_limits<std::uint64_t>::max();  // tokens; by Routes::add
  Drop drop = Drop::kReport;
  std::uint32_t retries = 2;
  std::uint32_t max_attempts = 6;
  Ms backoff{250};
  Ms max_backoff{8'000};
  Timeouts timeouts;
  BreakerPolicy breaker;  // of each of its deployments
  FailurePolicy on_failure;
  HedgePolicy hedge;
  Broken broken = Broken::kError;

  // Learned at run time.
  mutable FirstPieces first_pieces;
  mutable RetryBudget hedges;
};

// A deployment with the upstream model name that this request asks of it.
struct Target {
  const Deployment* deployment = nullptr;
  std::string model;
  std::shared_ptr<Health> of_model{};  // how this one of several models is doing; null: the deployment's own counts
  const Route* fallback = nullptr;     // the fallback model that led here; null: the model asked for did

  Health& health() const { return of_model ? *of_model : *deployment->health; }
};

class Routes {
 public:
  struct Match {
    const Route* route = nullptr;
    std::string_view wildcard;  // what '*' stood for; valid as long as the model name asked for
  };

  // Order of preference: the exact name, the longest wildcard, `provider/model` of a configured provider.
  std::optional<Match> find(std::string_view model) const;
  // The name most like this one, for the error; empty when none is near.
  std::string_view nearest_name(std::string_view model) const;
  const Provider* find_provider(std::string_view name) const;         // null: not configured
  const Route* implicit_route(std::string_view provider_name) const;  // the provider's own "name/*"

  const std::vector<std::unique_ptr<Route>>& all() const { return routes_; }

  void add(std::unique_ptr<Provider> provider);  // with its implicit route "name/*"
  // A deployment "name/*" of it stands behind the implicit route of that name, too.
  void add(std::unique_ptr<Route> route);
  const std::vector<std::unique_ptr<Provider>>& providers() const { return providers_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  template <class T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  void add_named(const Deployment& deployment);

  std::vector<std::unique_ptr<Provider>> providers_;
  std::vector<std::unique_ptr<Route>> routes_;    // configured ones
  std::vector<std::unique_ptr<Route>> implicit_;  // one for each provider
  ByName<const Route*> exact_;
  std::vector<const Route*> wildcards_;  // longest first
  ByName<Route*> implicit_by_provider_;
  ByName<Provider*> provider_by_name_;
};

// Where the requests of a provider's own route go: to the deployment "name/*" that a configured route has, else its
// own.
const Deployment& deployment_behind(const Route& implicit);
// The one that is meant where it stands for several models: the one that has the name, where there is one.
const Deployment& meant_by(const Deployment& deployment, const Routes::Match& match, std::string_view asked_model);
// Where one target of a match leads; `of_model` is left to the caller.
Target target_of(const Deployment& deployment, const Routes::Match& match, std::string_view asked_model);
// Of the model it would be asked for, where it stands for several; null: the deployment's own counts. While that is
// held or in trouble it counts for all its models.
std::shared_ptr<Health> health_of_model(const Deployment& deployment, const Routes::Match& match,
                                        std::string_view asked_model, Instant at);

// What is known of the model that is asked for, also of one that a wildcard stood for. Null: nothing.
const Model* model_of(const Target& target);
// What an answer is paid by: the price that is configured, else of the model that answered (`served`, as the answer
// names it; may be empty), else of the one that was asked for. Null: unknown.
const Price* price_of(const Target& target, std::string_view served);
// Gives a deployment what the catalogue says of its model, where it names one.
void look_up(Deployment& deployment);

// How a provider serves an endpoint: in its own dialect where it speaks that, else by translation; nothing: it cannot.
struct Service {
  const dialect::Client* client = nullptr;
  bool passes = false;  // bytes pass through
};
std::optional<Service> service_of(const Provider& provider, const dialect::Endpoint& endpoint, std::string_view model);

// The path and query upstream for a path of a dialect such as "/chat/completions".
std::string upstream_target(const Provider& provider, std::string_view path, std::string_view model);

}  // namespace sluice::provider
