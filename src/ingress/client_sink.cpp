#include "ingress/client_sink.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/release.h"
#include "exchange/charge.h"
#include "exchange/name_list.h"
#include "exchange/refused_here.h"
#include "ingress/error_answer.h"

namespace sluice::ingress {

namespace {

// Where a deployment was left out, or put last, for the state it is in and not for what was asked; empty otherwise.
std::string_view state_of(provider::Why why) {
  switch (why) {
    case provider::Why::kBreaker:
      return "breaker";
    case provider::Why::kResting:
      return "resting";
    case provider::Why::kDrained:
      return "drained";
    case provider::Why::kSpent:
      return "spent";
    case provider::Why::kCondition:
    case provider::Why::kEndpoint:
    case provider::Why::kCapability:
    case provider::Why::kResidency:
    case provider::Why::kDoubtful:
    case provider::Why::kLength:
      break;
  }
  return {};
}

// Deployments, and keys of the provider that answers, by their places in its list: what they are called is its owner's.
std::vector<std::string> unavailable(const Exchange& x) {
  std::vector<std::string> states;
  for (const auto& [deployment, why, reason, lacking] : x.excluded) {
    auto state = state_of(why);
    if (deployment && !state.empty()) states.push_back(deployment->name + '=' + std::string(state));
  }
  const auto* pool = x.current ? x.current->target.deployment->provider->keys.get() : nullptr;
  if (!pool) return states;
  const auto& provider = x.current->target.deployment->provider->name;
  const auto& used = x.current->key;
  std::optional<Instant> at;  // most providers have one key, which is in use
  for (std::size_t i = 0; i < pool->keys().size(); ++i) {
    const auto& key = pool->keys()[i];
    if (used && provider::KeyPool::label(*used) == key.label) continue;
    if (!at) at = now();
    auto trouble = pool->trouble(key, *at);
    if (!trouble.empty()) states.push_back(fmt::format("{}#{}={}", provider, i + 1, trouble));
  }
  return states;
}

// The pieces with the client's own names of its tools.
std::vector<chat::Piece> with_own_names(std::span<const chat::Piece> pieces, const chat::Renamed& renamed) {
  std::vector<chat::Piece> own(pieces.begin(), pieces.end());
  for (auto& piece : own) {
    for (const auto& [theirs, ours] : renamed) {
      if (piece.kind == chat::PieceKind::kCall && piece.name.raw == theirs) piece.name.raw = ours;
    }
  }
  return own;
}

}  // namespace

ClientSink::ClientSink(Exchange& x, const Cors& cors, Ms keep_alive)
    : x_(x), cors_(cors), keep_alive_(keep_alive), last_write_(x.arrived), timer_(x.tools.loop, [this] {
        keep_alive_due();
      }) {
  bool can = x.endpoint && !x.server->keep_alive(*x.endpoint).empty();
  if (keep_alive_.count() > 0 && can) timer_.arm(last_write_ + keep_alive_);
}

const chat::Learned& ClientSink::learned() const {
  static const chat::Learned kNothing;  // where nothing was tried
  return x_.current ? x_.current->learned : kNothing;
}

// Our own fields: who we are, where the request went, what it cost in time.
http::Headers ClientSink::own_headers() const {
  http::Headers headers;
  headers.reserve(24);
  headers.add("x-request-id", x_.id);
  if (auto field = x_.server->request_id_field(); field != "x-request-id") headers.add(field, x_.id);
  headers.add("x-sluice-request-id", x_.id);
  if (x_.match.route) headers.add("x-sluice-route", x_.match.route->name);
  if (x_.current) {
    headers.add("x-sluice-deployment", x_.current->target.deployment->name);
    headers.add("x-sluice-provider", x_.current->target.deployment->provider->name);
    if (!x_.current->dropped.empty()) headers.add("x-sluice-dropped", name_list(x_.current->dropped));
    if (x_.current->lowered_to) headers.add("x-sluice-max-tokens", std::to_string(*x_.current->lowered_to));
  }
  if (!learned().model.empty()) headers.add("x-sluice-model", learned().model);
  headers.add("x-sluice-attempts", std::to_string(attempts_of(x_)));
  if (auto states = unavailable(x_); !states.empty()) headers.add("x-sluice-unavailable", name_list(states));
  auto overhead = micros_between(x_.arrived, now()) - x_.upstream_us - x_.queued_us;
  headers.add("x-sluice-overhead-us", std::to_string(std::max<std::int64_t>(0, overhead)));
  if (x_.budget_left) headers.add("x-sluice-budget-remaining-usd", to_text(std::max(*x_.budget_left, Money{})));
  for (const auto& [name, value] : x_.limit_fields) headers.add(name, value);
  add_cors(cors_, x_.request.head(), headers);
  return headers;
}

// Limits of our own stand in place of the provider's, which are not the caller's.
void ClientSink::add_theirs(http::Headers& headers, const http::Headers& theirs) const {
  for (const auto& [name, value] : theirs) {
    if (x_.limit_fields.size() == 0 || !dialect::is_rate_limit_field(name)) headers.add(name, value);
  }
}

// Of answers whose end is known when they begin.
void ClientSink::add_cost(http::Headers& headers) const {
  const auto charged = charge(x_);
  if (!charged) return;
  headers.add("x-sluice-cost-usd", *charged ? to_text(**charged) : "unknown");
  const bool is_estimated = std::ranges::any_of(
      x_.tries, [](const Try& one) { return one.learned.usage.source == chat::UsageSource::kEstimated; });
  if (is_estimated) headers.add("x-sluice-usage-source", name(chat::UsageSource::kEstimated));
}

Task<Status> ClientSink::begin(AnswerHead head) {
  if (x_.request.started() && head.form != AnswerForm::kEvents) {
    return Task<Status>::ready(sluice::fail(
        FaultKind::kProviderProtocol, "The provider answered a streamed request with something else than a stream."));
  }
  head_ = std::move(head);
  if (x_.request.started()) release(head_.headers);
  x_.status_sent = head_.status;  // a whole answer is written behind all stages, which want to know it before
  if (head_.form == AnswerForm::kRaw) timer_.disarm();  // a comment would be part of the bytes
  return Task<Status>::ready({});
}

void ClientSink::start(const AnswerHead& head) {
  if (x_.request.started()) return;
  http::ResponseHead answer{head.status, own_headers()};
  if (head.form == AnswerForm::kRaw) add_cost(answer.headers);
  add_theirs(answer.headers, head.headers);
  if (head.form == AnswerForm::kEvents) {
    if (!answer.headers.has("content-type")) {
      answer.headers.add("content-type", x_.endpoint ? x_.server->stream_type(*x_.endpoint) : "text/event-stream");
    }
    answer.headers.set("cache-control", "no-cache");
    answer.headers.set("x-accel-buffering", "no");
  }
  if (head.length) answer.headers.add("content-length", std::to_string(*head.length));
  x_.status_sent = answer.status;
  x_.request.start(std::move(answer));
  release(head_.headers);  // they were sent: a stream may stay open for long
}

// Begins at once where no other write is on its way, and most often ends at once.
Task<Status> ClientSink::write(std::span<const std::string_view> pieces) {
  if (writing_) return write_next(pieces);
  auto written = x_.request.write(pieces);
  if (!written.await_ready()) {
    writing_ = true;
    return wait_for_write(std::move(written));
  }
  last_write_ = now();
  return written;
}

Task<Status> ClientSink::write_next(std::span<const std::string_view> pieces) {
  while (writing_) co_await written_.wait();
  co_return co_await write(pieces);
}

Task<Status> ClientSink::wait_for_write(Task<Status> written) {
  auto status = co_await written;
  writing_ = false;
  last_write_ = now();
  written_.set();
  co_return status;
}

// A whole answer that is not written anew is the one event with which its try had something to show.
Instant ClientSink::shown_at() const {
  const bool is_one = head_.form == AnswerForm::kWhole && !writer() && x_.current && x_.current->first_piece;
  return is_one ? *x_.current->first_piece : now();
}

Task<Status> ClientSink::push(std::span<const chat::Event> events) {
  for (const auto& event : events) {
    if (event.kind == chat::EventKind::kContent && !x_.first_content) x_.first_content = shown_at();
  }
  return writer() ? push_pieces(events) : push_bytes(events);
}

bool ClientSink::must_hold(const chat::Event& event) {
  if (head_.form == AnswerForm::kWhole || event.last || !held_.empty()) return true;
  if (!head_.length) return false;
  pushed_ += event.wire.size();
  return head_.form == AnswerForm::kRaw && pushed_ >= *head_.length;
}

Task<Status> ClientSink::push_bytes(std::span<const chat::Event> events) {
  std::vector<std::string_view> pieces;
  for (const auto& event : events) {
    if (must_hold(event)) {
      held_ += event.wire;
    } else {
      if (pieces.empty()) pieces.reserve(events.size());
      pieces.push_back(event.wire);
    }
  }
  if (pieces.empty()) return Task<Status>::ready({});
  start(head_);
  return write_pieces(std::move(pieces));
}

Task<Status> ClientSink::write_pieces(std::vector<std::string_view> pieces) {
  auto written = write(pieces);
  return written.await_ready() ? std::move(written) : wait_with(std::move(pieces), std::move(written));
}

// The pieces stay valid meanwhile.
Task<Status> ClientSink::wait_with([[maybe_unused]] std::vector<std::string_view> pieces, Task<Status> written) {
  co_return co_await written;
}

Task<Status> ClientSink::push_pieces(std::span<const chat::Event> events) {
  std::string out;
  const auto& renamed = translation()->renamed;
  for (const auto& event : events) {
    const auto pieces = translation()->halves.join(event.pieces);
    if (renamed.empty()) {
      writer()->write(pieces, learned(), out);
    } else {
      writer()->write(with_own_names(pieces, renamed), learned(), out);
    }
  }
  if (out.empty()) return Task<Status>::ready({});
  if (x_.current->why == Begun::kContinued && marked_ != x_.current) out.insert(0, mark_of_continuation());
  start(head_);
  return write_text(std::move(out));
}

Task<Status> ClientSink::write_text(std::string text) {
  const std::string_view piece = text;
  co_return co_await write({&piece, 1});
}

// A comment, where a stream may have such: SDKs step over it, and who wants to know finds it.
std::string ClientSink::mark_of_continuation() {
  marked_ = x_.current;
  if (!x_.server->takes_comments(*x_.endpoint)) return {};
  return ": sluice-continued " + x_.current->target.deployment->name + "\n\n";
}

Task<Status> ClientSink::send_whole(std::string_view body) {
  http::ResponseHead answer{head_.status, own_headers()};
  add_cost(answer.headers);
  add_theirs(answer.headers, head_.headers);
  if (!answer.headers.has("content-type")) answer.headers.add("content-type", "application/json");
  x_.status_sent = head_.status;
  return x_.request.send(std::move(answer), body);
}

void ClientSink::keep_alive_due() {
  auto silent = std::chrono::duration_cast<Ms>(now() - last_write_);
  bool wanted = x_.asked.stream && !x_.cancel.cancelled();
  if (wanted && silent >= keep_alive_ && !writing_) {
    spawn(send_comment(), comments_);
    silent = Ms(0);
  }
  timer_.arm(std::max(Ms(1), keep_alive_ - silent));
}

Task<void> ClientSink::send_comment() {
  start(AnswerHead{.status = 200, .form = AnswerForm::kEvents, .length = {}, .headers = {}});
  head_.form = AnswerForm::kEvents;
  co_await write_text(std::string(x_.server->keep_alive(*x_.endpoint)));
}

Task<void> ClientSink::settle() {
  timer_.disarm();
  return comments_.size() == 0 ? Task<void>::ready() : wait_for_comments();
}

Task<void> ClientSink::wait_for_comments() {
  co_await comments_.join();
}

std::string ClientSink::last_words() {
  if (writer()) {
    writer()->write(translation()->halves.rest(), learned(), held_);
    writer()->finish(learned(), held_);
  }
  return std::move(held_);
}

Task<void> ClientSink::finish() {
  if (head_.form != AnswerForm::kWhole || comments_.size() > 0) return finish_in_turn();
  timer_.disarm();
  held_ = last_words();  // kept until it is sent
  auto sent = send_whole(held_);
  return sent.await_ready() ? Task<void>::ready() : wait_for_end(std::move(sent));
}

Task<void> ClientSink::wait_for_end(Task<Status> sent) {
  co_await sent;
}

Task<void> ClientSink::finish_in_turn() {
  co_await settle();
  std::string last = last_words();
  if (head_.form == AnswerForm::kWhole) {
    co_await send_whole(last);
    co_return;
  }
  start(head_);
  if (!last.empty()) co_await write_text(std::move(last));
  co_await x_.request.finish();
}

Task<void> ClientSink::abandon() {
  if (x_.request.started()) x_.request.abort();
  co_await settle();
}

Task<void> ClientSink::fail(const Fault& fault) {
  co_await settle();
  if (fault.kind == FaultKind::kClientGone) co_return x_.request.abort();
  if (!x_.request.started()) {
    auto bodies = translation() ? ProviderBodies::kNone : x_.endpoint ? ProviderBodies::kJson : ProviderBodies::kAny;
    auto answer = error_answer(fault, *x_.server, bodies, x_.id);
    auto headers = own_headers();
    add_theirs(headers, answer.head.headers);
    if (x_.tries.size() > 1) headers.set("x-should-retry", "false");  // it was retried here already
    x_.status_sent = answer.head.status;
    answer.head.headers = std::move(headers);
    co_await x_.request.send(std::move(answer.head), answer.body);
    co_return;
  }
  if (head_.form != AnswerForm::kEvents) co_return x_.request.abort();
  std::string error;
  if (writer()) {
    writer()->fail(fault, learned(), error);
  } else if (x_.endpoint) {
    error = x_.server->write_stream_error(*x_.endpoint, fault, learned());
  }
  name_request(error, x_.id);
  if (co_await write_text(std::move(held_) + error)) co_await x_.request.finish();
}

}  // namespace sluice::ingress
