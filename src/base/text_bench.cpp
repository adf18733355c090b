#include <benchmark/benchmark.h>

#include "base/digest.h"
#include "base/ids.h"
#include "base/text.h"

namespace sluice {
namespace {

void append_json(benchmark::State& state) {
  std::string text(static_cast<std::size_t>(state.range(0)), 'a');
  for (std::size_t i = 40; i < text.size(); i += 80) text[i] = '"';
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_json_string(out, text);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_json)->Arg(64)->Arg(4096);

void glob(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(glob_match("openai/*-mini*", "openai/gpt-4o-mini-2024-07-18"));
}
BENCHMARK(glob);

void hash_of_a_key(benchmark::State& state) {
  std::string key = "sk-sl-0123456789abcdef0123456789abcdef0123456789abcdef";
  for (auto _ : state) benchmark::DoNotOptimize(sha256(key));
}
BENCHMARK(hash_of_a_key);

void next_id(benchmark::State& state) {
  IdMaker maker;
  for (auto _ : state) benchmark::DoNotOptimize(maker.next());
}
BENCHMARK(next_id);

}  // namespace
}  // namespace sluice
