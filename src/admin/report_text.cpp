#include "admin/report_text.h"

#include <fmt/format.h>

#include "admin/sum_json.h"
#include "admin/table.h"
#include "base/money.h"

namespace sluice::admin {

namespace {

using Side = Table::Side;

std::string usd(std::int64_t nanos) {
  return to_text(Money{nanos});
}

std::string shown(std::string_view value) {
  return value.empty() ? "(none)" : std::string(value);
}

// "2026-11-29" where the period begins with a day, else with the minute.
std::string moment(std::string_view time) {
  constexpr std::size_t kDay = 10, kMinute = 16;
  const bool midnight = time.substr(std::min(kDay, time.size())).starts_with("T00:00:00.000");
  auto text = std::string(time.substr(0, midnight ? kDay : kMinute));
  if (!midnight && text.size() == kMinute) text[kDay] = ' ';
  return text;
}

// "12.5%", cut off behind the first decimal.
std::string percent(const store::Sum& sum) {
  const auto rate = rate_text(sum.failed, sum.exchanges);
  if (rate.size() < 6) return {};
  std::string digits{rate[0], rate[2], rate[3]};
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return fmt::format("{}.{}%", digits, rate[4]);
}

Table rows_of(const Report& report, const ReportQuery& query) {
  const bool periods = query.period != Period::kTotal;
  Table table;
  if (periods) table.columns.push_back({"from", Side::kLeft});
  table.columns.push_back({query.by, Side::kLeft});
  for (const char* name :
       {"exchanges", "failed", "errors", "input tokens", "output tokens", "cost USD", "wasted USD", "cost unknown"})
    table.columns.push_back({name, Side::kRight});
  auto add = [&](const store::Sum& sum, std::string from, std::string value) {
    std::vector<std::string> row;
    if (periods) row.push_back(std::move(from));
    row.push_back(std::move(value));
    for (auto number : {sum.exchanges, sum.failed}) row.push_back(std::to_string(number));
    row.push_back(percent(sum));
    for (auto number : {sum.input, sum.output}) row.push_back(std::to_string(number));
    for (auto nanos : {sum.cost_nanos, sum.wasted_nanos()}) row.push_back(usd(nanos));
    row.push_back(std::to_string(sum.cost_unknown));
    table.rows.push_back(std::move(row));
  };
  for (const auto& row : report.rows) add(row.sum, moment(timestamp(row.from_us, query.zone)), shown(row.value));
  add(report.total, "total", periods ? "" : "total");
  return table;
}

struct Waste {
  std::string_view key, name;
  std::int64_t count = 0, nanos = 0;
};

std::array<Waste, 4> wastes_of(const store::Sum& sum) {
  return {Waste{"failed_attempts", "failed attempts", sum.failed_attempts, sum.failed_nanos},
          {"hedges_lost", "hedges that lost", sum.hedges_lost, sum.hedges_lost_nanos},
          {"aborted", "aborted by the client", sum.aborted, sum.aborted_nanos},
          {"retries", "(of all attempts: made again)", sum.retries, sum.retries_nanos}};
}

Table csv_of(const Report& report, const ReportQuery& query) {
  Table table;
  for (const char* name : {"from", "to", "value"}) table.columns.push_back({name, Side::kLeft});
  for (const char* name :
       {"exchanges", "failed", "client_left", "attempts", "input_tokens", "cache_read_tokens", "cache_write_tokens",
        "output_tokens", "reasoning_tokens", "error_rate", "cost_usd", "cost_unknown", "estimated_usd", "wasted_usd"})
    table.columns.push_back({name, Side::kRight});
  for (const auto& waste : wastes_of({})) {
    table.columns.push_back({std::string(waste.key), Side::kRight});
    table.columns.push_back({fmt::format("{}_usd", waste.key), Side::kRight});
  }
  table.columns.push_back({"held_usd", Side::kRight});
  for (const auto& row : report.rows) {
    const auto& sum = row.sum;
    std::vector<std::string> texts{timestamp(row.from_us, query.zone), timestamp(row.to_us, query.zone), row.value};
    for (auto number : {sum.exchanges, sum.failed, sum.client_left, sum.attempts, sum.input, sum.cache_read,
                        sum.cache_write, sum.output, sum.reasoning})
      texts.push_back(std::to_string(number));
    texts.push_back(rate_text(sum.failed, sum.exchanges));
    texts.push_back(usd(sum.cost_nanos));
    texts.push_back(std::to_string(sum.cost_unknown));
    for (auto nanos : {sum.estimated_nanos, sum.wasted_nanos()}) texts.push_back(usd(nanos));
    for (const auto& waste : wastes_of(sum)) {
      texts.push_back(std::to_string(waste.count));
      texts.push_back(usd(waste.nanos));
    }
    texts.push_back(usd(sum.held_nanos));
    table.rows.push_back(std::move(texts));
  }
  return table;
}

Table waste_of(const Report& report) {
  Table table{.columns = {{"waste", Side::kLeft}, {"attempts", Side::kRight}, {"cost USD", Side::kRight}}, .rows = {}};
  for (const auto& waste : wastes_of(report.total)) {
    if (waste.key == "retries") table.rows.push_back({"together", "", usd(report.total.wasted_nanos())});
    table.rows.push_back({std::string(waste.name), std::to_string(waste.count), usd(waste.nanos)});
  }
  return table;
}

Table movers_of(const Report& report, const ReportQuery& query) {
  Table table{.columns = {{query.by, Side::kLeft},
                          {fmt::format("{} before", name(query.metric)), Side::kRight},
                          {"now", Side::kRight},
                          {"change", Side::kRight}},
              .rows = {}};
  auto amount = [&](std::int64_t of) { return is_money(query.metric) ? usd(of) : std::to_string(of); };
  for (const auto& mover : report.movers)
    table.rows.push_back(
        {shown(mover.value), amount(mover.before), amount(mover.now), amount(mover.now - mover.before)});
  return table;
}

}  // namespace

std::string rendered(const Report& report, const ReportQuery& query, ReportFormat format) {
  if (format == ReportFormat::kJson) return to_json(report, query);
  if (format == ReportFormat::kCsv) return to_csv(csv_of(report, query));
  const auto rows = rows_of(report, query), waste = waste_of(report), movers = movers_of(report, query);
  const auto at = [&](std::int64_t us) { return moment(timestamp(us, query.zone)); };
  const auto title = fmt::format("{} to {}, {}", at(query.from_us), at(query.to_us), query.zone_name);
  if (format == ReportFormat::kMarkdown) {
    auto out = fmt::format("## {}\n\n{}\n### Waste\n\n{}", title, to_markdown(rows), to_markdown(waste));
    if (!movers.rows.empty())
      out += fmt::format("\n### Changed most, against {}\n\n{}", at(report.before_us), to_markdown(movers));
    return out;
  }
  auto out = fmt::format("{}\n\n{}\n{}", title, to_text(rows), to_text(waste));
  if (!movers.rows.empty())
    out += fmt::format("\nchanged most, against the time from {}\n{}", at(report.before_us), to_text(movers));
  return out;
}

}  // namespace sluice::admin
