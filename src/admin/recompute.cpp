#include "admin/recompute.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/params.h"
#include "base/money.h"
#include "base/time_text.h"
#include "exchange/usage_row.h"
#include "json/writer.h"
#include "provider/catalogue/cost.h"

namespace sluice::admin {

namespace {

constexpr std::string_view kParams[] = {"from", "to", "zone", "dry_run", "before"};
constexpr std::string_view kConfigured = "configuration";

// A provider charges nothing for some attempts; their rows say so with a cost of nothing and no price.
bool is_charged(const store::AttemptRow& attempt) {
  return !attempt.cost_nanos || *attempt.cost_nanos != 0 || !attempt.price_version.empty();
}

void count(Recomputed& recomputed, const store::AttemptRow& attempt, const store::Correction& correction) {
  auto& model = recomputed.models[attempt.model_routed];
  ++model.attempts;
  model.before_nanos += attempt.cost_nanos.value_or(0);
  model.after_nanos += correction.cost_nanos.value_or(0);
  model.unknown_before += attempt.cost_nanos ? 0 : 1;
  model.unknown_after += correction.cost_nanos ? 0 : 1;
}

const provider::Deployment* deployment_of(const provider::Routes& routes, const store::ExchangeRow& row,
                                          std::string_view name) {
  const provider::Deployment* found = nullptr;
  auto look = [&](const provider::Route& route, const provider::Deployment& one) {
    if (one.name == name && (!found || route.name == row.route)) found = &one;
  };
  for (const auto& route : routes.all()) {
    for (const auto& one : route->deployments) look(*route, *one);
  }
  for (const auto& provider : routes.providers()) {
    if (const auto* implicit = routes.implicit_route(provider->name))
      look(*implicit, provider::deployment_behind(*implicit));
  }
  return found;
}

}  // namespace

store::Correction correction_of(const store::ExchangeRow& row, std::size_t index, const provider::Price* price) {
  const auto& attempt = row.attempts[index];
  const provider::Terms terms{.service_tier = attempt.service_tier,
                              .speed = attempt.speed,
                              .geo = attempt.geo,
                              .when = WallTime(std::chrono::microseconds(row.arrived_us))};
  store::Correction correction{.id = row.id, .attempt = index, .cost_nanos = {}, .price_version = {}, .used = {}};
  if (const auto cost = provider::cost_of(price, usage_of(attempt.usage), terms)) {
    correction.cost_nanos = cost->total.nanos;
    correction.price_version = price->version;
  }
  return correction;
}

const provider::Catalogue* catalogue_of(const provider::Routes& routes) {
  const auto& providers = routes.providers();
  return providers.empty() ? nullptr : providers.front()->catalogue;
}

PriceOf price_by(const provider::Routes& routes, const provider::Catalogue* catalogue) {
  return [&routes, catalogue](const store::ExchangeRow& row, const store::AttemptRow& attempt) {
    if (const auto* deployment = deployment_of(routes, row, attempt.deployment))
      return provider::price_of({deployment, attempt.model_routed}, attempt.model_served);
    provider::Provider provider;
    provider.catalogue = catalogue;
    provider.catalogue_name = attempt.catalogue;
    provider::Deployment deployment;
    deployment.provider = &provider;
    return provider::price_of({&deployment, attempt.model_routed}, attempt.model_served);
  };
}

Result<Recomputed> recompute(store::Ledger& ledger, const store::Page& page, const PriceOf& price_of, Write write) {
  Recomputed recomputed;
  std::vector<store::Correction> corrections;
  for (const auto& row : page.rows) {
    for (std::size_t i = 0; i < row.attempts.size(); ++i) {
      const auto& attempt = row.attempts[i];
      if (!is_charged(attempt)) continue;
      ++recomputed.looked_at;
      const auto* price = price_of(row, attempt);
      if (attempt.price_version == kConfigured && (!price || price->version != kConfigured)) {
        ++recomputed.kept;  // what it was is not known any more
        continue;
      }
      auto correction = correction_of(row, i, price);
      if (correction.cost_nanos == attempt.cost_nanos && correction.price_version == attempt.price_version) continue;
      count(recomputed, attempt, correction);
      corrections.push_back(std::move(correction));
    }
  }
  if (write == Write::kDryRun || corrections.empty()) return recomputed;
  if (auto written = ledger.correct(corrections, wall_us()); !written) return fail_from(written);
  return recomputed;
}

std::string to_json(const Recomputed& recomputed, const std::optional<store::PageQuery::Place>& next) {
  std::string out;
  json::Writer json(out);
  json.begin_object();
  json.key("looked_at").number(recomputed.looked_at);
  json.key("kept").number(recomputed.kept);
  json.key("models").begin_array();
  for (const auto& [name, model] : recomputed.models) {
    json.begin_object();
    json.key("model").text(name);
    json.key("attempts").number(model.attempts);
    json.key("before_usd").text(to_text(Money{model.before_nanos}));
    json.key("after_usd").text(to_text(Money{model.after_nanos}));
    json.key("unknown_before").number(model.unknown_before);
    json.key("unknown_after").number(model.unknown_after);
    json.end_object();
  }
  json.end_array().key("next");
  if (next) {
    json.text(fmt::format("{}.{}", next->arrived_us, next->id));
  } else {
    json.null();
  }
  json.end_object();
  return out;
}

Result<std::string> recompute_prices(const Tools& tools, const Ask& ask) {
  auto params = Params::read(ask.query, kParams);
  if (!params) return fail_from(params);
  constexpr std::string_view kAnswers[] = {"no", "yes"};
  auto dry = params->word("dry_run", kAnswers);
  if (!dry) return fail_from(dry);
  store::PageQuery query{.most = store::kMostRows, .detail = store::PageQuery::Detail::kAttempts};
  if (auto bounded = params->bound(query); !bounded) return fail_from(bounded);
  auto page = tools.ledger.page(query);
  if (!page) return fail_from(page);
  const auto write = *dry == "yes" ? Write::kDryRun : Write::kYes;
  auto recomputed = recompute(tools.ledger, *page, price_by(tools.routes, catalogue_of(tools.routes)), write);
  if (!recomputed) return fail_from(recomputed);
  return to_json(*recomputed, page->next);
}

}  // namespace sluice::admin
