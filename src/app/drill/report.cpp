#include "app/drill/report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "json/writer.h"

namespace sluice::app {

namespace {

constexpr std::size_t kMostLostShown = 20;

std::string ms(std::int64_t us) {
  return fmt::format("{:.1f} ms", static_cast<double>(us) / 1000);
}

std::string served_by(const DrillCount& count) {
  std::string list;
  for (const auto& [deployment, requests] : count.served_by)
    list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", deployment, requests);
  return list.empty() ? "-" : list;
}

std::string_view name(DrillSample::End end) {
  switch (end) {
    case DrillSample::End::kServed:
      return "served";
    case DrillSample::End::kRefused:
      return "refused";
    case DrillSample::End::kBroken:
      return "broken off";
    case DrillSample::End::kTooLate:
      return "too late";
  }
  return "";
}

std::string_view name(DrillVerdict::Result result) {
  switch (result) {
    case DrillVerdict::Result::kUnnoticed:
      return "unnoticed";
    case DrillVerdict::Result::kNoticed:
      return "noticed";
    case DrillVerdict::Result::kProvesNothing:
      return "proves_nothing";
  }
  return "";
}

// The text of a table's cell.
std::string cell(std::string_view text) {
  auto shown = printable(text, 160);
  for (char& c : shown) {
    if (c == '|') c = '/';
  }
  return shown;
}

std::string fault_text(const DrillPlan& plan) {
  auto text = plan.kind;
  if (plan.kind == "status") text += fmt::format(" {}", plan.status);
  if (plan.kind == "slow") text += fmt::format(" by {}", format_duration(plan.delay.count()));
  if (plan.share < 1) text += fmt::format(", a share of {}", plan.share);
  return text;
}

std::string phase_table(const DrillVerdict& verdict) {
  std::string out =
      "| phase | requests | lost | served by a further try | p50 | p99 | served by |\n"
      "|---|---:|---:|---:|---:|---:|---|\n";
  for (std::size_t i = 0; i < std::size(kDrillPhases); ++i) {
    const auto& count = verdict.phases[i];
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", kDrillPhases[i], count.requests, count.lost,
                       count.retried, ms(count.p50_us), ms(count.p99_us), served_by(count));
  }
  return out;
}

std::string lost_table(std::span<const DrillSample> samples) {
  std::string out;
  std::size_t lost = 0;
  for (const auto& sample : samples) {
    if (!sample.lost() || ++lost > kMostLostShown) continue;
    if (out.empty()) {
      out = "\n## Lost requests\n\n| request | phase | streamed | status | how | error |\n|---|---|---|---:|---|---|\n";
    }
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", sample.request_id.empty() ? "-" : sample.request_id,
                       kDrillPhases[static_cast<std::size_t>(sample.phase)], sample.streamed ? "yes" : "no",
                       sample.status, name(sample.end), cell(sample.error));
  }
  if (lost > kMostLostShown) out += fmt::format("\n{} more are not listed.\n", lost - kMostLostShown);
  if (lost > 0) out += "\n`sluice why REQUEST` tells more of each, as long as the gateway keeps it.\n";
  return out;
}

}  // namespace

std::string drill_markdown(const DrillPlan& plan, const DrillVerdict& verdict, std::span<const DrillSample> samples) {
  auto out = fmt::format("# Drill: {} {}\n\n{}\n\n", plan.deployment, fault_text(plan), verdict.summary);
  out += fmt::format(
      "Model `{}`, {} requests a second for {} s, every other one streamed; the fault was there in the middle third. "
      "The application waits {} for an answer.\n\n",
      plan.model, plan.rate, plan.seconds, format_duration(plan.patience.count()));
  out += phase_table(verdict);
  out +=
      fmt::format("\nThe fault added {} at p50 and {} at p99.\n", ms(verdict.added_p50_us), ms(verdict.added_p99_us));
  if (!verdict.findings.empty()) out += "\n## What to mend\n\n";
  for (const auto& finding : verdict.findings) out += fmt::format("- {}\n", finding);
  return out + lost_table(samples);
}

std::string drill_json(const DrillPlan& plan, const DrillVerdict& verdict) {
  std::string out;
  json::Writer json(out);
  json.begin_object();
  json.key("result").text(name(verdict.result));
  json.key("summary").text(verdict.summary);
  json.key("deployment").text(plan.deployment);
  json.key("fault").text(plan.kind);
  json.key("model").text(plan.model);
  json.key("added_p50_us").number(verdict.added_p50_us);
  json.key("added_p99_us").number(verdict.added_p99_us);
  json.key("phases").begin_object();
  for (std::size_t i = 0; i < std::size(kDrillPhases); ++i) {
    const auto& count = verdict.phases[i];
    json.key(kDrillPhases[i]).begin_object();
    json.key("requests").number(std::uint64_t{count.requests});
    json.key("lost").number(std::uint64_t{count.lost});
    json.key("retried").number(std::uint64_t{count.retried});
    json.key("p50_us").number(count.p50_us);
    json.key("p99_us").number(count.p99_us);
    json.key("served_by").begin_array();
    for (const auto& [deployment, requests] : count.served_by) {
      json.begin_object();
      json.key("deployment").text(deployment);
      json.key("requests").number(std::uint64_t{requests});
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_object().key("findings").begin_array();
  for (const auto& finding : verdict.findings) json.text(finding);
  json.end_array().end_object();
  return out;
}

}  // namespace sluice::app
