// What knowing a caller costs a request, with a hundred thousand keys; and what a change of one costs.
#include <benchmark/benchmark.h>

#include "exchange/callers.h"

namespace sluice {
namespace {

std::string text_of(int number) {
  return "sk-sl-" + std::to_string(number) + std::string(42, 'x');
}

std::shared_ptr<const Callers> table(int count) {
  std::vector<KnownKey> keys;
  keys.reserve(static_cast<std::size_t>(count));
  Callers none(Hmac("secret"), {});
  for (int i = 0; i < count; ++i)
    keys.push_back({none.digest_of(text_of(i)), 0, std::make_shared<const Caller>(Caller{.name = std::to_string(i)})});
  return none.with(std::move(keys));
}

void find_a_key(benchmark::State& state) {
  auto callers = table(static_cast<int>(state.range(0)));
  std::vector<std::string> texts;
  texts.reserve(1000);
  for (int i = 0; i < 1000; ++i) texts.push_back(text_of(i * static_cast<int>(state.range(0)) / 1000));
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(callers->find(texts[next++ % texts.size()]));
}
BENCHMARK(find_a_key)->Arg(1'000)->Arg(100'000);

void change_a_key(benchmark::State& state) {
  auto callers = table(static_cast<int>(state.range(0)));
  const auto digest = callers->digest_of(text_of(5));
  auto caller = std::make_shared<const Caller>(Caller{.name = "changed"});
  for (auto _ : state) callers = callers->with({{digest, 0, caller}});
}
BENCHMARK(change_a_key)->Arg(1'000)->Arg(100'000);

}  // namespace
}  // namespace sluice
