#include "net/connection.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "net/descriptors.h"
#include "net/served.h"
#include "net/tls_impl.h"

namespace sluice::net {

namespace {

// How long, and how much, a closing connection is read from so that the client sees our answer instead of a reset.
constexpr Ms kLingerPause{2'000};
constexpr Ms kLingerTotal{30'000};
// Pipelined bytes kept while a request is served; more are not read before it is answered.
constexpr std::size_t kPipelineLimit = 64 << 10;
// How often is looked whether a client has left from which nothing is read.
constexpr Ms kLookForLeaving{100};

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// What came of a head that cannot be read: bytes, and fields.
struct Received {
  std::size_t bytes = 0;
  std::size_t fields = 0;
};

Fault malformed(const error_code& error, const ServerLimits& limits, const Parser<true>& parser, Received received) {
  Fault fault;
  fault.kind = FaultKind::kInvalidRequest;
  if (parser.too_many_fields()) {
    fault.kind = FaultKind::kTooLarge;
    fault.code = "header_count";
    fault.told = fmt::format("The request has more than {} header fields (limits.header_count); {} came.",
                             limits.header_count, std::max(received.fields, limits.header_count + 1));
  } else if (error == beast::http::error::header_limit) {
    fault.kind = FaultKind::kTooLarge;
    fault.code = "header_bytes";
    fault.told = fmt::format("The request's head is larger than {} bytes (limits.header_bytes); {} came.",
                             limits.header_bytes, std::max(received.bytes, limits.header_bytes + 1));
  } else {
    fault.told = "The request is not valid HTTP/1.1: " + error.message() + ".";
  }
  return fault;
}

enum class Line { kWhole, kCut, kTooLong };

// The method and target of a first line. In one that is cut the target counts as soon as its path has come; where the
// line is too long, what came of it is all there will be, and names the API.
void add_first_line(std::string_view line, Line how, http::RequestHead& head) {
  const auto space = line.find(' ');
  const auto rest = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  const auto target = rest.substr(0, rest.find(' '));
  const bool is_plain = std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!is_plain || !target.starts_with('/')) return;
  if (how == Line::kCut && rest.find_first_of(" ?") == std::string_view::npos) return;
  head.method = line.substr(0, space);
  head.target = target;
}

// The complete lines of a head that broke off: the first one's method and target where `head` has none yet, and the
// fields.
void add_lines(std::string_view lines, http::RequestHead& head) {
  while (true) {
    const auto end = lines.find('\n');
    if (end == std::string_view::npos) return;
    auto line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return;
    if (head.target.empty()) {
      add_first_line(line, Line::kWhole, head);
      if (head.target.empty()) return;
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      head.headers.add(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
  }
}

// RFC 9112, 3.2.2: a target may be a whole URL. What it names beside the path is no business of a server that is no
// proxy; one without a host is left for the service to refuse.
void take_path_of_url(std::string& target) {
  if (target.starts_with('/')) return;
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!iequals(std::string_view(target).substr(0, scheme.size()), scheme)) continue;
    const auto end = std::min(target.find_first_of("/?#", scheme.size()), target.size());
    if (end == scheme.size()) return;
    target.erase(0, end);
    if (!target.starts_with('/')) target.insert(0, "/");
    return;
  }
}

// What is seldom needed has no part in the frame of who serves, which lasts as long as a stream.
[[gnu::noinline]] void log_bug(const std::exception& error, const http::RequestHead& head) {
  log::write(log::Level::kError, "bug: exception while serving",
             {{"what", error.what()}, {"target", http::path_of(head.target)}});
}

}  // namespace

Fault shutting_down() {
  return {.kind = FaultKind::kShuttingDown, .told = "Sluice is shutting down."};
}

Connection::Connection(ServerShared& shared, StreamPtr stream, std::string peer, Room room)
    : shared_(shared),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      room_(room),
      is_late_(shared.draining),
      leaving_timer_(shared.loop, [this] { look_for_leaving(); }) {}

Task<void> Connection::run(std::shared_ptr<ServerTls> tls) {
  if (tls && !co_await accept_tls(*tls)) co_return;
  do {
    idle_ = !has_first_byte();
    if (!idle_) continue;
    const auto until = now() + patience();
    do {
      if (co_await stream_->fill(until) != Stream::Fill::kData) co_return stream_->close_with_notice();
    } while (!has_first_byte() && now() < until);
    idle_ = false;
    if (stream_->input().empty()) co_return stream_->close_with_notice();
  } while (co_await serve_next());
}

// A TLS record begins with a byte that is no letter, the name of a method with one.
Task<bool> Connection::accept_tls(ServerTls& tls) {
  const auto until = now() + shared_.limits.header_timeout;
  const auto first = co_await stream_->first_byte(shared_.limits.header_timeout);
  if (!first) co_return false;
  if (is_letter(*first)) {
    co_await refuse_plain();
    co_return false;
  }
  tls_ = tls.impl().current();
  co_return co_await stream_->accept_tls(*tls_, std::max(Ms(1), ms_until(until)));
}

// What has come of the head says whose words are understood.
Task<void> Connection::refuse_plain() {
  idle_ = false;
  if (co_await stream_->fill(shared_.limits.header_timeout) != Stream::Fill::kData) co_return;
  parser_.emplace(HeadLimits{shared_.limits.header_bytes, shared_.limits.header_count});
  parse_head();
  const Fault fault{
      .kind = FaultKind::kInvalidRequest,
      .told = "This port speaks HTTPS, but the request came as plain HTTP: its address must begin with https://."};
  co_await refuse(fault);
}

void Connection::close_if_idle() {
  if (idle_) stream_->close_with_notice();
}

void Connection::cancel(Fault reason) {
  if (current_) {
    current_->close_after();
    current_->cancel().cancel(std::move(reason));
  } else if (idle_) {
    stream_->close_with_notice();
  } else {
    stopped_ = std::move(reason);
    stream_->interrupt();
  }
}

void Connection::close() {
  const bool would_look_whole = current_ && current_->ends_with_connection();
  would_look_whole ? stream_->reset() : stream_->close();
}

// A new connection is there for a request; only one that had its answer may idle.
Ms Connection::patience() const {
  const auto& limits = shared_.limits;
  return served_ == 0 ? std::min(limits.header_timeout, limits.idle_timeout) : limits.idle_timeout;
}

// RFC 9112, 2.2: empty lines before a request are ignored.
bool Connection::has_first_byte() {
  while (stream_->input().starts_with("\r\n")) stream_->consume(2);
  return !stream_->input().empty();
}

Connection::HeadPart Connection::parse_head() {
  HeadPart part;
  part.bytes = parser_->consume(stream_->input(), part.error);
  stream_->consume(part.bytes);
  if (parser_->is_header_done()) take_path_of_url(parser_->head().target);
  return part;
}

// What Beast lets pass and could mean different things to different readers.
Status Connection::check_head() const {
  if (parser_->has_folded_field())
    return fail(FaultKind::kInvalidRequest, "The request has a header field folded over two lines.");
  if (parser_->transfer_codings() > 0) {
    const auto& headers = parser_->head().headers;
    const bool understood = parser_->transfer_codings() == 1 && parser_->version() == 11 &&
                            iequals(headers.get("transfer-encoding").value_or(""), "chunked") &&
                            !headers.has("content-length");
    if (!understood) {
      return fail(
          Fault{.kind = FaultKind::kInvalidRequest,
                .told = "The only Transfer-Encoding that is understood is 'chunked', alone and without Content-Length.",
                .param = "transfer-encoding"});
    }
  }
  const auto hosts = parser_->hosts();
  if (hosts == 1 || (hosts == 0 && parser_->version() < 11)) return {};
  return fail(Fault{
      .kind = FaultKind::kInvalidRequest, .told = "The request must have exactly one Host field.", .param = "host"});
}

// True when a head was read. A malformed or slow one is answered here. Most come whole.
Task<bool> Connection::read_head() {
  parser_.emplace(HeadLimits{shared_.limits.header_bytes, shared_.limits.header_count});
  const auto part = parse_head();
  const bool is_good = parser_->is_header_done() && check_head();
  return is_good ? Task<bool>::ready(true) : read_rest_of_head(part);
}

Task<bool> Connection::read_rest_of_head(HeadPart part) {
  const auto& limits = shared_.limits;
  auto until = now() + limits.header_timeout;
  std::size_t consumed = 0;
  while (true) {
    consumed += part.bytes;
    if (parser_->is_header_done()) {
      auto allowed = check_head();
      if (allowed) co_return true;
      co_await refuse(allowed.error());
      co_return false;
    }
    if (part.error && part.error != beast::http::error::need_more) {
      const Received received{consumed + stream_->input().size(), head_so_far().headers.size()};
      co_await refuse(malformed(part.error, limits, *parser_, received));
      co_return false;
    }
    auto left = ms_until(until);
    auto fill = left.count() > 0 ? co_await stream_->fill(left) : Stream::Fill::kTimeout;
    if (fill != Stream::Fill::kData) {
      co_await refuse_unread(fill, consumed + stream_->input().size());
      co_return false;
    }
    part = parse_head();
  }
}

// A head that broke off, was too slow, or is not waited for any longer.
Task<void> Connection::refuse_unread(Stream::Fill how, std::size_t received) {
  if (how == Stream::Fill::kEnd) co_return;
  if (stopped_) co_return co_await refuse(*stopped_);
  const Fault slow{.kind = FaultKind::kClientTimeout,
                   .told = fmt::format(
                       "The request's head was not complete after {} ({} bytes were received; limits.header_timeout).",
                       format_duration(shared_.limits.header_timeout.count()), received)};
  co_await refuse(slow);
}

// Serves one request; true when another may follow on this connection.
Task<bool> Connection::serve_next() {
  if (!co_await read_head()) co_return false;
  Served request(*this);
  current_ = &request;
  if (request.body_read()) watch_for_leaving(request);
  bool is_bug = false;
  try {
    co_await answer(request);
  } catch (const std::exception& error) {
    is_bug = true;
    log_bug(error, request.head());
  }
  if (is_bug) co_await tell_of_bug(request);
  ++served_;
  current_ = nullptr;
  leaving_timer_.disarm();
  stream_->unwatch();
  if (!request.finished()) {
    request.abort();
    co_return false;
  }
  if (may_go_on(request)) co_return true;
  co_await linger();
  co_return false;
}

Task<void> Connection::answer(Served& request) {
  const auto why = turned_away(request);
  return why ? turn_away(request, shared_.service.refuse(&request.head(), *why)) : shared_.service.serve(request);
}

Task<void> Connection::turn_away(Served& request, Service::Refusal refusal) {
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

std::optional<Fault> Connection::turned_away(const Served& request) const {
  const bool has_room = room_ == Room::kYes;
  if ((has_room && !is_late_) || shared_.service.is_always_served(request.head())) return std::nullopt;
  if (has_room) return shutting_down();
  if (room_ == Room::kNoDescriptor) {
    return Fault{.kind = FaultKind::kOverloaded,
                 .told = "There is no room for another connection: " + why_no_descriptor() + "."};
  }
  return Fault{
      .kind = FaultKind::kOverloaded,
      .told = fmt::format("There are {} connections on this core, its share of the limit (limits.connections).",
                          shared_.limits.connections)};
}

bool Connection::may_go_on(const Served& request) const {
  return request.keep_alive() && request.body_read() && !shared_.draining && stream_->is_open() && !stream_->ended();
}

// From here on the client is expected to wait; what it does instead (leave, or pipeline) is noticed at once. One that
// pipelines much is not read from until it was answered, and looked at from time to time.
void Connection::watch_for_leaving(Served& request) {
  if (stream_->input().size() > kPipelineLimit) return leaving_timer_.arm(kLookForLeaving);
  stream_->watch([this, &request] {
    if (stream_->ended()) {
      request.cancel().cancel(client_gone());
    } else {
      watch_for_leaving(request);
    }
  });
}

void Connection::look_for_leaving() {
  if (!current_) return;
  if (stream_->peer_left()) return current_->cancel().cancel(client_gone());
  leaving_timer_.arm(kLookForLeaving);
}

// What is known of the head that is being read.
http::RequestHead Connection::head_so_far() const {
  http::RequestHead head = parser_->head();
  if (!parser_->is_header_done()) add_lines(stream_->input(), head);
  return head;
}

Task<void> Connection::refuse(const Fault& fault) {
  auto head = head_so_far();
  if (head.target.empty() && !stream_->input().contains('\n')) {
    add_first_line(stream_->input(), fault.kind == FaultKind::kTooLarge ? Line::kTooLong : Line::kCut, head);
  }
  auto refusal = shared_.service.refuse(head.target.empty() ? nullptr : &head, fault);
  refusal.head.headers.set("content-length", std::to_string(refusal.body.size()));
  refusal.head.headers.set("connection", "close");
  std::string bytes;
  append_head(bytes, refusal.head);
  bytes += refusal.body;
  std::string_view piece = bytes;
  co_await stream_->write({&piece, 1}, shared_.limits.write_timeout);
  co_await linger();
}

// Closes so that the answer arrives, within limits. While draining, only a client that may still send is waited for.
Task<void> Connection::linger() {
  const bool is_sending = !parser_->is_done() || !stream_->input().empty();
  const auto until = !shared_.draining ? now() + kLingerTotal : is_sending ? shared_.drained_by : now();
  co_await stream_->linger(kLingerPause, until);
}

}  // namespace sluice::net
