#include "net/server.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <unordered_set>

#include "base/log.h"
#include "net/connection.h"
#include "net/descriptors.h"
#include "net/poll.h"
#include "net/wait.h"

namespace sluice::net {

namespace {

// After a failed accept the listener pauses instead of spinning, and says so once in a while.
constexpr Ms kAcceptPause{100};
constexpr Ms kWordEvery{10'000};
// Who is refused for want of descriptors has so long to ask and to read why; then it is the next one's turn.
constexpr Ms kRefusal{1'000};
constexpr int kBacklog = 4096;
constexpr std::uint64_t kTurn = 16;  // connections in a row before others get a turn
constexpr Ms kLook{20};              // while it drains
// What was cancelled at the end of draining writes its error within this time; a client that takes nothing is cut. The
// process has the rest of a second to end.
constexpr Ms kLastWords{600};

Fault cannot_listen(const std::string& host, std::uint16_t port, const error_code& error) {
  Fault fault;
  fault.kind = FaultKind::kInvalidConfig;
  fault.told = "Cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message() + ".";
  return fault;
}

Result<Endpoint> endpoint_of(const std::string& host, std::uint16_t port) {
  error_code error;
  auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) {
    return fail(FaultKind::kInvalidConfig,
                "Cannot listen on '" + host + "': it is not an IP address (0.0.0.0 and :: mean all).");
  }
  return Endpoint(address, port);
}

enum class Sharing { kNo, kYes };
error_code bind_to(const Descriptor& descriptor, const Endpoint& endpoint, Sharing sharing) {
  if (!descriptor.is_open()) return last_system_error();
  set_option(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(descriptor.get(), SOL_SOCKET, SO_REUSEPORT, sharing == Sharing::kYes ? 1 : 0);
  if (::bind(descriptor.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0)
    return last_system_error();
  return {};
}

}  // namespace

struct Server::Impl {
  ServerShared shared;
  SocketPtr listener;
  std::shared_ptr<ServerTls> tls;
  std::unordered_set<Connection*> connections;
  std::atomic<std::size_t> connection_count{0};  // their number, for other threads
  std::uint64_t accepted = 0;
  TaskGroup tasks;
  Cancel stop_accepting;
  // Kept open for nothing: where no other is left, a client that waits is told with this one.
  std::optional<Descriptor> reserve;
  Instant next_word{};  // in the log, of accepts that failed

  Impl(Loop& loop, Workers& workers, Service& service, ServerLimits limits) : shared{loop, workers, service, limits} {}

  Task<void> accept_all();
  Task<void> pause();
  Task<void> run_connection(SocketPtr socket, Endpoint peer, Connection::Room room);
  Task<void> refuse_one();
  void keep_reserve();
  void tell_of_failed_accept(const error_code& error);
  Connection::Room room() const;
  bool is_awaited() const;
  Task<void> end(const Fault& reason);
};

Server::Server(Loop& loop, Workers& workers, Service& service, ServerLimits limits)
    : impl_(std::make_unique<Impl>(loop, workers, service, limits)) {}
Server::~Server() = default;

bool is_local_address(const std::string& host) {
  return endpoint_of(host, 0).has_value();
}

Status check_free(const std::string& host, std::uint16_t port) {
  auto endpoint = endpoint_of(host, port);
  if (!endpoint) return fail_from(endpoint);
  const auto probe = tcp_socket(*endpoint);
  if (auto error = bind_to(probe, *endpoint, Sharing::kNo)) return fail(cannot_listen(host, port, error));
  return {};
}

Result<std::uint16_t> Server::listen(const std::string& host, std::uint16_t port, std::shared_ptr<ServerTls> tls) {
  auto endpoint = endpoint_of(host, port);
  if (!endpoint) return fail_from(endpoint);
  auto descriptor = tcp_socket(*endpoint);
  auto error = bind_to(descriptor, *endpoint, Sharing::kYes);
  if (!error && ::listen(descriptor.get(), kBacklog) != 0) error = last_system_error();
  if (error) return fail(cannot_listen(host, port, error));
  Endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  ::getsockname(descriptor.get(), bound.data(), &size);
  bound.resize(size);
  impl_->listener = Socket::make(impl_->shared.loop, descriptor.take(), error);
  if (error) return fail(cannot_listen(host, port, error));
  impl_->tls = std::move(tls);
  impl_->keep_reserve();
  spawn(impl_->accept_all(), impl_->tasks);
  return bound.port();
}

Task<void> Server::Impl::accept_all() {
  while (listener->is_open()) {
    auto [error, descriptor, from] = listener->accept();
    SocketPtr socket;
    if (!error) socket = Socket::make(shared.loop, descriptor, error);
    if (!error) {
      ++accepted;
      spawn(run_connection(std::move(socket), from, room()), tasks);
      if (accepted % kTurn == 0) co_await Turn(shared.loop);
    } else if (error == asio::error::would_block) {
      co_await Ready(*listener, Socket::Side::kRead);
    } else if (error != asio::error::connection_aborted && error != asio::error::interrupted) {
      tell_of_failed_accept(error);
      co_await (is_out_of_descriptors(error) ? refuse_one() : pause());
    }
  }
}

Task<void> Server::Impl::pause() {
  co_await sleep(shared.loop, kAcceptPause, stop_accepting);
}

void Server::Impl::keep_reserve() {
  if (!reserve || !reserve->is_open()) reserve.emplace(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// With the descriptor that is kept for it; also where nobody waits, which is not told while there is none.
Task<void> Server::Impl::refuse_one() {
  reserve.reset();
  auto [error, descriptor, from] = listener->accept();
  SocketPtr socket;
  if (!error) socket = Socket::make(shared.loop, descriptor, error);
  if (socket) {
    ++accepted;
    co_await run_connection(std::move(socket), from, Connection::Room::kNoDescriptor);
  }
  keep_reserve();
  if (error == asio::error::would_block) {
    co_await Ready(*listener, Socket::Side::kRead);
  } else if (error || !reserve->is_open()) {
    co_await pause();
  }
}

void Server::Impl::tell_of_failed_accept(const error_code& error) {
  if (now() < next_word) return;
  next_word = now() + kWordEvery;
  const auto why = is_out_of_descriptors(error) ? why_no_descriptor() : error.message();
  log::write(log::Level::kWarn, "cannot accept a connection", {{"error", why}});
}

Connection::Room Server::Impl::room() const {
  return connections.size() < shared.limits.connections ? Connection::Room::kYes : Connection::Room::kNo;
}

Task<void> Server::Impl::run_connection(SocketPtr socket, Endpoint peer, Connection::Room room) {
  if (connections.size() >= 2 * shared.limits.connections) co_return;  // not even room to say so
  auto stream = Stream::make(shared.loop, std::move(socket));
  stream->notice_silent_death(shared.limits.write_timeout);
  Connection connection(shared, std::move(stream), peer.address().to_string(), room);
  std::unique_ptr<Timer> cut;
  if (room == Connection::Room::kNoDescriptor) {
    cut = std::make_unique<Timer>(shared.loop, [&connection] { connection.close(); });
    cut->arm(kRefusal);
  }
  connections.insert(&connection);
  connection_count = connections.size();
  try {
    co_await connection.run(tls);
  } catch (const std::exception& bug) {
    log::write(log::Level::kError, "bug: exception on a connection", {{"what", bug.what()}});
  }
  connections.erase(&connection);
  connection_count = connections.size();
}

void Server::set_limits(ServerLimits limits) {
  impl_->shared.limits = limits;
}

std::size_t Server::connections() const {
  return impl_->connection_count;
}

std::uint64_t Server::accepted() const {
  return impl_->accepted;
}

bool Server::Impl::is_awaited() const {
  return std::ranges::any_of(connections, [](const Connection* one) { return !one->is_late(); });
}

// Closes what came while it drained, too.
Task<void> Server::Impl::end(const Fault& reason) {
  if (listener) listener->close();
  stop_accepting.cancel(reason);
  for (auto* connection : connections) connection->cancel(reason);
  Cancel never;
  const auto until = now() + kLastWords;
  while (!connections.empty() && now() < until) co_await sleep(shared.loop, kLook, never);
  for (auto* connection : connections) connection->close();
  co_await tasks.join();
}

Task<void> Server::drain(Ms limit) {
  auto& impl = *impl_;
  const auto until = now() + limit;
  impl.shared.draining = true;
  impl.shared.drained_by = until + kLastWords;
  for (auto* connection : impl.connections) connection->close_if_idle();
  Cancel never;
  while (impl.is_awaited() && now() < until) co_await sleep(impl.shared.loop, kLook, never);
  co_await impl.end(shutting_down());
}

}  // namespace sluice::net
