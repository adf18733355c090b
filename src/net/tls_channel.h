// TLS on a socket that does not block: OpenSSL reads and writes it itself, and has buffers only while they hold
// something. A step does what it can and tells what it waits for; the waiting is the caller's. Private to net/*.cpp.
//
// Thread rule: the loop's thread. Lifetime: the socket outlives it; where that was closed, steps end with an error.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/socket.h"

namespace sluice::net {

class TlsChannel {
 public:
  enum class Side { kServer, kClient };
  TlsChannel(ssl::context& context, Socket& socket, Side side);
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  // The client's side: the certificate has to be trusted, and to be this host's (a name or an address). False when that
  // could not be checked.
  bool expect(const std::string& host);

  enum class Wants { kNothing, kBytes, kRoom };  // to go on: bytes of the peer, or room for ours
  struct Step {
    std::size_t bytes = 0;  // read, or written; also before an error
    Wants wants = Wants::kNothing;
    error_code error;  // eof: the peer said that it ends; stream_truncated: it ended without
  };
  Step handshake();
  Step read(std::span<char> room);
  // Of all pieces, from byte `written` on. Where not all was taken, the next step has to begin with the same bytes.
  Step write(std::span<const std::string_view> pieces, std::size_t written);
  Step end();  // tells the peer that nothing follows

  // Whether bytes were taken from the socket that no read() has given: no wait would tell of them.
  bool has_pending() const { return SSL_has_pending(ssl_.get()) == 1; }

 private:
  template <class Call>
  Step step(Call call);

  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace sluice::net
