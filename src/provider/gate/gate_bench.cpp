#include <benchmark/benchmark.h>

#include "provider/gate/gate_book.h"

namespace sluice::provider {
namespace {

// Coming and going with room free, which is what every request pays: alone, and from two threads at the same gate.
void enter_and_leave(benchmark::State& state) {
  static Metrics metrics;
  static GateBook book(metrics);
  static Gate& gate = book.find("bench", {.concurrency = 1000});
  for (auto _ : state) {
    auto room = gate.try_enter();
    benchmark::DoNotOptimize(room);
  }
}
BENCHMARK(enter_and_leave)->ThreadRange(1, 2);

void has_room(benchmark::State& state) {
  Metrics metrics;
  GateBook book(metrics);
  Gate& gate = book.find("bench", {.concurrency = 1000});
  for (auto _ : state) benchmark::DoNotOptimize(gate.has_room());
}
BENCHMARK(has_room);

}  // namespace
}  // namespace sluice::provider
