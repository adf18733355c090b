#include <benchmark/benchmark.h>

#include "provider/catalogue/catalogue.h"
#include "provider/catalogue/cost.h"

namespace sluice::provider {
namespace {

// What is done once at start.
void read_the_catalogue(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Catalogue::built_in());
}
BENCHMARK(read_the_catalogue)->Unit(benchmark::kMillisecond);

// What is done for an answer: cached input, reasoning and a service tier.
void cost_of_an_answer(benchmark::State& state) {
  const auto catalogue = Catalogue::built_in();
  const Price& price = catalogue->find("openai", "gpt-6-sol")->price;
  const chat::Usage usage{.source = chat::UsageSource::kProvider,
                          .input = 10'000,
                          .cache_read = 8'960,
                          .cache_write = 512,
                          .output = 700,
                          .reasoning = 500};
  const Terms terms{.service_tier = "flex", .when = wall_now()};
  for (auto _ : state) benchmark::DoNotOptimize(cost_of(&price, usage, terms));
}
BENCHMARK(cost_of_an_answer);

void find_a_model(benchmark::State& state) {
  const auto catalogue = Catalogue::built_in();
  for (auto _ : state) benchmark::DoNotOptimize(catalogue->find("openai", "gpt-4o-2024-08-06"));
}
BENCHMARK(find_a_model);

}  // namespace
}  // namespace sluice::provider
