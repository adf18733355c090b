#include "app/rehearsal.h"

#include <fmt/format.h>

#include "app/alerts.h"
#include "app/allowance.h"
#include "app/callers.h"
#include "app/prices.h"
#include "app/snapshot.h"
#include "app/stored_secrets.h"
#include "store/memory/memory_directory.h"
#include "store/memory/memory_ledger.h"

namespace sluice::app {

namespace {

struct Parts {
  Foundation foundation() {
    return {metrics, families, [] {},      client_tls, owners, retries, health,   key_health, *catalogue,
            gates,   recent,   injections, moves,      ledger, roster,  refusals, accounts,   vault};
  }

  Metrics metrics;
  stage::RequestMetrics families{metrics};
  ClientTlsCache client_tls;
  stage::Owners owners;
  RetryBudget retries;
  provider::HealthBook health, key_health;
  std::unique_ptr<const provider::Catalogue> catalogue = provider::Catalogue::built_in();
  provider::GateBook gates{metrics};
  stage::Recent recent{1};
  stage::Injections injections{metrics};
  provider::Moves moves;
  store::MemoryDirectory directory;
  admin::Roster roster{directory, "rehearsal"};
  stage::Refusals refusals;
  store::MemoryLedger ledger{1};
  quota::Book accounts{metrics};
  admin::Vault vault;
};

}  // namespace

std::vector<Problem> rehearse(Config config, const Environment& environment) {
  std::vector<Problem> problems;
  auto tell = [&](const Fault& fault) {
    const bool said = fault.told.contains(fault.detail);  // also where there is none
    problems.push_back({.file = config.file,
                        .line = 0,
                        .field = {},
                        .message = said ? fault.told : fmt::format("{} ({})", fault.told, fault.detail)});
  };
  Parts parts;
  auto allowances = allowances_of(config);
  auto callers = callers_of(config, config.master_key);
  if (auto sealer = secrets_sealer(environment); !sealer) tell(sealer.error());
  if (auto webhook = webhook_of(config, environment, parts.client_tls); !webhook) tell(webhook.error());
  if (auto prices = load_catalogue(config.prices_file, *parts.catalogue); !prices) {
    tell(prices.error());
    config.prices_file.clear();  // there may be more
  }
  auto built = Snapshot::build(config, std::move(allowances), environment, parts.foundation());
  if (!built) tell(built.error());
  if (auto used = parts.roster.use_file(std::move(callers)); !used) tell(used.error());
  if (!config.tls_cert.empty()) {
    if (auto tls = net::ServerTls::load(config.tls_cert, config.tls_key); !tls) tell(tls.error());
  }
  return problems;
}

}  // namespace sluice::app
