#include "admin/team_books.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sluice::admin {

namespace {

using PeriodSums = std::map<std::pair<std::int64_t, std::string>, store::Sum>;

// What every store keeps of each team, also when the rows are gone.
Result<std::vector<store::PeriodSum>> kept_sums(store::Ledger& ledger, std::string_view team,
                                                const store::SumQuery& query) {
  auto sums = ledger.sums({"team", query.bounds_us});
  if (!sums) return sums;
  std::erase_if(*sums, [&](const store::PeriodSum& one) { return one.value != team; });
  if (query.by != "team") {
    for (auto& one : *sums) one.value.clear();
  }
  return sums;
}

void add(const store::ExchangeRow& row, const store::SumQuery& query, PeriodSums& sums) {
  const auto period = *(std::ranges::upper_bound(query.bounds_us, row.arrived_us) - 1);
  for (auto& share : store::shares_of(row)) {
    if (share.dimension == query.by) sums[{period, std::move(share.value)}].add(share.sum);
  }
}

}  // namespace

Result<std::optional<std::string>> asked_team(const Ask& ask, const Params& params) {
  auto asked = params.text("team");
  if (ask.reach == Reach::kAll) return asked ? std::optional(std::string(*asked)) : std::nullopt;
  if (asked && *asked != ask.who.team) {
    return forbidden("team",
                     fmt::format("The key '{}' sees what is of the team '{}' alone.", ask.who.name, ask.who.team),
                     std::string(kOtherTeam));
  }
  return ask.who.team;
}

Result<std::vector<store::PeriodSum>> team_sums(store::Ledger& ledger, std::string_view team,
                                                const store::SumQuery& query) {
  if (query.by == "all" || query.by == "team") return kept_sums(ledger, team, query);
  auto kept = ledger.kept_from();
  if (!kept) return fail_from(kept);
  if (query.bounds_us.front() < *kept) {
    return invalid("from", fmt::format("The requests before {} are gone, and sums of one team by '{}' with them; by "
                                       "'all' there are some.",
                                       timestamp(*kept), query.by));
  }
  store::PageQuery page_query{.from_us = query.bounds_us.front(),
                              .to_us = query.bounds_us.back(),
                              .filters = {{"team", std::string(team)}},
                              .most = store::kMostRows,
                              .detail = store::PageQuery::Detail::kAttempts};
  PeriodSums sums;
  std::size_t count = 0;
  do {
    auto page = ledger.page(page_query);
    if (!page) return fail_from(page);
    count += page->rows.size();
    if (count > kMostTeamRows) {
      return fail(FaultKind::kTooLarge, fmt::format("More than {} requests of the team are in this time: ask for a "
                                                    "shorter one, or by 'all'.",
                                                    kMostTeamRows));
    }
    for (const auto& row : page->rows) add(row, query, sums);
    page_query.before = std::move(page->next);
  } while (page_query.before);
  std::vector<store::PeriodSum> result;
  result.reserve(sums.size());
  for (auto& [place, sum] : sums) result.push_back({place.first, place.second, sum});
  return result;
}

}  // namespace sluice::admin
