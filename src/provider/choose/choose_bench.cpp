#include <benchmark/benchmark.h>

#include "dialect/openai/endpoint.h"
#include "dialect/openai/openai.h"
#include "dialect/prompt.h"
#include "provider/choose/choose.h"
#include "provider/choose/moves.h"

namespace sluice::provider {
namespace {

// One flat group of so many deployments that are well.
void choose_among(benchmark::State& state, Strategy strategy) {
  Provider provider;
  provider.clients = {&dialect::openai::client()};
  Route route;
  route.tree.strategy = strategy;
  for (int i = 0; i < state.range(0); ++i) {
    auto& made = *route.deployments.emplace_back(std::make_unique<Deployment>());
    made.name = "provider/model-" + std::to_string(i);
    made.model = "model-" + std::to_string(i);
    made.provider = &provider;
    made.own_price.emplace();
    made.own_price->rates.set(Item::kInput, *parse_money("0.15"));
    made.own_price->rates.set(Item::kOutput, *parse_money("0.60"));
    made.health->observe_first_piece(Ms{100 + i}, now());
    route.tree.choices.push_back(choice_of(made));
  }
  number(route.tree);
  Moves moves;
  Asking asking;
  asking.model = "fast";
  asking.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
  asking.session = dialect::hash_of("session");
  asking.moves = &moves;
  const Instant at = now();
  for (auto _ : state) benchmark::DoNotOptimize(choose({&route, {}}, asking, at));
}
BENCHMARK_CAPTURE(choose_among, priority, Strategy::kPriority)->Arg(2)->Arg(20)->Arg(200);
BENCHMARK_CAPTURE(choose_among, weighted, Strategy::kWeighted)->Arg(2)->Arg(20)->Arg(200);
BENCHMARK_CAPTURE(choose_among, least_busy, Strategy::kLeastBusy)->Arg(2)->Arg(20)->Arg(200);
BENCHMARK_CAPTURE(choose_among, least_latency, Strategy::kLeastLatency)->Arg(2)->Arg(20)->Arg(200);
BENCHMARK_CAPTURE(choose_among, least_cost, Strategy::kLeastCost)->Arg(2)->Arg(20)->Arg(200);
BENCHMARK_CAPTURE(choose_among, usage, Strategy::kUsage)->Arg(2)->Arg(20)->Arg(200);
BENCHMARK_CAPTURE(choose_among, sticky, Strategy::kSticky)->Arg(2)->Arg(20)->Arg(200);

// A conversation of so many bytes, in turns of a few hundred.
void read_prompt_of(benchmark::State& state) {
  std::string body = R"({"model":"fast","messages":[{"role":"system","content":"Be brief."})";
  while (body.size() < static_cast<std::size_t>(state.range(0))) {
    body += R"(,{"role":"user","content":")" + std::string(400, 'u') + R"("})";
    body += R"(,{"role":"assistant","content":")" + std::string(400, 'a') + R"("})";
  }
  body += "]}";
  for (auto _ : state) benchmark::DoNotOptimize(dialect::read_prompt(body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(read_prompt_of)->Arg(1 << 10)->Arg(100 << 10);

}  // namespace
}  // namespace sluice::provider
