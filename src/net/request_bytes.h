// A request as it goes out to an origin: the head as bytes, behind it the pieces of the body. Private to net/*.cpp.
//
// Thread rule: plain values. Lifetime: the pieces of the body stay the caller's; it neither copies nor moves, because
// its own refer to it.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/client.h"

namespace sluice::net {

// The origin as a request names it.
std::string authority_of(const Origin& origin);

class RequestBytes {
 public:
  // Host and Content-Length are added, in the form the way to the origin asks for.
  RequestBytes(const Origin& origin, std::string_view authority, const http::RequestHead& head,
               std::span<const std::string_view> body);
  RequestBytes(const RequestBytes&) = delete;
  RequestBytes& operator=(const RequestBytes&) = delete;

  std::span<const std::string_view> pieces() const { return pieces_; }
  std::size_t body_size() const { return body_size_; }

 private:
  void write_head(const Origin& origin, std::string_view authority, const http::RequestHead& head);

  std::string head_;
  std::size_t body_size_ = 0;
  std::array<std::string_view, 8> few_;
  std::vector<std::string_view> many_;  // where they are more
  std::span<std::string_view> pieces_;
};

}  // namespace sluice::net
