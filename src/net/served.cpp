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
constexpr std::size_t kUsualHead = 1 << 10;  // of an answer

// The Date field's value; formatted once a second and thread.
std::string_view http_date() {
  struct Cached {
    std::time_t second = -1;
    char text[32];
  };
  thread_local Cached cached;
  auto second = std::time(nullptr);
  if (second != cached.second) {
    std::tm parts;
    gmtime_r(&second, &parts);
    std::strftime(cached.text, sizeof cached.text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    cached.second = second;
  }
  return cached.text;
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

Task<Status> Connection::Served::send_continue() {
  auto expect = head_.headers.get("expect");
  if (!expect || http10_) co_return Status{};
  if (!iequals(*expect, "100-continue")) {
    co_return fail(FaultKind::kInvalidRequest, "The only expectation that can be met is 100-continue.");
  }
  if (body_read()) co_return Status{};
  std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  if (!co_await connection_.stream_->write({&line, 1}, connection_.shared_.limits.write_timeout)) {
    co_return fail(client_gone());
  }
  co_return Status{};
}

Task<Status> Connection::Served::receive(std::string& body) {
  auto& parser = *connection_.parser_;
  auto& stream = *connection_.stream_;
  const auto& limits = connection_.shared_.limits;
  auto length = parser.content_length();
  // Address space is reserved for the announced length; memory is used only as bytes arrive.
  body.reserve((length ? *length : 0) + kBodySlack);
  parser.body_follows();
  const Pace pace(limits);
  const Cancel::Hook hook(cancel_, [&] { stream.interrupt(); });
  while (!parser.is_done()) {
    error_code error;
    if (!stream.input().empty()) {
      auto used = parser.consume(stream.input(), error);
      body += parser.body();
      stream.consume(used);
    }
    if (error && error != beast::http::error::need_more) {
      co_return fail(FaultKind::kInvalidRequest,
                     "The request body is not framed as HTTP/1.1 says: " + error.message() + ".");
    }
    if (body.size() > limits.body_bytes) {
      co_return fail(too_large("request body (so far)", body.size(), limits.body_bytes, "body"));
    }
    if (parser.is_done()) break;
    if (auto waited_for = check_lines(stream.input()); !waited_for) co_return waited_for;
    const Ms patience = pace.patience(body.size());
    auto fill = co_await stream.fill(patience);
    if (cancel_.cancelled()) co_return fail(cancel_.reason());
    if (fill == Stream::Fill::kEnd) co_return fail(client_gone());
    if (fill == Stream::Fill::kTimeout) co_return fail(pace.too_slow(body.size(), patience));
  }
  co_return Status{};
}

Task<Result<std::string>> Connection::Served::body() {
  std::string body;
  auto status = lengths_allowed();
  if (status) status = co_await send_continue();
  if (status) status = co_await receive(body);
  if (!status) {
    keep_alive_ = false;
    co_return fail_from(status);
  }
  connection_.watch_for_leaving(*this);

  auto coding = head_.headers.get("content-encoding");
  if (!coding || http::is_identity(*coding)) {
    body.reserve(body.size() + kBodySlack);
    co_return body;
  }
  Result<std::string> decoded;
  auto decode = [&] {
    decoded = http::decode_all(*coding, body, connection_.shared_.limits.body_bytes);
    if (decoded) decoded->reserve(decoded->size() + kBodySlack);
  };
  if (body.size() <= kDecodeOnLoop) {
    decode();
  } else {
    co_await offload(loop(), connection_.shared_.workers, decode);
  }
  co_return decoded;
}

void Connection::Served::decide_framing(http::ResponseHead& head) {
  bool no_body = is_head_ || head.status == 204 || head.status == 304 || head.status < 200;
  if (no_body) {
    framing_ = Framing::kNone;
  } else if (head.headers.has("content-length")) {
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
  if (connection_.shared_.draining || connection_.room_ == Room::kNo || !body_read()) keep_alive_ = false;
  if (!keep_alive_) {
    head.headers.set("connection", "close");
  } else if (http10_) {
    head.headers.set("connection", "keep-alive");
  }
  head.headers.set("date", std::string(http_date()));
  pending_.reserve(kUsualHead);
  append_head(pending_, head);
}

void Connection::Served::start(http::ResponseHead head) {
  if (phase_ != Phase::kNothing) return;
  phase_ = Phase::kStarted;
  decide_framing(head);
  complete_head(head);
}

Task<Status> Connection::Served::put(std::span<const std::string_view> pieces) {
  // Once cancelled there is only time for last words, also for a write that waits for a slow client now.
  Cancel::Hook hook(cancel_, [this] { connection_.stream_->hurry(kLastWords); });
  auto limit = cancel_.cancelled() ? kLastWords : connection_.shared_.limits.write_timeout;
  bool taken = co_await connection_.stream_->write(pieces, limit);
  release(pending_);  // a stream may stay open for long
  if (taken) co_return Status{};
  phase_ = Phase::kAborted;
  co_return fail(cancel_.cancelled() ? cancel_.reason() : client_gone());
}

Task<Status> Connection::Served::send(http::ResponseHead head, std::string_view body) {
  if (phase_ != Phase::kNothing) co_return fail(FaultKind::kInternal, "An answer was sent twice.");
  phase_ = Phase::kFinished;
  if (head.status != 204 && head.status != 304) head.headers.set("content-length", std::to_string(body.size()));
  decide_framing(head);
  complete_head(head);
  std::array<std::string_view, 2> pieces{pending_, framing_ == Framing::kNone ? std::string_view{} : body};
  co_return co_await put(pieces);
}

Task<Status> Connection::Served::write(std::span<const std::string_view> pieces) {
  if (phase_ != Phase::kStarted) co_return fail(cancel_.cancelled() ? cancel_.reason() : client_gone());
  std::size_t size = 0;
  for (auto piece : pieces) size += piece.size();
  if (size == 0 && pending_.empty()) co_return Status{};

  std::vector<std::string_view> all;
  all.reserve(pieces.size() + 3);
  all.push_back(pending_);
  std::array<char, 20> line;
  bool framed = framing_ == Framing::kChunked && size > 0;
  if (framed) all.push_back(chunk_line(size, line));
  if (framing_ != Framing::kNone) all.insert(all.end(), pieces.begin(), pieces.end());
  if (framed) all.push_back("\r\n");
  co_return co_await put(all);
}

Task<Status> Connection::Served::finish() {
  if (phase_ != Phase::kStarted) co_return Status{};
  std::array<std::string_view, 2> pieces{pending_, framing_ == Framing::kChunked ? "0\r\n\r\n" : ""};
  auto status = co_await put(pieces);
  if (status) phase_ = Phase::kFinished;
  co_return status;
}

void Connection::Served::abort() {
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
