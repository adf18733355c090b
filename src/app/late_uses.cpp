#include "app/late_uses.h"

#include "base/log.h"
#include "base/time_text.h"

namespace sluice::app {

namespace {

constexpr Ms kEvery{4'000};       // seldom enough for budgets, which follow when corrections pause
constexpr Ms kAwaitRow{120'000};  // the journal's rows are in the ledger long before, unless it is away

// Nothing: it is known already what the answer used.
std::optional<store::Correction> correction_of(store::ExchangeRow& row, const stage::Owners::Use& use,
                                               const admin::PriceOf& price_of) {
  for (std::size_t i = row.attempts.size(); i-- > 0;) {
    auto& attempt = row.attempts[i];
    if (attempt.cost_nanos || !attempt.usage.source.empty() || attempt.provider != row.provider) continue;
    attempt.usage = use.usage;
    if (!use.service_tier.empty()) attempt.service_tier = use.service_tier;
    auto correction = admin::correction_of(row, i, price_of(row, attempt));
    correction.used = {attempt.usage, attempt.service_tier};
    return correction;
  }
  return std::nullopt;
}

}  // namespace

Result<stage::Owners::Uses> book_uses(store::Ledger& ledger, const stage::Owners::Uses& uses,
                                      const admin::PriceOf& price_of, Instant give_up) {
  stage::Owners::Uses waiting;
  std::vector<store::Correction> corrections;
  for (const auto& [id, use] : uses) {
    auto row = ledger.find_kept(id);
    if (!row) return fail_from(row);
    if (!*row) {
      if (use.told > give_up) waiting.emplace(id, use);
    } else if (auto correction = correction_of(**row, use, price_of)) {
      corrections.push_back(std::move(*correction));
    }
  }
  if (corrections.empty()) return waiting;
  if (auto written = ledger.correct(corrections, wall_us()); !written) return fail_from(written);
  return waiting;
}

void LateUses::book(const provider::Routes& routes) {
  if (now() < next_) return;
  next_ = now() + kEvery;
  auto uses = owners_.take_uses();
  if (uses.empty()) return;
  auto waiting = book_uses(ledger_, uses, admin::price_by(routes, admin::catalogue_of(routes)), now() - kAwaitRow);
  if (!waiting) log::write(log::Level::kWarn, "what background answers used is not in the ledger yet", waiting.error());
  for (const auto& [id, use] : waiting ? *waiting : uses) owners_.tell_use(id, use);
}

}  // namespace sluice::app
