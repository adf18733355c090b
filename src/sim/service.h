// Serves the requests of one loop: the provider's endpoints and the simulator's own (/_sim/…).
//
// Thread rule: its loop's thread. Lifetime: outlives its server; the instance and the workers outlive it.
#pragma once

#include <cstdint>
#include <functional>

#include "base/workers.h"
#include "json/reader.h"
#include "net/server.h"
#include "sim/answer.h"
#include "sim/examine.h"
#include "sim/instance.h"
#include "sim/visit.h"

namespace sluice::sim {

struct SocketCounts {
  std::size_t open = 0;
  std::uint64_t accepted = 0;
};

class SimService final : public net::Service {
 public:
  // Asks all loops for their sockets; called and resumed on the given loop.
  using CountSockets = std::function<Task<SocketCounts>(net::Loop&)>;
  SimService(Instance& instance, Workers& workers, CountSockets count_sockets)
      : instance_(instance), workers_(workers), count_sockets_(std::move(count_sockets)) {}

  Task<void> serve(net::Request& request) override;
  Refusal refuse(const http::RequestHead* head, const Fault& fault) override;

 private:
  Task<void> provide(net::Request& request);
  Task<void> control(net::Request& request);
  Task<Examined> examine_body(net::Request& request, std::string_view body);
  Task<std::string> stats(net::Loop& loop);
  Task<Answer> control_answer(net::Request& request);
  void sign(Answer& answer, const Visit& visit) const;

  Instance& instance_;
  Workers& workers_;
  CountSockets count_sockets_;
  json::Reader reader_;
};

}  // namespace sluice::sim
