#include <benchmark/benchmark.h>

#include <string>

#include "http/sse.h"

namespace {

std::string stream(std::size_t events, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < events; ++i) out += "data: {\"x\":\"" + std::string(bytes, 'x') + "\"}\n\n";
  return out;
}

void splits_whole_reads(benchmark::State& state) {
  const std::string bytes = stream(64, 300);
  sluice::http::SseSplitter splitter(1 << 20);
  for (auto _ : state) benchmark::DoNotOptimize(splitter.feed(bytes));
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(splits_whole_reads);

void splits_reads_that_cut_events(benchmark::State& state) {
  const std::string bytes = stream(64, 300);
  sluice::http::SseSplitter splitter(1 << 20);
  for (auto _ : state) {
    for (std::size_t at = 0; at < bytes.size(); at += 1000) {
      benchmark::DoNotOptimize(splitter.feed(std::string_view(bytes).substr(at, 1000)));
    }
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(splits_reads_that_cut_events);

void splits_a_large_event(benchmark::State& state) {
  const std::string bytes = stream(1, 1 << 20);
  sluice::http::SseSplitter splitter(2 << 20);
  for (auto _ : state) benchmark::DoNotOptimize(splitter.feed(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(splits_a_large_event);

}  // namespace
