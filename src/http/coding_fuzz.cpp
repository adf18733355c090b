#include <cstdint>
#include <cstdlib>

#include "http/coding.h"

// The first byte chooses coding and piece size. However the bytes are cut, the outcome is the same, and within the
// limit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t kLimit = 100'000;
  constexpr std::string_view kCodings[] = {"gzip", "deflate", "br", "zstd"};
  std::string_view coding = kCodings[data[0] % 4];
  std::size_t piece = 1 + data[0] / 4;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);

  auto whole = sluice::http::decode_all(coding, bytes, kLimit);
  auto decoder = sluice::http::make_decoder(coding, kLimit);
  std::string out;
  bool ok = true;
  for (std::size_t at = 0; at < bytes.size() && ok; at += piece) {
    ok = decoder->feed(bytes.substr(at, piece), out).has_value();
    if (out.size() > kLimit) std::abort();
  }
  ok = ok && decoder->ended();
  if (ok != whole.has_value() || (ok && out != *whole)) std::abort();
  return 0;
}
