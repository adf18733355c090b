#include <benchmark/benchmark.h>

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
    if (!(*ledger)->insert(rows, {})) state.SkipWithError("not inserted");
  }
  state.SetItemsProcessed(number);
}
BENCHMARK(insert_into_sqlite)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();

// Sums of 90 days by day and the first page of the log, over a hundred thousand rows.
void ask_sqlite(benchmark::State& state) {
  constexpr std::int64_t kDayUs = 86'400'000'000, kBegin = 1'790'000'100'000'000;
  journal::Folder folder;
  auto ledger = SqliteLedger::open(folder.file("ledger.db"));
  for (std::int64_t day = 0; day < 90; ++day) {
    std::vector<ExchangeRow> rows;
    for (std::int64_t i = 0; i < 1111; ++i) {
      rows.push_back(typical(day * 10'000 + i));
      rows.back().arrived_us = kBegin + day * kDayUs + i * 77'000'000;
    }
    if (!(*ledger)->insert(rows, {})) state.SkipWithError("not inserted");
  }
  SumQuery days{.by = "key", .bounds_us = {}};
  for (std::int64_t day = 0; day <= 90; ++day) days.bounds_us.push_back(kBegin + day * kDayUs);
  for (auto _ : state) {
    if (state.range(0) == 0) benchmark::DoNotOptimize((*ledger)->sums(days));
    if (state.range(0) == 1) benchmark::DoNotOptimize((*ledger)->page({}));
  }
}
BENCHMARK(ask_sqlite)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sluice::store
