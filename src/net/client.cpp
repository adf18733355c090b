#include "net/client.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/text.h"
#include "http/coding.h"
#include "net/connect.h"
#include "net/http1.h"
#include "net/pool.h"

namespace sluice::net {

namespace {

// Compressed bytes are decoded in slices of this size, so that a bomb costs a few megabytes at a time at most.
constexpr std::size_t kDecodeSlice = 4 << 10;
// What one such slice may decode to.
constexpr std::size_t kMostOfSlice = 16 << 20;
constexpr std::size_t kFitsInBuffers = 64 << 10;

struct OriginHash {
  std::size_t operator()(const Origin& origin) const {
    return std::hash<std::string>{}(origin.host) * 31 + origin.port + (origin.tls ? 7 : 0);
  }
};

Fault provider_fault(FaultKind kind, Retry retry, std::string told) {
  Fault fault;
  fault.kind = kind;
  fault.retry = retry;
  fault.told = std::move(told);
  return fault;
}

Fault first_byte_timeout(Ms limit) {
  auto fault = provider_fault(
      FaultKind::kProviderTimeout, Retry::kSame,
      fmt::format("The provider sent no answer within {} (timeout.first_byte).", format_duration(limit.count())));
  fault.code = "first_byte_timeout";
  return fault;
}

// The request as it goes out: the head with Host and Content-Length, in the form the way to the origin asks for.
std::string head_bytes(const Origin& origin, const http::RequestHead& head, std::size_t body_size) {
  bool usual_port = origin.port == (origin.tls ? 443 : 80);
  bool ipv6 = origin.host.find(':') != std::string::npos;
  auto host = ipv6 ? "[" + origin.host + "]" : origin.host;
  auto authority = usual_port ? host : host + ":" + std::to_string(origin.port);
  bool through_proxy = !origin.proxy_host.empty() && !origin.tls;

  std::string bytes;
  bytes.reserve(1024);
  append_request_line(bytes, head.method, through_proxy ? "http://" + authority + head.target : head.target);
  append_field(bytes, "Host", authority);
  for (const auto& [name, value] : head.headers) append_field(bytes, name, value);
  if (through_proxy && !origin.proxy_authorization.empty()) {
    append_field(bytes, "Proxy-Authorization", origin.proxy_authorization);
  }
  if (body_size > 0 || (head.method != "GET" && head.method != "HEAD" && head.method != "DELETE")) {
    append_field(bytes, "Content-Length", std::to_string(body_size));
  }
  bytes += "\r\n";
  return bytes;
}

class HttpCall final : public Call {
 public:
  HttpCall(Pool& pool, std::unique_ptr<Kept> kept, const ClientLimits& limits, const CallTimeouts& timeouts,
           Cancel& cancel)
      : pool_(pool),
        kept_(std::move(kept)),
        limits_(limits),
        timeouts_(timeouts),
        cancel_(cancel),
        hook_(cancel, [this] { kept_->stream->close(); }) {}

  ~HttpCall() override {
    if (!parser_ || !parser_->is_header_done() || cancel_.cancelled()) return;
    if (parser_->is_done() && parser_->keep_alive()) {
      stream().consume(used_);
      pool_.give_back(std::move(kept_));
    } else if (leaves_rest_ && !parser_->is_done() && !parser_->need_eof()) {
      stream().consume(used_);
      pool_.read_rest(std::move(kept_), std::move(*parser_));
    }
  }

  // Sends the request and reads the head of the answer. `untouched()` then says whether a failure may be made good by
  // sending it again.
  Task<Status> begin(const Origin& origin, const http::RequestHead& head, std::span<const std::string_view> body,
                     const std::function<void()>& when_sent) {
    takes_codings_ = origin.rules == nullptr;
    std::size_t size = 0;
    for (auto piece : body) size += piece.size();
    auto bytes = head_bytes(origin, head, size);
    std::vector<std::string_view> pieces{bytes};
    pieces.insert(pieces.end(), body.begin(), body.end());
    // What fits in the sockets' buffers is acknowledged at once by a peer that lives; a larger body may have to wait
    // for it.
    stream().notice_silent_death(size <= kFitsInBuffers ? timeouts_.connect : timeouts_.idle);
    bool sent = co_await stream().write(pieces, timeouts_.idle);
    if (sent && when_sent) when_sent();
    if (stream().write_timed_out()) co_return fail(cancel_.cancelled() ? cancel_.reason() : idle_timeout());
    // A provider may answer and close before it read the whole body: its answer counts, not the failed write.
    auto status = co_await read_head(head.method == "HEAD", sent ? timeouts_.first_byte : Ms(100));
    if (!status && cancel_.cancelled()) co_return fail(cancel_.reason());
    if (!status && !sent && untouched()) {
      co_return fail(
          provider_fault(FaultKind::kConnectionLost, Retry::kSame, "The connection broke while the request was sent."));
    }
    co_return status;
  }

  bool untouched() const { return !answered_; }

  const http::ResponseHead& head() const override { return parser_->head(); }
  bool reused() const override { return kept_->served > 0; }
  void leave_rest() override { leaves_rest_ = true; }

  Task<Result<std::string_view>> read() override { return decoder_ ? read_decoded() : read_plain(); }

 private:
  Stream& stream() { return *kept_->stream; }

  // Reads heads until one is final (1xx are skipped).
  Task<Status> read_head(bool to_head_request, Ms limit) {
    auto until = now() + limit;
    while (true) {
      parser_.emplace(HeadLimits{limits_.answer_header_bytes, 1000});
      parser_->skip(to_head_request);
      auto status = co_await read_one_head(until, limit);
      if (!status) co_return status;
      if (parser_->head().status >= 200) break;
      if (parser_->head().status == 101) {
        co_return fail(
            provider_fault(FaultKind::kProviderProtocol, Retry::kNo, "The provider switched protocols unasked."));
      }
    }
    co_return begin_decoding();
  }

  Task<Status> read_one_head(Instant until, Ms limit) {
    while (true) {
      if (!stream().input().empty()) {
        answered_ = true;
        error_code error;
        stream().consume(parser_->consume(stream().input(), error));
        if (parser_->is_header_done()) {
          parser_->body_follows();
          co_return Status{};
        }
        if (error && error != beast::http::error::need_more) {
          co_return fail(provider_fault(FaultKind::kProviderProtocol, Retry::kSame,
                                        "The provider's answer is not valid HTTP/1.1: " + error.message() + "."));
        }
      }
      auto left = ms_until(until);
      auto fill = left.count() > 0 ? co_await stream().fill(left) : Stream::Fill::kTimeout;
      if (fill == Stream::Fill::kTimeout) co_return fail(first_byte_timeout(limit));
      if (fill == Stream::Fill::kEnd && !answered_) {
        co_return fail(provider_fault(FaultKind::kConnectionLost, Retry::kSame,
                                      "The provider closed the connection before it answered."));
      }
      if (fill == Stream::Fill::kEnd) {
        co_return fail(
            provider_fault(FaultKind::kProviderProtocol, Retry::kSame, "The provider's answer ended inside its head."));
      }
    }
  }

  Status begin_decoding() {
    auto& headers = parser_->head().headers;
    auto coding = headers.get("content-encoding");
    if (!coding || http::is_identity(*coding)) return {};
    if (takes_codings_) decoder_ = http::make_decoder(*coding, kMostOfSlice);
    if (!decoder_) {
      return fail(
          provider_fault(FaultKind::kProviderProtocol, Retry::kNo,
                         "The provider's answer is coded in a way we did not ask for: " + printable(*coding) + "."));
    }
    headers.remove("content-encoding");
    headers.remove("content-length");
    return {};
  }

  // The next bytes of the body behind its coding; empty at the end.
  Task<Result<std::string_view>> read_decoded() {
    while (true) {
      if (coded_.empty()) {
        auto bytes = co_await read_plain();
        if (bytes && bytes->empty() && any_coded_ && !decoder_->ended()) {
          co_return fail(
              provider_fault(FaultKind::kTruncated, Retry::kSame, "The provider's compressed answer is cut off."));
        }
        if (!bytes || bytes->empty()) co_return bytes;
        coded_ = *bytes;
        any_coded_ = true;
      }
      auto decoded = decode_slice();
      if (!decoded || !decoded->empty()) co_return decoded;
    }
  }

  // The next bytes of the body as they are on the wire; empty at the end. No fault is made here, nor in what may become
  // a part of it, where each would have its place in the frame for as long as a stream lasts.
  Task<Result<std::string_view>> read_plain() {
    while (true) {
      stream().consume(std::exchange(used_, 0));
      if (parser_->is_done()) co_return std::string_view{};
      if (!stream().input().empty()) {
        auto parsed = parse_body();
        if (!parsed) co_return fail_from(parsed);
        if (!parser_->body().empty()) co_return parser_->body();
        if (used_ > 0) continue;
      }
      parser_->forget_body();
      auto fill = co_await stream().fill(timeouts_.idle);
      auto waited = after_fill(fill);
      if (!waited) co_return fail_from(waited);
    }
  }

  [[gnu::noinline]] Status parse_body() {
    error_code error;
    used_ = parser_->consume(stream().input(), error);
    if (error && error != beast::http::error::need_more) {
      return fail(provider_fault(FaultKind::kProviderProtocol, Retry::kNo,
                                 "The provider's answer is not framed as HTTP/1.1 says: " + error.message() + "."));
    }
    if (parser_->body().empty() && used_ == 0 && stream().input().size() > kMostUnparsed) {
      return fail(provider_fault(FaultKind::kProviderProtocol, Retry::kNo,
                                 "The provider's answer holds a chunk line without an end."));
    }
    return {};
  }

  [[gnu::noinline]] Status after_fill(Stream::Fill fill) {
    if (cancel_.cancelled()) return fail(cancel_.reason());
    if (fill == Stream::Fill::kTimeout) return fail(idle_timeout());
    return fill == Stream::Fill::kEnd ? end_of_connection() : Status{};
  }

  Fault idle_timeout() const {
    auto fault = provider_fault(
        FaultKind::kProviderTimeout, Retry::kSame,
        fmt::format("The provider sent nothing for {} (timeout.idle).", format_duration(timeouts_.idle.count())));
    fault.code = "idle_timeout";
    return fault;
  }

  // The connection ended: the end of a body without a length, or an answer cut off.
  Status end_of_connection() {
    error_code error;
    bool broken = static_cast<bool>(stream().last_error());
    if (!broken) parser_->put_eof(error);
    if (!broken && !error && parser_->is_done()) return {};
    return fail(provider_fault(FaultKind::kTruncated, Retry::kSame,
                               broken ? "The provider's connection broke inside its answer."
                                      : "The provider closed the connection before its answer was complete."));
  }

  Result<std::string_view> decode_slice() {
    auto slice = coded_.substr(0, kDecodeSlice);
    coded_.remove_prefix(slice.size());
    decoded_.clear();
    decoder_->renew_limit();
    if (auto status = decoder_->feed(slice, decoded_); !status) {
      status.error().kind = FaultKind::kProviderProtocol;
      return fail_from(status);
    }
    return std::string_view(decoded_);
  }

  Pool& pool_;
  std::unique_ptr<Kept> kept_;
  const ClientLimits& limits_;
  CallTimeouts timeouts_;
  Cancel& cancel_;
  Cancel::Hook hook_;
  std::optional<Parser<false>> parser_;
  std::size_t used_ = 0;  // consumed from the stream once the view given out is no longer needed
  bool answered_ = false;
  bool takes_codings_ = true;
  bool leaves_rest_ = false;
  std::unique_ptr<http::Decoder> decoder_;
  std::string_view coded_;
  bool any_coded_ = false;  // an answer without a body may name a coding all the same
  std::string decoded_;
};

}  // namespace

struct Client::Impl {
  Loop& loop;
  ClientLimits limits;
  ClientLimits unkept_limits = limits;  // of origins that somebody outside chose
  Resolver resolver;
  PoolCounts counts;
  std::unordered_map<Origin, std::unique_ptr<Pool>, OriginHash> pools;

  Impl(Loop& l, Workers& resolvers, ClientLimits client_limits, LookUp look_up)
      : loop(l), limits(client_limits), resolver(l, resolvers, std::move(look_up)) {
    unkept_limits.idle_per_origin = 0;
  }

  // Origins come and go with configurations: pools that nobody uses go when a new one comes.
  Pool& pool_of(const Origin& origin) {
    auto found = pools.find(origin);
    if (found != pools.end()) return *found->second;
    std::erase_if(pools, [](const auto& entry) { return entry.second->unused(); });
    const auto& pool_limits = origin.rules ? unkept_limits : limits;
    return *pools.emplace(origin, std::make_unique<Pool>(loop, pool_limits, counts)).first->second;
  }

  enum class Freshness { kAny, kNew };
  Task<Result<std::unique_ptr<Kept>>> acquire(const Origin& origin, Freshness freshness, Ms limit, Cancel& cancel);
};

Client::Client(Loop& loop, Workers& resolvers, ClientLimits limits, LookUp look_up)
    : impl_(std::make_unique<Impl>(loop, resolvers, limits, std::move(look_up))) {}
Client::~Client() {
  close_idle();
}

Task<Result<std::unique_ptr<Kept>>> Client::Impl::acquire(const Origin& origin, Freshness freshness, Ms limit,
                                                          Cancel& cancel) {
  Pool& pool = pool_of(origin);
  auto until = now() + limit;
  while (true) {
    if (cancel.cancelled()) {
      pool.changed();
      co_return fail(cancel.reason());
    }
    if (freshness == Freshness::kAny) {
      if (auto kept = pool.take_idle()) co_return kept;
    } else {
      pool.close_idle();  // one was dead: the others of its age are no better
    }
    auto left = ms_until(until);
    if (pool.has_room()) {
      auto kept = std::make_unique<Kept>(pool);
      auto stream = co_await connect(loop, resolver, origin, std::max(left, Ms(1)), cancel);
      if (!stream) co_return fail_from(stream);
      kept->stream = std::move(*stream);
      co_return kept;
    }
    if (left.count() <= 0 || !co_await pool.wait_for_change(left, cancel)) {
      if (cancel.cancelled()) co_return fail(cancel.reason());
      Fault full;
      full.kind = FaultKind::kOverloaded;
      full.retry = Retry::kOther;
      full.told = fmt::format("All {} connections to {} are in use (pool.connections).", limits.connections_per_origin,
                              origin.host);
      co_return fail(std::move(full));
    }
  }
}

Task<Result<std::unique_ptr<Call>>> Client::call(const Origin& origin, const http::RequestHead& head,
                                                 std::span<const std::string_view> body, const CallTimeouts& timeouts,
                                                 Cancel& cancel, Replay replay, std::function<void()> sent) {
  auto freshness = Impl::Freshness::kAny;
  while (true) {
    auto kept = co_await impl_->acquire(origin, freshness, timeouts.connect, cancel);
    if (!kept) co_return fail_from(kept);
    bool pooled = (*kept)->served > 0;
    auto call = std::make_unique<HttpCall>(impl_->pool_of(origin), std::move(*kept), impl_->limits, timeouts, cancel);
    auto status = co_await call->begin(origin, head, body, sent);
    if (status) co_return std::unique_ptr<Call>(std::move(call));
    bool dead =
        replay == Replay::kWhenDead && pooled && call->untouched() && status.error().kind == FaultKind::kConnectionLost;
    if (!dead || freshness == Impl::Freshness::kNew) co_return fail_from(status);
    freshness = Impl::Freshness::kNew;
  }
}

PoolGauges Client::gauges() const {
  return {impl_->counts.open.load(), impl_->counts.idle.load()};
}

void Client::close_idle() {
  for (auto& [origin, pool] : impl_->pools) pool->close_idle();
}

}  // namespace sluice::net
