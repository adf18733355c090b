#include <benchmark/benchmark.h>
#include <zlib.h>
#include <zstd.h>

#include "http/coding.h"

namespace sluice::http {
namespace {

std::string sample(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i)
    text += "{\"role\":\"user\",\"n\":" + std::to_string(i * 7919 % 10007) + "}";
  return text;
}

void decode(benchmark::State& state, std::string_view coding, const std::string& coded, std::size_t size) {
  for (auto _ : state) benchmark::DoNotOptimize(decode_all(coding, coded, 64 << 20));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * size));
}

void zlib_body(benchmark::State& state) {
  auto text = sample(static_cast<std::size_t>(state.range(0)));
  uLongf size = compressBound(text.size());
  std::string coded(size, '\0');
  compress(reinterpret_cast<Bytef*>(coded.data()), &size, reinterpret_cast<const Bytef*>(text.data()), text.size());
  coded.resize(size);
  decode(state, "deflate", coded, text.size());
}
BENCHMARK(zlib_body)->Arg(1 << 10)->Arg(100 << 10)->Arg(1 << 20);

void zstd_body(benchmark::State& state) {
  auto text = sample(static_cast<std::size_t>(state.range(0)));
  std::string coded(ZSTD_compressBound(text.size()), '\0');
  coded.resize(ZSTD_compress(coded.data(), coded.size(), text.data(), text.size(), 3));
  decode(state, "zstd", coded, text.size());
}
BENCHMARK(zstd_body)->Arg(1 << 10)->Arg(100 << 10)->Arg(1 << 20);

}  // namespace
}  // namespace sluice::http
