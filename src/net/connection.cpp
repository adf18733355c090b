#include "net/connection.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "net/served.h"
#include "net/tls_impl.h"

namespace sluice::net {

namespace {

// How long, and how much, a closing connection is read from so that the client sees our answer instead of a reset.
constexpr Ms kLingerPause{2'000};
constexpr Ms kLingerTotal{30'000};
// Pipelined bytes kept while a request is served; a client that sends more is cut.
constexpr std::size_t kPipelineLimit = 64 << 10;

Fault malformed(const error_code& error, const ServerLimits& limits, const Parser<true>& parser) {
  Fault fault;
  fault.kind = FaultKind::kInvalidRequest;
  if (parser.too_many_fields()) {
    fault.kind = FaultKind::kTooLarge;
    fault.code = "header_count";
    fault.told = fmt::format("The request has more than {} header fields (limits.header_count).", limits.header_count);
  } else if (error == beast::http::error::header_limit) {
    fault.kind = FaultKind::kTooLarge;
    fault.code = "header_bytes";
    fault.told = fmt::format("The request's head is larger than {} bytes (limits.header_bytes).", limits.header_bytes);
  } else {
    fault.told = "The request is not valid HTTP/1.1: " + error.message() + ".";
  }
  return fault;
}

// RFC 9112, 5.2: a field continued on the next line.
bool has_folded_line(std::string_view head) {
  return head.find("\r\n ") != std::string_view::npos || head.find("\r\n\t") != std::string_view::npos;
}

enum class Folded { kNo, kYes };

// What Beast lets pass and could mean different things to different readers.
Status check_head(const Parser<true>& parser, Folded folded) {
  if (folded == Folded::kYes)
    return fail(FaultKind::kInvalidRequest, "The request has a header field folded over two lines.");
  if (auto coding = parser.head().headers.get("transfer-encoding")) {
    int codings = 0;
    for (const auto& [name, value] : parser.head().headers) codings += iequals(name, "transfer-encoding") ? 1 : 0;
    bool understood = codings == 1 && iequals(*coding, "chunked") && parser.version() == 11 &&
                      !parser.head().headers.has("content-length");
    if (!understood) {
      return fail(
          Fault{.kind = FaultKind::kInvalidRequest,
                .told = "The only Transfer-Encoding that is understood is 'chunked', alone and without Content-Length.",
                .param = "transfer-encoding"});
    }
  }
  int hosts = 0;
  for (const auto& [name, value] : parser.head().headers) hosts += iequals(name, "host") ? 1 : 0;
  if (hosts == 1 || (hosts == 0 && parser.version() < 11)) return {};
  return fail(Fault{
      .kind = FaultKind::kInvalidRequest, .told = "The request must have exactly one Host field.", .param = "host"});
}

// RFC 9112, 3.2.2: a target may be a whole URL. What it names beside the path is no business of a server that is no
// proxy; one without a host is left for the service to refuse.
void take_path_of_url(std::string& target) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!iequals(std::string_view(target).substr(0, scheme.size()), scheme)) continue;
    const auto end = std::min(target.find_first_of("/?#", scheme.size()), target.size());
    if (end == scheme.size()) return;
    target.erase(0, end);
    if (!target.starts_with('/')) target.insert(0, "/");
    return;
  }
}

}  // namespace

Connection::Connection(ServerShared& shared, StreamPtr stream, std::string peer, Room room)
    : shared_(shared), stream_(std::move(stream)), peer_(std::move(peer)), room_(room) {}

Task<void> Connection::run(std::shared_ptr<ServerTls> tls) {
  if (tls) {
    tls_ = tls->impl().current();
    if (!co_await stream_->accept_tls(*tls_, shared_.limits.header_timeout)) co_return;
  }
  while (co_await serve_next()) {
  }
}

void Connection::close_if_idle() {
  if (idle_) stream_->close();
}

void Connection::cancel(Fault reason) {
  if (current_) {
    current_->close_after();
    current_->cancel().cancel(std::move(reason));
  }
}

Task<bool> Connection::wait_for_first_byte() {
  idle_ = true;
  // A new connection is there for a request; only one that had its answer may idle.
  auto limit =
      served_ == 0 ? std::min(shared_.limits.header_timeout, shared_.limits.idle_timeout) : shared_.limits.idle_timeout;
  auto until = now() + limit;
  while (true) {
    skip_empty_lines();
    auto left = ms_until(until);
    if (!stream_->input().empty() || left.count() <= 0) break;
    if (co_await stream_->fill(left) != Stream::Fill::kData) break;
  }
  idle_ = false;
  co_return !stream_->input().empty();
}

// RFC 9112, 2.2: empty lines before a request are ignored.
void Connection::skip_empty_lines() {
  while (stream_->input().starts_with("\r\n")) stream_->consume(2);
}

// True when a head was read. A malformed or slow one is answered here.
Task<bool> Connection::read_head() {
  const auto& limits = shared_.limits;
  parser_.emplace(HeadLimits{limits.header_bytes, limits.header_count});
  auto until = now() + limits.header_timeout;
  while (true) {
    error_code error;
    auto used = parser_->consume(stream_->input(), error);
    auto folded = has_folded_line(stream_->input().substr(0, used)) ? Folded::kYes : Folded::kNo;
    stream_->consume(used);
    if (parser_->is_header_done()) {
      take_path_of_url(parser_->head().target);
      auto allowed = check_head(*parser_, folded);
      if (allowed) co_return true;
      co_await refuse(allowed.error());
      co_return false;
    }
    if (error && error != beast::http::error::need_more) {
      co_await refuse(malformed(error, limits, *parser_));
      co_return false;
    }
    auto left = ms_until(until);
    auto fill = left.count() > 0 ? co_await stream_->fill(left) : Stream::Fill::kTimeout;
    if (fill == Stream::Fill::kEnd) co_return false;
    if (fill == Stream::Fill::kTimeout) {
      Fault slow;
      slow.kind = FaultKind::kClientTimeout;
      slow.told = fmt::format("The request's head was not complete after {} (limits.header_timeout).",
                              format_duration(limits.header_timeout.count()));
      co_await refuse(slow);
      co_return false;
    }
  }
}

// Serves one request; true when another may follow on this connection.
Task<bool> Connection::serve_next() {
  if (!co_await wait_for_first_byte()) co_return false;
  if (!co_await read_head()) co_return false;
  Served request(*this);
  current_ = &request;
  if (request.body_read()) watch_for_leaving(request);
  co_await serve(request);
  ++served_;
  current_ = nullptr;
  stream_->unwatch();
  if (!request.finished()) {
    stream_->close();
    co_return false;
  }
  if (may_go_on(request)) co_return true;
  co_await linger();
  co_return false;
}

// What is seldom needed has no part in the frame, which lasts as long as a stream.
Task<void> Connection::serve(Served& request) {
  if (room_ == Room::kNo) co_return co_await refuse_over_limit(request);
  bool is_bug = false;
  try {
    co_await shared_.service.serve(request);
  } catch (const std::exception& error) {
    is_bug = true;
    log::write(log::Level::kError, "bug: exception while serving",
               {{"what", error.what()}, {"target", http::path_of(request.head().target)}});
  }
  if (is_bug) co_await tell_of_bug(request);
}

Task<void> Connection::refuse_over_limit(Served& request) {
  Fault full;
  full.kind = FaultKind::kOverloaded;
  full.told = fmt::format("There are {} connections on this core, its share of the limit (limits.connections).",
                          shared_.limits.connections);
  auto refusal = shared_.service.refuse(&request.head(), full);
  co_await request.send(std::move(refusal.head), refusal.body);
}

Task<void> Connection::tell_of_bug(Served& request) {
  if (request.started()) {
    request.abort();
    co_return;
  }
  Fault fault;
  fault.told = "Sluice failed to serve this request. The log has the reason.";
  auto refusal = shared_.service.refuse(&request.head(), fault);
  co_await request.send(std::move(refusal.head), refusal.body);
}

bool Connection::may_go_on(const Served& request) const {
  return request.keep_alive() && request.body_read() && !shared_.draining && stream_->is_open() && !stream_->ended();
}

// From here on the client is expected to wait; what it does instead (leave, or pipeline) is noticed at once.
void Connection::watch_for_leaving(Served& request) {
  stream_->watch([this, &request] {
    bool too_much = stream_->input().size() > kPipelineLimit;
    if (stream_->ended() || too_much) {
      request.cancel().cancel(Fault{
          .kind = FaultKind::kClientGone,
          .told = too_much ? "The client sent too much behind its request." : "The client closed the connection."});
    } else {
      watch_for_leaving(request);
    }
  });
}

Task<void> Connection::refuse(const Fault& fault) {
  const http::RequestHead* head = parser_ && parser_->is_header_done() ? &parser_->head() : nullptr;
  auto refusal = shared_.service.refuse(head, fault);
  refusal.head.headers.set("content-length", std::to_string(refusal.body.size()));
  refusal.head.headers.set("connection", "close");
  std::string bytes;
  append_head(bytes, refusal.head);
  bytes += refusal.body;
  std::string_view piece = bytes;
  co_await stream_->write({&piece, 1}, shared_.limits.write_timeout);
  co_await linger();
}

// Closes so that the answer arrives, within limits.
Task<void> Connection::linger() {
  co_await stream_->linger(kLingerPause, shared_.draining ? now() : now() + kLingerTotal);
}

}  // namespace sluice::net
