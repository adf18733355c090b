#include <benchmark/benchmark.h>

#include "quota/book.h"
#include "quota/permit.h"
#include "quota/reservation.h"

namespace sluice::quota {
namespace {

// An organisation's key, as a request meets it: four accounts that all have budgets and limits.
struct Nested {
  Nested() {
    const Terms terms{.limits = {.rpm = 1ULL << 60, .tpm = 1ULL << 60, .concurrency = 1'000'000},
                      .budgets = {{.limit = Money{INT64_MAX / 2},
                                   .window = {.kind = Window::Kind::kMonth, .zone = "Europe/Berlin"}}}};
    for (const auto scope : {Scope::kOrganisation, Scope::kTeam, Scope::kUser, Scope::kKey}) {
      book.set_terms(scope, "x", terms);
      accounts.push_back(&book.account(scope, "x"));
    }
  }
  Metrics metrics;
  Book book{metrics};
  std::vector<Account*> accounts;
};

Nested& nested() {
  static Nested made;
  return made;
}

void reserve_and_settle(benchmark::State& state) {
  const auto& accounts = nested().accounts;
  for (auto _ : state) {
    auto held = Reservation::make(accounts, {.most = Money{1'000}, .least = Money{1'000}, .arrived = wall_now()});
    held->settle(Money{500});
  }
}
BENCHMARK(reserve_and_settle)->ThreadRange(1, 2);

void limits_of_four(benchmark::State& state) {
  const auto& accounts = nested().accounts;
  for (auto _ : state) {
    auto permit = Permit::take(accounts, 1'000, now());
    permit->correct(900, now());
  }
}
BENCHMARK(limits_of_four)->ThreadRange(1, 2);

void without_terms(benchmark::State& state) {
  auto& free = nested().book.account(Scope::kKey, "free");
  Account* accounts[] = {&free, &free, &free, &free};
  for (auto _ : state) {
    benchmark::DoNotOptimize(Permit::take(accounts, 1'000, Instant()));
    benchmark::DoNotOptimize(Reservation::make(accounts, {}));
  }
}
BENCHMARK(without_terms);

}  // namespace
}  // namespace sluice::quota
