#include <benchmark/benchmark.h>

#include "base/metrics.h"

namespace sluice {
namespace {

void count_through_a_reference(benchmark::State& state) {
  Metrics metrics;
  auto& counter = metrics.counter("c", "h", {"l"}).find({"x"});
  for (auto _ : state) counter.add();
}
BENCHMARK(count_through_a_reference);

void find_among_series(benchmark::State& state) {
  static Metrics metrics;
  auto& family = metrics.counter("c", "h", {"model", "status"});
  for (int i = 0; i < 1000; ++i) family.find({std::to_string(i), "200"});
  for (auto _ : state) benchmark::DoNotOptimize(&family.find({"500", "200"}));
}
BENCHMARK(find_among_series)->Threads(1)->Threads(2);

void observe(benchmark::State& state) {
  Metrics metrics;
  auto& histogram = metrics.histogram("h", "h", {}).find({});
  std::int64_t value = 0;
  for (auto _ : state) histogram.observe_us(value = (value * 7 + 13) % 10'000'000);
}
BENCHMARK(observe);

void render_a_thousand_histograms(benchmark::State& state) {
  Metrics metrics;
  auto& family = metrics.histogram("h", "h", {"model"}, 1000);
  for (int i = 0; i < 1000; ++i) family.find({std::to_string(i)}).observe_us(i);
  for (auto _ : state) benchmark::DoNotOptimize(metrics.render());
}
BENCHMARK(render_a_thousand_histograms)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sluice
