#include "net/connect.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <deque>

#include "base/text.h"
#include "net/descriptors.h"
#include "net/http1.h"
#include "net/poll.h"
#include "net/socket.h"
#include "net/tls_impl.h"
#include "net/wait.h"

namespace sluice::net {

namespace {

// RFC 8305, 5: the next address is tried when the last did not connect within this time.
constexpr Ms kStagger{250};

Fault unreachable(const Origin& origin, std::string_view why) {
  Fault fault;
  fault.kind = FaultKind::kUnreachable;
  fault.retry = Retry::kSame;
  fault.told = fmt::format("Cannot connect to {}:{}: {}.", origin.host, origin.port, why);
  return fault;
}

Fault too_slow(const Origin& origin, Ms limit) {
  Fault fault;
  fault.kind = FaultKind::kProviderTimeout;
  fault.retry = Retry::kSame;
  fault.code = "connect_timeout";
  fault.told = fmt::format("{}:{} did not connect within {} (timeout.connect).", origin.host, origin.port,
                           format_duration(limit.count()));
  return fault;
}

Fault no_descriptor(const Origin& origin) {
  Fault fault;
  fault.kind = FaultKind::kOverloaded;
  fault.retry = Retry::kOther;
  fault.told = fmt::format("Cannot connect to {}:{}: {}.", origin.host, origin.port, why_no_descriptor());
  return fault;
}

// Several addresses tried with a head start for the earlier ones; the first that connects wins.
class Race {
 public:
  Race(Loop& loop, std::vector<Endpoint> endpoints, Cancel& cancel, PoolCount& open)
      : loop_(loop), endpoints_(std::move(endpoints)), cancel_(cancel), open_(open), wait_(loop, cancel) {}

  // A connected socket; null when none connected within the limit (error() says why).
  Task<SocketPtr> run(Ms limit) {
    auto until = now() + limit;
    while (winner_ == kNone && !cancel_.cancelled()) {
      auto left = ms_until(until);
      if (left.count() <= 0) break;
      bool more = tries_.size() < endpoints_.size();
      if (!more && pending_ == 0) break;
      if (more) begin_next();
      bool last = tries_.size() == endpoints_.size();
      co_await wait_.until(last ? left : std::min(left, kStagger));
    }
    timed_out_ = winner_ == kNone && pending_ > 0;
    co_await end_losers();
    co_return winner_ == kNone ? nullptr : std::move(tries_[winner_].socket);
  }

  bool timed_out() const { return timed_out_; }
  const error_code& error() const { return error_; }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  struct Try {
    Race* race;
    std::size_t index;
    SocketPtr socket;
  };

  void begin_next() {
    const auto& endpoint = endpoints_[tries_.size()];
    auto& next = tries_.emplace_back(this, tries_.size(), nullptr);
    if (next.index > 0) PoolCounts::add(open_, 1);
    ++pending_;
    auto descriptor = tcp_socket(endpoint);
    error_code error;
    if (!descriptor.is_open() || !begins(descriptor.get(), endpoint)) error = last_system_error();
    if (!error) next.socket = Socket::make(loop_, descriptor.take(), error);
    const Wake wake{[](void* self, error_code told) { ended(*static_cast<Try*>(self), told); }, &next};
    if (error) {
      loop_.impl().soon(wake, error);
    } else {
      next.socket->wait(Socket::Side::kWrite, wake);
    }
  }

  static bool begins(int descriptor, const Endpoint& endpoint) {
    return ::connect(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0 ||
           errno == EINPROGRESS || errno == EINTR;
  }

  static void ended(Try& one, error_code error) {
    if (!error) {
      int failed = 0;
      socklen_t size = sizeof(failed);
      ::getsockopt(one.socket->native_handle(), SOL_SOCKET, SO_ERROR, &failed, &size);
      error = {failed, boost::system::system_category()};
    }
    one.race->ended(one.index, error);
  }

  void ended(std::size_t index, error_code error) {
    --pending_;
    if (!error && winner_ == kNone) winner_ = index;
    if (error && error != asio::error::operation_aborted) error_ = error;
    if (closing_) {
      if (pending_ == 0) all_ended_.set();
    } else {
      wait_.set();
    }
  }

  // Handlers point here: none may be outstanding when the race goes.
  Task<void> end_losers() {
    closing_ = true;
    for (std::size_t i = 0; i < tries_.size(); ++i) {
      if (i != winner_ && tries_[i].socket) tries_[i].socket->close();
    }
    if (tries_.size() > 1) PoolCounts::subtract(open_, tries_.size() - 1);
    if (pending_ > 0) co_await all_ended_.wait();
  }

  Loop& loop_;
  std::vector<Endpoint> endpoints_;
  Cancel& cancel_;
  PoolCount& open_;
  Wait wait_;
  std::deque<Try> tries_;
  std::size_t pending_ = 0;
  std::size_t winner_ = kNone;
  bool closing_ = false;
  bool timed_out_ = false;
  Signal all_ended_;
  error_code error_;
};

Ms left_until(Instant until) {
  return std::max(Ms(1), ms_until(until));
}

// The status of the proxy's answer; 1xx before it are skipped.
Task<Result<int>> status_of_proxy(Stream& stream, const Origin& origin, Instant until) {
  while (true) {
    Parser<false> parser(HeadLimits{});
    parser.skip(true);
    while (!parser.is_header_done()) {
      error_code error;
      if (!stream.input().empty()) stream.consume(consume_head(parser, stream.input(), error));
      if (error && error != beast::http::error::need_more)
        co_return fail(unreachable(origin, "the proxy does not speak HTTP"));
      if (parser.is_header_done()) break;
      if (stream.input().size() > kMostUnparsed) co_return fail(unreachable(origin, "the proxy's answer is too long"));
      if (now() >= until || co_await stream.fill(left_until(until)) != Stream::Fill::kData)
        co_return fail(unreachable(origin, "the proxy did not answer"));
    }
    const int status = parser.head().status;
    if (status / 100 != 1 || status == 101) co_return status;
  }
}

// Asks the proxy for a tunnel to the origin.
Task<Status> open_tunnel(Stream& stream, const Origin& origin, Instant until) {
  bool ipv6 = origin.host.find(':') != std::string::npos;
  auto authority = fmt::format("{}:{}", ipv6 ? "[" + origin.host + "]" : origin.host, origin.port);
  std::string bytes;
  append_request_line(bytes, "CONNECT", authority);
  append_field(bytes, "Host", authority);
  if (!origin.proxy_authorization.empty()) append_field(bytes, "Proxy-Authorization", origin.proxy_authorization);
  bytes += "\r\n";
  std::string_view piece = bytes;
  if (!co_await stream.write({&piece, 1}, left_until(until)))
    co_return fail(unreachable(origin, "the proxy closed the connection"));
  auto status = co_await status_of_proxy(stream, origin, until);
  if (!status) co_return fail_from(status);
  if (*status / 100 != 2) co_return fail(unreachable(origin, fmt::format("the proxy answered {}", *status)));
  // What came with it would later pass for the provider's, unprotected.
  if (!stream.input().empty()) co_return fail(unreachable(origin, "the proxy sent more than its answer"));
  co_return Status{};
}

// What a connected TCP stream still needs: the tunnel and TLS.
Task<Status> secure(Stream& stream, const Origin& origin, Instant until) {
  if (!origin.tls) co_return Status{};
  if (!origin.proxy_host.empty()) {
    auto tunnel = co_await open_tunnel(stream, origin, until);
    if (!tunnel) co_return tunnel;
  }
  if (!co_await stream.connect_tls(origin.tls->impl().context, origin.host, left_until(until))) {
    co_return fail(unreachable(origin, "TLS failed: " + stream.last_error().message()));
  }
  co_return Status{};
}

bool is_allowed(const AddressRules& rules, const Endpoint& endpoint) {
  const auto address = endpoint.address();
  return address.is_v4() ? rules.allows(address.to_v4().to_bytes()) : rules.allows(address.to_v6().to_bytes());
}

// The addresses to connect to: they are looked up once, and those that are checked are those that are used.
Task<Result<std::vector<Endpoint>>> endpoints_of(Resolver& resolver, const Origin& origin, Ms limit, Cancel& cancel) {
  bool proxied = !origin.proxy_host.empty();
  const auto& host = proxied ? origin.proxy_host : origin.host;
  auto port = proxied ? origin.proxy_port : origin.port;
  if (!origin.rules) co_return co_await resolver.resolve(host, port, limit, cancel);
  auto endpoints = co_await resolver.resolve_once(host, port, limit, cancel);
  if (!endpoints) co_return fail_from(endpoints);
  std::erase_if(*endpoints, [&](const Endpoint& endpoint) { return !is_allowed(*origin.rules, endpoint); });
  if (!endpoints->empty()) co_return endpoints;
  co_return fail(unreachable(origin, "its address is not public"));
}

}  // namespace

Task<Result<StreamPtr>> connect(Loop& loop, Resolver& resolver, const Origin& origin, Ms limit, Cancel& cancel,
                                PoolCount& open) {
  auto until = now() + limit;
  auto endpoints = co_await endpoints_of(resolver, origin, limit, cancel);
  if (!endpoints) {
    if (!cancel.cancelled()) endpoints.error().retry = Retry::kSame;
    co_return fail_from(endpoints);
  }
  Race race(loop, std::move(*endpoints), cancel, open);
  auto socket = co_await race.run(left_until(until));
  if (cancel.cancelled()) co_return fail(cancel.reason());
  if (!socket && race.timed_out()) co_return fail(too_slow(origin, limit));
  if (!socket && is_out_of_descriptors(race.error())) co_return fail(no_descriptor(origin));
  if (!socket) co_return fail(unreachable(origin, race.error().message()));

  auto stream = Stream::make(loop, std::move(socket));
  Cancel::Hook hook(cancel, [&stream] { stream->close(); });
  auto status = co_await secure(*stream, origin, until);
  if (cancel.cancelled()) co_return fail(cancel.reason());
  if (!status) co_return fail(now() >= until ? too_slow(origin, limit) : std::move(status.error()));
  co_return stream;
}

}  // namespace sluice::net
