// Bytes as a request and as an answer: however they are cut into pieces, the parser finds the same message or refuses
// it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http1.h"

namespace {

namespace net = sluice::net;

// All that can be seen of a parsed message.
struct Seen {
  bool refused = false;
  bool done = false;
  std::string head;
  std::string body;
  bool operator==(const Seen&) const = default;
};

template <class Head>
std::string first_line(const Head& head) {
  if constexpr (requires { head.method; }) {
    return head.method + " " + head.target;
  } else {
    return std::to_string(head.status);
  }
}

// Feeds pieces as the connections do: what was not consumed stands in front of the next piece.
template <bool is_request>
Seen parse(std::string_view text, std::uint8_t seed) {
  net::Parser<is_request> parser(net::HeadLimits{4096, 20});
  Seen seen;
  std::string waiting;
  std::size_t at = 0;
  unsigned state = seed;
  while (!parser.is_done()) {
    std::size_t step = seed == 0 ? text.size() : 1 + (state = state * 1103515245U + 12345U) / 65536U % 7;
    auto piece = text.substr(at, step);
    if (piece.empty()) break;
    at += piece.size();
    waiting += piece;
    while (!waiting.empty() && !parser.is_done()) {
      net::error_code error;
      auto used = parser.consume(waiting, error);
      seen.body += parser.body();
      waiting.erase(0, used);
      if (error && error != boost::beast::http::error::need_more) {
        seen.refused = true;
        return seen;
      }
      if (parser.is_header_done()) parser.body_follows();
      if (used == 0) break;
    }
  }
  seen.done = parser.is_done();
  if (parser.is_header_done()) {
    seen.head = first_line(parser.head());
    seen.head += parser.has_folded_field() ? " folded " : " ";
    seen.head += std::to_string(parser.hosts()) + " " + std::to_string(parser.transfer_codings());
    if (parser.head().headers.size() > 20) std::abort();
    for (const auto& [name, value] : parser.head().headers)
      seen.head += "|" + std::string(name) + ":" + std::string(value);
  }
  return seen;
}

template <bool is_request>
void check(std::string_view text, std::uint8_t seed) {
  auto whole = parse<is_request>(text, 0);
  auto pieces = parse<is_request>(text, seed);
  // Of what never becomes a message, one may be refused where the other still waits for more.
  if ((whole.done || pieces.done) && !(whole == pieces)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 16384) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto seed = static_cast<std::uint8_t>(data[0] | 1);
  check<true>(text, seed);
  check<false>(text, seed);
  return 0;
}
