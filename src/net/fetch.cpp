#include "net/fetch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "http/sniff.h"

namespace sluice::net {

namespace {

constexpr int kMostRedirects = 3;

Failure refused(std::string told, std::string detail = {}) {
  return fail(FaultKind::kInvalidRequest, std::move(told), std::move(detail));
}

// The same words whether a host does not exist, does not answer or is not for callers: the difference would be a map of
// the network here.
Failure out_of_reach(const Fault& fault) {
  return refused("has an address that cannot be reached: its host is not known, does not answer, or is not public",
                 fault.told);
}

Failure unreadable(const Fault& fault) {
  return refused("has an address whose answer breaks off or cannot be read", fault.told);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool has_port(std::string_view host) {
  return host.substr(host.rfind(']') + 1).contains(':');
}

bool is_listed(const std::vector<std::string>& hosts, const http::Link& link) {
  const bool usual_port = link.port == 80 || link.port == 443;
  if (hosts.empty()) return usual_port;
  const std::string host = link.host.contains(':') ? "[" + link.host + "]" : link.host;
  const std::string with_port = host + ":" + std::to_string(link.port);
  return std::ranges::any_of(hosts, [&](const std::string& listed) {
    return has_port(listed) ? glob_match(listed, with_port) : usual_port && glob_match(listed, host);
  });
}

// What servers call images, PDFs and files whose type they do not know.
bool may_hold_media(std::string_view content_type) {
  const std::string type = http::media_type(content_type);
  return type.empty() || type.starts_with("image/") || type == "application/pdf" ||
         type == "application/octet-stream" || type == "binary/octet-stream";
}

http::RequestHead head_for(const http::Link& link) {
  return {.method = "GET",
          .target = link.target,
          .headers = {{"accept", "image/png, image/jpeg, image/gif, image/webp, application/pdf"},
                      {"accept-encoding", "identity"},
                      {"user-agent", "Sluice/" SLUICE_VERSION},
                      {"connection", "close"}}};
}

}  // namespace

std::string_view fetch_host_mistake(std::string_view host) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*:[]";
  if (host.contains("://")) return "expected a host, not a URL";
  if (host.contains('@')) return "expected a host without a user name";
  if (host.contains('/')) return "expected a host without a path";
  if (host.find_first_not_of(kAllowed) != std::string_view::npos) return "holds a character that a host cannot hold";
  return {};
}

Task<Result<Fetched>> Fetch::get(std::string url) {
  auto link = http::parse_link(url);
  for (int redirects = 0;; ++redirects) {
    if (!link) co_return refused(fmt::format("has an address that {}", link.error()));
    auto call = co_await ask(*link);
    if (!call) co_return fail_from(call);
    const auto& head = (*call)->head();
    if (!is_redirect(head.status)) co_return co_await read(**call);
    auto location = head.headers.get("location");
    if (!location) co_return refused("has an address that redirects to nowhere");
    if (redirects == kMostRedirects) {
      co_return refused(fmt::format("has an address that redirects more than {} times", kMostRedirects));
    }
    link = http::resolve_link(*link, *location);
  }
}

// Sends the request for one URL, of the caller or of a redirect.
Task<Result<std::unique_ptr<Call>>> Fetch::ask(const http::Link& link) {
  if (!is_listed(rules_.hosts, link)) co_return refused("has an address whose host or port is not allowed");
  Origin origin;
  if (link.tls) origin.tls = rules_.tls;
  origin.host = link.host;
  origin.port = link.port;
  origin.rules = rules_.addresses;
  const CallTimeouts timeouts{.connect = rules_.timeout, .first_byte = rules_.timeout, .idle = rules_.timeout};
  auto head = head_for(link);
  auto call = co_await client_.call(origin, head, {}, timeouts, cancel_, Replay::kNever);
  if (call) co_return call;
  if (cancel_.cancelled()) co_return fail(cancel_.reason());
  if (call.error().kind == FaultKind::kProviderProtocol) co_return unreadable(call.error());
  co_return out_of_reach(call.error());
}

Task<Result<Fetched>> Fetch::read(Call& call) {
  const auto& head = call.head();
  if (head.status != 200) co_return refused(fmt::format("has an address that answers with status {}", head.status));
  const auto no_medium = "has an address where neither an image (PNG, JPEG, GIF, WebP) nor a PDF is";
  if (!may_hold_media(head.headers.get("content-type").value_or(""))) co_return refused(no_medium);
  const auto too_large = fmt::format("is larger than what may be fetched for a request, {} (fetch.max_bytes)",
                                     format_size(rules_.max_bytes));
  const auto length = to_number<std::uint64_t>(head.headers.get("content-length").value_or("0"));
  if (length.value_or(0) > room_) co_return refused(too_large);
  Fetched fetched;
  fetched.bytes.reserve(length.value_or(0));
  while (true) {
    auto bytes = co_await call.read();
    if (!bytes && cancel_.cancelled()) co_return fail(cancel_.reason());
    if (!bytes) co_return unreadable(bytes.error());
    if (bytes->size() > room_) co_return refused(too_large);
    room_ -= bytes->size();
    fetched.bytes += *bytes;
    const bool told = fetched.bytes.size() >= http::kSniffed || bytes->empty();
    if (told && fetched.type.empty()) fetched.type = http::sniff_type(fetched.bytes);
    if (told && fetched.type.empty()) co_return refused(no_medium);
    if (bytes->empty()) co_return fetched;
  }
}

}  // namespace sluice::net
