#include "app/reconcile/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/reconcile/buckets.h"
#include "app/reconcile/reach.h"
#include "base/money.h"

namespace sluice::app {

namespace {

constexpr std::string_view kNames[kVerdicts] = {"matched",      "estimated here", "no usage told", "day boundary",
                                                "time zone",    "price differs",  "tokens differ", "money differs",
                                                "missing here", "missing there"};

// "input 120 there, 100 here", of all that differs.
std::string differences(const UsageLine& there, const BookLine& here) {
  std::string words;
  auto compare_one = [&](std::string_view what, const std::optional<std::int64_t>& theirs, std::int64_t ours) {
    if (!theirs || *theirs == ours) return;
    words += fmt::format("{}{} {} there, {} here", words.empty() ? "" : "; ", what, *theirs, ours);
  };
  compare_one("input", there.input, here.input);
  compare_one("cache read", there.cache_read, here.cache_read);
  compare_one("cache write", there.cache_write, here.cache_write);
  compare_one("output", there.output, here.output);
  return words;
}

std::string money_differs(const UsageLine& there, const BookLine& here) {
  return fmt::format("{} USD there, {} here ({}, {})", to_text(Money{*there.cost_nanos}),
                     here.cost_nanos ? to_text(Money{*here.cost_nanos}) : "unknown", here.model_routed, here.exchange);
}

Finding judge(const UsageLine& there, const BookLine& here) {
  Finding finding{.line = there.line, .subject = there.request_id, .detail = differences(there, here)};
  Reach reach;
  reach.add(here);
  const auto counts = counts_of(there);
  const auto unknown = reach.untold() > 0 ? Verdict::kUntold : Verdict::kEstimated;
  if (!finding.detail.empty()) {
    const bool holds = reach.holds_tokens(counts, there.cost_nanos);
    finding.verdict = holds ? unknown : Verdict::kTokens;
    finding.detail += fmt::format(" ({}, {}{})", here.exchange, here.outcome, holds ? "" : reach.beyond());
  } else if (there.cost_nanos && here.cost_nanos != there.cost_nanos) {
    finding.verdict = tells_tokens(counts)                          ? Verdict::kPrice
                      : reach.holds_cost(counts, *there.cost_nanos) ? unknown
                                                                    : Verdict::kMoney;
    finding.detail = money_differs(there, here);
  }
  return finding;
}

void add(Comparison& comparison, Finding finding) {
  ++comparison.counts[finding.verdict];
  if (finding.verdict != Verdict::kMatched) comparison.findings.push_back(std::move(finding));
}

void compare_requests(const UsageFile& file, std::span<const BookLine> books, Comparison& comparison) {
  std::map<std::string_view, const BookLine*> by_id;
  for (const auto& book : books) {
    if (!book.request_id.empty()) by_id.emplace(book.request_id, &book);
  }
  std::map<const BookLine*, std::size_t> taken;
  auto from = INT64_MAX, to = INT64_MIN;
  for (const auto& line : file.lines) {
    from = std::min(from, line.from_us);
    to = std::max(to, line.to_us);
    const auto found = by_id.find(line.request_id);
    add_up(comparison.cost_there_nanos, line.cost_nanos.value_or(0));
    if (found == by_id.end()) {
      add(comparison, {Verdict::kMissingHere, line.line, line.request_id, line.model});
    } else if (auto [first, fresh] = taken.emplace(found->second, line.line); !fresh) {
      add(comparison,
          {Verdict::kMissingHere, line.line, line.request_id, fmt::format("it was in line {} already", first->second)});
    } else if (!line.has_amount()) {
      comparison.cost_here_nanos += found->second->cost_nanos.value_or(0);
      ++comparison.silent;
    } else {
      comparison.cost_here_nanos += found->second->cost_nanos.value_or(0);
      add(comparison, judge(line, *found->second));
    }
  }
  for (const auto& book : books) {
    const bool in_time = book.ended_us >= from && book.began_us < to;
    if (!book.is_charged() || taken.contains(&book)) continue;
    if (!in_time) {
      ++comparison.outside;
      continue;
    }
    comparison.cost_here_nanos += book.cost_nanos.value_or(0);
    add(comparison, {Verdict::kMissingThere, 0, book.request_id.empty() ? book.exchange : book.request_id,
                     fmt::format("{}, {} ({})", book.model_routed, book.outcome, book.exchange)});
  }
}

}  // namespace

std::string_view name(Verdict verdict) {
  return kNames[static_cast<std::size_t>(verdict)];
}

bool is_explained(Verdict verdict) {
  return verdict < Verdict::kTokens;
}

bool Comparison::explained() const {
  return std::ranges::all_of(counts, [](const auto& count) { return is_explained(count.first); });
}

Comparison compare(const UsageFile& file, std::span<const BookLine> books) {
  Comparison comparison{.counts = {}, .findings = {}, .ignored = file.ignored};
  const bool of_requests =
      std::ranges::any_of(file.lines, [](const UsageLine& line) { return !line.request_id.empty(); });
  if (of_requests) {
    compare_requests(file, books, comparison);
  } else {
    auto compared = compare_buckets(file, books);
    comparison.cost_there_nanos = compared.cost_there_nanos;
    comparison.cost_here_nanos = compared.cost_here_nanos;
    comparison.outside = compared.outside;
    comparison.silent = compared.silent;
    for (auto& finding : compared.findings) add(comparison, std::move(finding));
  }
  std::ranges::sort(comparison.findings, {}, [](const Finding& finding) {
    return std::pair(finding.line == 0 ? SIZE_MAX : finding.line, std::string_view(finding.subject));
  });
  return comparison;
}

}  // namespace sluice::app
