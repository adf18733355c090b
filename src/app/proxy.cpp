#include "app/proxy.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/digest.h"
#include "base/text.h"
#include "http/url.h"
#include "net/address_rules.h"

namespace sluice::app {

namespace {

std::string first_set(const Environment& environment, std::initializer_list<std::string_view> names) {
  for (auto name : names) {
    auto value = environment(name);
    if (value && !value->empty()) return *value;
  }
  return {};
}

std::string basic_authorization(std::string_view user) {
  auto text = http::percent_decode(user).value_or(std::string(user));
  if (user.find(':') == user.npos) text += ':';  // an empty password
  return "Basic " + base64(text);
}

// "10.0.0.0/8", "fd00::/8", an address alone, also in brackets. Bits behind the prefix are allowed, as elsewhere.
std::optional<net::Network> network_of(std::string_view entry) {
  const auto slash = std::min(entry.find('/'), entry.size());
  auto address = entry.substr(0, slash);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  auto network = net::parse_network(address);
  if (!network || slash == entry.size()) return network;
  const auto prefix = to_number<std::uint8_t>(entry.substr(slash + 1));
  if (!prefix || *prefix > network->prefix) return std::nullopt;
  network->prefix = *prefix;
  return network;
}

bool is_in_domain(std::string_view host, std::string_view domain) {
  if (domain.starts_with("*.")) domain.remove_prefix(1);
  if (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.empty()) return false;
  if (iequals(domain, host)) return true;
  return host.size() > domain.size() && host[host.size() - domain.size() - 1] == '.' &&
         iequals(host.substr(host.size() - domain.size()), domain);
}

}  // namespace

bool is_exempt(std::string_view no_proxy, std::string_view host) {
  const auto address = host.find('/') == host.npos ? net::parse_network(host) : std::nullopt;
  return std::ranges::any_of(split(no_proxy, ','), [&](std::string_view entry) {
    entry = trim(entry);
    if (entry == "*" || is_in_domain(host, entry)) return true;
    const auto network = address ? network_of(entry) : std::nullopt;
    return network && network->holds(std::span(address->bytes).first(address->size));
  });
}

Status set_proxy(net::Origin& origin, const Secret& setting, const Environment& environment) {
  std::string proxy(setting.reveal());
  if (proxy == "none") return {};
  if (proxy.empty()) {
    // HTTP_PROXY in capitals is ignored in CGI programs; this is none, so both spellings count.
    proxy = origin.tls ? first_set(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                       : first_set(environment, {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"});
    if (is_exempt(first_set(environment, {"no_proxy", "NO_PROXY"}), origin.host)) return {};
  }
  if (proxy.empty()) return {};
  auto url = http::parse_url(proxy);
  if (!url || url->tls) {
    return fail(FaultKind::kInvalidConfig,
                "The proxy for " + origin.host +
                    " is not of the form http://[user:password@]host:port (proxy, HTTP_PROXY or HTTPS_PROXY).");
  }
  origin.proxy_host = url->host;
  origin.proxy_port = url->port;
  if (!url->user.empty()) origin.proxy_authorization = basic_authorization(url->user);
  return {};
}

}  // namespace sluice::app
