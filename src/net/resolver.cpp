#include "net/resolver.h"

#include <netdb.h>

#include <algorithm>

namespace sluice::net {

namespace {

constexpr Ms kFresh{30'000};
constexpr Ms kRetryFailed{5'000};
// Of the workers that a loop brings, half: names that somebody else chose cannot hold up the providers'.
constexpr std::size_t kMostOnce = 2;

Found look_up(const std::string& host) {
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
  Found result;
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

Fault not_resolved(const std::string& host, const std::string& error) {
  return {.kind = FaultKind::kUnreachable, .told = "The name '" + host + "' cannot be resolved: " + error + "."};
}

Fault not_in_time(const std::string& host) {
  return {.kind = FaultKind::kUnreachable, .told = "The name '" + host + "' was not resolved in time."};
}

std::vector<Endpoint> endpoints_of(const std::vector<asio::ip::address>& addresses, std::uint16_t port) {
  std::vector<Endpoint> endpoints;
  endpoints.reserve(addresses.size());
  for (const auto& address : addresses) endpoints.emplace_back(address, port);
  return endpoints;
}

// An address in figures needs no look-up.
std::optional<asio::ip::address> literal(const std::string& host) {
  error_code not_an_address;
  auto address = asio::ip::make_address(host, not_an_address);
  return not_an_address ? std::nullopt : std::optional(address);
}

}  // namespace

Task<Result<std::vector<Endpoint>>> Resolver::resolve(const std::string& host, std::uint16_t port, Ms limit,
                                                      Cancel& cancel) {
  if (auto address = literal(host)) co_return std::vector<Endpoint>{Endpoint(*address, port)};

  Entry& entry = entries_[host];  // stays where it is: entries are never removed
  if (now() >= entry.fresh_until && !entry.asking) ask(host, entry);
  if (entry.addresses.empty() && entry.asking) {
    Wait wait(loop_, cancel);
    entry.waiting.push_back(&wait);
    auto end = co_await wait.until(limit);
    std::erase(entry.waiting, &wait);
    if (end == Wait::End::kCancelled) co_return fail(cancel.reason());
    if (end == Wait::End::kTimeout) co_return fail(not_in_time(host));
  }
  if (entry.addresses.empty()) co_return fail(not_resolved(host, entry.error));
  co_return endpoints_of(entry.addresses, port);
}

// Waits for its turn.
Task<Status> Resolver::begin_once(const std::string& host, Instant until, Cancel& cancel) {
  while (once_ >= kMostOnce) {
    Wait wait(loop_, cancel);
    auto place = waiting_for_once_.insert(waiting_for_once_.end(), &wait);
    auto end = co_await wait.until(ms_until(until));
    if (end == Wait::End::kSet) continue;
    waiting_for_once_.erase(place);
    co_return fail(end == Wait::End::kCancelled ? cancel.reason() : not_in_time(host));
  }
  ++once_;
  co_return Status{};
}

void Resolver::end_once() {
  --once_;
  if (waiting_for_once_.empty()) return;
  Wait* next = waiting_for_once_.front();
  waiting_for_once_.pop_front();
  next->set();
}

Task<Result<std::vector<Endpoint>>> Resolver::resolve_once(const std::string& host, std::uint16_t port, Ms limit,
                                                           Cancel& cancel) {
  if (auto address = literal(host)) co_return std::vector<Endpoint>{Endpoint(*address, port)};
  auto until = now() + limit;
  if (auto begun = co_await begin_once(host, until, cancel); !begun) co_return fail_from(begun);
  auto once = std::make_shared<Once>();
  Wait wait(loop_, cancel);
  once->waiting = &wait;
  workers_.run([this, host, once] {
    once->found = find(host);
    loop_.post([this, once] {
      end_once();
      if (once->waiting) once->waiting->set();
    });
  });
  auto end = co_await wait.until(ms_until(until));
  once->waiting = nullptr;
  if (end == Wait::End::kCancelled) co_return fail(cancel.reason());
  if (end == Wait::End::kTimeout) co_return fail(not_in_time(host));
  const auto& found = once->found;
  if (found.addresses.empty()) co_return fail(not_resolved(host, found.error));
  co_return endpoints_of(alternate(found.addresses), port);
}

Found Resolver::find(const std::string& host) const {
  if (!look_up_) return look_up(host);
  Found found{.addresses = {}, .error = "it is not known"};
  for (const auto& text : look_up_(host)) {
    if (auto address = literal(text)) found.addresses.push_back(*address);
  }
  return found;
}

void Resolver::ask(const std::string& host, Entry& entry) {
  entry.asking = true;
  workers_.run([this, host] {
    auto found = find(host);
    loop_.post([this, host, found = std::move(found)] { answered(host, found); });
  });
}

void Resolver::answered(const std::string& host, Found answer) {
  Entry& entry = entries_[host];
  entry.asking = false;
  bool found = !answer.addresses.empty();
  entry.fresh_until = now() + (found ? kFresh : kRetryFailed);
  if (found) entry.addresses = alternate(answer.addresses);
  entry.error = std::move(answer.error);
  auto waiting = std::exchange(entry.waiting, {});
  for (Wait* wait : waiting) wait->set();
}

}  // namespace sluice::net
