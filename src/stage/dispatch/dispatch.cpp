#include "stage/dispatch/dispatch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/tell.h"
#include "exchange/charge.h"
#include "exchange/with_reader.h"
#include "json/reader.h"
#include "provider/masks.h"
#include "stage/dispatch/forwarding.h"
#include "stage/dispatch/sending.h"
#include "stage/dispatch/upstream.h"
#include "stage/dispatch/waiting.h"
#include "stage/dispatch/whole.h"

namespace sluice::stage {

namespace {

// Of an error body that did not come whole, for the log.
constexpr std::size_t kKeptOfCut = 64 << 10;

using Bytes = Task<Result<std::string_view>>;

// co_await timed(x, call.read()): the next bytes of the answer, the time counted where they are not there yet. Not a
// coroutine: every event passes here.
auto timed(Exchange& x, Bytes task) {
  struct Reading {
    Exchange& x;
    Bytes task;
    Waiting waiting{};
    bool await_ready() const noexcept { return task.await_ready(); }
    auto await_suspend(std::coroutine_handle<> waiter) noexcept {
      waiting.begin(x, now());
      return task.await_suspend(waiter);
    }
    auto await_resume() { return task.await_resume(); }
  };
  return Reading{x, std::move(task)};
}

dialect::Changes changes_for(const Exchange& x, const Try& t, const UsageOption& usage) {
  const auto& quirks = t.target.deployment->provider->quirks;
  dialect::Changes changes;
  changes.model = t.target.model;
  changes.add_usage = usage.is_added;
  changes.drop_stream_options = x.asked.stream_options.has_value() && !takes_stream_options(t);
  if (!quirks.max_tokens) changes.token_limit = dialect::Changes::TokenLimit::kMaxCompletionTokens;
  if (!quirks.max_completion_tokens) changes.token_limit = dialect::Changes::TokenLimit::kMaxTokens;
  return changes;
}

// The body of an error answer, as far as it came: what broke off or is larger than `limit` is cut, and `why` says so.
struct ErrorBody {
  std::string bytes;
  std::string why;
};

Task<ErrorBody> read_error_body(Exchange& x, net::Call& call, std::size_t limit) {
  ErrorBody body;
  while (true) {
    auto bytes = co_await timed(x, call.read());
    if (bytes && bytes->empty()) co_return body;
    if (!bytes || body.bytes.size() + bytes->size() > limit) {
      body.why = bytes ? fmt::format(" Its body is larger than {} (limits.answer).", format_size(limit))
                       : " Its body broke off.";
      body.bytes.resize(std::min(body.bytes.size(), kKeptOfCut));
      co_return body;
    }
    body.bytes += *bytes;
  }
}

// A part of an error is nobody's to read: its status is told, and nothing of it given out.
void forget_body(Fault& fault, std::string_view why) {
  fault.told += why;
  auto answer = std::make_shared<ProviderAnswer>(*fault.answer);
  answer->dialect = {};
  answer->content_type.clear();
  answer->body.clear();
  fault.answer = std::move(answer);
}

// The id as it may be told: a provider can write anything there, also what it was sent.
void tell_request_id(Fault& fault, const std::string& told) {
  if (!fault.answer || fault.answer->request_id == told) return;
  auto answer = std::make_shared<ProviderAnswer>(*fault.answer);
  answer->request_id = told;
  fault.answer = std::move(answer);
}

// Reads an error answer into the fault it means.
Task<Fault> read_error(Exchange& x, Try& t, net::Call& call, const dialect::Client& client, std::size_t limit) {
  const auto body = co_await read_error_body(x, call, limit);
  const auto& head = call.head();
  Fault fault;
  co_await with_reader(x, body.bytes.size(), [&](json::Reader&) {
    fault = provider::read_error(*t.target.deployment->provider, client, head, body.bytes, wall_now());
  });
  if (!body.why.empty() && fault.answer) forget_body(fault, body.why);
  tell_request_id(fault, t.provider_request_id);
  co_return fault;
}

std::string_view type_of(const http::ResponseHead& head) {
  const auto content_type = head.headers.get("content-type").value_or("");
  return trim(content_type.substr(0, content_type.find(';')));
}

// Some servers say nothing of what they send, or that it is text: what was asked for tells what it should be.
bool is_vague(std::string_view type) {
  return type.empty() || iequals(type, "text/plain");
}

bool may_answer_text(const dialect::Endpoint& endpoint) {
  constexpr std::string_view kMay[] = {"speech", "transcriptions", "translations"};
  return std::ranges::find(kMay, endpoint.name) != std::end(kMay);
}

// How the provider's answer is to be read.
AnswerForm form_of(const Exchange& x, const http::ResponseHead& head, const provider::Service& service) {
  if (!x.endpoint) return AnswerForm::kRaw;
  constexpr std::string_view kJson = "json";
  const auto type = type_of(head);
  if (is_vague(type) && !may_answer_text(*x.endpoint)) {
    return x.asked.stream ? AnswerForm::kEvents : AnswerForm::kWhole;
  }
  if (iequals(type, "text/event-stream") || iequals(type, service.client->stream_type())) return AnswerForm::kEvents;
  if (!iequals(type.substr(type.size() - std::min(type.size(), kJson.size())), kJson)) return AnswerForm::kRaw;
  // A stream as one JSON array is told from a whole answer by what was asked for.
  bool array =
      service.passes && x.asked.stream && http::media_type(x.server->stream_type(*x.endpoint)) == "application/json";
  return array ? AnswerForm::kEvents : AnswerForm::kWhole;
}

AnswerHead answer_head(const Exchange& x, const Try& t, const http::ResponseHead& head, AnswerForm form,
                       const provider::Service& service) {
  AnswerHead answer{.status = head.status, .form = form, .length = {}, .headers = client_headers(x, t, head)};
  if (t.translation) {
    answer.form = x.asked.stream ? AnswerForm::kEvents : AnswerForm::kWhole;
    answer.status = 200;
  } else if (form == AnswerForm::kEvents && x.endpoint && service.client->stream_type() != "text/event-stream") {
    answer.headers.remove("content-type");  // the client's framing may be another one
  } else if (form != AnswerForm::kRaw && is_vague(type_of(head))) {
    answer.headers.remove("content-type");
  }
  if (form == AnswerForm::kRaw) {
    if (auto length = head.headers.get("content-length")) answer.length = to_number<std::uint64_t>(*length);
  }
  return answer;
}

// Faults are made in functions of their own: in a coroutine they would have their places in its frame, which lasts as
// long as a stream.
[[gnu::noinline]] Failure not_served(const Exchange& x, const Try& t) {
  return fail(
      Fault{.kind = FaultKind::kInvalidRequest,
            .told = fmt::format("The provider '{}' cannot serve '{}': it has no such endpoint, and what is asked "
                                "has no form in its API.",
                                t.target.deployment->provider->name, x.endpoint->name),
            .retry = Retry::kOther,
            .param = "model",
            .code = "unsupported_endpoint"});
}

// Answers that another deployment may have to go on with are read and written, whatever the dialects are.
bool may_be_continued(const Exchange& x) {
  return x.endpoint && x.endpoint->operation == dialect::Operation::kChat && x.asked.stream &&
         x.match.route->broken == provider::Broken::kContinue;
}

// A request whose bytes cannot pass is written for one endpoint of the client's API, which may not be the one it asked.
bool is_asked_otherwise(const Exchange& x, const Try& t, const provider::Service& service) {
  const bool is_chat = x.endpoint && x.endpoint->operation == dialect::Operation::kChat;
  return is_chat && (x.has_seal || t.sheds_state) && service.passes && !service.client->answers_as(*x.endpoint);
}

// An operation that we know is answered in JSON, or in events where a stream was asked for; a page is no answer to any.
// Events that are translated become a whole answer where one was asked for.
bool is_readable(const Exchange& x, const Try& t, AnswerForm form, const http::ResponseHead& head) {
  if (!x.endpoint) return true;
  if (x.endpoint->operation == dialect::Operation::kNative) return !iequals(type_of(head), "text/html");
  return form == AnswerForm::kWhole || (form == AnswerForm::kEvents && (x.asked.stream || t.translation));
}

// How many of the events come before the one that only says how the answer ended.
std::size_t said_in(std::span<const chat::Event> events) {
  const auto end = std::ranges::find(events, chat::EventKind::kFinish, &chat::Event::kind);
  return static_cast<std::size_t>(end - events.begin());
}

[[gnu::noinline]] Failure unreadable(const http::ResponseHead& head) {
  return dialect::protocol_fault(fmt::format("An answer of type '{}' is none to what was asked.",
                                             printable(head.headers.get("content-type").value_or(""), 100)));
}

[[gnu::noinline]] Failure malformed_call(const Try& t) {
  return fail(dialect::model_failure(t.learned.finish_reason));
}

[[gnu::noinline]] Task<Status> begin(const Exchange& x, const Try& t, const net::Call& call, AnswerForm form,
                                     const provider::Service& service, Sink& out) {
  return out.begin(answer_head(x, t, call.head(), form, service));
}

}  // namespace

Task<Status> Dispatch::run(Exchange& x, Sink& out, Next next) {
  auto& t = *next.tried();
  auto status = co_await serve(x, t, out);
  co_await settle(x, t, status);
  finish_key(x, t, status);
  co_return status;
}

// Success: the request is to be sent again.
Task<Status> Dispatch::hear_refusal(Exchange& x, Try& t, net::Call& call, const Served& served) const {
  auto fault = co_await read_error(x, t, call, *served.service.client, limits_.answer_bytes);
  if (t.cancel.cancelled()) co_return fail(t.cancel.reason());
  t.leaves_stream_options = may_refuse_stream_options(x, t, served.usage, fault);
  if (t.leaves_stream_options) co_return Status{};
  co_return fail(std::move(fault));
}

// What is sent is needed until the answer begins.
Task<Result<std::unique_ptr<net::Call>>> Dispatch::ask(Exchange& x, Try& t, const Served& served) const {
  auto upstream = x.endpoint
                      ? co_await write_upstream(x, t, served.service, changes_for(x, t, served.usage), fetch_rules())
                      : raw_upstream(x, t);
  if (!upstream) co_return fail_from(upstream);
  co_return co_await send(x, t, *upstream);
}

Task<Status> Dispatch::serve(Exchange& x, Try& t, Sink& out) const {
  const auto& provider = *t.target.deployment->provider;
  auto service = x.endpoint ? provider::service_of(provider, *x.endpoint, t.target.model)
                            : provider::Service{.client = provider.clients.front(), .passes = true};
  if (!service) co_return not_served(x, t);
  if (may_be_continued(x) || is_asked_otherwise(x, t, *service)) service->passes = false;
  while (true) {
    Served served{*service, service->passes ? usage_option(x, t) : UsageOption()};
    auto call = co_await ask(x, t, served);
    if (!call) co_return fail_from(call);
    const auto& head = (*call)->head();
    t.provider_status = head.status;
    t.target.health().observe_limits(head, t.answered, x.by_calendar(t.answered));
    t.provider_request_id = provider::without_secrets(provider, provider_request_id(head.headers));
    bool passes =
        head.status >= 200 && head.status < (x.endpoint ? 300 : 400);  // redirects are passed on, never followed
    if (passes && t.leaves_stream_options)
      t.target.deployment->refuses_stream_options.store(true, std::memory_order_relaxed);
    if (passes) co_return co_await pass_on(x, t, **call, served, out);

    auto refused = co_await hear_refusal(x, t, **call, served);
    if (!refused) co_return refused;
  }
}

// No coroutine where the client's side takes the head at once, as it most often does.
Task<Status> Dispatch::pass_on(Exchange& x, Try& t, net::Call& call, const Served& served, Sink& out) const {
  const auto form = form_of(x, call.head(), served.service);
  if (x.endpoint) served.service.client->read_head(call.head().headers, t.learned);
  if (!is_readable(x, t, form, call.head())) return Task<Status>::ready(unreadable(call.head()));
  auto begun = begin(x, t, call, form, served.service, out);
  if (!begun.await_ready()) return pass_behind(std::move(begun), form, x, t, call, served, out);
  auto status = begun.await_resume();
  return status ? pass(form, x, t, call, served, out) : Task<Status>::ready(std::move(status));
}

Task<Status> Dispatch::pass_behind(Task<Status> begun, AnswerForm form, Exchange& x, Try& t, net::Call& call,
                                   const Served& served, Sink& out) const {
  if (auto status = co_await begun; !status) co_return status;
  co_return co_await pass(form, x, t, call, served, out);
}

Task<Status> Dispatch::pass(AnswerForm form, Exchange& x, Try& t, net::Call& call, const Served& served,
                            Sink& out) const {
  if (form == AnswerForm::kRaw) return pass_raw(x, call, out);
  if (form == AnswerForm::kWhole) return pass_whole(x, t, call, served, out);
  auto reader = served.service.client->read_answer(x.endpoint->operation, served.service.passes ? x.endpoint : nullptr,
                                                   read_options(t, served), t.learned, x.tools.reader);
  return pass_events(x, t, call, std::move(reader), out);
}

dialect::ReadOptions Dispatch::read_options(const Try& t, const Served& served) const {
  using Pieces = dialect::ReadOptions::Pieces;
  return {.usage = served.usage.view,
          .pieces = t.translation ? Pieces::kMake : Pieces::kSkip,
          .max_event_bytes = limits_.event_bytes};
}

Task<Status> Dispatch::pass_events(Exchange& x, Try& t, net::Call& call, std::unique_ptr<dialect::AnswerReader> reader,
                                   Sink& out) const {
  while (true) {
    auto bytes = co_await timed(x, call.read());
    // A connection that breaks behind the terminal event took nothing away.
    bool ended = bytes ? bytes->empty() : reader->complete() && !t.cancel.cancelled();
    if (!bytes && !ended) co_return fail_from(bytes);
    auto events = ended ? reader->finish() : reader->feed(*bytes);
    auto whole = events ? *events : reader->last_events();
    const bool malformed = t.translation && t.learned.finish == chat::FinishReason::kModelError;
    if (malformed) whole = whole.first(said_in(whole));
    if (!whole.empty()) {
      auto pushed = co_await out.push(whole);
      if (!pushed) co_return pushed;
    }
    if (!events) co_return fail_from(events);
    if (malformed) co_return malformed_call(t);
    if (ended) co_return Status{};
    if (!whole.empty() && whole.back().last) {
      call.leave_rest();
      co_return Status{};
    }
  }
}

// Adds what came to the body. True: that was all of it.
Result<bool> Dispatch::take_part(Try& t, Result<std::string_view> bytes, std::string& body) const {
  if (!bytes) {
    t.learned.shown = body.size();  // what the provider has written counts, though nobody can read it
    return fail_from(bytes);
  }
  if (bytes->empty()) {
    json::pad(body);
    return true;
  }
  body += *bytes;
  if (body.size() > limits_.answer_bytes) {
    return fail(Fault{.kind = FaultKind::kProviderProtocol,
                      .told = fmt::format("The provider's answer is larger than {} (limits.answer).",
                                          format_size(limits_.answer_bytes))});
  }
  return false;
}

// No coroutine where all of it came with the head.
Task<Result<std::string>> Dispatch::read_whole(Exchange& x, Try& t, net::Call& call) const {
  using Body = Task<Result<std::string>>;
  std::string body;
  if (auto length = call.head().headers.get("content-length")) {
    auto size = to_number<std::size_t>(*length).value_or(0);
    if (size <= limits_.answer_bytes) body.reserve(size + json::kPadding);
  }
  while (true) {
    auto bytes = call.read();
    if (!bytes.await_ready()) return read_rest(x, t, call, std::move(bytes), std::move(body));
    auto whole = take_part(t, bytes.await_resume(), body);
    if (!whole) return Body::ready(fail_from(whole));
    if (*whole) return Body::ready(std::move(body));
  }
}

Task<Result<std::string>> Dispatch::read_rest(Exchange& x, Try& t, net::Call& call, Task<Result<std::string_view>> next,
                                              std::string body) const {
  auto bytes = co_await timed(x, std::move(next));
  while (true) {
    auto whole = take_part(t, std::move(bytes), body);
    if (!whole) co_return fail_from(whole);
    if (*whole) co_return body;
    bytes = co_await timed(x, call.read());
  }
}

Task<Status> Dispatch::pass_whole(Exchange& x, Try& t, net::Call& call, const Served& served, Sink& out) const {
  auto body = co_await read_whole(x, t, call);
  if (!body) co_return fail_from(body);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (body->starts_with(kByteOrderMark)) body->erase(0, kByteOrderMark.size());
  WholeAnswer whole{*served.service.client, read_options(t, served), std::move(*body)};
  Status read;
  co_await with_reader(x, whole.body.size(), [&](json::Reader& reader) { read = whole.read(x, t, reader); });
  if (!read) co_return read;
  co_await settle(x, t, read);  // the client is told what a whole answer costs
  co_return co_await out.push({&whole.event, 1});
}

Task<Status> Dispatch::pass_raw(Exchange& x, net::Call& call, Sink& out) const {
  while (true) {
    auto bytes = co_await timed(x, call.read());
    if (!bytes) co_return fail_from(bytes);
    if (bytes->empty()) co_return Status{};
    chat::Event event{chat::EventKind::kContent, *bytes, {}};
    auto pushed = co_await out.push({&event, 1});
    if (!pushed) co_return pushed;
  }
}

}  // namespace sluice::stage
