// Names to addresses, remembered. Private to net/*.cpp.
//
// The system's resolver does the look-up on a worker thread. An answer is used for 30 s; after that the old one is
// still used while a new one is fetched, and kept when fetching fails, so a provider stays reachable while DNS is down.
// Names that callers choose are asked for anew each time: they would fill the memory, and take the workers from others.
//
// Thread rule: the loop's thread. Lifetime: the Workers must be joined before the Loop goes.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/asio.h"
#include "net/client.h"
#include "net/wait.h"

namespace sluice::net {

// What a look-up found.
struct Found {
  std::vector<asio::ip::address> addresses;
  std::string error;
};

class Resolver {
 public:
  // `look_up`: asked instead of the system's resolver, on a worker; empty: the system's.
  Resolver(Loop& loop, Workers& workers, LookUp look_up = {})
      : loop_(loop), workers_(workers), look_up_(std::move(look_up)) {}
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Addresses of both families, alternating, the system's preference first. Faults: kUnreachable, the cancel's reason.
  Task<Result<std::vector<Endpoint>>> resolve(const std::string& host, std::uint16_t port, Ms limit, Cancel& cancel);
  // The same, asked anew and not remembered. Of a loop a few at once; others wait within their limit.
  Task<Result<std::vector<Endpoint>>> resolve_once(const std::string& host, std::uint16_t port, Ms limit,
                                                   Cancel& cancel);

 private:
  // Shared with the look-up, which cannot be stopped and may end after those who asked.
  struct Once {
    Found found;
    Wait* waiting = nullptr;
  };
  struct Entry {
    std::vector<asio::ip::address> addresses;
    std::string error;
    Instant fresh_until{};
    bool asking = false;
    std::vector<Wait*> waiting;
  };

  Found find(const std::string& host) const;  // blocks: on a worker only
  void ask(const std::string& host, Entry& entry);
  void answered(const std::string& host, Found found);
  Task<Status> begin_once(const std::string& host, Instant until, Cancel& cancel);
  void end_once();

  Loop& loop_;
  Workers& workers_;
  LookUp look_up_;
  std::size_t once_ = 0;  // look-ups of resolve_once() on their way
  std::list<Wait*> waiting_for_once_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace sluice::net
