#include "app/remote/remote.h"

#include <fmt/format.h>

#include "http/url.h"
#include "net/tls.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

constexpr std::size_t kMostOfAnswer = 64 << 20;

}  // namespace

Result<Remote> remote_gateway(std::string_view url, Secret key) {
  auto parsed = http::parse_url(url);
  if (!parsed) {
    return fail(FaultKind::kInvalidConfig,
                "--gateway expects the gateway's URL, such as http://127.0.0.1:8080 or https://gateway.example.");
  }
  if (key.empty()) {
    return fail(FaultKind::kInvalidConfig,
                "the gateway's master key is needed: give it with --key or in SLUICE_MASTER_KEY.");
  }
  Remote remote;
  remote.origin.host = parsed->host;
  remote.origin.port = parsed->port;
  if (parsed->tls) {
    auto tls = net::ClientTls::load("");
    if (!tls) return fail_from(tls);
    remote.origin.tls = std::move(*tls);
  }
  remote.base_path = parsed->path;
  remote.key = std::move(key);
  return remote;
}

Task<Result<RemoteAnswer>> ask(RemoteLoop& loop, const Remote& gateway, std::string method, std::string path,
                               std::string body, Ms limit) {
  Cancel cancel;
  net::Timer timer(loop.loop(), [&] {
    cancel.cancel(Fault{.kind = FaultKind::kProviderTimeout, .told = "There was no whole answer in time."});
  });
  timer.arm(limit);
  http::RequestHead head{std::move(method), gateway.base_path + path, {}};
  head.headers.add("authorization", "Bearer " + std::string(gateway.key.reveal()));
  if (!body.empty()) head.headers.add("content-type", "application/json");
  const std::string_view piece = body;
  auto call = co_await loop.client().call(gateway.origin, head, {&piece, body.empty() ? 0U : 1U},
                                          {.connect = limit, .first_byte = limit, .idle = limit}, cancel);
  if (!call) co_return fail_from(call);
  RemoteAnswer answer{(*call)->head().status, (*call)->head().headers, {}};
  while (true) {
    auto bytes = co_await (*call)->read();
    if (!bytes) co_return fail_from(bytes);
    if (bytes->empty()) co_return answer;
    answer.body += *bytes;
    if (answer.body.size() > kMostOfAnswer) co_return fail(FaultKind::kTooLarge, "The answer is too large.");
  }
}

std::string error_text(const RemoteAnswer& answer) {
  auto parsed = sim::parsed(answer.body);
  auto message = parsed ? sim::text_in(sim::inner_in(sim::as_object(*parsed), "error"), "message") : std::string_view();
  if (message.empty()) return fmt::format("the gateway answered with status {}", answer.status);
  return std::string(message);
}

}  // namespace sluice::app
