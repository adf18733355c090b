// POST /admin/v1/prices/recompute: what attempts cost, computed anew with the prices of now.
//
//   ?from=2026-11-01&to=2026-12-01&zone=Europe/Berlin&dry_run=yes&before=CURSOR
//
// A call looks at a page of exchanges, newest first, and says where the next one begins, so that none takes long. What
// was charged and what its cost was go with the rows; only the price is new. Rows that retention has removed stay as
// they were added up.
//
// Thread rule: any thread but a loop: it asks the ledger and changes it.
#pragma once

#include <functional>
#include <map>

#include "admin/ask.h"

namespace sluice::admin {

// The price of now of an attempt. Null: there is none.
using PriceOf = std::function<const provider::Price*(const store::ExchangeRow&, const store::AttemptRow&)>;
// By the deployment of that name, as it is configured; where it is no more, by the catalogue.
PriceOf price_by(const provider::Routes& routes, const provider::Catalogue* catalogue);
// The one in which they look up their models; null: they have no provider.
const provider::Catalogue* catalogue_of(const provider::Routes& routes);

// What its usage costs at this price; null: that is not known.
store::Correction correction_of(const store::ExchangeRow& row, std::size_t index, const provider::Price* price);

struct Recomputed {
  struct Model {
    std::int64_t attempts = 0;  // whose cost or price's version has changed
    std::int64_t before_nanos = 0, after_nanos = 0;
    std::int64_t unknown_before = 0, unknown_after = 0;
  };
  std::map<std::string, Model> models;  // by the upstream name
  std::int64_t looked_at = 0;           // attempts that were charged
  std::int64_t kept = 0;                // of them: a configured price, whose deployment is no more
};

enum class Write : std::uint8_t { kYes, kDryRun };
// Of the exchanges on a page that has attempts; what is changed is written there too.
Result<Recomputed> recompute(store::Ledger& ledger, const store::Page& page, const PriceOf& price_of, Write write);

Result<std::string> recompute_prices(const Tools& tools, const Ask& ask);
std::string to_json(const Recomputed& recomputed, const std::optional<store::PageQuery::Place>& next);

}  // namespace sluice::admin
