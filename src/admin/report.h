// GET /admin/v1/report: what was spent, by whatever and in periods; what failed, what was wasted, and what has changed
// most.
//
//   ?by=team&from=2026-11-01&to=2026-12-01&period=day&zone=Europe/Berlin&metric=cost&top=10
//
// Thread rule: any thread but a loop: it asks the ledger.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "admin/ask.h"
#include "admin/params.h"

namespace sluice::admin {

enum class Period : std::uint8_t { kTotal, kHour, kDay, kWeek, kMonth };
enum class Metric : std::uint8_t { kCost, kExchanges, kTokens, kFailed, kWaste };
std::string_view name(Metric metric);
bool is_money(Metric metric);

struct ReportQuery {
  std::string by;
  std::optional<std::string> team;  // of it alone; nothing: of all
  std::int64_t from_us = 0, to_us = 0;
  Period period = Period::kTotal;
  std::string zone_name = "UTC";
  quota::Zone zone;
  Metric metric = Metric::kCost;  // by which values are ordered and have changed most
  std::size_t top = 0;            // the values that have most of it; the others are one, kRest. 0: all
};
inline constexpr std::string_view kRest = "(rest)";

// Without from: the days of the last month, today included; without to: until now. `last` is "7d" (days of the zone,
// today included) or shorter, "6h", until now.
Result<ReportQuery> report_query(const Params& params, WallTime now);
extern const std::vector<std::string_view> kReportParams;

struct Report {
  struct Row {
    std::int64_t from_us = 0, to_us = 0;
    std::string value;  // empty: what has no such value
    store::Sum sum;
  };
  struct Mover {
    std::string value;
    std::int64_t before = 0, now = 0;  // of the metric
  };
  store::Sum total;
  std::vector<Row> rows;       // by period, and in it by the metric, most first
  std::int64_t before_us = 0;  // the time of equal length before: from here to from_us
  std::vector<Mover> movers;   // that have changed most, kMostMovers of them
};
inline constexpr std::size_t kMostMovers = 10;

Result<Report> make_report(store::Ledger& ledger, const ReportQuery& query);
std::string to_json(const Report& report, const ReportQuery& query);

// The bounds of the periods, from the first to the last; those of the zone in between.
std::vector<std::int64_t> bounds_of(const ReportQuery& query);

// As `format` says: json, table, csv or markdown; and the type of such an answer.
Result<std::string> get_report(const Tools& tools, const Ask& ask);
std::string_view report_type(const Ask& ask);

}  // namespace sluice::admin
