// The HTTP/1.1 server side: accepts connections on one loop, reads requests, hands each to a Service.
//
// What the server sees to itself: keep-alive and pipelining, chunked and fixed bodies, Expect: 100-continue, compressed
// request bodies, limits and time-outs, noticing that a client left, back-pressure. A request it must refuse (too
// large, too slow, malformed) is answered with the body that Service::refuse() writes, never with a reset.
//
// Thread rule: everything on the loop's thread. Source: RFC 9112.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "net/loop.h"
#include "net/tls.h"

namespace sluice::net {

// Spare capacity behind a body, so that it can be parsed in place (json::kPadding is no more than this).
inline constexpr std::size_t kBodySlack = 64;

struct ServerLimits {
  std::size_t header_bytes = 64 << 10;
  std::size_t header_count = 200;
  std::size_t body_bytes = 64 << 20;  // as sent, and again after decompression
  std::size_t connections = 20'000;   // per server, over all loops it is divided
  Ms header_timeout{10'000};          // from the first byte of a head to its last
  Ms body_timeout{30'000};            // without a byte of the body
  std::size_t body_rate = 240;        // bytes of a body a second, at least, once body_timeout has passed; 0: any
  Ms idle_timeout{75'000};            // between requests
  Ms write_timeout{60'000};           // a client that takes nothing for so long has left
};

// One request being served, and the way to answer it. Owned by the connection; valid until serve() returns.
class Request {
 public:
  virtual ~Request() = default;

  virtual const http::RequestHead& head() const = 0;
  virtual std::string_view peer() const = 0;  // the client's address, no port: "127.0.0.1", "::1"
  virtual Instant arrived() const = 0;        // when the head was complete
  virtual Loop& loop() = 0;

  // Cancelled when the client leaves, or by Server::drain's end. Work for this request hangs its hooks here.
  virtual Cancel& cancel() = 0;

  // The whole body, decompressed, with kBodySlack spare bytes of capacity behind it. Sends "100 Continue" when asked
  // for. Call at most once. Faults: kTooLarge, kClientTimeout, kClientGone, kInvalidRequest (framing, unknown or broken
  // coding).
  virtual Task<Result<std::string>> body() = 0;

  // A whole answer in one write; content-length is added. For HEAD the body is left out.
  virtual Task<Status> send(http::ResponseHead head, std::string_view body) = 0;

  // A streamed answer: start() keeps the head until the first write() or finish(), then both leave together. Framing is
  // chunked, or by the content-length in `head`. write() returns when the socket took the pieces (back-pressure).
  // Only one of these may be awaited at a time.
  virtual void start(http::ResponseHead head) = 0;
  virtual Task<Status> write(std::span<const std::string_view> pieces) = 0;
  virtual Task<Status> finish() = 0;
  virtual bool started() const = 0;  // start() or send() was called

  // Ends the connection without completing the answer, so that the client sees it is incomplete.
  virtual void abort() = 0;

  // For simulators: a TCP reset instead of a close.
  virtual void reset() = 0;
};

// Who answers. Shared by all connections of a server; outlives it.
class Service {
 public:
  virtual ~Service() = default;
  // Serves one request; must answer it or abort it. An exception that escapes is logged and answered by refuse().
  virtual Task<void> serve(Request& request) = 0;

  // Whether it is served also where there is no room for more, and while the server drains.
  virtual bool is_always_served(const http::RequestHead& /*head*/) const { return false; }

  struct Refusal {
    http::ResponseHead head;
    std::string body;
  };
  // The answer to a request that cannot be served. `head` is what is known of its head, the request line at least; null
  // where that could not be read.
  virtual Refusal refuse(const http::RequestHead* head, const Fault& fault) = 0;
};

// Whether a server can listen on it: an IP address or localhost, no other name.
bool is_local_address(const std::string& host);

// Whether nobody listens there: SO_REUSEPORT alone would let a second gateway take half of the first one's connections.
// Port 0 is always free. Faults: kInvalidConfig.
Status check_free(const std::string& host, std::uint16_t port);

// One listener and its connections, on one loop. Several servers may listen on one address (SO_REUSEPORT).
class Server {
 public:
  Server(Loop& loop, Workers& workers, Service& service, ServerLimits limits);
  ~Server();  // after drain() only
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Port 0 takes a free one; returns the port. Null `tls` is plain HTTP. Faults: kInvalidConfig.
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port, std::shared_ptr<ServerTls> tls);

  void set_limits(ServerLimits limits);  // for requests from now on
  std::size_t connections() const;       // any thread
  std::uint64_t accepted() const;        // connections taken since listen()

  // Closes idle connections, lets requests that have begun to arrive finish until the limit, then cancels them with
  // kShuttingDown and waits a moment for their last words. Until then new connections are accepted, and told so: only
  // what is always served is served there.
  Task<void> drain(Ms limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::net
