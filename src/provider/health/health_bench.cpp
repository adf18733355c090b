// What a try pays for its deployment's health.

#include <benchmark/benchmark.h>

#include "provider/health/health.h"

namespace sluice::provider {
namespace {

Health shared;

void EnterAndLeave(benchmark::State& state) {
  const BreakerPolicy policy;
  for (auto _ : state) {
    const auto at = now();
    auto pass = shared.breaker.enter(policy, at);
    if (pass) shared.breaker.leave(policy, *pass, Breaker::Outcome::kServed, at);
    benchmark::DoNotOptimize(pass);
  }
}
BENCHMARK(EnterAndLeave)->Threads(1)->Threads(2);

void FailEveryThird(benchmark::State& state) {
  const BreakerPolicy policy;
  int i = 0;
  for (auto _ : state) {
    const auto at = now();
    auto pass = shared.breaker.enter(policy, at);
    const auto outcome = ++i % 3 == 0 ? Breaker::Outcome::kFailed : Breaker::Outcome::kServed;
    if (pass) shared.breaker.leave(policy, *pass, outcome, at);
    benchmark::DoNotOptimize(pass);
  }
}
BENCHMARK(FailEveryThird);

void Admits(benchmark::State& state) {
  const BreakerPolicy policy;
  const auto at = now();
  for (auto _ : state) benchmark::DoNotOptimize(shared.breaker.admits(policy, at));
}
BENCHMARK(Admits);

void ReadClock(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(now());
}
BENCHMARK(ReadClock);

void ObserveFirstPiece(benchmark::State& state) {
  const auto at = now();
  std::int64_t i = 0;
  for (auto _ : state) shared.observe_first_piece(Ms(200 + ++i % 50), at);
}
BENCHMARK(ObserveFirstPiece);

void ObserveLimits(benchmark::State& state) {
  const http::ResponseHead answer{.headers = {{"date", "Sun, 22 Nov 2026 10:00:00 GMT"},
                                              {"content-type", "application/json"},
                                              {"x-ratelimit-limit-requests", "10000"},
                                              {"x-ratelimit-limit-tokens", "30000000"},
                                              {"x-ratelimit-remaining-requests", "9999"},
                                              {"x-ratelimit-remaining-tokens", "29999000"},
                                              {"x-ratelimit-reset-requests", "6ms"},
                                              {"x-ratelimit-reset-tokens", "2ms"},
                                              {"x-request-id", "req_1"},
                                              {"openai-version", "2020-10-01"},
                                              {"cf-cache-status", "DYNAMIC"},
                                              {"server", "cloudflare"}}};
  const auto at = now();
  const auto wall = wall_now();
  for (auto _ : state) shared.observe_limits(answer, at, wall);
}
BENCHMARK(ObserveLimits);

}  // namespace
}  // namespace sluice::provider
