// Names to addresses, remembered. Private to net/*.cpp.
//
// The system's resolver does the look-up on a worker thread. An answer is used for 30 s; after that the old one is
// still used while a new one is fetched, and kept when fetching fails, so a provider stays reachable while DNS is down.
//
// Thread rule: the loop's thread. Lifetime: the Workers must be joined before the Loop goes.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/asio.h"
#include "net/wait.h"

namespace sluice::net {

class Resolver {
 public:
  Resolver(Loop& loop, Workers& workers) : loop_(loop), workers_(workers) {}
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Addresses of both families, alternating, the system's preference first. Faults: kUnreachable, the cancel's reason.
  Task<Result<std::vector<Endpoint>>> resolve(const std::string& host, std::uint16_t port, Ms limit, Cancel& cancel);

 private:
  using Addresses = std::vector<asio::ip::address>;
  struct Entry {
    Addresses addresses;
    std::string error;
    Instant fresh_until{};
    bool asking = false;
    std::vector<Wait*> waiting;
  };

  void ask(const std::string& host, Entry& entry);
  void answered(const std::string& host, Addresses addresses, std::string error);

  Loop& loop_;
  Workers& workers_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace sluice::net
