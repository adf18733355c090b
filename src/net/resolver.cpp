#include "net/resolver.h"

#include <netdb.h>

#include <algorithm>

namespace sluice::net {

namespace {

constexpr Ms kFresh{30'000};
constexpr Ms kRetryFailed{5'000};

struct LookedUp {
  std::vector<asio::ip::address> addresses;
  std::string error;
};

// Blocking: on a worker only.
LookedUp look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (failed == EAI_NONAME || failed == EAI_ADDRFAMILY) {  // a machine with only a loopback interface
    hints.ai_flags = 0;
    failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  }
  if (failed != 0) return {{}, ::gai_strerror(failed)};
  LookedUp result;
  for (addrinfo* item = list; item; item = item->ai_next) {
    Endpoint endpoint;
    if (item->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<const char*>(item->ai_addr), item->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    endpoint.resize(item->ai_addrlen);
    result.addresses.push_back(endpoint.address());
  }
  ::freeaddrinfo(list);
  return result;
}

// RFC 8305, 4: families alternate, beginning with that of the first address.
std::vector<asio::ip::address> alternate(const std::vector<asio::ip::address>& addresses) {
  std::vector<asio::ip::address> first, second, result;
  for (const auto& address : addresses) {
    (address.is_v6() == addresses.front().is_v6() ? first : second).push_back(address);
  }
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) result.push_back(first[i]);
    if (i < second.size()) result.push_back(second[i]);
  }
  return result;
}

}  // namespace

Task<Result<std::vector<Endpoint>>> Resolver::resolve(const std::string& host, std::uint16_t port, Ms limit,
                                                      Cancel& cancel) {
  error_code not_an_address;
  auto literal = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) co_return std::vector<Endpoint>{Endpoint(literal, port)};

  Entry& entry = entries_[host];  // stays where it is: entries are never removed
  if (now() >= entry.fresh_until && !entry.asking) ask(host, entry);
  if (entry.addresses.empty() && entry.asking) {
    Wait wait(loop_, cancel);
    entry.waiting.push_back(&wait);
    auto end = co_await wait.until(limit);
    std::erase(entry.waiting, &wait);
    if (end == Wait::End::kCancelled) co_return fail(cancel.reason());
    if (end == Wait::End::kTimeout)
      co_return fail(FaultKind::kUnreachable, "The name '" + host + "' was not resolved in time.");
  }
  if (entry.addresses.empty()) {
    co_return fail(FaultKind::kUnreachable, "The name '" + host + "' cannot be resolved: " + entry.error + ".");
  }
  std::vector<Endpoint> endpoints;
  endpoints.reserve(entry.addresses.size());
  for (const auto& address : entry.addresses) endpoints.emplace_back(address, port);
  co_return endpoints;
}

void Resolver::ask(const std::string& host, Entry& entry) {
  entry.asking = true;
  workers_.run([this, host] {
    auto found = look_up(host);
    loop_.post([this, host, found = std::move(found)] { answered(host, found.addresses, found.error); });
  });
}

void Resolver::answered(const std::string& host, Addresses addresses, std::string error) {
  Entry& entry = entries_[host];
  entry.asking = false;
  bool found = !addresses.empty();
  entry.fresh_until = now() + (found ? kFresh : kRetryFailed);
  if (found) entry.addresses = alternate(addresses);
  entry.error = std::move(error);
  auto waiting = std::exchange(entry.waiting, {});
  for (Wait* wait : waiting) wait->set();
}

}  // namespace sluice::net
