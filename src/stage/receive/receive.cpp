#include "stage/receive/receive.h"

#include "chat/seal.h"
#include "exchange/with_reader.h"
#include "json/reader.h"

namespace sluice::stage {

namespace {

static_assert(net::kBodySlack >= json::kPadding);

// Whether a body may hold reasoning that was cut off before its signature came, which no provider takes back: a member
// "signature" that is an empty text.
bool may_hold_unsigned(std::string_view body) {
  constexpr std::string_view kName = "gnature\"";  // begins with a letter that is rare
  constexpr std::string_view kSpace = " \t\r\n";
  for (auto at = body.find(kName); at != std::string_view::npos; at = body.find(kName, at)) {
    const bool is_member = body.substr(0, at).ends_with("\"si");
    at += kName.size();
    auto value = body.find_first_not_of(kSpace, at);
    if (!is_member || value == std::string_view::npos || body[value] != ':') continue;
    value = body.find_first_not_of(kSpace, value + 1);
    if (value != std::string_view::npos && body.substr(value).starts_with("\"\"")) return true;
  }
  return false;
}

// Finds what routing needs in the body.
Status read(Exchange& x, json::Reader& reader) {
  auto content_type = x.request.head().headers.get("content-type").value_or("");
  auto asked = dialect::read_asked(*x.endpoint, x.path, content_type, x.body, reader);
  if (!asked) return fail_from(asked);
  x.asked = std::move(*asked);
  if (x.endpoint->streaming == dialect::Streaming::kByPath) x.asked.stream = true;
  // Those whose clients hold signed reasoning themselves, and may hold the beginning of it.
  const bool has_signatures = x.endpoint->dialect == "anthropic" || x.endpoint->dialect == "bedrock";
  x.has_seal = x.endpoint->operation == dialect::Operation::kChat &&
               (chat::may_hold_seal(x.body) || (has_signatures && may_hold_unsigned(x.body)));
  return {};
}

}  // namespace

// No coroutine where the body has come with the head and is read at once, as most are: what it would keep for the time
// of a stream is memory.
Task<Status> Receive::run(Exchange& x, Sink& out, Next next) {
  auto body = x.request.body();
  if (!body.await_ready()) return wait(x, out, next, std::move(body));
  auto received = body.await_resume();
  return received ? take(x, out, next, std::move(*received)) : Task<Status>::ready(fail_from(received));
}

Task<Status> Receive::wait(Exchange& x, Sink& out, Next next, Task<Result<std::string>> body) {
  auto received = co_await body;
  x.received = now();
  if (!received) co_return fail_from(received);
  co_return co_await take(x, out, next, std::move(*received));
}

Task<Status> Receive::take(Exchange& x, Sink& out, Next next, std::string body) {
  x.body = std::move(body);
  if (!x.endpoint) return next(x, out);
  if (x.body.size() > json::kLoopLimit) return read_aside(x, out, next);
  auto status = read(x, x.tools.reader);
  return status ? next(x, out) : Task<Status>::ready(std::move(status));
}

Task<Status> Receive::read_aside(Exchange& x, Sink& out, Next next) {
  Status status;
  co_await with_reader(x, x.body.size(), [&](json::Reader& reader) { status = read(x, reader); });
  if (!status) co_return status;
  co_return co_await next(x, out);
}

}  // namespace sluice::stage
