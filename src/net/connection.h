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
  Instant drained_by;  // when all connections are closed, while draining
};

Fault shutting_down();

class Connection {
 public:
  // kNo: over the connection limit, kNoDescriptor: it has the last one; its first request is refused.
  enum class Room { kYes, kNo, kNoDescriptor };

  Connection(ServerShared& shared, StreamPtr stream, std::string peer, Room room);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<void> run(std::shared_ptr<ServerTls> tls);

  void close_if_idle();
  bool is_late() const { return is_late_; }  // accepted while the server drained
  void cancel(Fault reason);                 // the request in progress; one that has not arrived yet is refused
  void close();                              // at once, also in the middle of an answer

 private:
  class Served;
  friend class Served;

  // What a read gave a head.
  struct HeadPart {
    std::size_t bytes;
    error_code error;
  };
  Task<bool> accept_tls(ServerTls& tls);
  Task<void> refuse_plain();
  Task<bool> serve_next();
  Task<bool> read_head();
  HeadPart parse_head();
  Status check_head() const;
  Task<bool> read_rest_of_head(HeadPart part);
  Task<void> refuse_unread(Stream::Fill how, std::size_t received);
  http::RequestHead head_so_far() const;
  Ms patience() const;
  bool has_first_byte();
  Task<void> answer(Served& request);
  static Task<void> turn_away(Served& request, Service::Refusal refusal);
  Task<void> tell_of_bug(Served& request);
  Task<void> refuse(const Fault& fault);
  Task<void> linger();
  void watch_for_leaving(Served& request);
  void look_for_leaving();
  std::optional<Fault> turned_away(const Served& request) const;
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
  const bool is_late_;
  std::optional<Fault> stopped_;  // why a request that is arriving is not waited for any longer
  Timer leaving_timer_;
};

}  // namespace sluice::net
