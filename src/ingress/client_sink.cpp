#include "ingress/client_sink.h"

#include <algorithm>

#include "dialect/openai/error.h"
#include "ingress/error_answer.h"

namespace sluice::ingress {

namespace openai = dialect::openai;

ClientSink::ClientSink(Exchange& x, const Cors& cors, Ms keep_alive)
    : x_(x), cors_(cors), keep_alive_(keep_alive), last_write_(now()), timer_(x.tools.loop, [this] {
        keep_alive_due();
      }) {
  if (keep_alive_.count() > 0 && x.endpoint) timer_.arm(keep_alive_);
}

// Our own fields: who we are, where the request went, what it cost in time.
http::Headers ClientSink::own_headers() const {
  http::Headers headers;
  headers.reserve(24);
  headers.add("x-request-id", x_.id);
  headers.add("x-sluice-request-id", x_.id);
  if (x_.match.route) headers.add("x-sluice-route", x_.match.route->name);
  if (x_.target) headers.add("x-sluice-deployment", x_.target->deployment->name);
  if (!x_.learned.model.empty()) headers.add("x-sluice-model", x_.learned.model);
  headers.add("x-sluice-attempts", std::to_string(x_.attempts.size() + 1));
  auto overhead = micros_between(x_.arrived, now()) - x_.upstream_us;
  headers.add("x-sluice-overhead-us", std::to_string(std::max<std::int64_t>(0, overhead)));
  add_cors(cors_, x_.request.head(), headers);
  return headers;
}

Task<Status> ClientSink::begin(AnswerHead head) {
  if (x_.request.started() && head.form != AnswerForm::kEvents) {
    co_return sluice::fail(FaultKind::kProviderProtocol,
                           "The provider answered a streamed request with something else than a stream.");
  }
  head_ = std::move(head);
  if (head_.form == AnswerForm::kRaw) timer_.disarm();  // a comment would be part of the bytes
  co_return Status{};
}

void ClientSink::start(const AnswerHead& head) {
  if (x_.request.started()) return;
  http::ResponseHead answer{head.status, own_headers()};
  for (const auto& [name, value] : head.headers) answer.headers.add(name, value);
  if (head.form == AnswerForm::kEvents) {
    answer.headers.set("content-type",
                       std::string(head.headers.get("content-type").value_or("text/event-stream; charset=utf-8")));
    answer.headers.set("cache-control", "no-cache");
    answer.headers.set("x-accel-buffering", "no");
  }
  if (head.length) answer.headers.add("content-length", std::to_string(*head.length));
  x_.status_sent = answer.status;
  x_.request.start(std::move(answer));
}

Task<Status> ClientSink::write(std::span<const std::string_view> pieces) {
  while (writing_) co_await written_.wait();
  writing_ = true;
  auto status = co_await x_.request.write(pieces);
  writing_ = false;
  last_write_ = now();
  written_.set();
  co_return status;
}

Task<Status> ClientSink::push(std::span<const chat::Event> events) {
  std::vector<std::string_view> pieces;
  pieces.reserve(events.size());
  for (const auto& event : events) {
    pieces.push_back(event.wire);
    x_.bytes_sent += event.wire.size();
    if (event.kind == chat::EventKind::kContent && !x_.first_content) x_.first_content = now();
  }
  if (head_.form != AnswerForm::kWhole) {
    start(head_);
    co_return co_await write(pieces);
  }
  co_await settle();
  http::ResponseHead answer{head_.status, own_headers()};
  for (const auto& [name, value] : head_.headers) answer.headers.add(name, value);
  whole_sent_ = true;
  x_.status_sent = head_.status;
  co_return co_await x_.request.send(std::move(answer), pieces.front());
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
  std::string_view comment = ": keep-alive\n\n";
  co_await write({&comment, 1});
}

Task<void> ClientSink::settle() {
  timer_.disarm();
  co_await comments_.join();
}

Task<void> ClientSink::finish() {
  co_await settle();
  if (whole_sent_) co_return;
  start(head_);
  co_await x_.request.finish();
}

Task<void> ClientSink::abandon() {
  if (x_.request.started()) x_.request.abort();
  co_await settle();
}

Task<void> ClientSink::fail(const Fault& fault) {
  co_await settle();
  if (fault.kind == FaultKind::kClientGone || whole_sent_) co_return x_.request.abort();
  if (!x_.request.started()) {
    auto answer = error_answer(fault, x_.endpoint ? ProviderBodies::kJson : ProviderBodies::kAny);
    auto headers = own_headers();
    for (const auto& [name, value] : answer.head.headers) headers.add(name, value);
    headers.set("x-sluice-attempts", std::to_string(x_.attempts.size()));
    if (x_.attempts.size() > 1) headers.set("x-should-retry", "false");  // it was retried here already
    x_.status_sent = answer.head.status;
    answer.head.headers = std::move(headers);
    co_await x_.request.send(std::move(answer.head), answer.body);
    co_return;
  }
  if (head_.form != AnswerForm::kEvents) co_return x_.request.abort();
  auto last_words = openai::write_stream_error(fault);
  std::string_view piece = last_words;
  if (co_await write({&piece, 1})) co_await x_.request.finish();
}

}  // namespace sluice::ingress
