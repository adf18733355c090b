// Any request target: what is passed on to a provider holds no way out of its base path.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "http/message.h"
#include "http/url.h"
#include "ingress/place.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view target(reinterpret_cast<const char*>(data), size);
  auto place = sluice::ingress::find_place("GET", target);
  if (!place) return 0;
  bool open = place->kind == sluice::ingress::PlaceKind::kHealth || place->kind == sluice::ingress::PlaceKind::kReady;
  if (open && sluice::http::path_of(target) != "/healthz" && sluice::http::path_of(target) != "/readyz") std::abort();
  if (place->kind != sluice::ingress::PlaceKind::kPassthrough) return 0;
  auto path = sluice::http::path_of(place->rest);
  for (auto segment : sluice::split(path, '/')) {
    auto decoded = sluice::http::percent_decode(segment);
    if (!decoded || *decoded == "." || *decoded == ".." || decoded->find('/') != std::string::npos) std::abort();
  }
  return 0;
}
