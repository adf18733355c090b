// Any text as a URL and as percent-coded: what is accepted is clean and reads the same again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/url.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto decoded = sluice::http::percent_decode(text);
  if (decoded) expect(decoded->size() <= text.size());
  expect(sluice::http::percent_decode(sluice::http::percent_encode(text)) == text);

  const sluice::http::Link base{.tls = true, .host = "a.test", .port = 443, .target = "/b/c?d"};
  for (const auto& link : {sluice::http::parse_link(text), sluice::http::resolve_link(base, text)}) {
    if (!link) continue;
    expect(!link->host.empty() && link->port != 0 && link->target.starts_with('/'));
    for (char c : link->target) expect(c > 0x20 && c < 0x7f);
    expect(sluice::http::resolve_link(*link, "") == link);
  }

  auto url = sluice::http::parse_url(text);
  if (!url) return 0;
  expect(!url->host.empty() && url->port != 0);
  expect(url->path.empty() || (url->path.front() == '/' && url->path.back() != '/'));
  bool v6 = url->host.find(':') != std::string::npos;
  auto again = std::string(url->tls ? "https://" : "http://") + (v6 ? "[" + url->host + "]" : url->host) + ":" +
               std::to_string(url->port) + url->path;
  auto second = sluice::http::parse_url(again);
  expect(second && second->host == url->host && second->port == url->port && second->path == url->path);
  return 0;
}
