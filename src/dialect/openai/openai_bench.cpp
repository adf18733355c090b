#include <benchmark/benchmark.h>

#include <string>

#include "dialect/asked.h"
#include "dialect/openai/answer.h"
#include "json/reader.h"

namespace {

using namespace sluice;
using namespace sluice::dialect;
using openai::Answer;
using openai::Kind;

// A chat of many short messages, or of one long text (an image, say).
std::string chat(std::size_t bytes, std::size_t message) {
  std::string body = R"({"model":"gpt-4o-mini","stream":true,"messages":[)";
  while (body.size() < bytes) body += R"({"role":"user","content":")" + std::string(message, 'x') + "\"},";
  body.back() = ']';
  body += R"(,"temperature":0.7,"max_tokens":100})";
  json::pad(body);
  return body;
}

void reads_and_writes_requests(benchmark::State& state) {
  const std::string body = chat(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  json::Reader reader;
  for (auto _ : state) {
    auto asked = read_asked(openai::facts(Kind::kChat), {}, "application/json", body, reader);
    auto out = write_asked(*asked, body, {.model = "upstream-model", .add_usage = true});
    benchmark::DoNotOptimize(out.size());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(reads_and_writes_requests)
    ->Args({1 << 10, 100})
    ->Args({100 << 10, 500})
    ->Args({20 << 20, 500})
    ->Args({20 << 20, 20 << 20});

void decodes_events(benchmark::State& state) {
  std::string stream;
  for (int i = 0; i < 64; ++i) {
    stream +=
        R"(data: {"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012","object":"chat.completion.chunk","created":1793000000,)"
        R"("model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_0123456789","choices":)"
        R"([{"index":0,"delta":{"content":" token"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x8"})"
        "\n\n";
  }
  json::Reader reader;
  chat::Learned learned;
  const ReadOptions options{.usage = state.range(0) == 1 ? ReadOptions::Usage::kHide : ReadOptions::Usage::kShow,
                            .pieces = state.range(0) == 2 ? ReadOptions::Pieces::kMake : ReadOptions::Pieces::kSkip,
                            .max_event_bytes = 1 << 20};
  Answer answer(Kind::kChat, options, learned, reader);
  for (auto _ : state) benchmark::DoNotOptimize(answer.feed(stream)->size());
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(decodes_events)->Arg(0)->Arg(1)->Arg(2);  // as it is, without usage, with pieces

void reads_answers(benchmark::State& state) {
  std::string body =
      R"({"id":"chatcmpl-1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":")" +
      std::string(static_cast<std::size_t>(state.range(0)), 'x') +
      R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":9,"total_tokens":20}})";
  json::pad(body);
  json::Reader reader;
  for (auto _ : state) {
    chat::Learned learned;
    Answer answer(Kind::kChat, {.pieces = ReadOptions::Pieces::kSkip}, learned, reader);
    benchmark::DoNotOptimize(answer.read_whole(body)->wire.size());
    benchmark::DoNotOptimize(learned.usage.input);
  }
}
BENCHMARK(reads_answers)->Arg(1 << 10)->Arg(100 << 10);

}  // namespace
