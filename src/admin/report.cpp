#include "admin/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "admin/report_text.h"
#include "admin/sum_json.h"
#include "admin/team_books.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time_text.h"

namespace sluice::admin {

namespace {

using std::chrono::local_days;

constexpr std::string_view kPeriods[] = {"total", "hour", "day", "week", "month"};
constexpr std::string_view kMetrics[] = {"cost", "exchanges", "tokens", "failed", "waste"};
constexpr std::int64_t kSecondUs = 1'000'000, kHourUs = 3'600 * kSecondUs;
constexpr std::int64_t kUsualDays = 30;

std::int64_t amount_of(const store::Sum& sum, Metric metric) {
  switch (metric) {
    case Metric::kCost:
      return sum.cost_nanos;
    case Metric::kExchanges:
      return sum.exchanges;
    case Metric::kTokens:
      return sum.input + sum.output;
    case Metric::kFailed:
      return sum.failed;
    case Metric::kWaste:
      return sum.wasted_nanos();
  }
  return 0;
}

std::int64_t begin_us(const quota::Zone& zone, local_days day) {
  return zone.begin(day).time_since_epoch().count() * kSecondUs;
}

// When the period after the one that `at` is in begins.
std::int64_t next_bound(const ReportQuery& query, std::int64_t at) {
  const auto day = query.zone.day(from_us(at));
  switch (query.period) {
    case Period::kTotal:
      return query.to_us;
    case Period::kHour: {
      const auto offset = query.zone.offset(std::chrono::floor<std::chrono::seconds>(from_us(at))).count() * kSecondUs;
      return (at + offset) / kHourUs * kHourUs + kHourUs - offset;
    }
    case Period::kDay:
      return begin_us(query.zone, day + std::chrono::days(1));
    case Period::kWeek: {
      const auto since_monday = std::chrono::weekday(day) - std::chrono::Monday;
      return begin_us(query.zone, day - since_monday + std::chrono::weeks(1));
    }
    case Period::kMonth: {
      const std::chrono::year_month_day date(day);
      return begin_us(query.zone, local_days((date.year() / date.month() + std::chrono::months(1)) / 1));
    }
  }
  return query.to_us;
}

// The time before, of as many days where these are whole ones.
std::int64_t before(const ReportQuery& query) {
  const auto first = query.zone.day(from_us(query.from_us)), last = query.zone.day(from_us(query.to_us));
  const bool whole = begin_us(query.zone, first) == query.from_us;
  auto start = query.from_us - (query.to_us - query.from_us);
  if (whole) {
    const bool ends_whole = begin_us(query.zone, last) == query.to_us;
    const auto count = last - first + std::chrono::days(ends_whole ? 0 : 1);
    start = begin_us(query.zone, first - count);
  }
  return std::max<std::int64_t>(0, start - start % store::kSpanUs);
}

// The values that stay when only the first few are wanted.
std::set<std::string> top_values(const std::map<std::string, store::Sum>& values, const ReportQuery& query) {
  std::vector<std::pair<std::int64_t, std::string>> order;
  order.reserve(values.size());
  for (const auto& [value, sum] : values) order.emplace_back(-amount_of(sum, query.metric), value);
  std::ranges::sort(order);
  if (query.top > 0 && order.size() > query.top) order.resize(query.top);
  std::set<std::string> top;
  for (auto& [amount, value] : order) top.insert(std::move(value));
  return top;
}

using Values = std::map<std::string, store::Sum>;

std::vector<Report::Mover> movers_of(const Values& now, const Values& then, Metric metric) {
  std::map<std::string, Report::Mover> all;
  for (const auto& [value, sum] : now) all[value].now = amount_of(sum, metric);
  for (const auto& [value, sum] : then) all[value].before = amount_of(sum, metric);
  std::vector<Report::Mover> movers;
  movers.reserve(all.size());
  for (auto& [value, mover] : all) {
    if (mover.now == mover.before) continue;
    mover.value = value;
    movers.push_back(std::move(mover));
  }
  std::ranges::sort(movers, {}, [](const Report::Mover& mover) {
    return std::pair(-std::abs(mover.now - mover.before), std::string_view(mover.value));
  });
  if (movers.size() > kMostMovers) movers.resize(kMostMovers);
  return movers;
}

Result<std::pair<std::int64_t, std::int64_t>> times_of(const Params& params, const quota::Zone& zone, WallTime now) {
  auto from = params.time("from", zone);
  if (!from) return fail_from(from);
  auto to = params.time("to", zone);
  if (!to) return fail_from(to);
  const auto until = to->value_or(to_us(now));
  auto since = from->value_or(begin_us(zone, zone.day(now) - std::chrono::days(kUsualDays - 1)));
  if (auto last = params.text("last")) {
    if (*from || *to) return invalid("last", "'last' ends now: it does not go with 'from' or 'to'.");
    constexpr std::int64_t kDayMs = 86'400'000;
    const auto length = parse_duration_ms(*last);
    if (!length || *length <= 0 || *length > 3650 * kDayMs)
      return invalid("last", "'last' is a time such as 7d or 6h, at most 3650d.");
    since = to_us(now) - *length * 1000;
    since -= since % store::kSpanUs;
    if (*length % kDayMs == 0) since = begin_us(zone, zone.day(now) - std::chrono::days(*length / kDayMs - 1));
  }
  if (since >= until) return invalid(*from ? "from" : "to", "The report's time ends before it begins.");
  return std::pair(since, until);
}

void write_amount(json::Writer& json, std::string_view key, std::int64_t amount, Metric metric) {
  if (is_money(metric)) {
    json.key(std::string(key) + "_usd").text(to_text(Money{amount}));
  } else {
    json.key(key).number(amount);
  }
}

void write_movers(json::Writer& json, const Report& report, const ReportQuery& query) {
  json.key("movers").begin_object();
  json.key("before_from").text(timestamp(report.before_us, query.zone));
  json.key("metric").text(name(query.metric));
  json.key("values").begin_array();
  for (const auto& mover : report.movers) {
    json.begin_object();
    json.key("value").text(mover.value);
    write_amount(json, "before", mover.before, query.metric);
    write_amount(json, "now", mover.now, query.metric);
    write_amount(json, "change", mover.now - mover.before, query.metric);
    json.end_object();
  }
  json.end_array().end_object();
}

Result<std::vector<store::PeriodSum>> kept_sums(store::Ledger& ledger, const ReportQuery& query,
                                                const store::SumQuery& sums) {
  return query.team ? team_sums(ledger, *query.team, sums) : ledger.sums(sums);
}

// What has no such tag has a value of its own, the empty one, as what has no team: no ledger keeps a sum of it, it is
// what all have and those with the tag have not.
Result<std::vector<store::PeriodSum>> sums_of(store::Ledger& ledger, const ReportQuery& query,
                                              const store::SumQuery& sums) {
  auto found = kept_sums(ledger, query, sums);
  if (!found || !sums.by.starts_with(store::kTagPrefix)) return found;
  auto all = kept_sums(ledger, query, {"all", sums.bounds_us});
  if (!all) return all;
  std::map<std::int64_t, store::Sum> tagged;
  for (const auto& one : *found) tagged[one.from_us].add(one.sum);
  for (auto& whole : *all) {
    whole.sum.subtract(tagged[whole.from_us]);
    if (whole.sum == store::Sum()) continue;
    auto empty = std::ranges::find_if(
        *found, [&](const auto& one) { return one.from_us == whole.from_us && one.value.empty(); });
    if (empty != found->end()) {
      empty->sum.add(whole.sum);
    } else {
      found->push_back({whole.from_us, "", whole.sum});
    }
  }
  return found;
}

}  // namespace

std::string_view name(Metric metric) {
  return kMetrics[static_cast<std::size_t>(metric)];
}

bool is_money(Metric metric) {
  return metric == Metric::kCost || metric == Metric::kWaste;
}

const std::vector<std::string_view> kReportParams{"by",   "from", "to",     "last", "period",
                                                  "zone", "top",  "metric", "team", "format"};

Result<ReportQuery> report_query(const Params& params, WallTime now) {
  ReportQuery query;
  query.by = params.text("by").value_or("all");
  if (!store::is_dimension(query.by)) {
    return invalid("by", fmt::format("There is no report by '{}'; there is one by {}, or tag:NAME.",
                                     printable(query.by), fmt::join(store::kDimensions, ", ")));
  }
  auto zone = params.zone();
  if (!zone) return fail_from(zone);
  query.zone = std::move(*zone);
  query.zone_name = params.text("zone").value_or("UTC");
  auto period = params.word("period", kPeriods);
  if (!period) return fail_from(period);
  query.period = static_cast<Period>(std::ranges::find(kPeriods, *period) - std::begin(kPeriods));
  auto metric = params.word("metric", kMetrics);
  if (!metric) return fail_from(metric);
  query.metric = static_cast<Metric>(std::ranges::find(kMetrics, *metric) - std::begin(kMetrics));
  auto top = params.number("top", 0, 1, 10'000);
  if (!top) return fail_from(top);
  query.top = static_cast<std::size_t>(*top);
  auto times = times_of(params, query.zone, now);
  if (!times) return fail_from(times);
  std::tie(query.from_us, query.to_us) = *times;
  if (bounds_of(query).size() > store::kMostBounds) {
    return invalid("period", fmt::format("These are too many periods: {} at most.", store::kMostBounds - 1));
  }
  return query;
}

std::vector<std::int64_t> bounds_of(const ReportQuery& query) {
  std::vector<std::int64_t> bounds{query.from_us};
  while (bounds.back() < query.to_us && bounds.size() <= store::kMostBounds)
    bounds.push_back(std::min(next_bound(query, bounds.back()), query.to_us));
  return bounds;
}

Result<Report> make_report(store::Ledger& ledger, const ReportQuery& query) {
  const auto bounds = bounds_of(query);
  auto sums = sums_of(ledger, query, {query.by, bounds});
  if (!sums) return fail_from(sums);
  Report report;
  Values values;
  for (const auto& one : *sums) {
    report.total.add(one.sum);
    values[one.value].add(one.sum);
  }
  if (query.by == "deployment" || query.by == "provider" || query.by == "model") {
    // Exchanges that tried several count in each of them, but once in the whole.
    auto whole = sums_of(ledger, query, {"all", {query.from_us, query.to_us}});
    if (!whole) return fail_from(whole);
    report.total = whole->empty() ? store::Sum() : whole->front().sum;
  }
  const auto top = top_values(values, query);
  std::map<std::pair<std::int64_t, std::string>, store::Sum> rows;
  for (const auto& one : *sums)
    rows[{one.from_us, top.contains(one.value) ? one.value : std::string(kRest)}].add(one.sum);
  report.rows.reserve(rows.size());
  for (const auto& [place, sum] : rows) {
    const auto to = *std::ranges::upper_bound(bounds, place.first);
    report.rows.push_back({place.first, to, place.second, sum});
  }
  std::ranges::sort(report.rows, {}, [&](const Report::Row& row) {
    return std::tuple(row.from_us, -amount_of(row.sum, query.metric), std::string_view(row.value));
  });
  report.before_us = before(query);
  if (report.before_us == query.from_us) return report;
  auto earlier = sums_of(ledger, query, {query.by, {report.before_us, query.from_us}});
  if (!earlier && query.team && earlier.error().param == "from") {  // its rows are gone: nothing to compare with
    report.before_us = query.from_us;
    return report;
  }
  if (!earlier) return fail_from(earlier);
  Values then;
  for (auto& one : *earlier) then[one.value] = one.sum;
  report.movers = movers_of(values, then, query.metric);
  return report;
}

std::string to_json(const Report& report, const ReportQuery& query) {
  std::string out;
  json::Writer json(out);
  json.begin_object();
  json.key("by").text(query.by);
  json.key("team");
  if (query.team) {
    json.text(*query.team);
  } else {
    json.null();
  }
  json.key("from").text(timestamp(query.from_us, query.zone));
  json.key("to").text(timestamp(query.to_us, query.zone));
  json.key("period").text(kPeriods[static_cast<std::size_t>(query.period)]);
  json.key("zone").text(query.zone_name);
  json.key("total").begin_object();
  write_sum(json, report.total);
  json.end_object();
  json.key("rows").begin_array();
  for (const auto& row : report.rows) {
    json.begin_object();
    json.key("from").text(timestamp(row.from_us, query.zone));
    json.key("to").text(timestamp(row.to_us, query.zone));
    json.key("value").text(row.value);
    write_sum(json, row.sum);
    json.end_object();
  }
  json.end_array();
  write_movers(json, report, query);
  json.end_object();
  return out;
}

Result<std::string> get_report(const Tools& tools, const Ask& ask) {
  auto params = Params::read(ask.query, kReportParams);
  if (!params) return fail_from(params);
  auto format = params->word("format", kReportFormats);
  if (!format) return fail_from(format);
  auto query = report_query(*params, wall_now());
  if (!query) return fail_from(query);
  auto team = asked_team(ask, *params);
  if (!team) return fail_from(team);
  query->team = std::move(*team);
  auto report = make_report(tools.ledger, *query);
  if (!report) return fail_from(report);
  const auto place = std::ranges::find(kReportFormats, *format) - std::begin(kReportFormats);
  return rendered(*report, *query, static_cast<ReportFormat>(place));
}

std::string_view report_type(const Ask& ask) {
  constexpr std::string_view kTypes[] = {"application/json", "text/plain; charset=utf-8", "text/csv; charset=utf-8",
                                         "text/markdown; charset=utf-8"};
  auto params = Params::read(ask.query, kReportParams);
  auto format = params ? params->word("format", kReportFormats) : Result<std::string_view>(kReportFormats[0]);
  return kTypes[format ? std::ranges::find(kReportFormats, *format) - std::begin(kReportFormats) : 0];
}

}  // namespace sluice::admin
