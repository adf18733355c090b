#include "app/report/render.h"

#include <fmt/format.h>

#include "app/report/table.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

using boost::json::object;
using sim::as_object;
using sim::inner_in;
using sim::list_in;
using sim::text_in;
using Side = Table::Side;

std::string integer(const object& of, std::string_view key) {
  const auto* number = sim::number_in(of, key);
  return number && number->is_int64() ? std::to_string(number->get_int64()) : std::string();
}
std::string text(const object& of, std::string_view key) {
  return std::string(text_in(of, key));
}

// "2026-11-29" where the period begins with a day, else with the minute.
std::string moment(std::string_view time) {
  constexpr std::size_t kDay = 10, kMinute = 16;
  const bool midnight = time.substr(std::min(kDay, time.size())).starts_with("T00:00:00.000");
  auto shown = std::string(time.substr(0, midnight ? kDay : kMinute));
  if (!midnight && shown.size() == kMinute) shown[kDay] = ' ';
  return shown;
}

// "12.5%" of "0.1250".
std::string percent(std::string_view rate) {
  if (rate.size() < 6) return std::string();
  std::string digits{rate[0], rate[2], rate[3]};
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return fmt::format("{}.{}%", digits, rate[4]);
}

bool has_periods(const object& report) {
  return text_in(report, "period") != "total";
}

Table rows_of(const object& report) {
  Table table;
  if (has_periods(report)) table.columns.push_back({"from", Side::kLeft});
  table.columns.push_back({text(report, "by"), Side::kLeft});
  for (const char* name :
       {"exchanges", "failed", "errors", "input tokens", "output tokens", "cost USD", "wasted USD", "cost unknown"})
    table.columns.push_back({name, Side::kRight});
  auto add = [&](const object& sum, std::string from, std::string value) {
    std::vector<std::string> row;
    if (has_periods(report)) row.push_back(std::move(from));
    row.push_back(std::move(value));
    for (const char* key : {"exchanges", "failed"}) row.push_back(integer(sum, key));
    row.push_back(percent(text_in(sum, "error_rate")));
    for (const char* key : {"input_tokens", "output_tokens"}) row.push_back(integer(sum, key));
    row.push_back(text(sum, "cost_usd"));
    row.push_back(text(inner_in(sum, "waste"), "cost_usd"));
    row.push_back(integer(sum, "cost_unknown"));
    table.rows.push_back(std::move(row));
  };
  for (const auto& item : list_in(report, "rows")) {
    const auto& row = as_object(item);
    auto value = text(row, "value");
    add(row, moment(text_in(row, "from")), value.empty() ? "(none)" : std::move(value));
  }
  add(inner_in(report, "total"), "total", has_periods(report) ? "" : "total");
  return table;
}

Table csv_of(const object& report) {
  constexpr const char* kNumbers[] = {"exchanges",          "failed",        "client_left",
                                      "attempts",           "input_tokens",  "cache_read_tokens",
                                      "cache_write_tokens", "output_tokens", "reasoning_tokens"};
  constexpr const char* kWastes[] = {"failed_attempts", "hedges_lost", "aborted", "retries"};
  Table table;
  for (const char* name : {"from", "to", "value"}) table.columns.push_back({name, Side::kLeft});
  for (const char* name : kNumbers) table.columns.push_back({name, Side::kRight});
  for (const char* name : {"error_rate", "cost_usd", "cost_unknown", "estimated_usd", "wasted_usd"})
    table.columns.push_back({name, Side::kRight});
  for (const char* name : kWastes) {
    table.columns.push_back({name, Side::kRight});
    table.columns.push_back({std::string(name) + "_usd", Side::kRight});
  }
  for (const auto& item : list_in(report, "rows")) {
    const auto& row = as_object(item);
    const auto& waste = inner_in(row, "waste");
    std::vector<std::string> texts{text(row, "from"), text(row, "to"), text(row, "value")};
    for (const char* key : kNumbers) texts.push_back(integer(row, key));
    texts.push_back(text(row, "error_rate"));
    texts.push_back(text(row, "cost_usd"));
    texts.push_back(integer(row, "cost_unknown"));
    texts.push_back(text(row, "estimated_usd"));
    texts.push_back(text(waste, "cost_usd"));
    for (const char* key : kWastes) {
      texts.push_back(integer(inner_in(waste, key), "count"));
      texts.push_back(text(inner_in(waste, key), "cost_usd"));
    }
    table.rows.push_back(std::move(texts));
  }
  return table;
}

Table waste_of(const object& report) {
  const auto& waste = inner_in(inner_in(report, "total"), "waste");
  Table table{.columns = {{"waste", Side::kLeft}, {"attempts", Side::kRight}, {"cost USD", Side::kRight}}, .rows = {}};
  constexpr std::pair<const char*, const char*> kKinds[] = {{"failed_attempts", "failed attempts"},
                                                            {"hedges_lost", "hedges that lost"},
                                                            {"aborted", "aborted by the client"}};
  for (const auto& [key, name] : kKinds)
    table.rows.push_back({name, integer(inner_in(waste, key), "count"), text(inner_in(waste, key), "cost_usd")});
  table.rows.push_back({"together", "", text(waste, "cost_usd")});
  const auto& retries = inner_in(waste, "retries");
  table.rows.push_back({"(of all attempts: made again)", integer(retries, "count"), text(retries, "cost_usd")});
  return table;
}

Table movers_of(const object& report) {
  const auto& movers = inner_in(report, "movers");
  const auto metric = text_in(movers, "metric");
  const std::string end = metric == "cost" || metric == "waste" ? "_usd" : "";
  Table table{.columns = {{text(report, "by"), Side::kLeft},
                          {fmt::format("{} before", metric), Side::kRight},
                          {"now", Side::kRight},
                          {"change", Side::kRight}},
              .rows = {}};
  auto amount = [&](const object& of, const char* name) {
    return end.empty() ? integer(of, name) : text(of, name + end);
  };
  for (const auto& item : list_in(movers, "values")) {
    const auto& mover = as_object(item);
    auto value = text(mover, "value");
    table.rows.push_back({value.empty() ? "(none)" : std::move(value), amount(mover, "before"), amount(mover, "now"),
                          amount(mover, "change")});
  }
  return table;
}

std::string title(const object& report) {
  return fmt::format("{} to {}, {}", moment(text_in(report, "from")), moment(text_in(report, "to")),
                     text_in(report, "zone"));
}

}  // namespace

Result<std::string> rendered(std::string_view report_json, ReportFormat format) {
  if (format == ReportFormat::kJson) return std::string(report_json) + "\n";
  auto parsed = sim::parsed(report_json);
  if (!parsed || !as_object(*parsed).contains("rows"))
    return fail(FaultKind::kProviderProtocol, "The gateway's answer is no report.");
  const auto& report = as_object(*parsed);
  if (format == ReportFormat::kCsv) return to_csv(csv_of(report));
  const auto rows = rows_of(report), waste = waste_of(report), movers = movers_of(report);
  const auto since = moment(text_in(inner_in(report, "movers"), "before_from"));
  if (format == ReportFormat::kMarkdown) {
    auto out = fmt::format("## {}\n\n{}\n### Waste\n\n{}", title(report), to_markdown(rows), to_markdown(waste));
    if (!movers.rows.empty()) out += fmt::format("\n### Changed most, against {}\n\n{}", since, to_markdown(movers));
    return out;
  }
  auto out = fmt::format("{}\n\n{}\n{}", title(report), to_text(rows), to_text(waste));
  if (!movers.rows.empty()) out += fmt::format("\nchanged most, against the time from {}\n{}", since, to_text(movers));
  return out;
}

}  // namespace sluice::app
