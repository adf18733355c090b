#include "net/client.h"

#include <fmt/format.h>

#include <unordered_map>

#include "net/connect.h"
#include "net/http_call.h"
#include "net/pool.h"
#include "net/request_bytes.h"

namespace sluice::net {

namespace {

struct OriginHash {
  std::size_t operator()(const Origin& origin) const {
    return std::hash<std::string>{}(origin.host) * 31 + origin.port + (origin.tls ? 7 : 0);
  }
};

}  // namespace

struct Client::Impl {
  Loop& loop;
  ClientLimits limits;
  ClientLimits unkept_limits = limits;  // of origins that somebody outside chose
  Resolver resolver;
  PoolCounts counts;
  std::unordered_map<Origin, std::unique_ptr<Pool>, OriginHash> pools;

  Impl(Loop& l, Workers& resolvers, ClientLimits client_limits, LookUp look_up)
      : loop(l), limits(client_limits), resolver(l, resolvers, std::move(look_up)) {
    unkept_limits.idle_per_origin = 0;
  }

  // Origins come and go with configurations: pools that nobody uses go when a new one comes.
  Pool& pool_of(const Origin& origin) {
    auto found = pools.find(origin);
    if (found != pools.end()) return *found->second;
    std::erase_if(pools, [](const auto& entry) { return entry.second->unused(); });
    const auto& pool_limits = origin.rules ? unkept_limits : limits;
    return *pools.emplace(origin, std::make_unique<Pool>(loop, pool_limits, counts, authority_of(origin)))
                .first->second;
  }

  enum class Freshness { kAny, kNew };
  Task<Result<std::unique_ptr<Kept>>> acquire(const Origin& origin, Freshness freshness, Ms limit, Cancel& cancel);
  Task<Result<std::unique_ptr<Kept>>> wait_for_one(const Origin& origin, Freshness freshness, Ms limit, Cancel& cancel);
};

Client::Client(Loop& loop, Workers& resolvers, ClientLimits limits, LookUp look_up)
    : impl_(std::make_unique<Impl>(loop, resolvers, limits, std::move(look_up))) {}
Client::~Client() {
  close_idle();
}

// Most often one is idle.
Task<Result<std::unique_ptr<Kept>>> Client::Impl::acquire(const Origin& origin, Freshness freshness, Ms limit,
                                                          Cancel& cancel) {
  if (freshness == Freshness::kAny && !cancel.cancelled()) {
    if (auto kept = pool_of(origin).take_idle()) return Task<Result<std::unique_ptr<Kept>>>::ready(std::move(kept));
  }
  return wait_for_one(origin, freshness, limit, cancel);
}

Task<Result<std::unique_ptr<Kept>>> Client::Impl::wait_for_one(const Origin& origin, Freshness freshness, Ms limit,
                                                               Cancel& cancel) {
  Pool& pool = pool_of(origin);
  auto until = now() + limit;
  while (true) {
    if (cancel.cancelled()) {
      pool.changed();
      co_return fail(cancel.reason());
    }
    if (freshness == Freshness::kAny) {
      if (auto kept = pool.take_idle()) co_return kept;
    } else {
      pool.close_idle();  // one was dead: the others of its age are no better
    }
    auto left = ms_until(until);
    if (pool.has_room()) {
      auto kept = std::make_unique<Kept>(pool);
      auto stream = co_await connect(loop, resolver, origin, std::max(left, Ms(1)), cancel, counts.open);
      if (!stream) co_return fail_from(stream);
      kept->stream = std::move(*stream);
      co_return kept;
    }
    if (left.count() <= 0 || !co_await pool.wait_for_change(left, cancel)) {
      if (cancel.cancelled()) co_return fail(cancel.reason());
      Fault full;
      full.kind = FaultKind::kOverloaded;
      full.retry = Retry::kOther;
      full.told = fmt::format("All {} connections to {} are in use (pool.connections).", limits.connections_per_origin,
                              origin.host);
      co_return fail(std::move(full));
    }
  }
}

Task<Result<std::unique_ptr<Call>>> Client::call(const Origin& origin, const http::RequestHead& head,
                                                 std::span<const std::string_view> body, const CallTimeouts& timeouts,
                                                 Cancel& cancel, Replay replay, std::function<void()> sent) {
  auto freshness = Impl::Freshness::kAny;
  while (true) {
    auto kept = co_await impl_->acquire(origin, freshness, timeouts.connect, cancel);
    if (!kept) co_return fail_from(kept);
    bool pooled = (*kept)->served > 0;
    auto call = std::make_unique<HttpCall>(std::move(*kept), impl_->limits, timeouts, cancel);
    auto status = co_await call->begin(origin, head, body, sent);
    if (status) co_return std::unique_ptr<Call>(std::move(call));
    bool dead =
        replay == Replay::kWhenDead && pooled && call->untouched() && status.error().kind == FaultKind::kConnectionLost;
    if (!dead || freshness == Impl::Freshness::kNew) co_return fail_from(status);
    freshness = Impl::Freshness::kNew;
  }
}

PoolGauges Client::gauges() const {
  return {impl_->counts.open.load(), impl_->counts.idle.load()};
}

void Client::close_idle() {
  for (auto& [origin, pool] : impl_->pools) pool->close_idle();
}

}  // namespace sluice::net
