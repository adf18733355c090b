#include "sim/simulator.h"

#include <algorithm>
#include <coroutine>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include "base/thread.h"
#include "base/workers.h"
#include "net/loop.h"
#include "net/server.h"
#include "sim/instance.h"
#include "sim/service.h"

namespace sluice::sim {

namespace {

constexpr std::size_t kMostThreads = 256;
constexpr Ms kDrainLimit{0};

net::ServerLimits server_limits(std::size_t loops) {
  net::ServerLimits limits;
  limits.header_bytes = 256 << 10;  // scripts travel in headers
  limits.body_bytes = 256 << 20;
  limits.connections = std::max<std::size_t>(100'000 / loops, 1);
  limits.body_timeout = Ms(600'000);  // slow peers are what it is there to meet
  limits.body_rate = 0;
  limits.write_timeout = Ms(600'000);
  limits.idle_timeout = Ms(600'000);
  return limits;
}

bool is_name(const std::string& name) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, fits);
}

// co_await on(there, home, job): runs the job on another loop and comes back to this one.
auto on(net::Loop& there, net::Loop& home, std::function<void()> job) {
  struct Awaiter {
    net::Loop& there;
    net::Loop& home;
    std::function<void()> job;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      there.post([this, waiter] {
        job();
        home.post([waiter] { waiter.resume(); });
      });
    }
    void await_resume() const {}
  };
  return Awaiter{there, home, std::move(job)};
}

// One loop with its thread. Everything in it but the thread is touched on that thread only, once it runs.
struct Lane {
  net::Loop loop;
  SimService service;
  std::unique_ptr<net::Server> server;  // null before listening and after draining
  TaskGroup tasks;
  std::jthread thread;  // last: joined before the rest goes

  Lane(Instance& instance, Workers& workers, SimService::CountSockets count)
      : service(instance, workers, std::move(count)) {}

  SocketCounts sockets() const {
    return server ? SocketCounts{server->connections(), server->accepted()} : SocketCounts{};
  }

  Task<void> drain(std::promise<void>& done) {
    co_await server->drain(kDrainLimit);
    // Not here: this may run deep inside of the server.
    loop.post([this, &done] {
      server.reset();
      done.set_value();
    });
  }
};

}  // namespace

struct Simulator::Running {
  Instance instance;
  Workers workers{1};
  std::vector<std::unique_ptr<Lane>> lanes;

  Task<SocketCounts> count_sockets(net::Loop& home) {
    SocketCounts sum;
    for (auto& lane : lanes) {
      SocketCounts counts;
      co_await on(lane->loop, home, [&] { counts = lane->sockets(); });
      sum.open += counts.open;
      sum.accepted += counts.accepted;
    }
    co_return sum;
  }

  void start_lanes(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto count_them = [this](net::Loop& home) { return count_sockets(home); };
      lanes.push_back(std::make_unique<Lane>(instance, workers, count_them));
    }
    for (auto& lane : lanes) lane->thread = named_thread("sim", [&loop = lane->loop] { loop.run(); });
  }

  Result<std::uint16_t> listen(Lane& lane, const std::string& host, std::uint16_t port) {
    // Shared, because the loop may still be inside of set_value() when get() has returned.
    auto answer = std::make_shared<std::promise<Result<std::uint16_t>>>();
    lane.loop.post([this, &lane, &host, port, answer] {
      lane.server = std::make_unique<net::Server>(lane.loop, workers, lane.service, server_limits(lanes.size()));
      answer->set_value(lane.server->listen(host, port, nullptr));
    });
    return answer->get_future().get();
  }

  // All loops run until the last one is drained: they ask each other for their sockets.
  ~Running() {
    std::vector<std::promise<void>> drained(lanes.size());
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      lanes[i]->loop.post([lane = lanes[i].get(), &done = drained[i]] {
        if (lane->server) {
          spawn(lane->drain(done), lane->tasks);
        } else {
          done.set_value();
        }
      });
    }
    for (auto& done : drained) done.get_future().wait();
    for (auto& lane : lanes) lane->loop.stop();
    for (auto& lane : lanes) lane->thread.join();
  }
};

Simulator::Simulator(SimOptions options) : options_(std::move(options)) {}

Simulator::~Simulator() {
  stop();
}

Result<std::uint16_t> Simulator::start() {
  if (!is_name(options_.name)) {
    return fail(FaultKind::kInvalidConfig, "A simulator's name is made of letters, digits, '.', '_' and '-'.");
  }
  if (options_.threads == 0 || options_.threads > kMostThreads) {
    return fail(FaultKind::kInvalidConfig, "A simulator runs on 1 to " + std::to_string(kMostThreads) + " threads.");
  }
  if (running_) return fail(FaultKind::kInternal, "The simulator is running.");
  if (auto free = net::check_free(options_.host, options_.port); !free) return fail_from(free);
  auto running = std::make_unique<Running>();
  running->instance.name = options_.name;
  running->instance.key = options_.key;
  running->instance.recording = options_.record == SimOptions::Record::kOn;
  running->start_lanes(options_.threads);

  std::uint16_t port = options_.port;
  for (auto& lane : running->lanes) {
    auto listening = running->listen(*lane, options_.host, port);
    if (!listening) return fail_from(listening);
    port = *listening;
  }
  running_ = std::move(running);
  return port;
}

void Simulator::stop() {
  running_.reset();
}

}  // namespace sluice::sim
