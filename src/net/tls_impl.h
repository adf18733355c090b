// What net/tls.h hides: OpenSSL's contexts. Private to net/*.cpp.
//
// Thread rule: current() from any loop.
#pragma once

#include <mutex>
#include <string>

#include "net/asio.h"
#include "net/tls.h"

namespace sluice::net {

struct ServerTls::Impl {
  std::string certificate_file;
  std::string key_file;
  std::shared_ptr<ssl::context> current();  // a connection keeps the one it began with

  std::mutex mutex;
  std::shared_ptr<ssl::context> context;
};

struct ClientTls::Impl {
  ssl::context context{ssl::context::tls_client};
};

}  // namespace sluice::net
