#include "net/http_call.h"

#include <fmt/format.h>

#include "base/text.h"
#include "net/request_bytes.h"

namespace sluice::net {

namespace {

// Compressed bytes are decoded in slices of this size, so that a bomb costs a few megabytes at a time at most.
constexpr std::size_t kDecodeSlice = 4 << 10;
// What one such slice may decode to.
constexpr std::size_t kMostOfSlice = 16 << 20;
constexpr std::size_t kFitsInBuffers = 64 << 10;

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

}  // namespace

HttpCall::HttpCall(std::unique_ptr<Kept> kept, const ClientLimits& limits, const CallTimeouts& timeouts, Cancel& cancel)
    : pool_(kept->pool()),
      kept_(std::move(kept)),
      limits_(limits),
      timeouts_(timeouts),
      cancel_(cancel),
      hook_(cancel, [this] { kept_->stream->abandon(); }) {}

HttpCall::~HttpCall() {
  const bool has_head = sent_ && parser_ && parser_->is_header_done() && !cancel_.cancelled();
  if (has_head && parser_->is_done() && parser_->keep_alive()) {
    stream().consume(used_);
    pool_.give_back(std::move(kept_));
  } else if (has_head && leaves_rest_ && !parser_->is_done() && !parser_->need_eof()) {
    stream().consume(used_);
    pool_.read_rest(std::move(kept_), std::move(*parser_));
  } else {
    stream().abandon();
  }
}

Task<Status> HttpCall::begin(const Origin& origin, const http::RequestHead& head,
                             std::span<const std::string_view> body, const std::function<void()>& when_sent) {
  takes_codings_ = origin.rules == nullptr;
  const RequestBytes bytes(origin, pool_.authority(), head, body);
  // What fits in the sockets' buffers is acknowledged at once by a peer that lives; a larger body may have to wait
  // for it, but not its beginning.
  const bool fits = bytes.body_size() <= kFitsInBuffers;
  stream().notice_silent_death(fits ? timeouts_.connect : timeouts_.idle);
  if (!fits && reused()) expect_acknowledgement();
  to_head_request_ = head.method == "HEAD";
  expect_head();
  Result<bool> whole = false;
  const auto begun = stream().begin_write(bytes.pieces());
  sent_ = begun.took == Stream::Took::kAll;
  if (begun.took == Stream::Took::kMore) whole = co_await send_rest(bytes.pieces(), begun.bytes);
  if (sent_ && when_sent) when_sent();
  if (stream().write_timed_out()) co_return fail(cancel_.cancelled() ? cancel_.reason() : idle_timeout());
  // A provider may answer and close before it read the whole body: its answer counts, not the failed write.
  const Ms limit = sent_ ? timeouts_.first_byte : Ms(100);
  const auto until = now() + limit;
  if (whole && !*whole) whole = take_head();
  while (whole && !*whole) {
    const auto fill = co_await stream().fill(until);
    whole = fill == Stream::Fill::kData ? take_head() : fail(no_head(fill, limit));
    if (whole && !*whole && now() >= until) whole = fail(first_byte_timeout(limit));
  }
  if (whole) co_return Status{};
  if (cancel_.cancelled()) co_return fail(cancel_.reason());
  if (!sent_ && untouched()) {
    co_return fail(lost("The connection broke while the request was sent."));
  }
  co_return fail_from(whole);
}

// The answer is looked for meanwhile: a provider may refuse a body, and neither read it nor close. Whether its head has
// come.
Task<Result<bool>> HttpCall::send_rest(std::span<const std::string_view> pieces, std::size_t written) {
  Result<bool> whole = false;
  look_for_early_answer(whole);
  sent_ = co_await stream().write_rest(pieces, written, timeouts_.idle);
  stream().unwatch();
  co_return whole;
}

// Behind a success the rest is still wanted, as far as it is taken.
void HttpCall::look_for_early_answer(Result<bool>& whole) {
  if (auto taken = take_head(); !taken || *taken || stream().ended()) {
    const bool is_success = taken && *taken && parser_->head().status < 300;
    whole = std::move(taken);
    return stream().stop_writing(is_success ? Stream::Stop::kWhenStuck : Stream::Stop::kNow);
  }
  stream().watch([this, &whole] { look_for_early_answer(whole); });
}

// A connection that was idle may lead nowhere by now.
void HttpCall::expect_acknowledgement() {
  const auto before = stream().acknowledged();
  if (!before) return;
  silence_timer_ = std::make_unique<Timer>(pool_.loop(), [this, before] {
    silent_ = !answered_ && stream().is_open() && stream().acknowledged() == before;
    if (silent_) stream().abandon();
  });
  silence_timer_->arm(timeouts_.connect);
}

void HttpCall::expect_head() {
  parser_.emplace(HeadLimits{limits_.answer_header_bytes, 1000});
  parser_->skip(to_head_request_);
}

// Whether a head that is final has come whole (1xx are skipped).
Result<bool> HttpCall::take_head() {
  while (!stream().input().empty()) {
    answered_ = true;
    error_code error;
    stream().consume(consume_head(*parser_, stream().input(), error));
    if (!parser_->is_header_done()) {
      if (!error || error == beast::http::error::need_more) return false;
      return fail(provider_fault(FaultKind::kProviderProtocol, Retry::kSame,
                                 "The provider's answer is not valid HTTP/1.1: " + error.message() + "."));
    }
    parser_->body_follows();
    const int status = parser_->head().status;
    if (status >= 200) {
      auto decodes = check_transfer_coding();
      if (decodes) decodes = begin_decoding();
      return decodes ? Result<bool>(true) : fail_from(decodes);
    }
    if (status == 101) {
      return fail(provider_fault(FaultKind::kProviderProtocol, Retry::kNo, "The provider switched protocols unasked."));
    }
    expect_head();
  }
  return false;
}

Fault HttpCall::no_head(Stream::Fill how, Ms limit) const {
  if (how == Stream::Fill::kTimeout) return first_byte_timeout(limit);
  return answered_ ? provider_fault(FaultKind::kProviderProtocol, Retry::kSame,
                                    "The provider's answer ended inside its head.")
                   : lost("The provider closed the connection before it answered.");
}

Fault HttpCall::lost(std::string_view how) const {
  return provider_fault(FaultKind::kConnectionLost, Retry::kSame,
                        silent_
                            ? fmt::format("The provider acknowledged nothing of the request for {} (timeout.connect).",
                                          format_duration(timeouts_.connect.count()))
                            : std::string(how));
}

// Beast takes the chunks off and leaves what is under them.
Status HttpCall::check_transfer_coding() const {
  if (parser_->transfer_codings() == 0) return {};
  const auto coding = parser_->head().headers.get("transfer-encoding").value_or("");
  if (parser_->transfer_codings() == 1 && iequals(coding, "chunked")) return {};
  return fail(
      provider_fault(FaultKind::kProviderProtocol, Retry::kNo,
                     "The provider's answer has a Transfer-Encoding other than 'chunked': " + printable(coding) + "."));
}

Status HttpCall::begin_decoding() {
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
Task<Result<std::string_view>> HttpCall::read_decoded() {
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

// The next bytes of the body as they are on the wire; empty at the end. Bytes that came with the head, and the end,
// are there at once. No fault is made in a coroutine here, nor in what may become a part of it, where each would have
// its place in the frame for as long as a stream lasts.
Task<Result<std::string_view>> HttpCall::read_plain() {
  auto there = what_is_there();
  return there ? Task<Result<std::string_view>>::ready(std::move(*there)) : wait_for_plain();
}

Task<Result<std::string_view>> HttpCall::wait_for_plain() {
  while (true) {
    parser_->forget_body();
    auto fill = co_await stream().fill(timeouts_.idle);
    auto waited = after_fill(fill);
    if (!waited) co_return fail_from(waited);
    auto there = what_is_there();
    if (there) co_return std::move(*there);
  }
}

// Nothing while it must be waited for.
[[gnu::noinline]] std::optional<Result<std::string_view>> HttpCall::what_is_there() {
  while (true) {
    stream().consume(std::exchange(used_, 0));
    if (parser_->is_done()) return std::string_view{};
    if (stream().input().empty()) return std::nullopt;
    auto parsed = parse_body();
    if (!parsed) return fail_from(parsed);
    if (!parser_->body().empty()) return parser_->body();
    if (used_ == 0) return std::nullopt;
  }
}

[[gnu::noinline]] Status HttpCall::parse_body() {
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

[[gnu::noinline]] Status HttpCall::after_fill(Stream::Fill fill) {
  if (cancel_.cancelled()) return fail(cancel_.reason());
  if (fill == Stream::Fill::kTimeout) return fail(idle_timeout());
  return fill == Stream::Fill::kEnd ? end_of_connection() : Status{};
}

Fault HttpCall::idle_timeout() const {
  auto fault = provider_fault(
      FaultKind::kProviderTimeout, Retry::kSame,
      fmt::format("The provider sent nothing for {} (timeout.idle).", format_duration(timeouts_.idle.count())));
  fault.code = "idle_timeout";
  return fault;
}

// The connection ended: the end of a body without a length, or an answer cut off.
Status HttpCall::end_of_connection() {
  error_code error;
  bool broken = static_cast<bool>(stream().last_error());
  if (!broken) parser_->put_eof(error);
  if (!broken && !error && parser_->is_done()) return {};
  return fail(provider_fault(FaultKind::kTruncated, Retry::kSame,
                             broken ? "The provider's connection broke inside its answer."
                                    : "The provider closed the connection before its answer was complete."));
}

Result<std::string_view> HttpCall::decode_slice() {
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

}  // namespace sluice::net
