#include "net/request_bytes.h"

#include <algorithm>

#include "net/http1.h"

namespace sluice::net {

std::string authority_of(const Origin& origin) {
  const bool usual_port = origin.port == (origin.tls ? 443 : 80);
  const bool ipv6 = origin.host.find(':') != std::string::npos;
  const auto host = ipv6 ? "[" + origin.host + "]" : origin.host;
  return usual_port ? host : host + ":" + std::to_string(origin.port);
}

RequestBytes::RequestBytes(const Origin& origin, std::string_view authority, const http::RequestHead& head,
                           std::span<const std::string_view> body) {
  for (auto piece : body) body_size_ += piece.size();
  write_head(origin, authority, head);
  const std::size_t count = body.size() + 1;
  if (count > few_.size()) many_.resize(count);
  pieces_ = count > few_.size() ? std::span(many_) : std::span(few_).first(count);
  pieces_.front() = head_;
  std::ranges::copy(body, pieces_.begin() + 1);
}

void RequestBytes::write_head(const Origin& origin, std::string_view authority, const http::RequestHead& head) {
  constexpr std::size_t kAround = 256;  // what is added here
  const auto lines = head.headers.lines();
  head_.reserve(head.target.size() + 2 * authority.size() + (lines ? lines->size() : 1024) + kAround);
  const bool through_proxy = !origin.proxy_host.empty() && !origin.tls;
  if (through_proxy) {
    append_request_line(head_, head.method, "http://" + std::string(authority) + head.target);
  } else {
    append_request_line(head_, head.method, head.target);
  }
  append_field(head_, "Host", authority);
  append_fields(head_, head.headers);
  if (through_proxy && !origin.proxy_authorization.empty()) {
    append_field(head_, "Proxy-Authorization", origin.proxy_authorization);
  }
  if (body_size_ > 0 || (head.method != "GET" && head.method != "HEAD" && head.method != "DELETE")) {
    append_field(head_, "Content-Length", std::to_string(body_size_));
  }
  head_ += "\r\n";
}

}  // namespace sluice::net
