#include "stage/dispatch/dispatch.h"

#include <fmt/format.h>

#include "dialect/openai/error.h"
#include "json/reader.h"
#include "stage/dispatch/forwarding.h"

namespace sluice::stage {

namespace {

namespace openai = dialect::openai;

// An error body is read up to here; the rest is not needed to understand it.
constexpr std::size_t kErrorBody = 1 << 20;

// Adds the time until its end to the exchange's time spent waiting for providers.
class Waiting {
 public:
  explicit Waiting(Exchange& x) : x_(x), began_(now()) {}
  ~Waiting() { x_.upstream_us += micros_between(began_, now()); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  Exchange& x_;
  Instant began_;
};

// co_await read(x, call): the next bytes of the answer, the time counted. Not a coroutine: every event passes here.
auto read(Exchange& x, net::Call& call) {
  struct Reading {
    Waiting waiting;
    Task<Result<std::string_view>> task;
    bool await_ready() const noexcept { return false; }
    auto await_suspend(std::coroutine_handle<> waiter) noexcept { return task.await_suspend(waiter); }
    auto await_resume() { return task.await_resume(); }
  };
  return Reading{Waiting(x), call.read()};
}

// Usage is asked for where the client did not and the provider takes it; then the client does not see it either.
openai::UsageView usage_view(const Exchange& x) {
  if (!x.endpoint) return openai::UsageView::kShow;
  const auto& deployment = *x.target->deployment;
  const auto& quirks = deployment.provider->quirks;
  bool accepted = quirks.stream_options && !deployment.refuses_stream_options.load(std::memory_order_relaxed);
  bool added =
      x.endpoint->usage_option && x.asked.stream && !x.asked.usage_wanted && accepted && !quirks.usage_on_streams;
  return added ? openai::UsageView::kHide : openai::UsageView::kShow;
}

openai::Changes changes_for(const Exchange& x, openai::UsageView view) {
  const auto& deployment = *x.target->deployment;
  const auto& quirks = deployment.provider->quirks;
  openai::Changes changes;
  changes.model = x.target->model;
  changes.add_usage = view == openai::UsageView::kHide;
  changes.drop_stream_options =
      x.asked.stream_options.has_value() &&
      (!quirks.stream_options || deployment.refuses_stream_options.load(std::memory_order_relaxed));
  if (!quirks.max_tokens) changes.token_limit = openai::Changes::TokenLimit::kMaxCompletionTokens;
  if (!quirks.max_completion_tokens) changes.token_limit = openai::Changes::TokenLimit::kMaxTokens;
  return changes;
}

Task<Result<std::unique_ptr<net::Call>>> send(Exchange& x, openai::UsageView view) {
  auto head = upstream_head(x);
  const auto& origin = x.target->deployment->provider->origin;
  Waiting waiting(x);
  if (!x.endpoint) {
    std::string_view body = x.body;
    auto replay = http::is_idempotent(head.method) ? net::Replay::kWhenDead : net::Replay::kNever;
    co_return co_await x.tools.client.call(origin, head, {&body, 1}, x.timeouts.call, x.cancel, replay);
  }
  auto body = openai::write_request(x.asked, x.body, changes_for(x, view));
  co_return co_await x.tools.client.call(origin, head, body.pieces, x.timeouts.call, x.cancel);
}

// Providers repeat keys in their errors; ours is for nobody's eyes.
std::string without_secrets(const Exchange& x, std::string_view body) {
  auto text = openai::mask_secrets(body);
  auto key = x.target->deployment->provider->credential.reveal();
  for (auto at = text.find(key); !key.empty() && at != std::string::npos; at = text.find(key, at))
    text.replace(at, key.size(), "***");
  return text;
}

// Reads an error answer into the fault it means.
Task<Fault> read_error(Exchange& x, net::Call& call) {
  std::string body;
  while (body.size() < kErrorBody) {
    auto bytes = co_await read(x, call);
    if (!bytes || bytes->empty()) break;
    body += *bytes;
  }
  co_return openai::read_error(call.head().status, call.head().headers, without_secrets(x, body), wall_now());
}

// The provider does not know the field with which we asked for usage: remember it and ask without.
bool teaches_to_leave_stream_options(const Exchange& x, openai::UsageView view, const Fault& fault) {
  bool about_it = fault.param.starts_with("stream_options") || fault.told.find("stream_options") != std::string::npos ||
                  (fault.answer && fault.answer->body.find("stream_options") != std::string::npos);
  int status = fault.answer ? fault.answer->status : 0;
  if (view == openai::UsageView::kShow || !about_it || (status != 400 && status != 422)) return false;
  x.target->deployment->refuses_stream_options.store(true, std::memory_order_relaxed);
  return true;
}

AnswerForm form_of(const Exchange& x, const http::ResponseHead& head) {
  auto type = http::media_type(head.headers.get("content-type").value_or(""));
  if (!x.endpoint) return AnswerForm::kRaw;
  if (type == "text/event-stream") return AnswerForm::kEvents;
  return type == "application/json" ? AnswerForm::kWhole : AnswerForm::kRaw;
}

AnswerHead answer_head(const Exchange& x, const http::ResponseHead& head, AnswerForm form) {
  AnswerHead answer{.status = head.status, .form = form, .length = {}, .headers = client_headers(x, head)};
  if (form == AnswerForm::kRaw) {
    if (auto length = head.headers.get("content-length")) answer.length = to_number<std::uint64_t>(*length);
  }
  return answer;
}

// What the reader learned outlives it, however the stream ends.
class Lesson {
 public:
  Lesson(Exchange& x, const openai::StreamReader& reader) : x_(x), reader_(reader) {}
  ~Lesson() { x_.learned = reader_.learned(); }
  Lesson(const Lesson&) = delete;
  Lesson& operator=(const Lesson&) = delete;

  void note_model() {
    if (x_.learned.model.empty()) x_.learned.model = reader_.learned().model;
  }

 private:
  Exchange& x_;
  const openai::StreamReader& reader_;
};

}  // namespace

Task<Status> Dispatch::run(Exchange& x, Sink& out, Next) {
  while (true) {
    auto view = usage_view(x);
    auto call = co_await send(x, view);
    if (!call) co_return fail_from(call);
    const auto& head = (*call)->head();
    x.provider_status = head.status;
    x.provider_request_id = provider_request_id(head.headers);
    bool passes =
        head.status >= 200 && head.status < (x.endpoint ? 300 : 400);  // redirects are passed on, never followed
    if (passes) co_return co_await pass_on(x, **call, view, out);

    auto fault = co_await read_error(x, **call);
    if (x.cancel.cancelled()) co_return fail(x.cancel.reason());
    if (!teaches_to_leave_stream_options(x, view, fault)) co_return fail(std::move(fault));
  }
}

Task<Status> Dispatch::pass_on(Exchange& x, net::Call& call, UsageView view, Sink& out) const {
  auto form = form_of(x, call.head());
  auto begun = co_await out.begin(answer_head(x, call.head(), form));
  if (!begun) co_return begun;
  switch (form) {
    case AnswerForm::kEvents:
      co_return co_await pass_events(x, call, view, out);
    case AnswerForm::kWhole:
      co_return co_await pass_whole(x, call, out);
    case AnswerForm::kRaw:
      co_return co_await pass_raw(x, call, out);
  }
  co_return Status{};
}

Task<Status> Dispatch::pass_events(Exchange& x, net::Call& call, UsageView view, Sink& out) const {
  openai::StreamReader reader(x.endpoint->endpoint, view, limits_.event_bytes, x.tools.reader);
  Lesson lesson(x, reader);
  while (true) {
    auto bytes = co_await read(x, call);
    // A connection that breaks behind the terminal event took nothing away.
    bool ended = bytes ? bytes->empty() : reader.complete() && !x.cancel.cancelled();
    if (!bytes && !ended) co_return fail_from(bytes);
    auto events = ended ? reader.finish() : reader.feed(*bytes);
    lesson.note_model();
    auto whole = events ? *events : reader.last_events();
    if (!whole.empty()) {
      auto pushed = co_await out.push(whole);
      if (!pushed) co_return pushed;
    }
    if (!events) co_return fail_from(events);
    if (ended) co_return Status{};
  }
}

Task<Status> Dispatch::pass_whole(Exchange& x, net::Call& call, Sink& out) const {
  std::string body;
  if (auto length = call.head().headers.get("content-length")) {
    auto size = to_number<std::size_t>(*length).value_or(0);
    if (size <= limits_.answer_bytes) body.reserve(size + json::kPadding);
  }
  while (true) {
    auto bytes = co_await read(x, call);
    if (!bytes) co_return fail_from(bytes);
    if (bytes->empty()) break;
    body += *bytes;
    if (body.size() > limits_.answer_bytes) {
      co_return fail(Fault{.kind = FaultKind::kProviderProtocol,
                           .told = fmt::format("The provider's answer is larger than {} (limits.answer).",
                                               format_size(limits_.answer_bytes))});
    }
  }
  json::pad(body);
  Result<openai::Learned> learned;
  if (body.size() <= json::kLoopLimit) {
    learned = openai::read_answer(x.endpoint->endpoint, body, x.tools.reader);
  } else {
    co_await net::offload(x.tools.loop, x.tools.workers, [&] {
      json::Reader reader;
      learned = openai::read_answer(x.endpoint->endpoint, body, reader);
    });
  }
  if (!learned) co_return fail_from(learned);
  x.learned = std::move(*learned);
  chat::Event event{chat::EventKind::kContent, body};
  co_return co_await out.push({&event, 1});
}

Task<Status> Dispatch::pass_raw(Exchange& x, net::Call& call, Sink& out) const {
  while (true) {
    auto bytes = co_await read(x, call);
    if (!bytes) co_return fail_from(bytes);
    if (bytes->empty()) co_return Status{};
    chat::Event event{chat::EventKind::kContent, *bytes};
    auto pushed = co_await out.push({&event, 1});
    if (!pushed) co_return pushed;
  }
}

}  // namespace sluice::stage
