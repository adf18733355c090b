#include "net/served.h"

#include <fmt/format.h>

#include <ctime>

#include "base/release.h"
#include "base/text.h"
#include "http/coding.h"
#include "net/connection.h"

namespace sluice::net {

namespace {

constexpr Ms kLastWords{1'000};

// A body larger than this is decompressed on a worker.
constexpr std::size_t kDecodeOnLoop = 16 << 10;

// The Date field's value; formatted once a second and thread.
std::string_view http_date() {
  struct Cached {
    std::time_t second = -1;
    char text[32];
    std::size_t size = 0;
  };
  thread_local Cached cached;
  auto second = std::time(nullptr);
  if (second != cached.second) {
    std::tm parts;
    gmtime_r(&second, &parts);
    cached.size = std::strftime(cached.text, sizeof cached.text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    cached.second = second;
  }
  return {cached.text, cached.size};
}

// How long a body may take: a pause at most, and on the whole no longer than the least rate gives it.
class Pace {
  static constexpr Ms kAlmost{50};  // of a pause: it began a little after the body

 public:
  explicit Pace(const ServerLimits& limits) : limits_(limits), began_(now()) {}

  // The longest wait for the next byte.
  Ms patience(std::size_t received) const {
    if (limits_.body_rate == 0) return limits_.body_timeout;
    return std::clamp(ms_until(due(received)), Ms(1), limits_.body_timeout);
  }
  // When nothing came within it.
  Fault too_slow(std::size_t received, Ms waited) const {
    Fault fault{.kind = FaultKind::kClientTimeout};
    if (waited + kAlmost < limits_.body_timeout) {
      const auto took = std::chrono::duration_cast<Ms>(now() - began_).count();
      fault.told = fmt::format(
          "The request body came at less than {} bytes a second ({} bytes were received in {}; limits.body_rate).",
          limits_.body_rate, received, format_duration(took));
    } else {
      fault.told = fmt::format("No byte of the request body came for {} ({} bytes were received; limits.body_timeout).",
                               format_duration(limits_.body_timeout.count()), received);
    }
    return fault;
  }

 private:
  Instant due(std::size_t received) const {
    return began_ + std::max(limits_.body_timeout, Ms(static_cast<std::int64_t>(received * 1000 / limits_.body_rate)));
  }

  const ServerLimits& limits_;
  Instant began_;
};

// RFC 9112, 2.2: a line ends in CRLF. Beast waits for one that ends in LF alone, and so would its sender for an answer.
bool has_bare_line_feed(std::string_view text) {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  return false;
}

// What is left of a body that is not whole is the beginning of a chunk's line, or of the trailers.
Status check_lines(std::string_view unparsed) {
  if (unparsed.size() > kMostUnparsed) {
    return fail(FaultKind::kInvalidRequest,
                fmt::format("A chunk's line or the trailers are longer than {} bytes.", kMostUnparsed));
  }
  if (has_bare_line_feed(unparsed)) {
    return fail(FaultKind::kInvalidRequest, "A chunk's line or a trailer ends in LF alone; lines end in CRLF.");
  }
  return {};
}

}  // namespace

Fault client_gone() {
  return {.kind = FaultKind::kClientGone, .told = "The client closed the connection."};
}

Fault too_large(std::string_view what, std::uint64_t size, std::uint64_t limit, std::string_view setting) {
  Fault fault;
  fault.kind = FaultKind::kTooLarge;
  fault.told = fmt::format("The {} is {} bytes; the limit is {} bytes (limits.{}).", what, size, limit, setting);
  return fault;
}

Connection::Served::Served(Connection& connection)
    : connection_(connection),
      head_(std::move(connection.parser_->head())),
      arrived_(now()),
      is_head_(head_.method == "HEAD"),
      http10_(connection.parser_->version() < 11),
      keep_alive_(connection.parser_->keep_alive()) {}

Status Connection::Served::lengths_allowed() const {
  const auto& parser = *connection_.parser_;
  auto limit = connection_.shared_.limits.body_bytes;
  if (auto length = parser.content_length(); length && *length > limit) {
    return fail(too_large("request body", *length, limit, "body"));
  }
  return {};
}

Status Connection::Served::expectation_can_be_met() const {
  auto expect = head_.headers.get("expect");
  if (!expect || http10_ || iequals(*expect, "100-continue")) return {};
  return fail(FaultKind::kInvalidRequest, "The only expectation that can be met is 100-continue.");
}

// Moves what has come of the body to the end of `body`.
Status Connection::Served::take_arrived(std::string& body) {
  auto& parser = *connection_.parser_;
  auto& stream = *connection_.stream_;
  const auto& limits = connection_.shared_.limits;
  error_code error;
  if (!parser.is_done() && !stream.input().empty()) {
    auto used = parser.consume(stream.input(), error);
    body += parser.body();
    stream.consume(used);
  }
  if (error && error != beast::http::error::need_more) {
    return fail(FaultKind::kInvalidRequest,
                "The request body is not framed as HTTP/1.1 says: " + error.message() + ".");
  }
  if (body.size() > limits.body_bytes) {
    return fail(too_large("request body (so far)", body.size(), limits.body_bytes, "body"));
  }
  return parser.is_done() ? Status{} : check_lines(stream.input());
}

// The body from `body`, its beginning, on.
Task<Result<std::string>> Connection::Served::receive(std::string body) {
  auto& parser = *connection_.parser_;
  auto& stream = *connection_.stream_;
  const Pace pace(connection_.shared_.limits);
  const Cancel::Hook hook(cancel_, [&] { stream.interrupt(); });
  Status status;
  while (!parser.is_done()) {
    const Ms patience = pace.patience(body.size());
    auto fill = co_await stream.fill(patience);
    if (cancel_.cancelled()) {
      status = fail(cancel_.reason());
    } else if (fill == Stream::Fill::kEnd) {
      status = fail(client_gone());
    } else if (fill == Stream::Fill::kTimeout) {
      status = fail(pace.too_slow(body.size(), patience));
    } else {
      status = take_arrived(body);
    }
    if (!status) break;
  }
  if (status) co_return co_await received(std::move(body));
  keep_alive_ = false;
  co_return fail_from(status);
}

Task<Result<std::string>> Connection::Served::continue_and_receive(std::string body) {
  std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  if (!co_await connection_.stream_->write({&line, 1}, connection_.shared_.limits.write_timeout)) {
    keep_alive_ = false;
    co_return fail(client_gone());
  }
  co_return co_await receive_from_now(std::move(body));
}

Task<Result<std::string>> Connection::Served::receive_from_now(std::string body) {
  auto status = take_arrived(body);
  if (!status) {
    keep_alive_ = false;
    return Task<Result<std::string>>::ready(fail_from(status));
  }
  return body_read() ? received(std::move(body)) : receive(std::move(body));
}

// Most bodies have come with their heads: nothing is waited for.
Task<Result<std::string>> Connection::Served::body() {
  auto status = lengths_allowed();
  if (status) status = expectation_can_be_met();
  if (!status) {
    keep_alive_ = false;
    return Task<Result<std::string>>::ready(fail_from(status));
  }
  std::string body;
  // Address space is reserved for the announced length; memory is used only as bytes arrive.
  body.reserve(connection_.parser_->content_length().value_or(0) + kBodySlack);
  const bool is_to_continue = !http10_ && !body_read() && head_.headers.has("expect");
  connection_.parser_->body_follows();
  return is_to_continue ? continue_and_receive(std::move(body)) : receive_from_now(std::move(body));
}

Result<std::string> Connection::Served::decoded(std::string_view coding, std::string_view body) const {
  const auto limit = connection_.shared_.limits.body_bytes;
  auto decoded = http::decode_all(coding, body, limit);
  if (decoded) {
    decoded->reserve(decoded->size() + kBodySlack);
  } else if (decoded.error().kind == FaultKind::kTooLarge) {
    return fail(FaultKind::kTooLarge,
                fmt::format("The request body of {} bytes is larger than {} bytes once decompressed (limits.body).",
                            body.size(), limit));
  }
  return decoded;
}

// What is still to do with a whole body.
Task<Result<std::string>> Connection::Served::received(std::string body) {
  connection_.watch_for_leaving(*this);
  auto coding = head_.headers.get("content-encoding");
  if (!coding || http::is_identity(*coding)) {
    body.reserve(body.size() + kBodySlack);
    return Task<Result<std::string>>::ready(std::move(body));
  }
  if (body.size() <= kDecodeOnLoop) return Task<Result<std::string>>::ready(decoded(*coding, body));
  return decode_aside(*coding, std::move(body));
}

Task<Result<std::string>> Connection::Served::decode_aside(std::string_view coding, std::string body) {
  Result<std::string> result;
  co_await offload(loop(), connection_.shared_.workers, [&] { result = decoded(coding, body); });
  co_return result;
}

void Connection::Served::decide_framing(http::ResponseHead& head) {
  bool no_body = is_head_ || head.status == 204 || head.status == 304 || head.status < 200;
  if (no_body) {
    framing_ = Framing::kNone;
  } else if (phase_ == Phase::kFinished || head.headers.has("content-length")) {  // a whole answer has it
    framing_ = Framing::kLength;
  } else if (http10_) {
    framing_ = Framing::kUntilClose;
    keep_alive_ = false;
  } else {
    framing_ = Framing::kChunked;
    head.headers.add("transfer-encoding", "chunked");
  }
}

void Connection::Served::complete_head(http::ResponseHead& head) {
  // Behind an answer that came before the body was read the connection cannot go on.
  if (connection_.shared_.draining || connection_.room_ != Room::kYes || !body_read()) keep_alive_ = false;
  if (!keep_alive_) {
    head.headers.set("connection", "close");
  } else if (http10_) {
    head.headers.set("connection", "keep-alive");
  }
  head.headers.set("date", http_date());
  append_head(pending_, head);
}

void Connection::Served::start(http::ResponseHead head) {
  if (phase_ != Phase::kNothing) return;
  phase_ = Phase::kStarted;
  decide_framing(head);
  complete_head(head);
}

Status Connection::Served::put_ended(Stream::Took how) {
  release(pending_);  // a stream may stay open for long
  if (how == Stream::Took::kAll) return {};
  phase_ = Phase::kAborted;
  return fail(cancel_.cancelled() ? cancel_.reason() : client_gone());
}

Task<Status> Connection::Served::put(std::span<const std::string_view> pieces) {
  const auto begun = connection_.stream_->begin_write(pieces);
  if (begun.took == Stream::Took::kMore) return put_rest({pieces.begin(), pieces.end()}, begun.bytes);
  return Task<Status>::ready(put_ended(begun.took));
}

Task<Status> Connection::Served::put_rest(std::vector<std::string_view> pieces, std::size_t written) {
  // Once cancelled there is only time for last words, also for a write that waits for a slow client now.
  Cancel::Hook hook(cancel_, [this] { connection_.stream_->hurry(kLastWords); });
  auto limit = cancel_.cancelled() ? kLastWords : connection_.shared_.limits.write_timeout;
  const bool taken = co_await connection_.stream_->write_rest(pieces, written, limit);
  co_return put_ended(taken ? Stream::Took::kAll : Stream::Took::kBroken);
}

Task<Status> Connection::Served::send(http::ResponseHead head, std::string_view body) {
  if (phase_ != Phase::kNothing) {
    return Task<Status>::ready(fail(FaultKind::kInternal, "An answer was sent twice."));
  }
  phase_ = Phase::kFinished;
  if (head.status != 204 && head.status != 304) head.headers.set("content-length", std::to_string(body.size()));
  decide_framing(head);
  complete_head(head);
  std::array<std::string_view, 2> pieces{pending_, framing_ == Framing::kNone ? std::string_view{} : body};
  return put(pieces);
}

Task<Status> Connection::Served::write(std::span<const std::string_view> pieces) {
  if (phase_ != Phase::kStarted) {
    return Task<Status>::ready(fail(cancel_.cancelled() ? cancel_.reason() : client_gone()));
  }
  std::size_t size = 0;
  for (auto piece : pieces) size += piece.size();
  if (size == 0 && pending_.empty()) return Task<Status>::ready();

  std::array<std::string_view, 8> few;
  std::vector<std::string_view> many;
  const std::size_t most = pieces.size() + 3;
  if (most > few.size()) many.resize(most);
  std::string_view* const all = most > few.size() ? many.data() : few.data();
  std::size_t count = 0;
  all[count++] = pending_;
  const bool framed = framing_ == Framing::kChunked && size > 0;
  if (framed) all[count++] = chunk_line(size, chunk_line_);
  if (framing_ != Framing::kNone) {
    std::ranges::copy(pieces, all + count);
    count += pieces.size();
  }
  if (framed) all[count++] = "\r\n";
  return put({all, count});
}

Task<Status> Connection::Served::finish() {
  if (phase_ != Phase::kStarted) return Task<Status>::ready();
  phase_ = Phase::kFinished;
  std::array<std::string_view, 2> pieces{pending_, framing_ == Framing::kChunked ? "0\r\n\r\n" : ""};
  return put(pieces);
}

void Connection::Served::abort() {
  if (ends_with_connection()) return reset();
  keep_alive_ = false;
  phase_ = Phase::kAborted;
  connection_.stream_->close();
}

void Connection::Served::reset() {
  keep_alive_ = false;
  phase_ = Phase::kAborted;
  connection_.stream_->reset();
}

}  // namespace sluice::net
