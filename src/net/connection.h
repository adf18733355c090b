// One client connection: reads requests one after the other, has each served, decides whether to go on. Private to
// net/*.cpp.
//
// Thread rule: the loop's thread. Ownership: run()'s frame, started by the Server's TaskGroup.
#pragma once

#include <optional>
#include <string>

#include "net/http1.h"
#include "net/server.h"
#include "net/stream.h"

namespace sluice::net {

// What all connections of a server share. Owned by the Server.
struct ServerShared {
  Loop& loop;
  Workers& workers;
  Service& service;
  ServerLimits limits;
  bool draining = false;
};

class Connection {
 public:
  enum class Room { kYes, kNo };  // kNo: over the connection limit; its first request is refused

  Connection(ServerShared& shared, StreamPtr stream, std::string peer, Room room);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<void> run(std::shared_ptr<ServerTls> tls);

  void close_if_idle();
  void cancel(Fault reason);  // the request in progress, if any
  void close() { stream_->close(); }

 private:
  class Served;
  friend class Served;

  Task<bool> serve_next();
  Task<bool> read_head();
  Task<bool> wait_for_first_byte();
  void skip_empty_lines();
  Task<void> serve(Served& request);
  Task<void> refuse_over_limit(Served& request);
  Task<void> tell_of_bug(Served& request);
  Task<void> refuse(const Fault& fault);
  Task<void> linger();
  void watch_for_leaving(Served& request);
  bool may_go_on(const Served& request) const;

  ServerShared& shared_;
  std::shared_ptr<ssl::context> tls_;  // before the stream that uses it
  StreamPtr stream_;
  std::string peer_;
  Room room_;
  bool idle_ = true;
  std::size_t served_ = 0;
  std::optional<Parser<true>> parser_;
  Served* current_ = nullptr;
};

}  // namespace sluice::net
