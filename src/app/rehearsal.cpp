#include "app/rehearsal.h"

#include <fmt/format.h>

#include "app/alerts.h"
#include "app/allowance.h"
#include "app/callers.h"
#include "app/prices.h"
#include "app/rehearsal_parts.h"
#include "app/stored_secrets.h"

namespace sluice::app {

std::vector<Problem> rehearse(Config config, const Environment& environment) {
  std::vector<Problem> problems;
  auto tell = [&](const Fault& fault) {
    const bool said = fault.told.contains(fault.detail);  // also where there is none
    problems.push_back({.file = config.file,
                        .line = 0,
                        .field = {},
                        .message = said ? fault.told : fmt::format("{} ({})", fault.told, fault.detail)});
  };
  RehearsalParts parts;
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
