#include "admin/exchanges.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/exchange_json.h"
#include "admin/params.h"
#include "admin/team_books.h"
#include "base/text.h"

namespace sluice::admin {

namespace {

using Place = store::PageQuery::Place;

constexpr std::int64_t kUsually = 100;

std::vector<std::string_view> known_params() {
  std::vector<std::string_view> known{"limit", "before", "from", "to", "zone", store::kTagPrefix};
  known.insert(known.end(), store::kDimensions.begin(), store::kDimensions.end());
  return known;
}

Result<store::PageQuery> page_query(const Ask& ask, const Params& params) {
  store::PageQuery query{.detail = store::PageQuery::Detail::kAttempts};
  auto limit = params.number("limit", kUsually, 1, store::kMostRows);
  if (!limit) return fail_from(limit);
  query.most = static_cast<std::size_t>(*limit);
  if (auto bounded = params.bound(query); !bounded) return fail_from(bounded);
  auto team = asked_team(ask, params);
  if (!team) return fail_from(team);
  query.filters = params.filters();
  if (params.text("status")) {
    if (auto status = params.number("status", 0, 0, 999); !status) return fail_from(status);
  }
  if (*team && !params.text("team")) query.filters.push_back({"team", std::move(**team)});
  return query;
}

bool is_asked_for(const store::ExchangeRow& row, const store::PageQuery& query) {
  if (row.arrived_us < query.from_us || row.arrived_us >= query.to_us) return false;
  if (query.before && Place{row.arrived_us, row.id} >= *query.before) return false;
  return std::ranges::all_of(query.filters,
                             [&](const store::Filter& filter) { return has_share(row, filter.by, filter.value); });
}

// What the store does not have yet comes in between, and what it has is told with its story.
std::vector<Told> merged(store::Page& page, const stage::Recent& recent, const store::PageQuery& query) {
  std::vector<Told> all;
  all.reserve(page.rows.size() + recent.capacity());
  for (auto& row : page.rows) all.push_back({std::move(row), {}});
  std::ranges::sort(all, {}, [](const Told& told) { return std::string_view(told.row.id); });
  const auto stored = static_cast<std::ptrdiff_t>(all.size());
  for (auto& story : recent.newest(recent.capacity())) {
    const auto end = all.begin() + stored;
    auto mine = std::lower_bound(all.begin(), end, story.id,
                                 [](const Told& told, const std::string& id) { return told.row.id < id; });
    if (mine != end && mine->row.id == story.id) {
      mine->story = std::move(story);
      continue;
    }
    auto row = row_of(story);
    const Place place{row.arrived_us, row.id};
    const bool later_page = page.next && place < *page.next;
    if (!later_page && is_asked_for(row, query)) all.push_back({std::move(row), std::move(story)});
  }
  std::ranges::sort(all, std::greater<>(), [](const Told& told) { return Place{told.row.arrived_us, told.row.id}; });
  return all;
}

}  // namespace

Result<std::string> list_exchanges(const Tools& tools, const Ask& ask) {
  auto params = Params::read(ask.query, known_params());
  if (!params) return fail_from(params);
  auto query = page_query(ask, *params);
  if (!query) return fail_from(query);
  auto page = tools.ledger.page(*query);
  if (!page) return fail_from(page);
  auto all = merged(*page, tools.recent, *query);
  auto next = page->next;
  if (all.size() > query->most) {
    all.resize(query->most);
    next = {all.back().row.arrived_us, all.back().row.id};
  }
  std::string out;
  json::Writer json(out);
  json.begin_object().key("exchanges").begin_array();
  for (const auto& told : all) write_exchange(json, told);
  json.end_array().key("next");
  if (next) {
    json.text(fmt::format("{}.{}", next->arrived_us, next->id));
  } else {
    json.null();
  }
  json.end_object();
  return out;
}

Result<std::string> get_exchange(const Tools& tools, const Ask& ask) {
  auto story = tools.recent.find(ask.parameter);
  auto row = tools.ledger.find(ask.parameter);
  if (!row && !story) return fail_from(row);
  Told told;
  if (row && *row) {
    told.row = std::move(**row);
  } else if (story) {
    told.row = row_of(*story);
  }
  // One of another team is none for who is of one team.
  const bool visible = !told.row.id.empty() && (ask.reach == Reach::kAll || told.row.team == ask.who.team);
  if (!visible) {
    return not_found("request_id", fmt::format("Nothing is known of a request '{}': it is still being served, was "
                                               "nobody's, or its row was kept long enough (ledger.retention).",
                                               printable(ask.parameter)));
  }
  told.story = std::move(story);
  std::string out;
  json::Writer json(out);
  write_exchange(json, told);
  return out;
}

}  // namespace sluice::admin
