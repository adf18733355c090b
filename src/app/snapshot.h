// Everything built from one version of the configuration: providers, routes, callers and the pipelines over them.
//
// Thread rule: immutable once built; shared by all loops. A request keeps the one it began with, so a reload never
// changes what is in flight.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "admin/api.h"
#include "admin/metrics_page.h"
#include "admin/roster.h"
#include "app/allowance.h"
#include "app/config.h"
#include "app/config_parts.h"
#include "app/watch.h"
#include "ingress/gateway.h"
#include "provider/gate/gate_book.h"
#include "provider/provider.h"
#include "quota/book.h"
#include "stage/admit/admit.h"
#include "stage/attempt/attempt.h"
#include "stage/authenticate/authenticate.h"
#include "stage/budget/budget.h"
#include "stage/dispatch/dispatch.h"
#include "stage/identify/identify.h"
#include "stage/inject/inject.h"
#include "stage/limit/limit.h"
#include "stage/models/models.h"
#include "stage/overload/overload.h"
#include "stage/receive/receive.h"
#include "stage/record/record.h"
#include "stage/refused/refused.h"
#include "stage/route/route.h"
#include "store/ledger.h"

namespace sluice::app {

// Trust is loaded once for each file and kept over reloads, so that connections are too; a changed file is loaded anew.
class ClientTlsCache {
 public:
  Result<std::shared_ptr<net::ClientTls>> get(const std::string& ca_file);

 private:
  struct Entry {
    std::shared_ptr<net::ClientTls> tls;
    FileWatch file;
  };
  std::map<std::string, Entry> entries_;
};

// What outlives all snapshots and they refer to.
struct Foundation {
  Metrics& metrics;
  stage::RequestMetrics& request_metrics;
  std::function<void()> refresh_gauges;
  ClientTlsCache& client_tls;
  stage::Owners& owners;
  RetryBudget& retries;
  provider::HealthBook& health;          // of deployments
  provider::HealthBook& key_health;      // of keys where a provider has several
  const provider::Catalogue& catalogue;  // the program's own
  provider::GateBook& gates;
  stage::Recent& recent;
  stage::Injections& injections;
  provider::Moves& moves;
  store::Ledger& ledger;
  admin::Roster& roster;
  stage::Refusals& refusals;
  quota::Book& accounts;
  admin::Vault& vault;
};

class Snapshot final : public ingress::Surface {
 public:
  // Faults: kInvalidConfig (a CA file that cannot be read, a proxy that is no URL).
  // `config` without its keys, which are the roster's; `allowances` are of all of it. `before` is the one in force;
  // null: there is none yet.
  static Result<std::shared_ptr<const Snapshot>> build(const Config& config, Allowances allowances,
                                                       const Environment& environment, Foundation foundation,
                                                       const Snapshot* before = nullptr);

  const Config& config() const { return config_; }
  const provider::Routes& routes() const { return routes_; }
  // What is in force by it: the configuration's, and "prices" of a file of prices.
  ConfigParts parts() const;

 private:
  Snapshot(const Config& config, const Foundation& foundation);
  Status load_catalogue(const Snapshot* before);
  Status add_providers(const Environment& environment, Foundation& foundation);
  Status allow_fetching(ClientTlsCache& client_tls);
  void add_routes();
  void keep_health(provider::HealthBook& book) const;
  void add_limits(provider::GateBook& gates);
  void add_accounts(Allowances allowances, quota::Book& book);
  std::unique_ptr<provider::Deployment> make_deployment(const DeploymentConfig& config) const;
  void add_fallbacks();
  quota::Unpriced unpriced() const;
  void order_stages();  // pipeline.cpp: the order of the whole program

  Config config_;
  const provider::Catalogue* catalogue_;  // the program's own, or:
  std::unique_ptr<const provider::Catalogue> own_catalogue_;
  provider::Routes routes_;

  stage::Record record_;
  stage::Refused refused_;
  stage::Overload overload_;
  stage::Authenticate authenticate_;
  stage::Authenticate authenticate_staff_;
  stage::Authenticate authenticate_overseer_;
  stage::Receive receive_;
  stage::Identify identify_;
  stage::Route route_;
  stage::Limit limit_;
  stage::Attempt attempt_;
  stage::Admit admit_;
  std::optional<stage::Budget> budget_;  // once the catalogue is known
  stage::Inject inject_;
  stage::Dispatch dispatch_;
  stage::Models models_;
  admin::MetricsPage metrics_page_;
  admin::Place admin_place_;
  admin::Api admin_;
};

}  // namespace sluice::app
