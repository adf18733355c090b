#include <benchmark/benchmark.h>

#include "net/http1.h"

namespace sluice::net {
namespace {

constexpr std::string_view kRequest =
    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost:8080\r\nAccept: application/json\r\nContent-Type: "
    "application/json\r\n"
    "Authorization: Bearer sk-sl-0123456789abcdef0123456789abcdef0123456789abcdef\r\nUser-Agent: OpenAI/Python "
    "1.60.0\r\n"
    "X-Stainless-Lang: python\r\nX-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\nX-Stainless-Runtime: CPython\r\n"
    "Accept-Encoding: gzip, deflate\r\nContent-Length: 0\r\n\r\n";

void parse_a_head(benchmark::State& state) {
  for (auto _ : state) {
    Parser<true> parser(HeadLimits{});
    error_code error;
    parser.consume(kRequest, error);
    benchmark::DoNotOptimize(parser.head().headers.size());
  }
}
BENCHMARK(parse_a_head);

void write_a_head(benchmark::State& state) {
  http::ResponseHead head{200,
                          {{"content-type", "application/json"},
                           {"x-request-id", "req_0123456789abcdef01234567"},
                           {"content-length", "1234"}}};
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_head(out, head);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(write_a_head);

}  // namespace
}  // namespace sluice::net
