// All that a snapshot is built on, in memory and thrown away: for a rehearsed start and for tests.
//
// Thread rule: one thread.
#pragma once

#include <memory>

#include "app/snapshot.h"
#include "store/memory/memory_directory.h"
#include "store/memory/memory_ledger.h"

namespace sluice::app {

struct RehearsalParts {
  Foundation foundation() {
    return {metrics, families, [] {},      client_tls, owners, retries, health,   key_health, *catalogue,
            gates,   recent,   injections, moves,      ledger, roster,  refusals, accounts,   vault};
  }

  Metrics metrics;
  stage::RequestMetrics families{metrics};
  ClientTlsCache client_tls;
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
  stage::Owners owners{ledger};
  quota::Book accounts{metrics};
  admin::Vault vault;
};

}  // namespace sluice::app
