// What is used of Boost: addresses, errors and TLS contexts of Asio, Beast's parser. Private to net/*.cpp: the only
// files that include it.
//
// Thread rule: plain values.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "net/loop.h"

namespace sluice::net {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
using boost::system::error_code;

using Endpoint = asio::ip::tcp::endpoint;

// Who is called, and told whether it happened.
struct Wake {
  void (*act)(void* self, error_code error) = nullptr;
  void* self = nullptr;
};

}  // namespace sluice::net
