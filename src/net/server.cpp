#include "net/server.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <unordered_set>

#include "base/log.h"
#include "net/connection.h"
#include "net/wait.h"

namespace sluice::net {

namespace {

// After a failed accept (no file descriptors left) the listener pauses instead of spinning.
constexpr Ms kAcceptPause{100};
constexpr Ms kLook{20};  // while it drains
// What was cancelled at the end of draining writes its error within this time; a client that takes nothing is cut.
constexpr Ms kLastWords{1'000};

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
error_code bind_to(TcpAcceptor& acceptor, const Endpoint& endpoint, Sharing sharing) {
  using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.set_option(ReusePort(sharing == Sharing::kYes), error);
  if (!error) acceptor.bind(endpoint, error);
  return error;
}

}  // namespace

struct Server::Impl {
  ServerShared shared;
  TcpAcceptor acceptor;
  std::shared_ptr<ServerTls> tls;
  std::unordered_set<Connection*> connections;
  std::atomic<std::size_t> connection_count{0};  // their number, for other threads
  std::uint64_t accepted = 0;
  TaskGroup tasks;
  Cancel stop_accepting;

  Impl(Loop& loop, Workers& workers, Service& service, ServerLimits limits)
      : shared{loop, workers, service, limits}, acceptor(context_of(loop)) {}

  Task<void> accept_all();
  Task<void> run_connection(TcpSocket socket);
  bool is_awaited() const;
  Task<void> end(const Fault& reason);
};

Server::Server(Loop& loop, Workers& workers, Service& service, ServerLimits limits)
    : impl_(std::make_unique<Impl>(loop, workers, service, limits)) {}
Server::~Server() = default;

Status check_free(const std::string& host, std::uint16_t port) {
  auto endpoint = endpoint_of(host, port);
  if (!endpoint) return fail_from(endpoint);
  asio::io_context context;
  TcpAcceptor probe(context);
  if (auto error = bind_to(probe, *endpoint, Sharing::kNo)) return fail(cannot_listen(host, port, error));
  return {};
}

Result<std::uint16_t> Server::listen(const std::string& host, std::uint16_t port, std::shared_ptr<ServerTls> tls) {
  auto endpoint = endpoint_of(host, port);
  if (!endpoint) return fail_from(endpoint);
  auto& acceptor = impl_->acceptor;
  auto error = bind_to(acceptor, *endpoint, Sharing::kYes);
  if (!error) acceptor.listen(4096, error);
  if (error) return fail(cannot_listen(host, port, error));
  impl_->tls = std::move(tls);
  spawn(impl_->accept_all(), impl_->tasks);
  return acceptor.local_endpoint().port();
}

Task<void> Server::Impl::accept_all() {
  while (acceptor.is_open()) {
    TcpSocket socket(context_of(shared.loop));
    auto result = co_await io([&](auto done) { acceptor.async_accept(socket, done); });
    if (!acceptor.is_open()) break;
    if (!result.error) {
      ++accepted;
      spawn(run_connection(std::move(socket)), tasks);
    } else if (result.error != asio::error::connection_aborted) {
      log::write(log::Level::kWarn, "cannot accept a connection", {{"error", result.error.message()}});
      co_await sleep(shared.loop, kAcceptPause, stop_accepting);
    }
  }
}

Task<void> Server::Impl::run_connection(TcpSocket socket) {
  if (connections.size() >= 2 * shared.limits.connections) co_return;  // not even room to say so
  error_code error;
  auto peer = socket.remote_endpoint(error);
  if (error) co_return;
  auto room = connections.size() < shared.limits.connections ? Connection::Room::kYes : Connection::Room::kNo;
  auto stream = Stream::make(shared.loop, std::move(socket));
  stream->notice_silent_death(shared.limits.write_timeout);
  Connection connection(shared, std::move(stream), peer.address().to_string(), room);
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
  error_code ignored;
  acceptor.close(ignored);
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
