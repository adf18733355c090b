#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "base/journal/folder_test.h"
#include "store/record.h"
#include "store/rows_test.h"
#include "store/sqlite/sqlite_ledger.h"

namespace sluice::store {
namespace {

ExchangeRow typical(std::int64_t number) {
  auto row = small_row(number, 1'790'000'100'000'000 + number * 1000);
  row.key = "key-" + std::to_string(number % 50);
  row.team = "team-" + std::to_string(number % 7);
  row.tags = {{"environment", "production"}, {"feature", "search"}};
  row.model_asked = "fast";
  row.model_served = "gpt-4o-mini-2024-07-18";
  row.deployment = row.attempts[0].deployment;
  row.attempts[0].provider_request_id = "req-0123456789abcdef0123456789abcdef";
  return row;
}

void write_record(benchmark::State& state) {
  auto row = typical(1);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = to_record(row).size();
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(write_record);

void read_record(benchmark::State& state) {
  auto record = to_record(typical(1));
  for (auto _ : state) benchmark::DoNotOptimize(from_record(record));
}
BENCHMARK(read_record);

void insert_into_sqlite(benchmark::State& state) {
  journal::Folder folder;
  auto ledger = SqliteLedger::open(folder.file("ledger.db"));
  std::int64_t number = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<ExchangeRow> rows;
    for (std::int64_t i = 0; i < state.range(0); ++i) rows.push_back(typical(number++));
    state.ResumeTiming();
    if (!(*ledger)->insert(views_of(rows), {})) state.SkipWithError("not inserted");
  }
  state.SetItemsProcessed(number);
}
BENCHMARK(insert_into_sqlite)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();

constexpr std::int64_t kDayUs = 86'400'000'000, kBegin = 1'789'948'800'000'000;  // a midnight, UTC
constexpr std::int64_t kDays = 90;

// Of 90 days, evenly: 50 keys, 7 teams, 200 sessions a day. SLUICE_BENCH_ROWS says how many, SLUICE_BENCH_LEDGER where
// the file is kept for the next time (a million take four minutes on a busy machine).
Ledger& filled() {
  static journal::Folder folder;
  static std::unique_ptr<SqliteLedger> ledger;
  if (ledger) return *ledger;
  const char* kept = std::getenv("SLUICE_BENCH_LEDGER");
  const char* count = std::getenv("SLUICE_BENCH_ROWS");
  const std::int64_t rows = count ? std::atoll(count) : 200'000;
  ledger = std::move(*SqliteLedger::open(kept ? kept : folder.file("ledger.db")));
  const auto began = std::chrono::steady_clock::now();
  auto number = static_cast<std::int64_t>(ledger->position()->sequence);
  while (number < rows) {
    std::vector<ExchangeRow> batch;
    for (; batch.size() < 1000 && number < rows; ++number) {
      auto& row = batch.emplace_back(typical(number));
      const auto day = number * kDays / rows;
      row.arrived_us = kBegin + static_cast<std::int64_t>(static_cast<double>(number) / static_cast<double>(rows) *
                                                          static_cast<double>(kDays * kDayUs));
      row.tags.emplace_back("session", "s-" + std::to_string(day * 200 + number % 200));
    }
    if (!ledger->insert(views_of(batch), {1, 0, static_cast<std::uint64_t>(number)})) std::abort();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::fprintf(stderr, "%lld rows are there after %.0f s\n", static_cast<long long>(rows), took.count());
  return *ledger;
}

// 90 days by the days of a zone two hours from UTC: each cuts the days of UTC.
void report_by_day(benchmark::State& state, const char* by, std::int64_t offset_us) {
  auto& ledger = filled();
  SumQuery days{.by = by, .bounds_us = {}};
  for (std::int64_t day = 0; day <= kDays; ++day) days.bounds_us.push_back(kBegin + day * kDayUs - offset_us);
  for (auto _ : state) {
    auto sums = ledger.sums(days);
    if (!sums) state.SkipWithError(sums.error().told.c_str());
    if (sums) state.counters["sums"] = static_cast<double>(sums->size());
  }
}
BENCHMARK_CAPTURE(report_by_day, team, "team", 7'200'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(report_by_day, key, "key", 7'200'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(report_by_day, key_india, "key", 19'800'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(report_by_day, session_utc, "tag:session", 0)->Unit(benchmark::kMillisecond)->UseRealTime();

void report_of_all(benchmark::State& state, const char* by) {
  auto& ledger = filled();
  for (auto _ : state) benchmark::DoNotOptimize(ledger.sums({by, {kBegin - 7'200'000'000, kBegin + kDays * kDayUs}}));
}
BENCHMARK_CAPTURE(report_of_all, model, "model")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(report_of_all, session, "tag:session")->Unit(benchmark::kMillisecond)->UseRealTime();

void page_of_sqlite(benchmark::State& state, std::vector<Filter> filters) {
  auto& ledger = filled();
  for (auto _ : state) benchmark::DoNotOptimize(ledger.page({.filters = filters}));
}
BENCHMARK_CAPTURE(page_of_sqlite, all, {})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(page_of_sqlite, key, {{"key", "key-7"}})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(page_of_sqlite, nothing, {{"tag:feature", "none"}})->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace sluice::store
