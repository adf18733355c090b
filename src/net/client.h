// The HTTP/1.1 client side: calls providers over pooled keep-alive connections of one loop.
//
// A connection goes back to its pool only when its answer was read to the end; everything else closes it. While it
// idles it is watched, so a connection the provider closed is gone before it could be used. If one turns out dead all
// the same before any byte of an answer came, the request is sent again on a fresh one, once, unless it must not be.
//
// Thread rule: everything on the loop's thread. Source: RFC 9112, RFC 8305 (both address families raced).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "net/address_rules.h"
#include "net/loop.h"
#include "net/tls.h"

namespace sluice::net {

// Where a call goes. Equal origins share connections.
struct Origin {
  std::shared_ptr<ClientTls> tls;  // null: plain HTTP
  std::string host;                // name or address
  std::uint16_t port = 0;
  std::string proxy_host;  // empty: none. Plain HTTP goes through in absolute form, TLS by CONNECT.
  std::uint16_t proxy_port = 0;
  std::string proxy_authorization;  // value of Proxy-Authorization, empty: none
  // For a host that somebody outside chose. Its name is resolved anew, connected to are only those of its addresses
  // that these rules allow, connections are not kept, and an answer that is coded is refused. Null: a host we were told
  // of.
  std::shared_ptr<const AddressRules> rules;

  bool operator==(const Origin&) const = default;
};

struct CallTimeouts {
  Ms connect{5'000};      // name look-up, TCP, proxy and TLS together
  Ms first_byte{60'000};  // from the request being sent to the first byte of the answer
  Ms idle{60'000};        // between two bytes of the answer; also for sending the request
};

// Whether a request may be sent again over a fresh connection when a pooled one turned out dead before any byte of an
// answer: harmless for what can be asked twice, not for what creates something.
enum class Replay { kWhenDead, kNever };

struct ClientLimits {
  std::size_t connections_per_origin = 1024;  // per loop; a call above it waits within its connect limit
  std::size_t idle_per_origin = 128;
  Ms idle_timeout{60'000};  // an idle connection is closed after it
  std::size_t answer_header_bytes = 64 << 10;
};

// One call in progress: its head has been read. Destroying it before the end of the body closes the connection.
class Call {
 public:
  virtual ~Call() = default;
  virtual const http::ResponseHead& head() const = 0;  // content-encoding is removed: read() has decoded it
  // The next bytes of the body, at least one, as soon as they are there; empty at its end. Valid until the next read().
  // Faults: kProviderTimeout (idle), kTruncated (the connection ended early), kProviderProtocol, or the cancel's
  // reason.
  virtual Task<Result<std::string_view>> read() = 0;
  // Nothing more of the body is wanted, and it should end now: once this call is destroyed its end is read in the
  // background, for a moment, so that the connection can be used again. Not to be read from any more.
  virtual void leave_rest() = 0;
  virtual bool reused() const = 0;  // over a connection that had served before
};

// The addresses of a name, in figures; empty: it has none. Called on a worker, may block.
using LookUp = std::function<std::vector<std::string>(const std::string& name)>;

struct PoolGauges {
  std::size_t open = 0;  // sockets of this loop that are connected or connecting
  std::size_t idle = 0;  // of these, the ones waiting in the pool
};

class Client {
 public:
  // `look_up` is asked for names instead of the system's resolver, where it is given.
  Client(Loop& loop, Workers& resolvers, ClientLimits limits, LookUp look_up = {});
  ~Client();  // when no call is left; closes idle connections
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sends the request and waits for the head of its answer (1xx answers are skipped), which may come before all is
  // sent. `head.target` is origin form; Host and Content-Length are added here. The pieces of `body` must stay valid
  // until this returns. `sent` is called when all of the request was written. Faults: kUnreachable, kConnectionLost,
  // kProviderTimeout, kOverloaded (no connection free in time, no descriptor left), kProviderProtocol, or the cancel's
  // reason.
  Task<Result<std::unique_ptr<Call>>> call(const Origin& origin, const http::RequestHead& head,
                                           std::span<const std::string_view> body, const CallTimeouts& timeouts,
                                           Cancel& cancel, Replay replay = Replay::kWhenDead,
                                           std::function<void()> sent = {});

  PoolGauges gauges() const;  // any thread
  void close_idle();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::net
